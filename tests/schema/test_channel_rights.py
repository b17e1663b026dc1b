"""Staff whose groups are limited to channels: what belongs to another channel is neither shown to them nor changed by them."""

from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub.channels import Channel, known_channel
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from tests.factories import Person, Shop
from tests.orders import desk
from tests.schema.events import first_event
from tests.schema.inputs import anybodys_paid_order, variables_for
from tests.schema.people import NOT_ALLOWED
from tests.schema.standing import Standing, unchanged
from tests.schema.walk import RootField, root_fields

# Of all channels one's own are shown to everybody who may manage any.
CHANNELS = "Query.channels"
BY_CHANNEL = [field for field in root_fields("Query", "Mutation") if field.by_channel and str(field) != CHANNELS]
# Whatever names a channel, or a thing of a channel, in its input belongs to that channel.
OF_A_CHANNEL = ("channel", "channelId", "listingId", "orderId")
SIZE_OF_A_PAGE = "nodes"


async def limited(field: RootField, *channels: Channel) -> Person:
    """Staff who hold the field's permission in these channels."""
    assert field.permission is not None
    return await Shop().staff(Permission(field.permission), channels=channels)


async def home(given: dict[str, Any]) -> Channel:
    """The channel that an input names by its id; else the one in which all is made that stands."""
    named = given.get("input", {}).get("channelId")
    return await known_channel(local_id(Kind.CHANNEL, named)) if named else await Shop().channel()


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", [])]


def shown(answer: dict[str, Any], field: RootField) -> Any:
    told = (answer["data"] or {}).get(field.name)
    return told[SIZE_OF_A_PAGE] if isinstance(told, dict) and SIZE_OF_A_PAGE in told else told


@pytest.mark.parametrize("field", BY_CHANNEL, ids=str)
async def test_what_belongs_to_another_channel_is_refused(standing: Standing, field: RootField):
    given = await variables_for(field, await Shop().staff(Permission(field.permission or "")))
    stranger, here = await limited(field, await Shop().channel("elsewhere")), await limited(field, await home(given))
    async with unchanged():
        answer = await standing.api(field.operation(), given, stranger.token)
    assert not shown(answer, field), answer
    assert codes(answer) in ([NOT_ALLOWED], []), answer
    if field.root == "Mutation":
        assert codes(answer) == [NOT_ALLOWED], answer
    mine = await standing.api(field.operation(), given, here.token)
    assert codes(mine) == [], mine
    assert shown(mine, field), mine


async def test_of_the_channels_ones_own_are_shown(standing: Standing):
    elsewhere = await Shop().channel("elsewhere")
    manager = await Shop().staff(Permission.MANAGE_CHANNELS, channels=[elsewhere])
    answer = await standing.api("{ channels { key } }", None, manager.token)
    assert answer["data"]["channels"] == [{"key": "elsewhere"}]


def test_what_names_a_channel_is_checked_by_channel():
    """A field that takes a channel, or something of one, by a permission that may be limited to channels."""
    named = [field for field in root_fields() if field.permission and any(map(field.takes, OF_A_CHANNEL))]
    assert [str(field) for field in named if not field.by_channel] == []


async def test_a_node_of_another_channel_is_not_there(standing: Standing):
    order = (await anybodys_paid_order(await Shop().customer()))["orderId"]
    query = "query ($id: ID!) { node(id: $id) { id } }"
    for key, found in (("elsewhere", None), ("retail", {"id": order})):
        reader = await Shop().staff(Permission.READ_ORDERS, channels=[await Shop().channel(key)])
        assert (await standing.api(query, {"id": order}, reader.token))["data"]["node"] == found, key


async def test_an_order_of_another_channel_is_not_watched(standing: Standing):
    order = (await anybodys_paid_order(await Shop().customer()))["orderId"]
    watch = "subscription ($id: ID!) { orderChanged(id: $id) { id } }"
    for key, refused in (("elsewhere", [NOT_ALLOWED]), ("retail", [])):
        reader = await Shop().staff(Permission.READ_ORDERS, channels=[await Shop().channel(key)])
        assert codes(await first_event(standing.app, watch, {"id": order}, reader.token)) == refused, key


async def test_a_customers_orders_are_those_of_ones_channels(standing: Standing):
    buyer, elsewhere = await Shop().customer(wallet="500.00"), await Shop().channel("elsewhere")
    order = await desk.buy(buyer, await Shop().variant())
    query = "query ($id: ID!) { customer(id: $id) { orders { nodes { id } } entitlements { nodes { id } } } }"
    given = {"id": global_id(Kind.CUSTOMER, buyer.party_id)}
    for channel, seen in ((elsewhere, []), (await Shop().channel(), [{"id": global_id(Kind.ORDER, order.id)}])):
        rights = [([Permission.READ_CUSTOMERS], None), ([Permission.READ_ORDERS], [channel])]
        answer = await standing.api(query, given, (await Shop().staff_in(*rights)).token)
        assert answer["data"]["customer"]["orders"]["nodes"] == seen
        # A benefit belongs to no channel.
        assert answer["data"]["customer"]["entitlements"] is None
        assert codes(answer) == [NOT_ALLOWED]


async def test_a_variants_listings_are_those_of_ones_channels(standing: Standing):
    variant, elsewhere = await Shop().variant(), await Shop().channel("elsewhere")
    query = "query ($id: ID!) { node(id: $id) { ... on Variant { listings { id } } } }"
    given = {"id": global_id(Kind.VARIANT, variant.id)}
    for channel, seen in ((elsewhere, 0), (variant.channel, 1)):
        reader = await Shop().staff(Permission.MANAGE_PRICES, channels=[channel])
        answer = await standing.api(query, given, reader.token)
        assert len(answer["data"]["node"]["listings"]) == seen, channel.key


GROUP = """
    mutation ($input: PermissionGroupCreateInput!) {
      permissionGroupCreate(input: $input) { group { permissions channelIds } errors { code path } }
    }
"""
MINE = "{ myStaff { permissions channelPermissions { channelId permissions } } }"


async def test_nobody_gives_more_widely_than_they_hold(standing: Standing):
    here, elsewhere = await Shop().channel(), await Shop().channel("elsewhere")
    rights = [([Permission.MANAGE_STAFF], None), ([Permission.READ_ORDERS], [here])]
    manager = await Shop().staff_in(*rights)
    mine = (await standing.api(MINE, None, manager.token))["data"]["myStaff"]
    in_here = {"channelId": global_id(Kind.CHANNEL, here.id), "permissions": ["READ_ORDERS"]}
    assert mine == {"permissions": ["MANAGE_STAFF"], "channelPermissions": [in_here]}

    async def ask(name: str, *channels: Any) -> dict[str, Any]:
        limit = [global_id(Kind.CHANNEL, channel.id) for channel in channels] or None
        given = {"name": name, "permissions": ["READ_ORDERS"], "channelIds": limit}
        return await standing.api(GROUP, {"input": given}, manager.token)

    async with unchanged():
        for channels in ((), (elsewhere,), (here, elsewhere)):
            assert codes(await ask("Refused", *channels)) == [NOT_ALLOWED]
    made = (await ask("Made here", here))["data"]["permissionGroupCreate"]
    assert made["errors"] == []
    assert made["group"] == {"permissions": ["READ_ORDERS"], "channelIds": [in_here["channelId"]]}


async def test_a_limit_names_channels_that_are_there(standing: Standing):
    manager = await Shop().staff(Permission.MANAGE_STAFF)
    for channels, path in (([], ["channelIds"]), ([f"chn_{'0' * 32}"], ["channelIds", "0"])):
        given = {"name": "Nowhere", "permissions": [], "channelIds": channels}
        async with unchanged():
            answer = await standing.api(GROUP, {"input": given}, manager.token)
        [error] = answer["data"]["permissionGroupCreate"]["errors"]
        assert error["path"] == ["input", *path]
