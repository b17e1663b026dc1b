"""What operators say when they make campaigns, change them, and move them through their life."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry

from perkhub.campaigns import Campaign, CampaignAudience, CampaignDraft, Counted, Limit, draft_of
from perkhub.channels import known_channel
from perkhub.kit.errors import InvalidInput
from perkhub.kit.money import Money
from perkhub_schema.campaigns.mechanics import MechanicInput, said_mechanic
from perkhub_schema.campaigns.terms import CountedEnum, PeriodEnum
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT
from perkhub_schema.graphql.money import ExactDecimal
from perkhub_schema.graphql.texts import LocalizedTextInput
from perkhub_schema.scopes import local_ids

READ = "`campaign.terms.version` as you read it; refused if it has moved since."


@strawberry.input(description="Who may take part: all that is asked for must hold.")
class CampaignAudienceInput:
    group_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Members of one of these customer groups; empty is everybody."
    )
    new_customers: bool = strawberry.field(default=False, description="Only who had no benefit before.")
    listed: bool = strawberry.field(default=False, description="Only people on the campaign's own list.")

    def to_audience(self) -> CampaignAudience:
        """The domain's audience."""
        groups = local_ids(Kind.CUSTOMER_GROUP, self.group_ids, "audience", "groupIds")
        return CampaignAudience(frozenset(groups), self.new_customers, self.listed)


@strawberry.input(description="At most so much, exactly, however many come at once.")
class CampaignLimitInput:
    counts: CountedEnum = strawberry.field(description="What is counted.")  # type: ignore[valid-type]
    most: ExactDecimal = strawberry.field(description="The most: a whole number; MONEY in the campaign's currency.")
    per_customer: bool = strawberry.field(default=False, description="Whether each customer has a count of their own.")
    period: PeriodEnum | None = strawberry.field(  # type: ignore[valid-type]
        default=None, description="The count begins anew with each; over the whole time if left out."
    )

    def to_limit(self, currency: str, *path: str) -> Limit:
        """The domain's limit.

        Raises:
            InvalidInput.
        """
        counts: Any = self.counts
        try:
            most = Money.of(self.most, currency).minor if counts is Counted.MONEY else _whole(self.most)
        except ValueError as odd:
            raise InvalidInput(path=(*path, "most"), reason=f"{odd}.", reason_zh="数值无效。") from None
        return Limit(counts, most, self.per_customer, self.period)


def _whole(number: Decimal) -> int:
    if number != number.to_integral_value():
        raise ValueError("A whole number")
    return int(number)


@strawberry.input(description="A new campaign. It is a draft until `campaignPublish`.")
class CampaignCreateInput:
    name: LocalizedTextInput = strawberry.field(description="At least one language; up to 100 characters.")
    mechanic: MechanicInput = strawberry.field(description="What kind of campaign, and its settings.")
    starts_at: datetime = strawberry.field(description="From when on one can take part.")
    ends_at: datetime = strawberry.field(description="Until when.")
    channel_ids: list[strawberry.ID] = strawberry.field(description="Where it runs: 1 to 100 channels of one currency.")
    audience: CampaignAudienceInput | None = strawberry.field(
        default=None, description="Who may take part; everybody if left out."
    )
    budget: list[CampaignLimitInput] | None = strawberry.field(
        default=None, description="Limits besides the mechanic's own; up to 20."
    )
    priority: int = strawberry.field(default=0, description="Of several campaigns the highest acts first.")
    exclusive: bool = strawberry.field(default=False, description="Whether it takes no other campaign beside it on a line.")
    external_reference: str | None = strawberry.field(
        default=None, description="Your own system's id of it, unique; up to 120 characters.", metadata=KEPT
    )

    async def to_draft(self) -> CampaignDraft:
        """The domain's draft.

        Raises:
            InvalidInput, NotFound.
        """
        channels = tuple(local_ids(Kind.CHANNEL, self.channel_ids, "channelIds"))
        mechanic, config = said_mechanic(self.mechanic, "mechanic")
        return CampaignDraft(
            name=self.name.to_texts(),
            mechanic=mechanic,
            config=config,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            channel_ids=channels,
            audience=CampaignAudience() if self.audience is None else self.audience.to_audience(),
            budget=await _budget(self.budget or [], channels),
            priority=self.priority,
            exclusive=self.exclusive,
            external_reference=self.external_reference or None,
        )


@strawberry.input(description="Changes of a campaign. What is left out stays as it is.")
class CampaignChangeInput:
    campaign_id: strawberry.ID = strawberry.field(description="Which.")
    expected_version: int = strawberry.field(description=READ)
    name: strawberry.Maybe[LocalizedTextInput] = strawberry.field(description="At least one language.")
    mechanic: strawberry.Maybe[MechanicInput] = strawberry.field(
        description="All of its mechanic's settings anew; of another mechanic only while it is a draft."
    )
    starts_at: strawberry.Maybe[datetime] = strawberry.field(description="From when on one can take part.")
    ends_at: strawberry.Maybe[datetime] = strawberry.field(description="Until when.")
    channel_ids: strawberry.Maybe[list[strawberry.ID]] = strawberry.field(description="Where it runs.")
    audience: strawberry.Maybe[CampaignAudienceInput] = strawberry.field(description="Who may take part.")
    budget: strawberry.Maybe[list[CampaignLimitInput]] = strawberry.field(description="Its limits, all of them.")
    priority: strawberry.Maybe[int] = strawberry.field(description="Of several campaigns the highest acts first.")
    exclusive: strawberry.Maybe[bool] = strawberry.field(description="Whether it takes no other campaign beside it on a line.")
    external_reference: strawberry.Maybe[str | None] = strawberry.field(
        description="Your own system's id of it; null takes it away.", metadata=KEPT
    )

    async def to_draft(self, campaign: Campaign) -> CampaignDraft:
        """The campaign as it stands, with what was given.

        Raises:
            InvalidInput, NotFound.
        """
        draft = draft_of(campaign)
        if self.name is not None:
            draft = replace(draft, name=self.name.value.to_texts())
        if self.mechanic is not None:
            mechanic, config = said_mechanic(self.mechanic.value, "mechanic")
            draft = replace(draft, mechanic=mechanic, config=config)
        if self.channel_ids is not None:
            draft = replace(draft, channel_ids=tuple(local_ids(Kind.CHANNEL, self.channel_ids.value, "channelIds")))
        if self.audience is not None:
            draft = replace(draft, audience=self.audience.value.to_audience())
        if self.budget is not None:
            draft = replace(draft, budget=await _budget(self.budget.value, draft.channel_ids))
        if self.external_reference is not None:
            draft = replace(draft, external_reference=self.external_reference.value or None)
        plain = {name: getattr(self, name) for name in ("starts_at", "ends_at", "priority", "exclusive")}
        return replace(draft, **{name: said.value for name, said in plain.items() if said is not None})


async def _budget(given: list[CampaignLimitInput], channels: tuple[Any, ...]) -> tuple[Limit, ...]:
    currency = (await known_channel(channels[0])).currency if channels and given else ""
    return tuple(limit.to_limit(currency, "budget", str(place)) for place, limit in enumerate(given))


@strawberry.input(description="Which campaign.")
class CampaignInput:
    campaign_id: strawberry.ID = strawberry.field(description="Which.")
    expected_version: int | None = strawberry.field(default=None, description=READ)

    def to_id(self) -> Any:
        """The campaign that is meant."""
        return local_id(Kind.CAMPAIGN, self.campaign_id, "campaignId")


@strawberry.input(description="A campaign to be published: it runs in its window from now on.")
class CampaignPublishInput(CampaignInput):
    pass


@strawberry.input(description="A campaign to be stopped for now.")
class CampaignPauseInput(CampaignInput):
    pass


@strawberry.input(description="A paused campaign to be let go on.")
class CampaignResumeInput(CampaignInput):
    pass


@strawberry.input(description="A campaign to be ended, for good.")
class CampaignEndInput(CampaignInput):
    pass


@strawberry.input(description="A campaign to be made again, as a draft.")
class CampaignCloneInput:
    campaign_id: strawberry.ID = strawberry.field(description="Which.")
    starts_at: datetime | None = strawberry.field(default=None, description="From when on; as before if left out.")
    ends_at: datetime | None = strawberry.field(default=None, description="Until when; as before if left out.")


@strawberry.input(description="Customers and organisations for a campaign that is for listed people alone.")
class CampaignPeopleInput:
    campaign_id: strawberry.ID = strawberry.field(description="Which campaign.")
    party_ids: list[strawberry.ID] = strawberry.field(description="1 to 1000 ids of customers and organisations.")
