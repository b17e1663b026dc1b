"""Keeping price lists and their rows."""

from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.accounts import Permission, ensure_permission
from perkhub.channels import ScopeKind
from perkhub.kit.bulk import BulkRow, ErrorPolicy
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.pricing import (
    PriceListChanges,
    PriceListDraft,
    RowDraft,
    archive_price_list,
    create_price_list,
    price_lists_by_ids,
    remove_list_rows,
    update_price_list,
    upsert_list_rows,
)
from perkhub_schema.graphql.access import requires_in_channel
from perkhub_schema.graphql.bulk import ErrorPolicyEnum, errors_of, work_off
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT
from perkhub_schema.graphql.money import Currency, ExactDecimal
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.graphql.texts import LocalizedTextInput
from perkhub_schema.pricing.lists import PriceListType, price_list_of
from perkhub_schema.scopes import to_scope

PRICES = requires_in_channel(Permission.MANAGE_PRICES)


@strawberry.input(description="A new price list, without rows. For whom it is, and its currency, cannot be changed later.")
class PriceListCreateInput:
    name: LocalizedTextInput = strawberry.field(description="At least one language; buyers read it in the trace of a price.")
    scope_id: strawberry.ID = strawberry.field(description="A channel, a customer group, a customer or an organisation.")
    currency: Currency = strawberry.field(description="What its prices are in; the channel's, where there is one.")
    channel_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="For a party or a group: the only channel in which it holds; every one of its currency if left out.",
    )
    priority: int = strawberry.field(default=0, description="The highest goes first; 0 to 1,000,000.")
    starts_at: datetime | None = strawberry.field(default=None, description="It holds from this moment; left out: now.")
    ends_at: datetime | None = strawberry.field(default=None, description="It holds until then; null is without end.")
    external_reference: str | None = strawberry.field(
        default=None, description="Your own system's id of it, unique; up to 120 characters.", metadata=KEPT
    )

    def to_draft(self) -> PriceListDraft:
        """The domain's draft."""
        reference = self.external_reference or None
        return PriceListDraft(self.name.to_texts(), self.priority, self.starts_at, self.ends_at, reference)


@strawberry.input(description="Changes of a price list. What is left out stays as it is.")
class PriceListUpdateInput:
    price_list_id: strawberry.ID = strawberry.field(description="Which list.")
    expected_version: int = strawberry.field(description="`priceList.version` as you read it; refused if it has moved since.")
    name: strawberry.Maybe[LocalizedTextInput] = strawberry.field(description="At least one language.")
    priority: strawberry.Maybe[int] = strawberry.field(description="The highest goes first.")
    starts_at: strawberry.Maybe[datetime] = strawberry.field(description="It holds from this moment.")
    ends_at: strawberry.Maybe[datetime | None] = strawberry.field(description="It holds until then; null is without end.")
    external_reference: strawberry.Maybe[str | None] = strawberry.field(
        description="Your own system's id; null takes it away.", metadata=KEPT
    )

    def to_changes(self) -> PriceListChanges:
        """What was given, null included."""
        changes = PriceListChanges()
        if self.name is not None:
            changes["name"] = self.name.value.to_texts()
        if self.priority is not None:
            changes["priority"] = self.priority.value
        if self.starts_at is not None:
            changes["starts_at"] = self.starts_at.value
        if self.ends_at is not None:
            changes["ends_at"] = self.ends_at.value
        if self.external_reference is not None:
            changes["external_reference"] = self.external_reference.value or None
        return changes


@strawberry.input(description="Putting a price list away, for good.")
class PriceListArchiveInput:
    price_list_id: strawberry.ID = strawberry.field(description="Which list.")
    expected_version: int = strawberry.field(description="`priceList.version` as you read it; refused if it has moved since.")


@strawberry.input(description="What a list says of a variant from so many units on: either a price, or a percentage off.")
class PriceListRowInput:
    variant_id: strawberry.ID = strawberry.field(description="Which variant.")
    minimum_quantity: int = strawberry.field(default=1, description="From so many units on; 1 to 1,000,000.")
    unit_price: ExactDecimal | None = strawberry.field(
        default=None, description="In the list's currency, at most six places. Of a `faceRange` the price of its least value."
    )
    percent_off: ExactDecimal | None = strawberry.field(
        default=None, description="Off the listing's price: above 0 up to 100, at most four places."
    )


@strawberry.input(description="Rows to be put into a price list, or changed.")
class PriceListRowsUpsertInput:
    price_list_id: strawberry.ID = strawberry.field(description="Which list.")
    currency: Currency = strawberry.field(description="What these prices are in: the list's, or nothing is taken.")
    rows: list[PriceListRowInput] = strawberry.field(description="1 to 1000, each variant and quantity once.")
    error_policy: ErrorPolicyEnum = strawberry.field(  # type: ignore[valid-type]
        default=ErrorPolicy.REJECT_EVERYTHING, description="What becomes of rows that cannot be taken."
    )
    expected_version: int | None = strawberry.field(
        default=None, description="`priceList.version` as you read it; refused if it has moved since. Leave out to overwrite."
    )


@strawberry.input(description="A row of a price list, by what it is of.")
class PriceListRowKeyInput:
    variant_id: strawberry.ID = strawberry.field(description="Which variant.")
    minimum_quantity: int = strawberry.field(default=1, description="From how many units on.")


@strawberry.input(description="Rows to be taken out of a price list.")
class PriceListRowsRemoveInput:
    price_list_id: strawberry.ID = strawberry.field(description="Which list.")
    rows: list[PriceListRowKeyInput] = strawberry.field(description="1 to 1000, all of them in the list.")
    expected_version: int | None = strawberry.field(
        default=None, description="`priceList.version` as you read it; refused if it has moved since. Leave out to overwrite."
    )


@strawberry.type(description="The price list.")
class PriceListPayload:
    price_list: PriceListType | None = strawberry.field(default=None, description="The list as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="What came of many rows.")
class PriceListRowsPayload:
    price_list: PriceListType | None = strawberry.field(
        default=None, description="The list as it stands; null where nothing was taken."
    )
    taken: int | None = strawberry.field(default=None, description="How many rows were taken, or taken out.")
    errors: list[ErrorInterface] = strawberry.field(
        default_factory=list, description="Why rows, or all, were refused, with the path of the row; empty if none was."
    )


async def _named(info: Info, given: str) -> UUID:
    """The list of the input, where the caller may change it: one for all channels needs a right without a limit."""
    price_list = local_id(Kind.PRICE_LIST, given, "priceListId")
    found = await price_lists_by_ids([price_list])
    if not found:
        raise NotFound("price list", "价格表", path=("priceListId",))
    ensure_permission(info.context.identity, Permission.MANAGE_PRICES, channel=found[0].channel_id)
    return price_list


@mutation(PRICES, "Make a price list for a channel, a customer group, a customer or an organisation.")
async def price_list_create(info: Info, input: PriceListCreateInput) -> PriceListPayload:
    scope, draft = to_scope(input.scope_id, "scopeId"), input.to_draft()
    channel = None if input.channel_id is None else local_id(Kind.CHANNEL, input.channel_id, "channelId")
    where = scope.id if scope.kind is ScopeKind.CHANNEL else channel
    ensure_permission(info.context.identity, Permission.MANAGE_PRICES, channel=where)
    made = await transact(lambda tx: create_price_list(tx, scope, draft, currency=input.currency, channel=channel))
    return PriceListPayload(price_list=await price_list_of(made))


@mutation(PRICES, "Change when a price list holds, or before which others; unless somebody else did since you read it.")
async def price_list_update(info: Info, input: PriceListUpdateInput) -> PriceListPayload:
    price_list, changes = await _named(info, input.price_list_id), input.to_changes()
    await transact(lambda tx: update_price_list(tx, price_list, changes, expected_version=input.expected_version))
    return PriceListPayload(price_list=await price_list_of(price_list))


@mutation(PRICES, "Let a price list price nothing any more, for good.")
async def price_list_archive(info: Info, input: PriceListArchiveInput) -> PriceListPayload:
    price_list = await _named(info, input.price_list_id)
    await transact(lambda tx: archive_price_list(tx, price_list, expected_version=input.expected_version))
    return PriceListPayload(price_list=await price_list_of(price_list))


@mutation(PRICES, "Put up to a thousand rows into a price list, or change those it has.")
async def price_list_rows_upsert(info: Info, input: PriceListRowsUpsertInput) -> PriceListRowsPayload:
    price_list = await _named(info, input.price_list_id)
    drafts = [
        RowDraft(
            local_id(Kind.VARIANT, row.variant_id, "rows", str(n), "variantId"),
            row.minimum_quantity,
            row.unit_price,
            row.percent_off,
        )
        for n, row in enumerate(input.rows)
    ]
    policy, version = ErrorPolicy(input.error_policy), input.expected_version

    async def work(tx: Transaction) -> list[BulkRow[RowDraft]]:
        given = input.currency
        return await upsert_list_rows(tx, price_list, drafts, currency=given, policy=policy, expected_version=version)

    rows = await work_off(work)
    taken = [row for row in rows if not row.left_out]
    return PriceListRowsPayload(
        price_list=await price_list_of(price_list) if taken else None,
        taken=len(taken),
        errors=errors_of(rows, info.context.language),
    )


@mutation(PRICES, "Take rows out of a price list.")
async def price_list_rows_remove(info: Info, input: PriceListRowsRemoveInput) -> PriceListRowsPayload:
    price_list = await _named(info, input.price_list_id)
    keys = []
    for place, row in enumerate(input.rows):
        variant = local_id(Kind.VARIANT, row.variant_id, "rows", str(place), "variantId")
        if row.minimum_quantity < 1:
            reason, reason_zh = "At least 1.", "不得小于 1。"
            raise InvalidInput(path=("rows", str(place), "minimumQuantity"), reason=reason, reason_zh=reason_zh)
        keys.append((variant, row.minimum_quantity))
    version = input.expected_version
    removed = await transact(lambda tx: remove_list_rows(tx, price_list, keys, expected_version=version))
    return PriceListRowsPayload(price_list=await price_list_of(price_list), taken=removed)


@strawberry.type
class PriceListMutations:
    price_list_create = price_list_create
    price_list_update = price_list_update
    price_list_archive = price_list_archive
    price_list_rows_upsert = price_list_rows_upsert
    price_list_rows_remove = price_list_rows_remove
