"""What operators and buyers say to each mechanic that is loaded: inputs made from its own models."""

from typing import Any

import strawberry

from perkhub.accounts import Permission
from perkhub.plugin.mechanic import Entry, Mechanic
from perkhub.plugin.registry import registry
from perkhub.pricing import Chosen
from perkhub_schema.campaigns.stock import Left
from perkhub_schema.catalog.types import VariantType, variant_of
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import TOLD
from perkhub_schema.graphql.models import Forms, Reference, camel

# What a UUID of a mechanic may be of; a variant, where it does not say.
REFERENCES = {
    "variant": Reference(Kind.VARIANT, VariantType, variant_of),
    "product": Reference(Kind.PRODUCT),
    "category": Reference(Kind.CATEGORY),
    "brand": Reference(Kind.BRAND),
    "collection": Reference(Kind.COLLECTION),
    "customer_group": Reference(Kind.CUSTOMER_GROUP),
    "channel": Reference(Kind.CHANNEL),
    "campaign": Reference(Kind.CAMPAIGN),
    "circle": Reference(Kind.CIRCLE),
}
MECHANICS = dict(sorted(registry().mechanics.items()))
FORMS = {
    key: Forms(key, references=REFERENCES, others={"stock": Left()}, hidden_for=Permission.READ_CAMPAIGNS, kept=TOLD)
    for key in MECHANICS
}
CHOSEN = {key: offered for key, offered in MECHANICS.items() if offered.entry is Entry.CHOSEN}


def says(offered: type[Any], instead: str) -> str:
    """What a class says of itself, in one line."""
    return " ".join((offered.__doc__ or instead).split())


def _settings_input(key: str, offered: type[Mechanic]) -> Any:
    told = says(offered.Config, f"Settings of {offered.title.en}.")
    return FORMS[key].input(offered.Config, f"{camel(key)}Input", told)


def _choice_input(key: str, offered: type[Mechanic]) -> Any:
    which = {"campaign_id": (strawberry.ID, f"Which campaign; a {camel(key)}.")}
    told = f"Taking part in a campaign of the kind {offered.title.en}."
    return FORMS[key].input(offered.Choice, f"{camel(key)}ChoiceInput", told, first=which)


def _one_of(name: str, description: str, members: dict[str, Any]) -> Any:
    maybe: Any = strawberry.Maybe
    annotations = {key: maybe[member] for key, member in members.items()}
    told = {key: strawberry.field(description=f"{MECHANICS[key].title.en} ({MECHANICS[key].title.zh}).") for key in members}
    made = type(name, (), {"__annotations__": annotations, **told})
    return strawberry.input(made, one_of=True, description=description)


MechanicInput: Any = _one_of(
    "MechanicInput",
    "A mechanic and its settings: exactly one.",
    {key: _settings_input(key, offered) for key, offered in MECHANICS.items()},
)
CampaignChoiceInput: Any = _one_of(
    "CampaignChoiceInput",
    "The campaign that a line takes part in, and what its mechanic asks of the buyer: exactly one.",
    {key: _choice_input(key, offered) for key, offered in CHOSEN.items()},
)


def said_mechanic(given: Any, *path: str) -> tuple[str, dict[str, Any]]:
    """Which mechanic, and its settings as its model reads them.

    Raises:
        InvalidInput: an id is not one of its kind.
    """
    key, member = _member(given, MECHANICS)
    return key, FORMS[key].plain(MECHANICS[key].Config, member, *path, *_named(key))


def said_choice(given: Any, *path: str) -> Chosen:
    """Which campaign, and what the buyer says to it.

    Raises:
        InvalidInput: an id is not one of its kind.
    """
    key, member = _member(given, CHOSEN)
    within = (*path, *_named(key))
    campaign = local_id(Kind.CAMPAIGN, member.campaign_id, *within, "campaignId")
    return Chosen(campaign, FORMS[key].plain(CHOSEN[key].Choice, member, *within))


def _member(given: Any, among: dict[str, type[Mechanic]]) -> tuple[str, Any]:
    for key in among:
        member = getattr(given, key, None)
        if member is not None:
            return key, member.value
    raise AssertionError("exactly one was given")


def _named(key: str) -> tuple[str]:
    name = camel(key)
    return (name[:1].lower() + name[1:],)
