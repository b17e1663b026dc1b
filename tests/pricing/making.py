"""Price lists and their rows, made in a line each."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from perkhub.accounts import CustomerGroupDraft, add_group_members, create_customer_group, groups_of
from perkhub.channels import Channel, Scope, ScopeKind, Viewer
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.pricing import PriceListDraft, RowDraft, create_price_list, upsert_list_rows
from tests.factories import Person

YESTERDAY = timedelta(days=-1)


async def a_list(
    scope: Scope | Channel,
    rows: Iterable[RowDraft] = (),
    *,
    channel: Channel | None = None,
    currency: str = "CNY",
    priority: int = 0,
    starts: datetime | None = None,
    ends: datetime | None = None,
    name: str = "A list",
) -> UUID:
    """A list for a scope; of a channel, for everybody in it."""
    whom = Scope(ScopeKind.CHANNEL, scope.id) if isinstance(scope, Channel) else scope
    draft = PriceListDraft({"en": name, "zh": "价格表"}, priority, starts or now() + YESTERDAY, ends)
    where = None if channel is None else channel.id
    made = await transact(lambda tx: create_price_list(tx, whom, draft, currency=currency, channel=where))
    await put(made, *rows, currency=currency)
    return made


async def put(price_list: UUID, *rows: RowDraft, currency: str = "CNY") -> None:
    """Rows into a list, none of them faulty."""
    if rows:
        strict = ErrorPolicy.REJECT_EVERYTHING
        done = await transact(lambda tx: upsert_list_rows(tx, price_list, rows, currency=currency, policy=strict))
        assert [row.refusals for row in done] == [[] for _ in rows]


def at(variant: UUID, unit: str, quantity: int = 1) -> RowDraft:
    """A price of its own."""
    return RowDraft(variant, quantity, unit_price=Decimal(unit))


def off(variant: UUID, percent: str, quantity: int = 1) -> RowDraft:
    """So many percent off."""
    return RowDraft(variant, quantity, percent_off=Decimal(percent))


def of_party(person: Person) -> Scope:
    return Scope(ScopeKind.PARTY, person.party_id)


async def a_group(*members: Person, name: str = "VIP") -> Scope:
    group = await transact(lambda tx: create_customer_group(tx, CustomerGroupDraft(name)))
    if members:
        await transact(lambda tx: add_group_members(tx, group, [one.party_id for one in members], actor="tests"))
    return Scope(ScopeKind.GROUP, group)


async def viewer(person: Person) -> Viewer:
    return Viewer(person.party_id, (await groups_of([person.party_id]))[person.party_id])
