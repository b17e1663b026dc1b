"""Lucky wheel, a mechanic that somebody else wrote: a campaign of it is made and published; and what is left without it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from perkhub.kit.clock import now
from tests.e2e.answers import done, members_of, refusal
from tests.processes import GraphQL
from tests.processes.graphql import Refused
from tests.schema.orders.till import PLACE

CAMPAIGN = "campaign { id state mechanic ... on LuckyWheel { percentOff quantity left limitPerCustomer } }"
CREATE = f"""mutation ($input: CampaignCreateInput!) {{ campaignCreate(input: $input) {{
    {CAMPAIGN} errors {{ code message path }} }} }}"""
PUBLISH = f"""mutation ($input: CampaignPublishInput!) {{ campaignPublish(input: $input) {{
    {CAMPAIGN} errors {{ code message path }} }} }}"""
END = """mutation ($input: CampaignEndInput!) { campaignEnd(input: $input) {
    campaign { state } errors { code message path } } }"""
LEFT = "query ($id: ID!) { campaign(id: $id) { ... on LuckyWheel { left } } }"
KEPT = """{ allCampaigns { nodes { __typename id name mechanic mechanicTitle state terms { settings }
    figures { paid unitsSold } } } campaigns { nodes { id } } }"""
LINES = """{ me { orders { nodes { id total { amount } lines { total { amount } campaign { __typename id name }
    trace { source label effect { amount } campaign { id } } entitlements { state } } } } } }"""


def ensure_seen(plugins: str, schema: str) -> None:
    """In `perkhub plugins`, and in the schema: its settings, what buyers say to it, and the type of its campaigns."""
    [row] = [line for line in plugins.splitlines() if "lucky_wheel" in line]
    assert "perkhub-lucky-wheel: perkhub_lucky_wheel" in row
    assert "luckyWheel: LuckyWheelInput" in members_of(schema, "MechanicInput")
    assert "luckyWheel: LuckyWheelChoiceInput" in members_of(schema, "CampaignChoiceInput")
    assert {"percentOff: Decimal!", "variant: ID!"} <= set(members_of(schema, "LuckyWheelInput"))
    assert "type LuckyWheel implements Campaign & Node {" in schema


def campaign_of(staff: GraphQL, variant: str) -> str:
    """A fifth off the variant, published; its id."""
    [channel] = staff.ask("{ channels { id } }")["channels"]
    given = {
        "name": {"en": "Wheel week"},
        "mechanic": {"luckyWheel": {"variant": variant, "percentOff": "20", "quantity": 3}},
        "startsAt": (now() - timedelta(hours=1)).isoformat(),
        "endsAt": (now() + timedelta(days=1)).isoformat(),
        "channelIds": [channel["id"]],
    }
    made = done(staff, CREATE, given)["campaign"]
    assert (made["state"], made["percentOff"], made["left"], made["limitPerCustomer"]) == ("DRAFT", "20", 3, 1)
    published = done(staff, PUBLISH, {"campaignId": made["id"]})["campaign"]
    assert published["state"] == "LIVE"
    return str(made["id"])


def taking_part(variant: str, campaign: str) -> dict[str, Any]:
    """A line in it."""
    return {"variantId": variant, "campaign": {"luckyWheel": {"campaignId": campaign}}}


def ensure_it_counts(staff: GraphQL, customer: GraphQL, variant: str, campaign: str) -> None:
    """After one was sold by it."""
    assert staff.ask(LEFT, {"id": campaign})["campaign"] == {"left": 2}
    again = {"lines": [{**taking_part(variant, campaign), "quantity": 1}], "pay": {"wallet": {}}}
    assert refusal(customer, PLACE, {"idempotencyKey": uuid4().hex, **again}) == "CAMPAIGN_LIMIT_REACHED"


def ensure_explained(staff: GraphQL, customer: GraphQL, sold: dict[str, Any], variant: str) -> None:
    """Its campaign is retired, told by all that is stored of it, offered to nobody, and can be ended; its order says what it
    cost and why."""
    told = staff.ask(KEPT)
    [kept] = told["allCampaigns"]["nodes"]
    assert (kept["__typename"], kept["name"], kept["mechanic"]) == ("RetiredCampaign", "Wheel week", "lucky_wheel")
    assert (kept["state"], kept["mechanicTitle"]) == ("LIVE", "lucky_wheel")
    assert (kept["terms"]["settings"]["percent_off"], kept["figures"]) == ("20", {"paid": 1, "unitsSold": 1})
    assert told["campaigns"]["nodes"] == []
    read = next(one for one in customer.ask(LINES)["me"]["orders"]["nodes"] if one["id"] == sold["order"]["id"])
    [line] = read["lines"]
    assert line["campaign"] == {"__typename": "RetiredCampaign", "id": kept["id"], "name": "Wheel week"}
    steps = [(step["source"], step["effect"]["amount"], step["campaign"]) for step in line["trace"]]
    assert steps == [("LISTING", "1.01", None), ("CAMPAIGN", "-0.202", {"id": kept["id"]})]
    assert (line["trace"][1]["label"], line["total"]) == ("Lucky Wheel", {"amount": "0.81"})
    assert line["entitlements"] == [{"state": "REVEALED"}]
    with pytest.raises(Refused, match="luckyWheel"):
        customer.ask(PLACE, {"input": {"lines": [{**taking_part(variant, kept["id"]), "quantity": 1}], "idempotencyKey": "x"}})
    assert done(staff, END, {"campaignId": kept["id"]})["campaign"]["state"] == "ENDED"
