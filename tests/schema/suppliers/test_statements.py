"""A day of a supplier's statement, read over its true protocol, and what differs cleared up by mutation."""

from datetime import UTC

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.jobs import drain
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Shop
from tests.fulfilment.sourcing import Sourcing, attempts
from tests.plugins.suppliers.vendors import Vendor
from tests.schema.conftest import Api
from tests.schema.ops.asking import done, refusal
from tests.schema.suppliers.test_selling import told

READ = """mutation ($input: SupplierStatementReadInput!) { supplierStatementRead(input: $input) {
    statement { id state day } errors { code message path } } }"""
STATEMENTS = "query ($id: ID!) { supplierAccount(id: $id) { statements { day state lines failure } } }"
DIFFERENCES = """query ($id: ID!, $open: Boolean) { supplierDifferences(accountId: $id, open: $open, first: 100) { nodes {
    id kind subject ours { amount } theirs { amount currency } supplierOrder { reference } closedBy reason } } }"""
CLOSE = """mutation ($input: SupplierDifferenceCloseInput!) { supplierDifferenceClose(input: $input) {
    difference { closedAt reason } errors { code message path } } }"""


async def test_a_day_is_read_and_cleared_up(api: Api, shop: Shop, sourcing: Sourcing, reloadly: Vendor):
    staff = await shop.staff(Permission.MANAGE_SUPPLIERS)
    variant = await sourcing.reloadly_variant(reloadly)
    await sourcing.shop.wallet(buyer := await shop.customer(), "400.00")
    for _ in range(2):
        await sourcing.settle(await sourcing.buy(buyer, (variant, 1)))
    fine, dear = await attempts()
    assert {fine.state, dear.state} == {"delivered"}
    account = global_id(Kind.SUPPLIER_ACCOUNT, fine.account_id)
    given = {"accountId": account, "day": f"{now().astimezone(UTC):%F}"}
    assert (await done(api, READ, given, staff))["statement"]["state"] == "QUEUED"
    await drain()
    [read] = (await told(api, STATEMENTS, {"id": account}, staff))["statements"]
    assert (read["state"], read["failure"], read["lines"] >= 2) == ("DONE", None, True)
    found = (await told(api, DIFFERENCES, {"id": account, "open": True}, staff))["nodes"]
    # Other tests buy at this vendor too: orders that are none of this house's.
    assert {one["kind"] for one in found} <= {"UNKNOWN_HERE"}
    assert not {fine.reference, dear.reference} & {one["subject"] for one in found}

    # As if we knew nothing of the order: the vendor's line is about somebody else's.
    await db.value("UPDATE supplier_order SET reference = 'ANOTHERREFERENCE00000000' WHERE id = $1", dear.id)
    await done(api, READ, given, staff)
    await drain()
    nodes = (await told(api, DIFFERENCES, {"id": account, "open": True}, staff))["nodes"]
    [missing] = [one for one in nodes if one["subject"] == dear.supplier_reference]
    assert (missing["kind"], missing["ours"], missing["supplierOrder"]) == ("UNKNOWN_HERE", {"amount": "0.00"}, None)
    assert missing["theirs"]["currency"] == "USD"
    closing = {"differenceId": missing["id"], "reason": "renamed by hand"}
    assert (await done(api, CLOSE, closing, staff))["difference"]["reason"] == "renamed by hand"
    assert (await refusal(api, CLOSE, closing, staff))["code"] == "SUPPLIER_DIFFERENCE_CLOSED"
    closed = (await told(api, DIFFERENCES, {"id": account, "open": False}, staff))["nodes"]
    assert [one["closedBy"] for one in closed if one["id"] == missing["id"]] == [staff.identity.actor]


async def test_who_has_no_statements_says_so(api: Api, shop: Shop, sourcing: Sourcing, fulu: Vendor):
    staff = await shop.staff(Permission.MANAGE_SUPPLIERS)
    account = global_id(Kind.SUPPLIER_ACCOUNT, await sourcing.account("fulu", fulu.settings))
    refused = await refusal(api, READ, {"accountId": account, "day": "2026-01-31"}, staff)
    assert (refused["code"], "no_statement" in refused["message"]) == ("SUPPLIER_NOT_ANSWERING", True)
    assert await db.value("SELECT count(*) FROM supplier_statement") == 0
