"""Ways to break the house by hand, each with the rules that must notice. Constraints in the way are taken out first."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Breach:
    """`found` is every rule that it breaks, no more and no fewer."""

    sql: str
    found: frozenset[str]


def breach(sql: str, *found: str) -> Breach:
    return Breach(sql, frozenset(found))


# Foreign keys and their like must not stand in the way of planting; CHECK and unique constraints go one by one.
UNGUARDED = """
    SET LOCAL session_replication_role = replica;
    ALTER TABLE stock DROP CONSTRAINT stock_counts;
    ALTER TABLE listing DROP CONSTRAINT listing_quota;
    ALTER TABLE party_account DROP CONSTRAINT party_account_floor;
    ALTER TABLE entitlement DROP CONSTRAINT entitlement_issued;
    ALTER TABLE orders DROP CONSTRAINT orders_money;
    ALTER TABLE campaign_counter DROP CONSTRAINT campaign_counter_value
"""

A_SOLD_CODE = "(SELECT code_id FROM entitlement WHERE state = 'issued' ORDER BY id LIMIT 1)"
A_FREE_CODE = "(SELECT id FROM code WHERE state = 'available' ORDER BY id LIMIT 1)"
AN_ISSUED = "(SELECT id FROM entitlement WHERE state = 'issued' AND price > 0 ORDER BY id LIMIT 1)"
A_SEEN = "(SELECT id FROM entitlement WHERE state = 'revealed' ORDER BY id LIMIT 1)"
AN_UNPAID = "(SELECT id FROM orders WHERE state = 'placed' ORDER BY id LIMIT 1)"
A_BOUGHT = "(SELECT id FROM orders WHERE state = 'paid' ORDER BY id LIMIT 1)"
A_REFUND = "(SELECT id FROM refund ORDER BY id LIMIT 1)"
USED_PAYMENT = "(SELECT payment_id FROM orders WHERE payment_id IN (SELECT id FROM payment WHERE method <> 'wallet') LIMIT 1)"
UNUSED_PAYMENT = """(SELECT p.id FROM payment p WHERE p.state = 'succeeded' AND p.method <> 'wallet'
    AND NOT EXISTS (SELECT FROM orders o WHERE o.payment_id = p.id) AND NOT EXISTS (SELECT FROM refund f WHERE f.id = p.id)
    AND payable_kind = 'order' LIMIT 1)"""


# A second attempt for the same need, a moment after the first.
ANOTHER_ATTEMPT = """
    INSERT INTO supplier_order (id, account_id, offer_id, purpose_kind, purpose_id, variant_id, reference, sku, quantity,
        currency, maximum_cost, state, received, supplies, inputs, sends, looks, not_founds, replays_ended, placed_at)
    SELECT 'ffffffff-ffff-7fff-bfff-ffffffffffff', account_id, offer_id, purpose_kind, purpose_id, variant_id, 'again', sku,
        quantity, currency, maximum_cost, 'unknown', 0, supplies, inputs, 1, 0, 0, false, placed_at + interval '1 second'
    FROM supplier_order
"""


def booked(one: str, other: str, kind: str = "made up") -> str:
    """A transfer that sums to zero."""
    return f"""
        WITH made AS (INSERT INTO ledger_transfer (id, kind, reference_id, actor, correlation_id, created_at)
                      VALUES (gen_random_uuid(), '{kind}', gen_random_uuid(), 'x', 'x', now()) RETURNING id)
        INSERT INTO ledger_entry (transfer_id, book, currency, amount)
        SELECT id, book, 'CNY', amount FROM made, (VALUES ('{one}', 100), ('{other}', -100)) AS e(book, amount)
    """


def renamed(kind: str, reference: str) -> str:
    """A transfer that is not found any more under what it was booked for."""
    return f"UPDATE ledger_transfer SET kind = 'lost' WHERE kind = '{kind}' AND reference_id = {reference}"


BREACHES = {
    "more of a campaign claimed than its ceiling": breach(
        "UPDATE campaign_counter SET ceiling = value - 1 WHERE name = 'sold'", "campaign.ceiling"
    ),
    "a campaign counts what nobody claims": breach(
        "UPDATE campaign_counter SET value = value + 1 WHERE name = 'sold'", "campaign.counters"
    ),
    "a part outlives its order": breach("UPDATE campaign_part SET state = 'held' WHERE state = 'released'", "campaign.parts"),
    "a part nobody ordered": breach("UPDATE orders SET in_campaigns = false", "campaign.parts"),
    "a unit came back that is still held": breach(
        "UPDATE campaign_part SET returned = '{2}' WHERE state = 'taken'", "campaign.returned"
    ),
    "a prize that nobody drew": breach(
        "UPDATE draw_prize SET given = given - 1 WHERE given > 0 AND quantity > 0", "draw.given"
    ),
    "drawn for who has not paid": breach(f"UPDATE draw SET order_id = {AN_UNPAID}", "draw.units"),
    "another prize than was drawn": breach(
        "UPDATE draw_prize SET variant_id = gen_random_uuid() WHERE key = 'month'", "draw.delivered"
    ),
    "a draw left out": breach("UPDATE draw_buyer SET nonce = nonce + 1", "draw.buyers"),
    "a coupon used by nobody": breach(f"UPDATE coupon SET order_id = {AN_UNPAID} WHERE state = 'used'", "coupon.used"),
    "a customer was counted more coupons than they got": breach(
        "UPDATE campaign_counter SET value = value + 1 WHERE name = '+handed_out'", "coupon.handed_out"
    ),
    "a coupon more than was made": breach("UPDATE coupon_batch SET made = made - 1", "coupon.made"),
    "a campaign's price that does not sum": breach(
        """UPDATE order_line SET trace = jsonb_set(trace, '{1,effect}', '"-1"') WHERE trace @> '[{"source": "campaign"}]'""",
        "campaign.prices",
    ),
    "one code, two holders": breach(
        f"""ALTER TABLE entitlement DROP CONSTRAINT IF EXISTS entitlement_code_id_key;
            UPDATE entitlement SET code_id = {A_SOLD_CODE} WHERE id = {A_SEEN}""",
        "code.one_holder",
        "code.sold_is_held",
        "custody.complete",
    ),
    "a sold code nobody holds": breach(
        f"UPDATE entitlement SET code_id = NULL WHERE id = {A_SEEN}", "code.sold_is_held", "code.held_is_sold"
    ),
    "sold without a sale": breach(
        f"UPDATE code SET state = 'sold' WHERE id = {A_FREE_CODE}", "code.sold_is_held", "stock.available", "ledger.inventory"
    ),
    "held by a unit that was taken back": breach(
        f"UPDATE entitlement SET state = 'revoked' WHERE id = {AN_ISSUED}",
        "code.sold_is_held",
        "listing.taken",
        "listing.buyer",
        "orders.refunded",
    ),
    "held and for sale": breach(
        f"UPDATE code SET state = 'available' WHERE id = {A_SOLD_CODE}",
        "code.held_is_sold",
        "stock.available",
        "ledger.inventory",
    ),
    "held by the wrong variant": breach(
        f"UPDATE code SET variant_id = gen_random_uuid() WHERE id = {A_SOLD_CODE}", "code.held_is_sold"
    ),
    "frozen, and its code burnt": breach(
        f"""UPDATE code SET state = 'burnt' WHERE id = {A_SOLD_CODE};
            UPDATE entitlement SET state = 'frozen' WHERE code_id = (SELECT max(id::text)::uuid FROM code WHERE state = 'burnt'
                AND id IN (SELECT code_id FROM entitlement))""",
        "code.held_is_sold",
    ),
    "a code without fingerprint": breach(f"DELETE FROM fingerprint WHERE code_id = {A_FREE_CODE}", "code.fingerprint"),
    "sold twice": breach(
        f"""INSERT INTO custody (at, action, lot_id, code_id, entitlement_id, actor, correlation_id)
            SELECT at, action, lot_id, code_id, gen_random_uuid(), actor, correlation_id FROM custody
            WHERE action = 'sold' AND code_id = {A_SOLD_CODE}""",
        "custody.sold_once",
    ),
    "returned after it was seen": breach(
        f"""INSERT INTO custody (at, action, lot_id, code_id, entitlement_id, actor, correlation_id)
            SELECT at, 'returned', lot_id, code_id, entitlement_id, actor, correlation_id FROM custody
            WHERE action = 'revealed' AND entitlement_id = {A_SEEN} LIMIT 1""",
        "custody.seen_then_returned",
    ),
    "a sale nobody wrote down": breach(
        f"DELETE FROM custody WHERE action = 'sold' AND code_id = {A_SOLD_CODE}", "custody.complete"
    ),
    "a look nobody wrote down": breach(
        f"DELETE FROM custody WHERE action = 'revealed' AND entitlement_id = {A_SEEN}", "custody.complete"
    ),
    "one more in stock": breach("UPDATE stock SET available = available + 1", "stock.available"),
    "less than nothing in stock": breach("UPDATE stock SET available = -1", "stock.available"),
    "codes without a counter": breach("DELETE FROM stock WHERE held = 0", "stock.available"),
    "one more promised": breach("UPDATE stock SET held = held + 1", "stock.held"),
    "above the quota": breach("UPDATE listing SET quota = taken - 1 WHERE taken > 0", "listing.quota"),
    "a listing's counter": breach("UPDATE listing SET taken = taken + 1 WHERE quota IS NULL", "listing.taken"),
    "a buyer's counter": breach("UPDATE listing_buyer SET taken = taken + 1", "listing.buyer"),
    "a buyer without a counter": breach("DELETE FROM listing_buyer WHERE taken > 0", "listing.buyer"),
    "a cap's counter": breach("UPDATE unpaid_orders SET count = count + 1", "orders.unpaid"),
    "a cap without a counter": breach("DELETE FROM unpaid_orders WHERE count > 0", "orders.unpaid"),
    "a cent from nowhere": breach(
        "UPDATE ledger_entry SET amount = amount + 1 WHERE id = (SELECT min(id) FROM ledger_entry WHERE book = 'clearing')",
        "ledger.zero",
    ),
    "one side of a transfer": breach(
        "DELETE FROM ledger_entry WHERE id = (SELECT min(id) FROM ledger_entry WHERE book = 'payable')", "ledger.zero"
    ),
    "money of somebody who was erased": breach(
        "UPDATE party SET erased_at = now() WHERE id IN (SELECT party_id FROM party_account WHERE balance > 0)",
        "wallets.nameless",
    ),
    "a cent in a wallet": breach("UPDATE party_account SET balance = balance + 1", "ledger.balance"),
    "another currency in a wallet": breach("UPDATE party_account SET currency = 'USD'", "ledger.balance"),
    "below the floor": breach("UPDATE party_account SET floor = balance + 1", "ledger.floor"),
    "paid for, and never delivered": breach(booked("deferred", "adjustment"), "ledger.deferred"),
    "an inventory of nothing": breach(booked("inventory", "loss"), "ledger.inventory"),
    "an inventory of another price": breach("UPDATE lot SET unit_cost = unit_cost + 1", "ledger.inventory"),
    "a paid order that nobody paid": breach(renamed("order.paid", A_BOUGHT), "orders.paid_in_ledger"),
    "a payment for an unpaid order": breach(
        f"""INSERT INTO ledger_transfer (id, kind, reference_id, actor, correlation_id, created_at)
            VALUES (gen_random_uuid(), 'order.paid', {AN_UNPAID}, 'x', 'x', now())""",
        "orders.paid_in_ledger",
    ),
    "an order that says it is paid": breach(
        f"UPDATE orders SET state = 'paid' WHERE id = {AN_UNPAID}", "orders.paid_in_ledger", "orders.unpaid", "holds.alive"
    ),
    "money that came and is not booked": breach(renamed("payment.received", USED_PAYMENT), "payments.in_ledger"),
    "money that is booked and did not come": breach(
        f"UPDATE payment SET state = 'failed' WHERE id = {USED_PAYMENT}", "payments.in_ledger"
    ),
    "another sum came than is booked": breach(
        f"UPDATE payment SET received = received + 1 WHERE id = {USED_PAYMENT}", "payments.in_ledger"
    ),
    "another currency came than is booked": breach(
        f"UPDATE payment SET received_currency = 'USD' WHERE id = {USED_PAYMENT}", "payments.in_ledger"
    ),
    "money without an owner": breach(booked("unapplied", "adjustment"), "ledger.unapplied"),
    "money that is not there to be decided about": breach(
        "UPDATE payment SET state = 'returned' WHERE state = 'review'", "ledger.unapplied"
    ),
    "money that goes nowhere": breach(booked("refunding", "adjustment"), "ledger.refunding"),
    "a refund that was settled in secret": breach(
        "UPDATE refund SET state = 'done' WHERE state = 'pending'", "ledger.refunding"
    ),
    "a refund that is not booked": breach(renamed("refund", A_REFUND), "refunds.in_ledger"),
    "a refund of another sum": breach(
        "UPDATE refund SET amount = amount + 1 WHERE id IN (SELECT f.id FROM refund f JOIN payment p ON p.id = f.payment_id"
        " WHERE p.method = 'wallet')",
        "refunds.in_ledger",
        "orders.refunded",
    ),
    "an order that knows nothing of its refunds": breach("UPDATE orders SET refunded = 0", "orders.refunded"),
    "an order that was refunded out of the blue": breach(
        f"UPDATE orders SET refunded = 1 WHERE id = {A_BOUGHT}", "orders.refunded"
    ),
    "a unit's price": breach(f"UPDATE entitlement SET price = price + 1 WHERE id = {AN_ISSUED}", "orders.total"),
    "a line's total": breach("UPDATE order_line SET total = total + 1", "campaign.prices", "orders.lines"),
    "an order's total": breach(
        f"UPDATE orders SET total = total + 1 WHERE id = {A_BOUGHT}", "orders.paid_in_ledger", "orders.lines", "orders.total"
    ),
    "a unit that was never made": breach(
        f"""DELETE FROM entitlement WHERE id = {AN_ISSUED};
            UPDATE code SET state = 'burnt' WHERE state = 'sold' AND id NOT IN
                (SELECT code_id FROM entitlement WHERE code_id IS NOT NULL)""",
        "units.settled",
        "orders.total",
        "listing.taken",
        "listing.buyer",
    ),
    "a unit that waits for nothing": breach(
        f"UPDATE entitlement SET state = 'pending' WHERE id = {AN_ISSUED}",
        "needs.units",
        "ledger.deferred",
        "ledger.inventory",
    ),
    "a unit that waits for what is done": breach("UPDATE need SET state = 'done' WHERE state = 'open'", "needs.units"),
    "a unit that was given up and told to nobody": breach(
        "UPDATE need SET state = 'failed', settled_at = now() WHERE state = 'open'", "needs.units"
    ),
    "a unit that waits without leave": breach("DELETE FROM wait", "needs.units", "waits.circle", "stock.held"),
    "a unit that is bought for twice": breach(
        """INSERT INTO need SELECT (jsonb_populate_record(n, jsonb_build_object('id', gen_random_uuid()))).*
           FROM need n WHERE cardinality(n.units) > 0 LIMIT 1""",
        "needs.unit_once",
    ),
    "a wait for units that are there": breach(
        """INSERT INTO wait (id, source_kind, source_id, line_id, variant_id, quantity, sourced,
               minimum_validity_days, validity, zone, wait_minutes, created_at)
           SELECT gen_random_uuid(), 'order', o.id, l.id, l.variant_id, 1, 1, 0, 'as_printed', 'UTC', 15, now()
           FROM order_line l JOIN orders o ON o.id = l.order_id LIMIT 1""",
        "waits.units",
        "waits.circle",
    ),
    "a cut that nobody made": breach("UPDATE bargain SET cuts = cuts + 1 WHERE cuts = 1", "bargains.cuts"),
    "a cut above what was published": breach("UPDATE bargain SET most = least - 1", "bargains.range"),
    "help that counts for nothing": breach("UPDATE bargain_day SET cuts = cuts + 1", "bargains.days"),
    "a bargain that nobody paid for": breach("UPDATE bargain SET state = 'bought' WHERE state = 'held'", "bargains.orders"),
    "a line that waits for nobody": breach("UPDATE circle_member SET line = 7 WHERE state = 'joined'", "waits.circle"),
    "a place that nobody has": breach("UPDATE circle SET taken = taken + 1 WHERE state = 'open'", "circles.places"),
    "delivered, though the group was never full": breach(
        "UPDATE circle SET state = 'lapsed' WHERE state = 'settled'", "circles.members"
    ),
    "two places for one line": breach(
        """INSERT INTO circle_member (id, circle_id, campaign_id, party_id, order_id, line, state, created_at)
           SELECT gen_random_uuid(), circle_id, campaign_id, party_id, order_id, line, state, created_at FROM circle_member
           WHERE state = 'delivered' LIMIT 1""",
        "circles.once",
        "circles.places",
    ),
    "refunded, and kept": breach("UPDATE circle_member SET state = 'refunded' WHERE state = 'delivered'", "circles.refunded"),
    "a group that nobody settles": breach(
        "UPDATE circle SET settled_at = NULL, closed_at = now() - interval '1 hour' WHERE state = 'settled'",
        "circles.settled",
    ),
    "two open attempts": breach(
        f"""DROP INDEX IF EXISTS supplier_order_one_open;
            {ANOTHER_ATTEMPT} WHERE state = 'unknown' LIMIT 1""",
        "supplier.one_open",
        "supplier.one_after_the_other",
    ),
    "ordered again too early": breach(f"{ANOTHER_ATTEMPT} WHERE state = 'abandoned' LIMIT 1", "supplier.one_after_the_other"),
    "what came is not booked": breach(
        renamed("supplier.delivered", "(SELECT id FROM supplier_order WHERE state = 'delivered' LIMIT 1)"), "supplier.booked"
    ),
    "what came is booked with another cost": breach(
        "UPDATE supplier_order SET cost = cost + 1 WHERE state = 'delivered'", "supplier.booked"
    ),
    "what came back is not booked": breach(
        "UPDATE supplier_order SET returned = coalesce(returned, 0) + 1 WHERE state = 'reversed'", "supplier.returned"
    ),
    "more codes than came": breach("UPDATE supplier_order SET received = 1 WHERE received = 2", "supplier.codes"),
    "void codes in somebody's hands": breach(
        "UPDATE entitlement SET state = 'issued' WHERE state = 'frozen'", "supplier.codes"
    ),
    "a top-up that nobody did": breach(
        "UPDATE supplier_order SET state = 'rejected' WHERE supplies = 'top_ups'", "supplier.top_ups"
    ),
    "an exposure that nobody knows": breach(booked("exposure", "prepaid"), "supplier.exposure"),
    "an exposure that was forgotten": breach(
        "UPDATE supplier_order SET state = 'rejected' WHERE state = 'abandoned'", "supplier.exposure"
    ),
    "a need that is overdue": breach(
        "UPDATE need SET due_at = now() - interval '1 hour' WHERE state = 'open'", "needs.overdue"
    ),
    "a unit that nobody refunds": breach(
        """UPDATE need SET state = 'failed', settled_at = now() - interval '1 hour' WHERE state = 'open'""",
        "needs.refunded",
        "needs.units",
    ),
    "an order of which nobody knows for long": breach(
        "UPDATE supplier_order SET placed_at = now() - interval '1 hour' WHERE state = 'unknown'", "supplier.unknown"
    ),
    "an order that nobody looks up": breach(
        "UPDATE supplier_order SET next_look_at = now() - interval '1 hour' WHERE state = 'unknown'", "supplier.looked_up"
    ),
    "an order that a person must see": breach(
        "UPDATE supplier_order SET review_since = now() WHERE state = 'reversed'", "supplier.review"
    ),
    "a hold of nobody's order": breach(
        f"UPDATE orders SET state = 'cancelled' WHERE id = {AN_UNPAID}", "holds.alive", "orders.unpaid"
    ),
    "an order that holds nothing": breach("DELETE FROM hold", "holds.complete", "stock.held", "listing.taken", "listing.buyer"),
    "a hold that was forgotten wherever it counts": breach(
        """UPDATE stock s SET held = coalesce((SELECT sum(w.quantity) FROM wait w WHERE w.variant_id = s.variant_id), 0);
           DELETE FROM hold;
           UPDATE listing l SET taken = (SELECT count(*) FROM entitlement e JOIN order_line o ON o.id = e.source_id
               WHERE o.listing_id = l.id AND e.state NOT IN ('failed', 'revoked'));
           UPDATE listing_buyer b SET taken = (SELECT count(*) FROM entitlement e JOIN order_line o ON o.id = e.source_id
               WHERE o.listing_id = b.listing_id AND e.party_id = b.party_id AND e.state NOT IN ('failed', 'revoked'))""",
        "holds.complete",
    ),
    "an order that does not expire": breach(
        f"UPDATE orders SET expires_at = now() - interval '1 hour' WHERE id = {AN_UNPAID}", "orders.expired_in_time"
    ),
    "money that nobody uses": breach(
        f"UPDATE payment SET settled_at = now() - interval '1 hour' WHERE id = {UNUSED_PAYMENT}", "money.unapplied"
    ),
    "a payment that nobody looks up": breach(
        "UPDATE payment SET next_lookup_at = now() - interval '1 hour' WHERE state = 'pending'", "payments.looked_up"
    ),
    "a payment that was never to be looked up": breach(
        "UPDATE payment SET next_lookup_at = NULL, created_at = now() - interval '1 hour' WHERE state = 'pending'",
        "payments.looked_up",
    ),
    "a refund that does not arrive": breach(
        "UPDATE refund SET created_at = now() - interval '1 hour' WHERE state = 'pending'", "refunds.pending"
    ),
    "an import that does not end": breach(
        """INSERT INTO code_import (id, upload_id, filename, variant_id, issuer, unit_cost, currency, zone, dry_run,
               skip_refused_rows, state, rows_read, rows_stocked, rows_refused, refusals, actor, created_at)
           SELECT gen_random_uuid(), gen_random_uuid(), 'x', id, 'x', 1, 'CNY', 'UTC', false, false, 'stocking', 0, 0, 0, '[]',
               'x', now() - interval '1 hour' FROM variant LIMIT 1""",
        "imports.ended",
    ),
    "a job that gave up": breach("UPDATE outbox SET state = 'dead' WHERE state = 'ready'", "jobs.dead"),
    "a job that nobody runs": breach(
        "UPDATE outbox SET run_at = now() - interval '1 hour' WHERE state = 'ready'", "jobs.waiting"
    ),
}
