"""Top-ups for their owners, odd payments for operators."""

import strawberry

from perkhub.accounts import Permission
from perkhub.payments import payments_in_review, top_up_by_id
from perkhub_schema.graphql.access import CUSTOMER, requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.paging import Connection, connect, cursor_id
from perkhub_schema.payments.top_ups import TopUpType, to_top_up
from perkhub_schema.payments.types import PaymentType, to_payment


@strawberry.type
class PaymentQueries:
    @query(CUSTOMER, "A top-up of one's own wallet; null when there is none.")
    async def top_up(self, info: Info, id: strawberry.ID) -> TopUpType | None:
        found = await top_up_by_id(local_id(Kind.TOP_UP, id, "id"))
        return to_top_up(found) if found is not None and await info.context.holds(found.party_id) else None

    @query(requires(Permission.REVIEW_PAYMENTS), "Payments whose money did not fit, newest first; settle each.")
    async def payments_in_review(self, first: int | None = None, after: str | None = None) -> Connection[PaymentType]:
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: payments_in_review(before=before, limit=limit),
            to_node=to_payment,
            to_cursor=lambda payment: payment.id.hex,
        )
