"""Finding organisations: one's own, and for staff every one."""

import strawberry

from perkhub.accounts import Permission, list_organisations
from perkhub_schema.accounts.organisations import OrganisationType, StateEnum, find_organisation, shown_organisation
from perkhub_schema.graphql.access import SIGNED_IN, requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.paging import Connection, connect, cursor_id


@strawberry.input(description="Which organisations.")
class OrganisationWhere:
    states: list[StateEnum] | None = strawberry.field(  # type: ignore[valid-type]
        default=None, description="Only those in one of these states."
    )
    external_reference: str | None = strawberry.field(default=None, description="Only the one that is known by it.")


@strawberry.type
class OrganisationQueries:
    @query(SIGNED_IN, "An organisation by id: for its members, and for staff with READ_CUSTOMERS; else null.")
    async def organisation(self, info: Info, id: strawberry.ID) -> OrganisationType | None:
        return await find_organisation(info.context, local_id(Kind.ORGANISATION, id, "id"))

    @query(requires(Permission.READ_CUSTOMERS), "Organisations, newest first.")
    async def organisations(
        self, first: int | None = None, after: str | None = None, where: OrganisationWhere | None = None
    ) -> Connection[OrganisationType]:
        seen, wanted = cursor_id(after), where or OrganisationWhere()
        return await connect(
            first,
            after,
            read=lambda limit: list_organisations(
                limit=limit, after=seen, states=wanted.states, external_reference=wanted.external_reference
            ),
            to_node=shown_organisation,
            to_cursor=lambda record: record.id.hex,
        )
