"""Channels, as operators see them."""

from uuid import UUID

import strawberry

from perkhub.channels import AccessPolicy, Audience, Channel, grants_of
from perkhub_schema.channels.enums import AccessPolicyEnum, AudienceEnum
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.money import Currency
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id
from perkhub_schema.scopes import HolderType, to_holder


@strawberry.type(name="Channel", description="A place of sale.")
class ChannelType(Node):
    opened: strawberry.Private[Channel]

    @strawberry.field(description="What clients send in the Perkhub-Channel header.")
    def key(self) -> str:
        return self.opened.key

    @strawberry.field(description="In the request's language.")
    def name(self, info: Info) -> str:
        return info.context.say(self.opened.name)

    @strawberry.field(description="Whom it is made for.")
    def audience(self) -> AudienceEnum:  # type: ignore[valid-type]
        return Audience(self.opened.audience)

    @strawberry.field(description="Who may enter it.")
    def access(self) -> AccessPolicyEnum:  # type: ignore[valid-type]
        return AccessPolicy(self.opened.access)

    @strawberry.field(description="With MEMBERS, the customer groups that may enter; empty is every signed-in customer.")
    def member_group_ids(self) -> list[strawberry.ID]:
        return [global_id(Kind.CUSTOMER_GROUP, group) for group in sorted(self.opened.member_groups)]

    @strawberry.field(description="With CONTRACT, to whom it is open, the latest first.")
    async def grants(self, first: int | None = None, after: str | None = None) -> Connection[HolderType]:
        before, channel = cursor_id(after), self.opened.id

        async def read(limit: int) -> list[tuple[UUID, HolderType]]:
            return [(grant, to_holder(scope)) for grant, scope in await grants_of(channel, before=before, limit=limit)]

        return await connect(first, after, read=read, to_node=lambda one: one[1], to_cursor=lambda one: one[0].hex)

    @strawberry.field(description="What its prices are in.")
    def currency(self) -> Currency:
        return Currency(self.opened.currency)

    @strawberry.field(description="IANA time zone of its days.")
    def zone(self) -> str:
        return self.opened.zone

    @strawberry.field(description="The locales that a shop offers here, the preferred one first.")
    def locales(self) -> list[str]:
        return list(self.opened.locales)

    @strawberry.field(description="ISO 3166-1 codes of where it sells to; empty is everywhere.")
    def regions(self) -> list[str]:
        return list(self.opened.regions)

    @strawberry.field(description="What a supplier must deliver within, in minutes; later, customers see DELAYED.")
    def delivery_minutes(self) -> int:
        return self.opened.delivery_minutes

    @strawberry.field(description="Whether anybody may enter at all.")
    def is_open(self) -> bool:
        return self.opened.active

    @strawberry.field(description="Give it back as `expectedVersion` when changing the channel.")
    def version(self) -> int:
        return self.opened.version


def to_channel(channel: Channel) -> ChannelType:
    """The channel on the wire."""
    return ChannelType(id=global_id(Kind.CHANNEL, channel.id), opened=channel)
