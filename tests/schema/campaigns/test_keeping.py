"""Campaigns kept by mutation: made, changed, moved, cloned, tried out; each refusal with its path, each deed in the log."""

from datetime import timedelta

from perkhub.accounts import Permission
from perkhub.kit.clock import now
from perkhub.kit.ids import new_id
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.campaigns.making import flash_sale
from tests.factories import Shop
from tests.schema.api import Api
from tests.schema.campaigns.asking import (
    ERRORS,
    TERMS,
    done,
    id_of,
    new_sale,
    operator,
    refused,
    taking_part,
    told,
)
from tests.schema.campaigns.inputs import sale_of
from tests.schema.people_inputs import customer_group

SIMULATE = f"""mutation ($input: CampaignSimulateInput!) {{ campaignSimulate(input: $input) {{ quote {{ total {{ amount }}
    lines {{ unit {{ amount }} trace {{ source }} }} reasons {{ applies campaign {{ id state }} discount {{ amount }}
    refusal {{ code }} }} }} {ERRORS} }} }}"""


async def test_a_flash_sale_is_made_and_published(api: Api, shop: Shop):
    variant = await shop.variant(price="9.90")
    by = await operator(shop)
    made = await done(api, "campaignCreate", new_sale(variant, priority=3, externalReference="crm-1"), by)
    sold = global_id(Kind.VARIANT, variant.id)
    assert made["state"] == "DRAFT"
    assert made["price"] == {"amount": "5.00", "currency": "CNY"}
    assert (made["variant"], made["variants"]) == ({"id": sold}, [{"id": sold}])
    assert (made["quantity"], made["limitPerCustomer"], made["limitLeft"]) == (10, 1, 1)
    assert made["left"] == {"level": "FEW", "count": None}
    assert made["terms"]["settings"]["variant"] == str(variant.id)
    assert {name: made["terms"][name] for name in ("version", "priority", "currency", "externalReference")} == {
        "version": 1, "priority": 3, "currency": "CNY", "externalReference": "crm-1",
    }  # fmt: skip
    published = await done(api, "campaignPublish", {"campaignId": made["id"]}, by)
    assert published["state"] == "LIVE"


async def test_its_life(api: Api, shop: Shop):
    variant = await shop.variant()
    by = await operator(shop)
    id = id_of(await flash_sale(variant))
    for name, state in (("campaignPause", "PAUSED"), ("campaignResume", "LIVE"), ("campaignEnd", "ENDED")):
        assert (await done(api, name, {"campaignId": id}, by))["state"] == state
    [error] = await refused(api, "campaignResume", {"campaignId": id}, by)
    assert error["code"] in ("CAMPAIGN_ENDED", "CAMPAIGN_NOT_MOVABLE")
    again = await done(api, "campaignClone", {"campaignId": id}, by)
    assert (again["state"], again["id"] != id) == ("DRAFT", True)


async def test_a_change_says_what_it_changes(api: Api, shop: Shop):
    by = await operator(shop)
    made = await done(api, "campaignCreate", new_sale(await shop.variant()), by)
    group = (await customer_group(by))["groupId"]
    given = {
        "campaignId": made["id"],
        "expectedVersion": 1,
        "budget": [
            {"counts": "MONEY", "most": "100.50", "period": "DAY"},
            {"counts": "UNITS", "most": "2", "perCustomer": True},
        ],
        "audience": {"groupIds": [group], "newCustomers": True},
        "exclusive": True,
    }
    terms = (await done(api, "campaignChange", given, by, TERMS))["terms"]
    assert terms["version"] == 2
    assert terms["budget"] == [
        {"counts": "MONEY", "most": "100.50", "perCustomer": False, "period": "DAY"},
        {"counts": "UNITS", "most": "2", "perCustomer": True, "period": None},
    ]
    assert terms["audience"] == {"groupIds": [group], "newCustomers": True, "listed": False}
    assert terms["settings"] == made["terms"]["settings"]
    [error] = await refused(api, "campaignChange", given, by)
    assert error["code"] == "VERSION_MOVED"


async def test_what_cannot_be_is_told_where_it_stands(api: Api, shop: Shop):
    variant = await shop.variant(price="9.90")
    by = await operator(shop)
    good = new_sale(variant)
    for change, code, path in (
        ({"endsAt": good["startsAt"]}, "CAMPAIGN_INVALID", ["endsAt"]),
        ({"mechanic": sale_of(variant, price="0")}, "CAMPAIGN_INVALID", ["mechanic", "flashSale", "price"]),
        ({"mechanic": sale_of(variant, quantity=0)}, "CAMPAIGN_INVALID", ["mechanic", "flashSale", "quantity"]),
        ({"channelIds": []}, "INVALID_INPUT", ["channelIds"]),
        ({"channelIds": [global_id(Kind.VARIANT, variant.id)]}, "INVALID_INPUT", ["channelIds", "0"]),
        ({"budget": [{"counts": "UNITS", "most": "1.5"}]}, "INVALID_INPUT", ["budget", "0", "most"]),
        ({"budget": [{"counts": "MONEY", "most": "1.555"}]}, "INVALID_INPUT", ["budget", "0", "most"]),
        ({"name": {}}, "INVALID_INPUT", ["name"]),
    ):
        [error] = await refused(api, "campaignCreate", {**good, **change}, by)
        assert (error["code"], error["path"]) == (code, ["input", *path]), change
    wrong = {"flashSale": {**good["mechanic"]["flashSale"], "variant": good["channelIds"][0]}}
    [error] = await refused(api, "campaignCreate", {**good, "mechanic": wrong}, by)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "mechanic", "flashSale", "variant"])


async def test_a_flash_sale_that_is_no_bargain_is_not_published(api: Api, shop: Shop):
    by = await operator(shop)
    variant = await shop.variant(price="9.90")
    made = await done(api, "campaignCreate", new_sale(variant, mechanic=sale_of(variant, price="9.90")), by)
    [error] = await refused(api, "campaignPublish", {"campaignId": made["id"]}, by)
    assert (error["code"], error["path"]) == ("CAMPAIGN_INVALID", ["input", "mechanic", "flashSale", "price"])
    assert "9.9" in error["message"]


async def test_people_are_put_on_its_list_and_taken_off(api: Api, shop: Shop):
    by = await operator(shop)
    made = await done(api, "campaignCreate", new_sale(await shop.variant(), audience={"listed": True}), by)
    given = {"campaignId": made["id"], "partyIds": [global_id(Kind.CUSTOMER, (await shop.customer()).party_id)]}
    for name, moved in (("Add", 1), ("Add", 0), ("Remove", 1), ("Remove", 0)):
        mutation = f"mutation ($input: CampaignPeopleInput!) {{ campaignPeople{name}(input: $input) {{ moved {ERRORS} }} }}"
        assert await told(api, mutation, {"input": given}, by) == {"moved": moved, "errors": []}


async def test_a_draft_is_tried_out_by_whoever_keeps_it(api: Api, shop: Shop):
    variant = await shop.variant(price="9.90")
    by, customer = await operator(shop), await shop.customer()
    starts, ends = now() + timedelta(days=1), now() + timedelta(days=2)
    draft = new_sale(variant, startsAt=starts.isoformat(), endsAt=ends.isoformat())
    made = await done(api, "campaignCreate", draft, by)
    line = {
        "variantId": global_id(Kind.VARIANT, variant.id),
        "quantity": 1,
        "campaign": {"flashSale": {"campaignId": made["id"]}},
    }
    asked = {"lines": [line], "draftIds": [made["id"]], "customerId": global_id(Kind.CUSTOMER, customer.party_id)}
    soon = {**asked, "at": (starts + timedelta(hours=1)).isoformat()}
    quote = (await told(api, SIMULATE, {"input": soon}, by))["quote"]
    assert quote["total"] == {"amount": "5.00"}
    assert [step["source"] for step in quote["lines"][0]["trace"]][-1] == "CAMPAIGN"
    assert [(one["applies"], one["discount"], one["campaign"]["state"]) for one in quote["reasons"]] == [
        (True, {"amount": "4.90"}, "DRAFT")
    ]
    now_already = (await told(api, SIMULATE, {"input": asked}, by))["quote"]
    assert (now_already["total"], now_already["reasons"][0]["applies"]) == ({"amount": "9.90"}, False)
    assert now_already["reasons"][0]["refusal"] is not None


async def test_a_campaign_that_nobody_made_is_not_found(api: Api, shop: Shop):
    by = await operator(shop)
    nobody = global_id(Kind.CAMPAIGN, new_id())
    for name in ("campaignPublish", "campaignPause", "campaignResume", "campaignEnd", "campaignClone"):
        [error] = await refused(api, name, {"campaignId": nobody}, by)
        assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "campaignId"]), name


async def test_each_deed_stands_in_the_log(api: Api, shop: Shop):
    by = await operator(shop)
    auditor = await shop.staff(Permission.READ_ACTIVITY)
    made = await done(api, "campaignCreate", new_sale(await shop.variant()), by)
    await done(api, "campaignPublish", {"campaignId": made["id"]}, by)
    await done(api, "campaignEnd", {"campaignId": made["id"]}, by)
    asked = "{ activity { nodes { operation input changes { nodes { subject fields { field } } } } } }"
    deeds = (await told(api, asked, {}, auditor))["nodes"]
    assert [deed["operation"] for deed in deeds] == ["campaignEnd", "campaignPublish", "campaignCreate"]
    assert all(deed["changes"]["nodes"][0]["subject"] == made["id"] for deed in deeds)
    assert deeds[2]["input"]["mechanic"]["flashSale"]["price"] == "5"


async def test_a_line_may_not_take_part_in_what_sells_something_else(api: Api, shop: Shop):
    sold, other = await shop.variant(), await shop.variant()
    by = await operator(shop)
    sale = await flash_sale(sold)
    quote = await told(api, SIMULATE, {"input": {"lines": [taking_part(other, sale)]}}, by)
    assert quote["quote"]["reasons"][0]["refusal"]["code"] == "CAMPAIGN_REFUSED"
