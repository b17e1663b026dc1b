"""The GraphQL type of each mechanic's campaigns, with the mechanic's own fields; and that of those whose mechanic is gone."""

from typing import Any

import strawberry

from perkhub.campaigns import MechanicBroken
from perkhub.plugin.mechanic import Mechanic
from perkhub_schema.campaigns.mechanics import FORMS, MECHANICS, says
from perkhub_schema.campaigns.types import KINDS, RETIRED, CampaignType
from perkhub_schema.catalog.types import to_variant
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.models import Shown, camel
from perkhub_schema.loaders import load_variants

# Names that a mechanic's fields cannot have: every campaign's own.
TAKEN = frozenset(name for name in dir(CampaignType) if not name.startswith("_")) | {"id", "campaign"}


class Kind:
    """What all types of mechanics have in common."""

    working: Any

    async def shown_variants(self, info: Info) -> list[Any]:
        """What its settings say that it concerns."""
        try:
            wanted = self.working.variants()
        except MechanicBroken:
            return []
        found = await info.context.loader(load_variants).load_many(sorted(wanted or ()))
        return [to_variant(one) for one in found if one is not None]


def _settings(campaign: Any, _: Info) -> Shown:
    return Shown(campaign.working.config, campaign.campaign.currency)


async def _state(campaign: Any, info: Info) -> Shown | None:
    state = await campaign.live(info)
    return None if state is None else Shown(state, campaign.campaign.currency)


def _kind(key: str, offered: type[Mechanic]) -> type[CampaignType]:
    """The fields of its settings, and of how it stands: the latter null where its plugin does not say."""
    forms = FORMS[key]
    own = forms.fields(offered.Config, _settings, taken=TAKEN)
    live = forms.fields(offered.State, _state, taken=TAKEN | own.keys(), optional=True)
    made = type(camel(key), (Kind, CampaignType), {**own, **live})
    told = f"{offered.title.en} ({offered.title.zh}): {says(offered.Config, says(offered, 'a campaign.'))}"
    kind: type[CampaignType] = strawberry.type(made, description=told)
    return kind


@strawberry.type(description="A campaign whose mechanic is not installed any more. Old orders are still explained by it.")
class RetiredCampaign(CampaignType):
    pass


KINDS.update({key: _kind(key, offered) for key, offered in MECHANICS.items()})
KINDS[RETIRED] = RetiredCampaign

# The schema reaches them by their interface alone.
CAMPAIGN_TYPES = list(KINDS.values())
