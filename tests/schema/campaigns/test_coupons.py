"""Coupons at the edge: made by the million, exported, claimed by a click or by a code, used by an order, taken back."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import httpx2
import pytest

from perkhub.accounts import Permission
from perkhub.campaigns import Campaign, end_campaign
from perkhub.campaigns.coupons import make as making
from perkhub.campaigns.coupons import make_batch
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import drain
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from tests.campaigns.couponed import couponed, coupons, made
from tests.factories import Person, Shop, StockedVariant
from tests.orders import desk
from tests.schema.api import Api
from tests.schema.campaigns.asking import QUOTE, id_of, new_sale, operator, told
from tests.schema.orders.till import PLACE, WALLET, basket, counted, line

ERRORS = """errors { __typename code message path ... on CampaignLimitReached { limit } ... on CouponExpired { endedAt }
    ... on CampaignNotOpen { startsAt } }"""
COUPON = "id code standing startsAt endsAt gotAt usedAt orderId campaign { id }"
BATCH = "id name state quantity made createdAt campaign { id } counts { free bound used void }"
EXPORT = "id batchId state filename codes path expiresAt createdAt finishedAt"
CREATE = f"mutation ($input: CouponBatchCreateInput!) {{ couponBatchCreate(input: $input) {{ batch {{ {BATCH} }} {ERRORS} }} }}"
WRITE = f"""mutation ($input: CouponBatchExportInput!) {{
    couponBatchExport(input: $input) {{ couponExport {{ {EXPORT} }} {ERRORS} }} }}"""
VOID_BATCH = f"mutation ($input: CouponBatchVoidInput!) {{ couponBatchVoid(input: $input) {{ batch {{ {BATCH} }} {ERRORS} }} }}"
VOID = f"mutation ($input: CouponVoidInput!) {{ couponVoid(input: $input) {{ batch {{ {BATCH} }} {ERRORS} }} }}"
CLAIM = f"mutation ($input: CouponClaimInput!) {{ couponClaim(input: $input) {{ coupon {{ {COUPON} }} {ERRORS} }} }}"
BIND = f"mutation ($input: CouponBindInput!) {{ couponBind(input: $input) {{ coupon {{ {COUPON} }} {ERRORS} }} }}"
ONE_BATCH = f"query ($id: ID!) {{ couponBatch(id: $id) {{ {BATCH} }} }}"
BATCHES = f"""query ($id: ID!, $first: Int, $after: String) {{ couponBatches(campaignId: $id, first: $first, after: $after) {{
    nodes {{ {BATCH} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
ONE_EXPORT = f"query ($id: ID!) {{ couponExport(id: $id) {{ {EXPORT} }} }}"
MINE = f"""query ($first: Int, $after: String, $standings: [CouponStanding!]) {{ me {{
    coupons(first: $first, after: $after, standings: $standings) {{
        nodes {{ {COUPON} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""
NODE = f"query ($id: ID!) {{ node(id: $id) {{ id ... on HeldCoupon {{ {COUPON} }} }} }}"
SIMULATE = f"""mutation ($input: CampaignSimulateInput!) {{ campaignSimulate(input: $input) {{
    quote {{ total {{ amount }} reasons {{ applies refusal {{ code }} }} }} {ERRORS} }} }}"""

_keys = count(1)


def keyed(**given: Any) -> dict[str, Any]:
    """An input under a key of its own."""
    return {"input": {"idempotencyKey": f"coupons {next(_keys)}", **given}}


async def claim(api: Api, campaign: Campaign, who: Person, **more: Any) -> dict[str, Any]:
    return await told(api, CLAIM, keyed(campaignId=id_of(campaign), **more), who)


async def bind(api: Api, code: str, who: Person) -> dict[str, Any]:
    return await told(api, BIND, {"input": {"code": code}}, who)


async def mine(api: Api, who: Person, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await told(api, MINE, asked, who))["coupons"]
    return found


async def fetched(api: Api, path: str, who: Person | None) -> httpx2.Response:
    return await api.http.get(path, headers={} if who is None else {"Authorization": f"Bearer {who.token}"})


def why(answer: dict[str, Any]) -> str:
    """What the one mutation was refused for; "" where it was not."""
    return next((error["code"] for error in answer["errors"]), "")


class WorkerKilled(BaseException):
    """What a test ends a job by."""


def dies_after(chunks: int, store: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    left = count(chunks, -1)

    async def stored(chunk: Any) -> None:
        if next(left) == 0:
            raise WorkerKilled
        await store(chunk)

    return stored


async def test_a_batch_is_made_and_goes_out_and_every_line_of_it_counts(api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch):
    variant, by = await shop.variant(), await operator(shop)
    sold = {"coupon": {"off": "5.00", "claimable": True, "claimsPerCustomer": 1000}}
    draft = {**new_sale(variant), "mechanic": sold}
    create = """mutation ($input: CampaignCreateInput!) { campaignCreate(input: $input) {
        campaign { id ... on Coupon { claimable claimsPerCustomer } } errors { code } } }"""
    campaign = (await told(api, create, {"input": draft}, by))["campaign"]
    assert (campaign["claimable"], campaign["claimsPerCustomer"]) == (True, 1000)
    asked = keyed(campaignId=campaign["id"], quantity=250, name="Flyers")
    batch = (await told(api, CREATE, asked, by))["batch"]
    assert (batch["state"], batch["quantity"], batch["made"], batch["name"]) == ("MAKING", 250, 0, "Flyers")
    assert (await told(api, CREATE, asked, by))["batch"]["id"] == batch["id"]
    assert await db.value("SELECT count(*) FROM coupon_batch") == 1

    # Its worker dies in the middle; how far it is can be read, and another one goes on from there.
    monkeypatch.setattr(making, "CODES_IN_A_CHUNK", 100)
    with monkeypatch.context() as dying:
        dying.setattr(making, "_store", dies_after(1, making._store))
        with pytest.raises(WorkerKilled):
            await make_batch(local_id(Kind.COUPON_BATCH, batch["id"]))
    half = await told(api, ONE_BATCH, {"id": batch["id"]}, by)
    assert (half["state"], half["made"], half["counts"]["free"]) == ("MAKING", 100, 100)
    await drain()
    whole = await told(api, ONE_BATCH, {"id": batch["id"]}, by)
    assert (whole["state"], whole["made"], whole["counts"]) == ("READY", 250, {"free": 250, "bound": 0, "used": 0, "void": 0})

    export = (await told(api, WRITE, keyed(batchId=batch["id"]), by))["couponExport"]
    assert (export["state"], export["path"], export["batchId"]) == ("QUEUED", None, batch["id"])
    await drain()
    export = await told(api, ONE_EXPORT, {"id": export["id"]}, by)
    assert (export["state"], export["codes"]) == ("DONE", 250)
    answer = await fetched(api, export["path"], by)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    heading, *codes = answer.text.splitlines()
    assert (heading, len(set(codes))) == ("code", 250)
    await db.value("UPDATE campaign SET state = 'published'")
    customers = await shop.customers(15)
    found = await asyncio.gather(*(bind(api, code, customers[place % 15]) for place, code in enumerate(codes)))
    assert Counter(why(one) for one in found) == {"": 250}

    other, weak = await shop.staff(Permission.MANAGE_CAMPAIGNS), await shop.staff(Permission.MANAGE_CATALOG)
    people = (other, weak, customers[0], None)
    assert [(await fetched(api, export["path"], who)).status_code for who in people] == [404, 403, 403, 401]
    assert await told(api, NODE, {"id": export["id"]}, by) == {"id": export["id"]}
    await db.value("UPDATE coupon_export SET expires_at = $1", now())
    assert (await fetched(api, export["path"], by)).status_code == 404
    kept = await db.rows("SELECT a::text AS row FROM activity a UNION ALL SELECT o::text FROM outbox o")
    assert not any(code in row["row"] or code.replace("-", "") in row["row"] for row in kept for code in codes)


async def test_forty_at_once_enter_one_code(api: Api, shop: Shop):
    variant = await shop.variant()
    campaign, [code] = await coupons(variant, quantity=1)
    people = await shop.customers(40)
    found = await asyncio.gather(*(bind(api, code, who) for who in people))
    assert Counter(why(one) for one in found) == {"": 1, "COUPON_NOT_YOURS": 39}
    [winner] = [who for who, one in zip(people, found, strict=True) if not one["errors"]]
    assert (await mine(api, winner))["nodes"][0]["code"] == code
    refused = next(one for one in found if one["errors"])
    assert refused["errors"][0]["path"] == ["input", "code"]
    assert str(winner.party_id) not in str(found)
    assert await db.value("SELECT sum(value) FROM campaign_counter WHERE campaign_id = $1", campaign.id) == 1
    await desk.assert_clean()


async def test_one_customer_in_forty_tabs(api: Api, shop: Shop):
    variant = await shop.variant()
    campaign = await couponed(variant, claimable=True, claims_per_customer=2)
    await made(campaign.id, 50)
    who = await shop.customer()
    found = await asyncio.gather(*(claim(api, campaign, who) for _ in range(40)))
    assert Counter(why(one) for one in found) == {"": 2, "CAMPAIGN_LIMIT_REACHED": 38}
    refused = next(one for one in found if one["errors"])["errors"][0]
    assert (refused["limit"], refused["path"]) == (2, ["input", "campaignId"])
    assert len((await mine(api, who))["nodes"]) == 2
    # A request that is repeated answers the same, and nothing more is claimed.
    other = await shop.customer()
    again = await asyncio.gather(*(claim(api, campaign, other, idempotencyKey="once") for _ in range(5)))
    assert len({one["coupon"]["id"] for one in again}) == 1
    assert await db.value("SELECT count(*) FROM coupon WHERE state = 'bound'") == 3
    await desk.assert_clean()


async def using(api: Api, variant: StockedVariant, code: str, who: Person) -> dict[str, Any]:
    return await told(api, PLACE, {"input": basket(line(variant), pay=WALLET, couponCodes=[code])}, who)


async def test_the_wallet(api: Api, shop: Shop):
    variant = await shop.variant(codes=5, price="15.00")
    who, stranger = await shop.customers(2, wallet="50.00")
    campaign = await couponed(variant, claimable=True, claims_per_customer=9)
    await made(campaign.id, 9)
    claimed = [(await claim(api, campaign, who))["coupon"] for _ in range(3)]
    assert [one["standing"] for one in claimed] == ["USABLE"] * 3
    assert {one["campaign"]["id"] for one in claimed} == {id_of(campaign)}
    order = (await using(api, variant, claimed[0]["code"], who))["order"]
    assert order["total"]["amount"] == "10.00"
    by = await operator(shop)
    batch = (await told(api, VOID, {"input": {"code": claimed[1]["code"].lower()}}, by))["batch"]
    assert batch["counts"] == {"free": 6, "bound": 1, "used": 1, "void": 1}

    page = await mine(api, who, first=2)
    rest = await mine(api, who, first=2, after=page["pageInfo"]["endCursor"])
    listed = [*page["nodes"], *rest["nodes"]]
    assert [one["id"] for one in listed] == [one["id"] for one in reversed(claimed)]
    assert [(one["standing"], one["orderId"]) for one in listed] == [
        ("USABLE", None),
        ("VOID", None),
        ("USED", order["id"]),
    ]
    assert [one["id"] for one in (await mine(api, who, standings=["USED"]))["nodes"]] == [claimed[0]["id"]]
    assert (await told(api, NODE, {"id": claimed[0]["id"]}, who))["standing"] == "USED"
    for other in (stranger, by):
        assert (await api(NODE, {"id": claimed[0]["id"]}, other.token))["data"]["node"] is None
    for wrong in ("nonsense", f"0-{'f' * 32}"):
        assert "errors" in await api(MINE, {"after": wrong}, who.token)

    staff = await shop.staff(Permission.READ_CUSTOMERS, Permission.READ_ORDERS)
    theirs = "query ($id: ID!) { customer(id: $id) { coupons { nodes { code standing } } } }"
    seen = await told(api, theirs, {"id": global_id(Kind.CUSTOMER, who.party_id)}, staff)
    assert {one["code"] for one in seen["coupons"]["nodes"]} == {None}

    few = (await counted(api, MINE, {"first": 1}, who))[1]
    assert (await counted(api, MINE, {"first": 3}, who))[1] <= few
    await transact(lambda tx: end_campaign(tx, campaign.id))
    assert [one["standing"] for one in (await mine(api, who))["nodes"]] == ["EXPIRED", "VOID", "USED"]
    await desk.assert_clean()


async def test_why_a_code_is_refused(api: Api, shop: Shop):
    variant = await shop.variant(codes=5, price="15.00")
    owner, stranger = await shop.customers(2, wallet="50.00")
    campaign, [code, used, void, *_] = await coupons(variant, quantity=5)
    assert why(await bind(api, code, owner)) == ""
    assert why(await bind(api, f" {code.lower().replace('-', ' ')} ", owner)) == ""
    assert (await using(api, variant, used, owner))["errors"] == []
    by = await operator(shop)
    await told(api, VOID, {"input": {"code": void}}, by)
    slipped = code[:-1] + ("2" if code[-1] != "2" else "3")
    foreign = (await coupons(variant, quantity=1))[1][0]
    await db.value("DELETE FROM coupon WHERE campaign_id <> $1", campaign.id)
    await db.value("DELETE FROM coupon_batch WHERE campaign_id <> $1", campaign.id)
    expected = {slipped: "COUPON_MISTYPED", foreign: "COUPON_UNKNOWN", void: "COUPON_VOID", code: "COUPON_NOT_YOURS"}
    expected |= {used: "COUPON_NOT_YOURS", "": "COUPON_MISTYPED", "x" * 41: "INVALID_INPUT"}
    for wrong, reason in expected.items():
        answer = await bind(api, wrong, stranger)
        assert (why(answer), answer["errors"][0]["path"]) == (reason, ["input", "code"])
    assert why(await bind(api, used, owner)) == "COUPON_USED"
    await transact(lambda tx: end_campaign(tx, campaign.id))
    [error] = (await bind(api, code, owner))["errors"]
    assert (error["code"], error["__typename"], error["endedAt"] is not None) == ("COUPON_EXPIRED", "CouponExpired", True)
    answers = [await api(BIND, {"input": {"code": slipped}}, stranger.token) for _ in range(20)]
    assert answers[-1]["errors"][0]["extensions"]["code"] == "TOO_FAST"
    await desk.assert_clean()


@pytest.mark.parametrize("way", ["quote", "order", "simulation"])
async def test_guesses_are_few_wherever_a_code_is_said(api: Api, shop: Shop, way: str):
    variant = await shop.variant(codes=1, price="15.00")
    _, [own, free, *_] = await coupons(variant)
    guesser = await (operator(shop) if way == "simulation" else shop.customer())
    holder = await shop.customer() if way == "simulation" else guesser
    await bind(api, own, holder)
    whose = {"customerId": global_id(Kind.CUSTOMER, holder.party_id)} if way == "simulation" else {}
    query = {"quote": QUOTE, "order": PLACE, "simulation": SIMULATE}[way]

    async def tried(*codes: str, who: Person | None = guesser) -> dict[str, Any]:
        given = basket(line(variant), couponCodes=codes) if way == "order" else {"lines": [line(variant)], "couponCodes": codes}
        return await api(query, {"input": {**given, **whose}}, None if who is None else who.token)

    def is_too_fast(answer: dict[str, Any]) -> bool:
        return [error["extensions"]["code"] for error in answer.get("errors", ())] == ["TOO_FAST"]

    slipped = [free[:-1] + letter for letter in "23456789ABCDEFGHJKMN"[:10] if letter != free[-1]][:9]
    assert not is_too_fast(await tried(*slipped))
    assert not is_too_fast(await tried(*slipped))
    assert [is_too_fast(await tried(slipped[0])) for _ in range(4)][-1]
    assert is_too_fast(await tried(free))
    assert not is_too_fast(await tried(own))
    if way != "simulation":
        answer = await api(BIND, {"input": {"code": free}}, guesser.token)
        assert is_too_fast(answer)
    if way == "quote":
        assert not is_too_fast(await tried(*slipped, who=None))
        assert [is_too_fast(await tried(*slipped, who=None)) for _ in range(2)][-1]


async def test_what_operators_may_not(api: Api, shop: Shop):
    variant, by = await shop.variant(), await operator(shop)
    campaign, codes = await coupons(variant, quantity=3)
    batches = await told(api, BATCHES, {"id": id_of(campaign)}, by)
    [batch] = batches["nodes"]
    for odd in (0, 5_000_001):
        refused = await told(api, CREATE, keyed(campaignId=id_of(campaign), quantity=odd), by)
        assert refused["errors"][0]["path"] == ["input", "quantity"]
    unknown = global_id(Kind.COUPON_BATCH, new_id())
    for query, given in ((WRITE, keyed(batchId=unknown)), (VOID_BATCH, {"input": {"batchId": unknown}})):
        refused = (await told(api, query, given, by))["errors"][0]
        assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["input", "batchId"])
    assert why(await told(api, VOID, {"input": {"code": "nonsense"}}, by)) == "COUPON_MISTYPED"
    void = (await told(api, VOID_BATCH, {"input": {"batchId": batch["id"]}}, by))["batch"]
    assert (void["state"], void["counts"]["free"]) == ("VOID", 3)
    assert why(await bind(api, codes[0], await shop.customer())) == "COUPON_VOID"


async def test_codes_are_tried_out(api: Api, shop: Shop):
    variant, by = await shop.variant(codes=1, price="15.00"), await operator(shop)
    _, [code, other, *_] = await coupons(variant)
    owner = await shop.customer()
    await bind(api, other, owner)
    basketful = {"lines": [line(variant)]}

    async def tried(**more: Any) -> dict[str, Any]:
        return await told(api, SIMULATE, {"input": {**basketful, **more}}, by)

    assert (await tried(couponCodes=[code]))["quote"]["total"]["amount"] == "10.00"
    assert (await tried(couponCodes=[other]))["errors"][0]["code"] == "COUPON_NOT_YOURS"
    whose = global_id(Kind.CUSTOMER, owner.party_id)
    assert (await tried(couponCodes=[other], customerId=whose))["quote"]["total"]["amount"] == "10.00"
    [mistyped] = (await tried(couponCodes=[code, "nonsense"]))["errors"]
    assert (mistyped["code"], mistyped["path"]) == ("COUPON_MISTYPED", ["input", "couponCodes", "1"])
    for kind in (Kind.CUSTOMER, Kind.ORGANISATION):
        [nobody] = (await tried(customerId=global_id(kind, new_id())))["errors"]
        assert (nobody["code"], nobody["path"]) == ("NOT_FOUND", ["input", "customerId"])
    assert await db.value("SELECT count(*) FROM coupon WHERE state = 'used'") == 0
