"""What operators say of channels, and of whom they are open to."""

import strawberry

from perkhub.channels import AccessPolicy, Audience, ChannelChanges, ChannelDraft
from perkhub_schema.channels.enums import AccessPolicyEnum, AudienceEnum
from perkhub_schema.graphql.global_ids import Kind
from perkhub_schema.graphql.kept import KEPT
from perkhub_schema.graphql.money import Currency
from perkhub_schema.graphql.texts import LocalizedTextInput
from perkhub_schema.scopes import local_ids


@strawberry.input(description="A new channel.")
class ChannelCreateInput:
    key: str = strawberry.field(description="2 to 40 of a-z, 0-9 and '-', a letter first; unique, and for ever.", metadata=KEPT)
    name: LocalizedTextInput = strawberry.field(description="At least one language; up to 100 characters.")
    currency: Currency = strawberry.field(description="What its prices are in; it cannot be changed later.")
    zone: str = strawberry.field(default="Asia/Shanghai", description="IANA time zone of its days.")
    audience: AudienceEnum = strawberry.field(  # type: ignore[valid-type]
        default=Audience.RETAIL, description="Whom it is made for."
    )
    access: AccessPolicyEnum = strawberry.field(  # type: ignore[valid-type]
        default=AccessPolicy.PUBLIC, description="Who may enter it."
    )
    member_group_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="With MEMBERS, customer groups that may enter; empty is every signed-in customer."
    )
    locales: list[str] = strawberry.field(
        default_factory=lambda: ["zh-CN", "en"], description="Locales that a shop offers here, the preferred one first."
    )
    regions: list[str] = strawberry.field(
        default_factory=list, description="ISO 3166-1 codes of where it sells to; empty is everywhere."
    )
    delivery_minutes: int = strawberry.field(
        default=15, description="What a supplier must deliver within, 1 to 10080; later, customers see DELAYED."
    )

    def to_draft(self) -> ChannelDraft:
        """The domain's draft."""
        return ChannelDraft(
            self.name.to_texts(),
            zone=self.zone,
            audience=Audience(self.audience),
            access=AccessPolicy(self.access),
            member_groups=local_ids(Kind.CUSTOMER_GROUP, self.member_group_ids, "memberGroupIds"),
            locales=self.locales,
            regions=self.regions,
            delivery_minutes=self.delivery_minutes,
        )


@strawberry.input(description="Changes of a channel. What is left out stays as it is; a list is replaced as a whole.")
class ChannelUpdateInput:
    channel_id: strawberry.ID = strawberry.field(description="Which channel.")
    expected_version: int = strawberry.field(description="`channel.version` as you read it; refused if it has moved since.")
    name: strawberry.Maybe[LocalizedTextInput] = strawberry.field(description="At least one language; up to 100 characters.")
    zone: strawberry.Maybe[str] = strawberry.field(description="IANA time zone of its days.")
    audience: strawberry.Maybe[AudienceEnum] = strawberry.field(  # type: ignore[valid-type]
        description="Whom it is made for."
    )
    access: strawberry.Maybe[AccessPolicyEnum] = strawberry.field(  # type: ignore[valid-type]
        description="Who may enter it."
    )
    member_group_ids: strawberry.Maybe[list[strawberry.ID]] = strawberry.field(
        description="With MEMBERS, customer groups that may enter; empty is every signed-in customer."
    )
    locales: strawberry.Maybe[list[str]] = strawberry.field(description="Locales that a shop offers here.")
    regions: strawberry.Maybe[list[str]] = strawberry.field(description="ISO 3166-1 codes of where it sells to.")
    delivery_minutes: strawberry.Maybe[int] = strawberry.field(
        description="What a supplier must deliver within, 1 to 10080; felt by what is paid from then on."
    )

    def to_changes(self) -> ChannelChanges:
        """What was given."""
        changes = ChannelChanges()
        if self.name is not None:
            changes["name"] = self.name.value.to_texts()
        if self.zone is not None:
            changes["zone"] = self.zone.value
        if self.audience is not None:
            changes["audience"] = Audience(self.audience.value)
        if self.access is not None:
            changes["access"] = AccessPolicy(self.access.value)
        if self.member_group_ids is not None:
            changes["member_groups"] = local_ids(Kind.CUSTOMER_GROUP, self.member_group_ids.value, "memberGroupIds")
        if self.locales is not None:
            changes["locales"] = self.locales.value
        if self.regions is not None:
            changes["regions"] = self.regions.value
        if self.delivery_minutes is not None:
            changes["delivery_minutes"] = self.delivery_minutes.value
        return changes


@strawberry.input(description="Closing a channel, or opening it again.")
class ChannelOpenInput:
    channel_id: strawberry.ID = strawberry.field(description="Which channel.")
    expected_version: int = strawberry.field(description="`channel.version` as you read it; refused if it has moved since.")


@strawberry.input(description="To whom a channel with access by CONTRACT shall be open, or no longer.")
class ChannelGrantsInput:
    channel_id: strawberry.ID = strawberry.field(description="Which channel.")
    holder_ids: list[strawberry.ID] = strawberry.field(
        description="1 to 1000 ids of customers, organisations and customer groups."
    )
