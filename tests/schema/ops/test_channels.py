"""Channels through HTTP: nobody gains one by naming it, and a refusal tells nobody which there are."""

from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, read, refusal

SHOWN = "id key access memberGroupIds locales regions deliveryMinutes isOpen version grants { nodes { kind id } }"
FIELDS = {
    "create": "channelCreate(input: $input)",
    "update": "channelUpdate(input: $input)",
    "close": "channelClose(input: $input)",
    "reopen": "channelReopen(input: $input)",
    "add": "channelGrantsAdd(input: $input)",
    "remove": "channelGrantsRemove(input: $input)",
}
INPUTS = {
    "create": "ChannelCreateInput",
    "update": "ChannelUpdateInput",
    "close": "ChannelOpenInput",
    "reopen": "ChannelOpenInput",
    "add": "ChannelGrantsInput",
    "remove": "ChannelGrantsInput",
}
DO = {
    name: f"mutation ($input: {INPUTS[name]}!) {{ {field} {{ channel {{ {SHOWN} }} {ERRORS} }} }}"
    for name, field in FIELDS.items()
}
HERE = "{ shop { channel access locales regions deliveryMinutes } }"
LOOKS = {
    "shop": HERE,
    "products": "{ products { nodes { id } } }",
    "quote": "{ quote(input: {lines: []}) { errors { code message path } } }",
    "product": '{ product(slug: "x") { id } }',
}


@pytest.fixture
async def founder(shop: Shop) -> Person:
    """Whoever opens channels."""
    return await shop.staff(Permission.MANAGE_CHANNELS)


async def opened(api: Api, founder: Person, key: str, access: str) -> dict[str, Any]:
    made: dict[str, Any] = (
        await done(api, DO["create"], {"key": key, "name": {"en": key}, "currency": "CNY", "access": access}, founder)
    )["channel"]
    return made


async def test_what_one_may_not_enter_is_told_like_what_is_not_there(api: Api, shop: Shop, founder: Person):
    buyer = await shop.customer()
    closed = await opened(api, founder, "closed", "PUBLIC")
    await done(api, DO["close"], {"channelId": closed["id"], "expectedVersion": 1}, founder)
    await opened(api, founder, "members", "MEMBERS")
    await opened(api, founder, "contract", "CONTRACT")
    for query in LOOKS.values():
        absent = await api(query, None, buyer.token, "nowhere")
        assert "CHANNEL_NOT_FOUND" in str(absent)
        for key in ("closed", "contract"):
            assert await api(query, None, buyer.token, key) == absent
        for key in ("closed", "contract", "members"):
            assert await api(query, None, None, key) == absent


async def test_who_may_enter_does(api: Api, shop: Shop, founder: Person):
    buyer = await shop.customer()
    await opened(api, founder, "members", "MEMBERS")
    contract = await opened(api, founder, "contract", "CONTRACT")
    assert (await read(api, HERE, None, buyer, channel="members"))["access"] == "MEMBERS"
    holders = {"channelId": contract["id"], "holderIds": [global_id(Kind.CUSTOMER, buyer.party_id)]}
    granted = (await done(api, DO["add"], holders, founder))["channel"]
    assert granted["grants"] == {"nodes": [{"kind": "PARTY", "id": holders["holderIds"][0]}]}
    assert (await read(api, HERE, None, buyer, channel="contract"))["access"] == "CONTRACT"
    await done(api, DO["remove"], holders, founder)
    assert "CHANNEL_NOT_FOUND" in str(await api(HERE, None, buyer.token, "contract"))
    # Who sets shops up looks into it all the same; other staff are like anybody.
    assert (await read(api, HERE, None, founder, channel="contract"))["channel"] == "contract"
    reader = await shop.staff(Permission.READ_ORDERS)
    assert "CHANNEL_NOT_FOUND" in str(await api(HERE, None, reader.token, "contract"))


async def test_a_channel_is_changed_closed_and_opened_again(api: Api, shop: Shop, founder: Person):
    made = await opened(api, founder, "business", "PUBLIC")
    assert made == {
        "id": made["id"],
        "key": "business",
        "access": "PUBLIC",
        "memberGroupIds": [],
        "locales": ["zh-CN", "en"],
        "regions": [],
        "deliveryMinutes": 15,
        "isOpen": True,
        "version": 1,
        "grants": {"nodes": []},
    }
    given = {"channelId": made["id"], "expectedVersion": 1, "locales": ["en"], "regions": ["CN", "HK"], "deliveryMinutes": 30}
    changed = (await done(api, DO["update"], given, founder))["channel"]
    assert changed == {**made, "locales": ["en"], "regions": ["CN", "HK"], "deliveryMinutes": 30, "version": 2}
    assert await read(api, HERE, channel="business") == {
        "channel": "business",
        "access": "PUBLIC",
        "locales": ["en"],
        "regions": ["CN", "HK"],
        "deliveryMinutes": 30,
    }
    stale = await refusal(api, DO["update"], given, founder)
    assert (stale["code"], stale["version"], stale["path"]) == ("VERSION_MOVED", 2, ["input", "expectedVersion"])
    closed = (await done(api, DO["close"], {"channelId": made["id"], "expectedVersion": 2}, founder))["channel"]
    assert (closed["isOpen"], closed["version"]) == (False, 3)
    assert "CHANNEL_NOT_FOUND" in str(await api(HERE, None, founder.token, "business"))
    assert [(one["key"], one["isOpen"]) for one in await read(api, "{ channels { key isOpen } }", None, founder)] == [
        ("business", False)
    ]
    again = (await done(api, DO["reopen"], {"channelId": made["id"], "expectedVersion": 3}, founder))["channel"]
    assert (again["isOpen"], again["version"]) == (True, 4)
    assert (await read(api, HERE, channel="business"))["channel"] == "business"
