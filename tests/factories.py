"""Factories for every test of the house: a shop with channels, variants with sealed codes in stock, wallets, and people.

All of it goes in by the domains' own verbs. Codes alone are put in directly, exactly as an import leaves them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from perkhub.accounts import (
    ContactKind,
    ContactPoint,
    Identity,
    IdentityKind,
    MachineDraft,
    Permission,
    Role,
    create_customer,
    create_group,
    create_machine_client,
    create_organisation,
    create_staff,
    hash_password,
    identify,
    issue_machine_token,
    parse_contact,
    prove_machine_client,
    rights_of,
)
from perkhub.accounts.organisations.set_up import ADD_MEMBER
from perkhub.accounts.sessions import SignedIn, open_session
from perkhub.catalog import (
    AttributeDraft,
    AttributeOption,
    AttributeType,
    BrandDraft,
    CategoryDraft,
    CollectionDraft,
    ListingDraft,
    ProductDraft,
    Rule,
    VariantDraft,
    brand_by_slug,
    create_attribute,
    create_brand,
    create_category,
    create_collection,
    create_product,
    create_variant,
    upsert_listing,
)
from perkhub.channels import AccessPolicy, Channel, ChannelDraft, ChannelNotFound, channel_by_key, create_channel
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.kit.keys import HouseKey, keyring, lot_purpose
from perkhub.kit.money import Money
from perkhub.kit.sealing import Sealer, fingerprint, mask_tail
from perkhub.ledger import Book, Entry, adjust_wallet, post
from perkhub.vault import Credential, CredentialKind, CustodyAction, record_custody
from perkhub.vault.claim import add_stock
from perkhub.vault.credentials import to_bytes
from perkhub.vault.models import NEVER
from perkhub.vault.states import CODE, LOT, CodeState, LotState
from perkhub.vault.unseal import FIELD

ACTOR = "tests"
ISSUER = "acme"
PASSWORD = "correct horse battery"
MONTH: Mapping[str, Any] = {"name": {"en": "Month", "zh": "月卡"}}

LOT_IN = """
    INSERT INTO lot (id, variant_id, data_key_id, issuer, unit_cost, currency, state, quantity, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
CODES_IN = """
    INSERT INTO code (id, lot_id, variant_id, sealed, masked, expires_at, state)
    SELECT c.id, $4, $5, c.sealed, c.masked, $6, $7 FROM unnest($1::uuid[], $2::bytea[], $3::text[]) AS c(id, sealed, masked)
"""
FINGERPRINTS_IN = "INSERT INTO fingerprint (value, code_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])"

_numbers = count(1)


@dataclass(frozen=True)
class PlainCode:
    """A code as its issuer knows it, for tests that compare what a customer is shown, or search for what leaked."""

    id: UUID
    number: str = field(repr=False)
    pin: str = field(repr=False)

    @property
    def credentials(self) -> list[Credential]:
        """What a reveal shows."""
        return [Credential(CredentialKind.NUMBER, self.number), Credential(CredentialKind.PIN, self.pin)]


@dataclass(frozen=True)
class StockedLot:
    """A lot and what is in it."""

    id: UUID
    codes: tuple[PlainCode, ...]


@dataclass(frozen=True)
class StockedVariant:
    """A variant on sale in a channel, with its first lot where it has any code."""

    id: UUID
    product_id: UUID
    listing_id: UUID
    channel: Channel
    price: Money
    lot: StockedLot | None = None

    @property
    def codes(self) -> tuple[PlainCode, ...]:
        """The codes of the first lot."""
        return self.lot.codes if self.lot is not None else ()


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in; `token` goes into the Authorization header."""

    identity: Identity
    contact: ContactPoint
    token: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @property
    def id(self) -> UUID:
        """Of the customer, which is their party's, or of the member of staff."""
        assert self.identity.id is not None
        return self.identity.id

    @property
    def party_id(self) -> UUID:
        """Of a customer: who owns wallets, orders and entitlements."""
        assert self.identity.party_id is not None
        return self.identity.party_id


class Shop:
    """Makes what a test sells, and to whom. Needs a database and an opened key ring; see `tests.fixtures.house`."""

    async def channel(
        self,
        key: str = "retail",
        *,
        currency: str = "CNY",
        zone: str = "Asia/Shanghai",
        access: AccessPolicy = AccessPolicy.PUBLIC,
    ) -> Channel:
        """The open channel of this key, made on first use."""
        try:
            return await channel_by_key(key)
        except ChannelNotFound:
            draft = ChannelDraft({"en": key, "zh": "渠道"}, zone=zone, access=access)
            await transact(lambda tx: create_channel(tx, key, draft, currency=currency))
            return await channel_by_key(key)

    async def brand(self, name: str = "Acme") -> UUID:
        """The brand of this name, made on first use."""
        slug = name.lower().replace(" ", "-")
        known = await brand_by_slug(slug)
        if known is not None:
            return known.id
        return await transact(lambda tx: create_brand(tx, BrandDraft(slug, {"en": name})))

    async def category(self, name: str | None = None, *, parent: UUID | None = None) -> UUID:
        """A new category, at the root or below another one."""
        slug = f"category-{next(_numbers)}"
        draft = CategoryDraft(slug, {"en": name or slug, "zh": f"分类{slug}"})
        return await transact(lambda tx: create_category(tx, draft, parent=parent))

    async def collection(self, *products: UUID, rule: Rule | None = None, name: str | None = None) -> UUID:
        """A new collection of these products, and of whatever fulfils the rule."""
        slug = f"collection-{next(_numbers)}"
        draft = CollectionDraft(slug, {"en": name or slug}, rule=rule, product_ids=products)
        return await transact(lambda tx: create_collection(tx, draft))

    async def attribute(self, code: str | None = None, type: AttributeType = AttributeType.TEXT, **more: Any) -> UUID:
        """A new attribute; SELECT and MULTISELECT with the options a, b and c unless others are said."""
        if type in (AttributeType.SELECT, AttributeType.MULTISELECT) and "options" not in more:
            more["options"] = tuple(AttributeOption(value, {"en": value.upper()}) for value in "abc")
        draft = AttributeDraft(code or f"attribute_{next(_numbers)}", type, {"en": code or "Attribute", "zh": "属性"}, **more)
        return await transact(lambda tx: create_attribute(tx, draft))

    async def variant(
        self,
        *,
        codes: int = 5,
        price: str = "19.90",
        cost: str = "10.00",
        quota: int | None = None,
        limit: int | None = None,
        channel: Channel | None = None,
        minimum_validity_days: int = 0,
        expires_at: datetime | None = None,
        brand: UUID | None = None,
        categories: Sequence[UUID] = (),
        form: Mapping[str, Any] = MONTH,
        **more: Any,
    ) -> StockedVariant:
        """A product of one variant, on sale since yesterday, with so many codes in stock; of Acme's if no brand is said.

        What is said besides (`tags`, `attributes`, `kind` …) is the product draft's, what `form` says is the variant's.
        """
        sold_in = channel or await self.channel()
        number = next(_numbers)
        product = ProductDraft(
            f"product-{number}",
            {"en": f"Product {number}", "zh": f"商品{number}"},
            brand_id=brand or await self.brand(),
            category_ids=tuple(categories),
            **more,
            how_to_use={"en": "Enter the code.", "zh": "输入兑换码。"},
            minimum_validity_days=minimum_validity_days,
        )
        listing = ListingDraft(Decimal(price), published_from=now() - timedelta(days=1), quota=quota, limit_per_customer=limit)

        async def work(tx: Transaction) -> StockedVariant:
            product_id = await create_product(tx, product)
            variant_id = await create_variant(tx, product_id, VariantDraft(f"SKU-{number}", **{**MONTH, **form}))
            listing_id = await upsert_listing(tx, sold_in.id, variant_id, listing)
            unit = Money.line(Decimal(price), 1, sold_in.currency)
            return StockedVariant(variant_id, product_id, listing_id, sold_in, unit)

        made = await transact(work)
        lot = await self.lot(made.id, codes=codes, cost=cost, expires_at=expires_at) if codes else None
        return replace(made, lot=lot)

    async def lot(
        self,
        variant_id: UUID,
        *,
        codes: int = 5,
        cost: str = "10.00",
        currency: str = "CNY",
        expires_at: datetime | None = None,
        plain: Sequence[tuple[str, str]] | None = None,
    ) -> StockedLot:
        """A further lot of the variant; `plain` gives its (number, PIN) pairs, for tests that look for them later."""
        pairs = list(plain) if plain is not None else [_a_code() for _ in range(codes)]
        lot = StockedLot(new_id(), tuple(PlainCode(new_id(), number, pin) for number, pin in pairs))
        await transact(lambda tx: _put_in(tx, lot, variant_id, Decimal(cost), currency, expires_at or NEVER))
        return lot

    async def wallet(self, party: UUID | Person, amount: str, *, currency: str = "CNY") -> None:
        """Put money into a customer's wallet."""
        owner = party.party_id if isinstance(party, Person) else party
        money = Money.of(Decimal(amount), currency)
        await transact(lambda tx: adjust_wallet(tx, owner, money, reference=new_id(), actor=ACTOR))

    async def customer(
        self, *, wallet: str | None = None, password: str | None = None, contact: ContactPoint | None = None
    ) -> Person:
        """A signed-in customer, with CNY in the wallet where an amount is given."""
        password_hash = await hash_password(password) if password is not None else None
        reached = contact or an_email()
        return await transact(lambda tx: _customer(tx, reached, password_hash=password_hash, wallet=wallet))

    async def customers(self, number: int, *, wallet: str | None = None) -> list[Person]:
        """Many customers, for races: all in one transaction."""

        async def work(tx: Transaction) -> list[Person]:
            return [await _customer(tx, an_email(), password_hash=None, wallet=wallet) for _ in range(number)]

        return await transact(work)

    async def organisation(self, *, wallet: str | None = None, **members: Person) -> UUID:
        """An active organisation with these members by role: `organisation(owner=…, buyer=…)`; without an owner, a new one."""
        if "owner" not in members:
            members["owner"] = await self.customer()

        async def work(tx: Transaction) -> UUID:
            made = await create_organisation(tx, name=f"Acme {next(_numbers)} 有限公司")
            for role, person in members.items():
                await tx.execute(ADD_MEMBER, new_id(), made, person.party_id, str(Role(role)), now())
            if wallet is not None:
                money = Money.of(Decimal(wallet), "CNY")
                await adjust_wallet(tx, made, money, reference=new_id(), actor=ACTOR, owner="organisation")
            return made

        return await transact(work)

    async def staff(
        self,
        *permissions: Permission,
        password: str = PASSWORD,
        name: str | None = "李雷",
        channels: Sequence[Channel] | None = None,
    ) -> Person:
        """A signed-in member of staff with exactly these permissions; with `channels`, in those alone."""
        return await self.staff_in((permissions, channels), password=password, name=name)

    async def staff_in(
        self,
        *groups: tuple[Sequence[Permission], Sequence[Channel] | None],
        password: str = PASSWORD,
        name: str | None = "李雷",
    ) -> Person:
        """A signed-in member of staff in several groups, each with its permissions and the channels it is limited to."""
        email = an_email("staff")
        given = [(held, None if limit is None else [channel.id for channel in limit]) for held, limit in groups]

        async def work(tx: Transaction) -> Person:
            made = [
                await create_group(tx, name=f"Group {next(_numbers)}", permissions=held, channel_ids=limit, by=None)
                for held, limit in given
            ]
            member = await create_staff(tx, email=email.value, password=password, groups=made, name=name, by=None)
            session = await open_session(tx, IdentityKind.STAFF, member)
            rights = rights_of(given)
            identity = replace(session.identity, permissions=rights.everywhere, in_channels=rights.in_channels)
            return _person(session, email, identity=identity)

        return await transact(work)

    async def machine(self, *permissions: Permission, **more: Any) -> "Machine":
        """A machine client with exactly these scopes."""
        draft = MachineDraft(f"Machine {next(_numbers)}", frozenset(permissions), **more)
        made = await transact(lambda tx: create_machine_client(tx, draft, by=None))
        proven = await prove_machine_client(made.client_id, made.secret, source="127.0.0.1")
        assert proven is not None
        token = issue_machine_token(proven).text
        return Machine(await identify(token, source="127.0.0.1"), made.secret, token)


@dataclass(frozen=True)
class Machine:
    """A machine client with a token; `token` goes into the Authorization header."""

    identity: Identity
    secret: str = field(repr=False)
    token: str = field(repr=False)

    @property
    def id(self) -> UUID:
        """Its id, which is also the client_id."""
        assert self.identity.id is not None
        return self.identity.id


def a_name(of: str) -> str:
    """That nothing had before."""
    return f"{of}-{next(_numbers)}"


def an_email(name: str = "person") -> ContactPoint:
    """An address that nobody had before."""
    return parse_contact(ContactKind.EMAIL, f"{name}{next(_numbers)}@example.com")


def a_phone() -> ContactPoint:
    """A number that nobody had before."""
    return parse_contact(ContactKind.PHONE, f"138{next(_numbers):08}")


def _a_code() -> tuple[str, str]:
    number = next(_numbers)
    return f"6222{number:012}", f"{number * 7919 % 1_000_000:06}"


async def _customer(tx: Transaction, contact: ContactPoint, *, password_hash: str | None, wallet: str | None) -> Person:
    party = await create_customer(tx, contact, password_hash=password_hash)
    if wallet is not None:
        await adjust_wallet(tx, party, Money.of(Decimal(wallet), "CNY"), reference=new_id(), actor=ACTOR)
    return _person(await open_session(tx, IdentityKind.CUSTOMER, party), contact)


def _person(session: SignedIn, contact: ContactPoint, *, identity: Identity | None = None) -> Person:
    return Person(identity or session.identity, contact, session.access_token, session.refresh_token)


async def _put_in(tx: Transaction, lot: StockedLot, variant: UUID, cost: Decimal, currency: str, expires_at: datetime) -> None:
    """What an import leaves: lot, data key, sealed codes, fingerprints, custody, the ledger's entry, the counter raised."""
    key_id, key = await keyring().new_data_key(tx, lot_purpose(lot.id))
    born = str(LOT.birth(LotState.OPEN))
    await tx.execute(LOT_IN, lot.id, variant, key_id, ISSUER, cost, currency, born, len(lot.codes), now())
    sealer, ids = Sealer(key), [code.id for code in lot.codes]
    sealed = [sealer.seal(to_bytes(code.credentials), associated=(lot.id, code.id, FIELD)) for code in lot.codes]
    masked = [mask_tail(code.number) for code in lot.codes]
    await tx.execute(FINGERPRINTS_IN, [_fingerprint(code.number) for code in lot.codes], ids)
    await tx.execute(CODES_IN, ids, sealed, masked, lot.id, variant, expires_at, str(CODE.birth(CodeState.AVAILABLE)))
    await record_custody(tx, CustodyAction.IN, [(code, None) for code in ids], actor=ACTOR)
    if owed := Money.line(cost, 1, currency) * len(ids):
        await post(tx, "lot.in", lot.id, [Entry(Book.INVENTORY, -owed), Entry(Book.PAYABLE, owed)], actor=ACTOR)
    await add_stock(tx, variant, len(ids))


def _fingerprint(number: str) -> UUID:
    return UUID(bytes=fingerprint(keyring().house_key(HouseKey.FINGERPRINT), ISSUER, number)[:16])
