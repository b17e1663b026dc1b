"""Suppliers, our accounts at them, their catalogs and their offers, on the wire."""

from datetime import date, datetime
from uuid import UUID

import strawberry

from perkhub.plugin.supplier import Supplies
from perkhub.suppliers import (
    Account,
    AccountState,
    Offer,
    Provenance,
    Statement,
    Sync,
    SyncState,
    accounts_by_ids,
    callback_address,
    latest_statements,
    latest_syncs,
    offers_by_ids,
)
from perkhub_schema.catalog.types import VariantType, variant_of
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.money import ExactDecimal, MoneyType, unit_price
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.suppliers.suggestions import OfferSuggestionType, load_suggestions

ProvenanceEnum = described(
    Provenance,
    "From whom the benefits of a supplier account come.",
    {
        Provenance.BRAND_DIRECT: "From the brand itself.",
        Provenance.AUTHORIZED: "From somebody whom the brand has authorised.",
        Provenance.RESELLER: "From somebody who bought them.",
    },
)
AccountStateEnum = described(
    AccountState,
    "Whether new orders go to a supplier account.",
    {
        AccountState.ACTIVE: "They do, unless it is halted.",
        AccountState.PAUSED: "They do not; what is under way is looked after.",
    },
    name="SupplierAccountState",
)
SuppliesEnum = described(
    Supplies,
    "What a supplier delivers.",
    {Supplies.CODES: "Secrets that are kept and shown.", Supplies.TOP_UPS: "Something done to an account of the buyer's."},
)
SyncStateEnum = described(
    SyncState,
    "How far a reading of a catalog is.",
    {
        SyncState.QUEUED: "It waits, or is under way.",
        SyncState.DONE: "It was read to its end.",
        SyncState.FAILED: "It ended early; what was read until then is told.",
    },
    name="SupplierCatalogSyncState",
)


@strawberry.type(description="One difference that a reading of a catalog found.")
class CatalogDifference:
    sku: str = strawberry.field(description="The supplier's name of it.")
    what: str = strawberry.field(description="`new`, `cost`, `availability`, `form` or `gone`.")
    before: str | None = strawberry.field(description="What it was, where it was something.")
    after: str | None = strawberry.field(description="What it is now.")


@strawberry.type(name="SupplierCatalogSync", description="One reading of a supplier's catalog into offers.")
class CatalogSyncType:
    id: strawberry.ID = strawberry.field(description="Its global id.")
    state: SyncStateEnum = strawberry.field(description="How far it is.")  # type: ignore[valid-type]
    items: int = strawberry.field(description="SKUs that were read.")
    added: int = strawberry.field(description="Of these, new ones.")
    changed: int = strawberry.field(description="Offers whose cost or availability is another.")
    gone: int = strawberry.field(description="Offers that are in the catalog no more.")
    differences: list[CatalogDifference] = strawberry.field(description="The first 200 of them.")
    failure: str | None = strawberry.field(description="One word of why it ended early.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")


def to_sync(sync: Sync) -> CatalogSyncType:
    """The reading on the wire."""
    return CatalogSyncType(
        id=global_id(Kind.CATALOG_SYNC, sync.id),
        state=sync.state,
        items=sync.items,
        added=sync.added,
        changed=sync.changed,
        gone=sync.gone,
        differences=[
            CatalogDifference(sku=one["sku"], what=one["what"], before=one.get("before"), after=one.get("after"))
            for one in sync.differences
        ],
        failure=sync.failure,
        created_at=sync.created_at,
        finished_at=sync.finished_at,
    )


@strawberry.type(name="SupplierStatement", description="One reading of a day of a supplier's own statement.")
class StatementType:
    id: strawberry.ID = strawberry.field(description="Its global id.")
    day: date = strawberry.field(description="Which day, by the supplier's calendar.")
    state: SyncStateEnum = strawberry.field(description="How far it is.")  # type: ignore[valid-type]
    lines: int = strawberry.field(description="Lines that were read.")
    failure: str | None = strawberry.field(description="One word of why it ended early; then nothing of it was kept.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")


def to_statement(statement: Statement) -> StatementType:
    """The reading on the wire."""
    return StatementType(
        id=global_id(Kind.SUPPLIER_STATEMENT, statement.id),
        day=statement.day,
        state=statement.state,
        lines=statement.lines,
        failure=statement.failure,
        created_at=statement.created_at,
        finished_at=statement.finished_at,
    )


@strawberry.type(description="A supplier that this server knows how to talk to.")
class SupplierPlugin:
    key: str = strawberry.field(description="Its name in `supplierConnect`'s settings.")
    title: str = strawberry.field(description="Its name for people, in the request's language.")
    supplies: list[SuppliesEnum] = strawberry.field(description="What it delivers.")  # type: ignore[valid-type]
    largest_order: int = strawberry.field(description="Units in one order at most.")


@strawberry.type(name="SupplierAccount", description="Our account at a supplier. Its settings are told to nobody.")
class SupplierAccountType(Node):
    account: strawberry.Private[Account]

    @strawberry.field(description="What operators call it.")
    def name(self) -> str:
        return self.account.name

    @strawberry.field(description="Which supplier: one of `supplierPlugins`.")
    def plugin(self) -> str:
        return self.account.plugin

    @strawberry.field(description="From whom its benefits come.")
    def provenance(self) -> ProvenanceEnum:  # type: ignore[valid-type]
        return self.account.provenance

    @strawberry.field(description="Whether new orders go there.")
    def state(self) -> AccountStateEnum:  # type: ignore[valid-type]
        return self.account.state

    @strawberry.field(description="Whether its plugin is not installed: nothing is bought there, and what it brought stays.")
    def retired(self) -> bool:
        return self.account.retired

    @strawberry.field(description="Until when it is left alone, after it refused the account itself.")
    def halted_until(self) -> datetime | None:
        return self.account.halted_until

    @strawberry.field(description="One word of why it is left alone.")
    def halted_for(self) -> str | None:
        return self.account.halted_for

    @strawberry.field(description="The address for its callbacks: enter it at the supplier.")
    def callback_url(self) -> str:
        return callback_address(self.account.id)

    @strawberry.field(description="When it last answered as it should: `supplierTest`, or when its balance was asked.")
    def answered_at(self) -> datetime | None:
        return self.account.answered_at

    @strawberry.field(
        description="What lay there then, as the supplier told it; asked every ten minutes. Null where it tells none."
    )
    def balance(self) -> MoneyType | None:
        account = self.account
        if account.balance is None or account.balance_currency is None:
            return None
        return unit_price(account.balance, account.balance_currency)

    @strawberry.field(description="Below which balance staff want to be told; null is never.")
    def balance_alert(self) -> ExactDecimal | None:
        return None if self.account.balance_wanted is None else ExactDecimal(self.account.balance_wanted)

    @strawberry.field(description="Since when less lies there than that; null while there is enough.")
    def balance_low_since(self) -> datetime | None:
        return self.account.balance_low_since

    @strawberry.field(description="When its catalog was last read to the end.")
    def synced_at(self) -> datetime | None:
        return self.account.synced_at

    @strawberry.field(description="The last readings of its catalog, newest first, at most five.")
    async def catalog_syncs(self) -> list[CatalogSyncType]:
        return [to_sync(sync) for sync in await latest_syncs(self.account.id)]

    @strawberry.field(description="The last readings of its own statements, newest first, at most ten.")
    async def statements(self) -> list[StatementType]:
        return [to_statement(statement) for statement in await latest_statements(self.account.id)]

    @strawberry.field(description="Grows with each change; give it as `expectedVersion`.")
    def version(self) -> int:
        return self.account.version

    @strawberry.field(description="When it was connected.")
    def created_at(self) -> datetime:
        return self.account.created_at


def to_account(account: Account) -> SupplierAccountType:
    """The account on the wire."""
    return SupplierAccountType(id=global_id(Kind.SUPPLIER_ACCOUNT, account.id), account=account)


@strawberry.type(description="One field of a supplier's form: what it asks with an order.")
class SupplierFormField:
    key: str = strawberry.field(description="The supplier's name of it.")
    label: str = strawberry.field(description="What the supplier calls it.")
    required: bool = strawberry.field(description="Whether nothing can be ordered without it.")
    pattern: str | None = strawberry.field(description="What it must look like, in the language of buyer inputs' patterns.")
    options: list[str] = strawberry.field(description="What may be chosen, where it is a choice.")
    target: bool = strawberry.field(description="Whether it is the account that is topped up.")


@strawberry.type(description="A field of the supplier's form, and the buyer input that fills it.")
class OfferInput:
    field: str = strawberry.field(description="The field's key.")
    input: str = strawberry.field(description="The buyer input's key.")
    target: bool = strawberry.field(description="Whether it is the account that is topped up.")
    national: bool = strawberry.field(description="Whether a phone number is sent without its country's code.")


@strawberry.type(name="SupplierOffer", description="A supplier's SKU, and which of our variants it is.")
class SupplierOfferType(Node):
    offer: strawberry.Private[Offer]

    @strawberry.field(description="Who sells it.")
    async def account(self, info: Info) -> SupplierAccountType:
        return to_account(await info.context.loader(load_accounts).load(self.offer.account_id))

    @strawberry.field(description="The supplier's name of it.")
    def sku(self) -> str:
        return self.offer.sku

    @strawberry.field(description="What the supplier calls it.")
    def name(self) -> str:
        return self.offer.name

    @strawberry.field(description="Whose codes they are: no two codes of one issuer are alike.")
    def issuer(self) -> str:
        return self.offer.issuer

    @strawberry.field(description="What of ours it is; null while it is not mapped.")
    async def variant(self, info: Info) -> VariantType | None:
        return None if self.offer.variant_id is None else await variant_of(info, self.offer.variant_id)

    @strawberry.field(description="The face value of one unit, where it is sold by amount and mapped.")
    def face_value(self) -> MoneyType | None:
        offer = self.offer
        if offer.face_value is None or offer.face_currency is None:
            return None
        return unit_price(offer.face_value, offer.face_currency)

    @strawberry.field(description="The least face value, where it is sold by amount.")
    def face_least(self) -> ExactDecimal | None:
        return None if self.offer.face_least is None else ExactDecimal(self.offer.face_least)

    @strawberry.field(description="The greatest face value, where it is sold by amount.")
    def face_greatest(self) -> ExactDecimal | None:
        return None if self.offer.face_greatest is None else ExactDecimal(self.offer.face_greatest)

    @strawberry.field(description="What it delivers.")
    def supplies(self) -> SuppliesEnum:  # type: ignore[valid-type]
        return self.offer.supplies

    @strawberry.field(description="What the supplier asks with each order.")
    def form(self) -> list[SupplierFormField]:
        return [
            SupplierFormField(
                key=one.key,
                label=one.label,
                required=one.required,
                pattern=one.pattern,
                options=list(one.options),
                target=one.target,
            )
            for one in self.offer.form
        ]

    @strawberry.field(description="Which buyer inputs of the product fill the form.")
    def inputs(self) -> list[OfferInput]:
        return [
            OfferInput(field=one.field, input=one.input, target=one.target, national=one.national) for one in self.offer.inputs
        ]

    @strawberry.field(description="What a SKU of a fixed value says that it is worth.")
    def printed_value(self) -> MoneyType | None:
        offer = self.offer
        if offer.printed_value is None or offer.printed_currency is None:
            return None
        return unit_price(offer.printed_value, offer.printed_currency)

    @strawberry.field(description="What of ours it may be while it is not mapped, the likeliest first, at most ten.")
    async def suggestions(self, info: Info) -> list[OfferSuggestionType]:
        found = await info.context.loader(load_suggestions).load(self.offer.id)
        return [OfferSuggestionType(suggestion=one) for one in found]

    @strawberry.field(description="What one unit costs us; where the amount is chosen with each order, one unit of value.")
    def cost(self) -> MoneyType:
        return unit_price(self.offer.cost, self.offer.currency)

    @strawberry.field(description="The most that may be paid for what `cost` is of. Dearer ones are not bought.")
    def maximum_cost(self) -> MoneyType:
        return unit_price(self.offer.maximum_cost, self.offer.currency)

    @strawberry.field(description="Of several offers of a variant the lowest goes first, then the cheapest.")
    def priority(self) -> int:
        return self.offer.priority

    @strawberry.field(description="Whether the supplier has it, as its catalog last said.")
    def available(self) -> bool:
        return self.offer.available

    @strawberry.field(description="Whether it is bought by.")
    def active(self) -> bool:
        return self.offer.active

    @strawberry.field(description="Grows with each change; give it as `expectedVersion`.")
    def version(self) -> int:
        return self.offer.version


def to_offer(offer: Offer) -> SupplierOfferType:
    """The offer on the wire."""
    return SupplierOfferType(id=global_id(Kind.SUPPLIER_OFFER, offer.id), offer=offer)


async def load_accounts(ids: list[UUID]) -> list[Account | None]:
    """Accounts by id."""
    found = await accounts_by_ids(ids)
    return [found.get(key) for key in ids]


async def load_offers(ids: list[UUID]) -> list[Offer | None]:
    """Offers by id."""
    found = {offer.id: offer for offer in await offers_by_ids(ids)}
    return [found.get(key) for key in ids]
