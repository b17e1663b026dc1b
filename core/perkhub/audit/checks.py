"""The invariants as queries: each names what breaks it. Counters are compared with the rows that they count.

This is the one place that reads every domain's tables: an audit that asked the domains' own functions would believe them.
"""

from perkhub.audit.bargain_checks import BARGAINS
from perkhub.audit.campaign_checks import CAMPAIGNS
from perkhub.audit.chance_checks import CHANCE
from perkhub.audit.check import SCALE, Check
from perkhub.audit.supplier_checks import SUPPLIERS
from perkhub.audit.waiting_checks import WAITING

ONE_CODE_ONE_PARTY = (
    Check(
        "code.one_holder",
        "No code stands for two entitlements",
        "SELECT count(*) FROM entitlement WHERE code_id IS NOT NULL",
        "SELECT code_id FROM entitlement WHERE code_id IS NOT NULL GROUP BY code_id HAVING count(*) > 1",
    ),
    Check(
        "code.sold_is_held",
        "Every sold code is held by exactly one living entitlement",
        "SELECT count(*) FROM code WHERE state = 'sold'",
        """SELECT c.id AS code_id FROM code c LEFT JOIN entitlement e ON e.code_id = c.id
           WHERE c.state = 'sold'
             AND (e.id IS NULL OR e.state NOT IN ('issued', 'revealed', 'frozen', 'expired', 'pending', 'delayed'))""",
    ),
    Check(
        "code.held_is_sold",
        "Every entitlement with a code holds a sold code of its own variant",
        "SELECT count(*) FROM entitlement WHERE state IN ('issued', 'revealed', 'frozen', 'expired')",
        """SELECT e.id AS entitlement_id FROM entitlement e LEFT JOIN code c ON c.id = e.code_id
           WHERE e.state IN ('issued', 'revealed', 'frozen', 'expired')
             -- A top-up that was taken back is frozen, and never had a code.
             AND NOT (e.state = 'frozen' AND e.code_id IS NULL AND EXISTS (
                 SELECT FROM need n JOIN supplier_order o ON o.purpose_id = n.id
                 WHERE e.id = ANY(n.units) AND o.supplies = 'top_ups'))
             AND (c.id IS NULL OR c.state <> 'sold' OR c.variant_id <> e.variant_id)""",
    ),
    Check(
        "code.fingerprint",
        "Every code has its one fingerprint",
        "SELECT count(*) FROM code",
        """SELECT c.id AS code_id FROM code c LEFT JOIN fingerprint f ON f.code_id = c.id
           GROUP BY c.id HAVING count(f.value) <> 1""",
    ),
    Check(
        "custody.sold_once",
        "No code was sold again without having been returned",
        "SELECT count(*) FROM custody WHERE action = 'sold'",
        """SELECT code_id FROM custody WHERE action IN ('sold', 'returned') GROUP BY code_id
           HAVING count(*) FILTER (WHERE action = 'sold') - count(*) FILTER (WHERE action = 'returned') > 1""",
    ),
    Check(
        "custody.seen_then_returned",
        "No code went back on sale after somebody saw it",
        "SELECT count(*) FROM custody WHERE action = 'revealed'",
        """SELECT r.code_id FROM custody r JOIN custody b
           ON b.code_id = r.code_id AND b.entitlement_id = r.entitlement_id AND b.action = 'returned'
           WHERE r.action = 'revealed'""",
    ),
    Check(
        "custody.complete",
        "The custody log has the sale of every held code, and the first look at every code that was seen",
        "SELECT count(*) FROM entitlement WHERE code_id IS NOT NULL",
        """SELECT e.id AS entitlement_id, a.action FROM entitlement e
           CROSS JOIN LATERAL (VALUES ('sold', true), ('revealed', e.revealed_at IS NOT NULL)) AS a(action, due)
           WHERE e.code_id IS NOT NULL AND a.due AND NOT EXISTS (
               SELECT 1 FROM custody u WHERE u.code_id = e.code_id AND u.entitlement_id = e.id AND u.action = a.action)""",
    ),
)

NO_OVERSELL = (
    Check(
        "stock.available",
        "The stock counter equals the codes that can be sold",
        "SELECT count(*) FROM stock",
        """SELECT v.variant_id, coalesce(s.available, 0) AS counter, v.codes FROM
           (SELECT variant_id, count(*) FILTER (WHERE state = 'available') AS codes FROM code GROUP BY variant_id) v
           FULL JOIN stock s USING (variant_id) WHERE coalesce(s.available, 0) <> coalesce(v.codes, 0)""",
    ),
    Check(
        "stock.held",
        "The promised stock equals the holds, and what is paid for and waits",
        "SELECT count(*) FROM hold",
        """SELECT variant_id, coalesce(s.held, 0) AS counter, h.held FROM
           (SELECT variant_id, sum(quantity - sourced) AS held FROM
                (SELECT variant_id, quantity, sourced FROM hold
                 UNION ALL SELECT variant_id, quantity, sourced FROM wait) promised GROUP BY variant_id) h
           FULL JOIN stock s USING (variant_id) WHERE coalesce(s.held, 0) <> coalesce(h.held, 0)""",
    ),
    Check(
        "listing.quota",
        "No listing sold or held more than its quota",
        "SELECT count(*) FROM listing",
        "SELECT id AS listing_id FROM listing WHERE quota IS NOT NULL AND taken > quota",
    ),
    Check(
        "listing.taken",
        "Each listing's counter equals its holds and its living units",
        "SELECT count(*) FROM listing",
        """SELECT l.id AS listing_id, l.taken, coalesce(t.units, 0) AS units FROM listing l LEFT JOIN
           (SELECT listing_id, sum(units) AS units FROM (
                SELECT listing_id, sum(quantity) AS units FROM hold GROUP BY 1
                UNION ALL
                SELECT ol.listing_id, count(*) FROM entitlement e JOIN order_line ol ON ol.id = e.source_id
                WHERE e.state NOT IN ('failed', 'revoked') GROUP BY 1) u GROUP BY 1) t ON t.listing_id = l.id
           WHERE l.taken <> coalesce(t.units, 0)""",
    ),
    Check(
        "listing.buyer",
        "Each party's count on a listing equals its holds and its living units",
        "SELECT count(*) FROM listing_buyer",
        """SELECT b.listing_id, b.party_id, b.taken, coalesce(t.units, 0) AS units FROM listing_buyer b FULL JOIN
           (SELECT listing_id, party_id, sum(units) AS units FROM (
                SELECT listing_id, party_id, sum(quantity) AS units FROM hold GROUP BY 1, 2
                UNION ALL
                SELECT ol.listing_id, e.party_id, count(*) FROM entitlement e JOIN order_line ol ON ol.id = e.source_id
                WHERE e.state NOT IN ('failed', 'revoked') GROUP BY 1, 2) u GROUP BY 1, 2) t
           ON t.listing_id = b.listing_id AND t.party_id = b.party_id
           WHERE coalesce(b.taken, 0) <> coalesce(t.units, 0)""",
    ),
    Check(
        "orders.unpaid",
        "The caps on unpaid orders count the unpaid orders",
        "SELECT count(*) FROM unpaid_orders",
        """SELECT u.owner, u.count, o.n AS orders FROM unpaid_orders u FULL JOIN
           (SELECT owner, count(*) AS n FROM (
                SELECT 'party:' || party_id AS owner FROM orders WHERE state = 'placed'
                UNION ALL
                SELECT 'device:' || device FROM orders WHERE state = 'placed' AND device IS NOT NULL) x GROUP BY 1) o
           ON o.owner = u.owner WHERE coalesce(u.count, 0) <> coalesce(o.n, 0)""",
    ),
)

MONEY_CONSERVED = (
    Check(
        "ledger.zero",
        "Every transfer sums to zero in each currency",
        "SELECT count(*) FROM ledger_transfer",
        """SELECT transfer_id, currency, sum(amount) AS sum FROM ledger_entry
           GROUP BY transfer_id, currency HAVING sum(amount) <> 0""",
    ),
    Check(
        "ledger.balance",
        "Each party's balance is the sum of its entries",
        "SELECT count(*) FROM party_account",
        """SELECT a.id AS account_id, a.balance, coalesce(sum(e.amount), 0) AS entries FROM party_account a
           LEFT JOIN ledger_entry e ON e.account_id = a.id
           GROUP BY a.id HAVING a.balance <> coalesce(sum(e.amount), 0) OR bool_or(e.currency <> a.currency)""",
    ),
    Check(
        "ledger.floor",
        "No balance is below its floor",
        "SELECT count(*) FROM party_account",
        "SELECT id AS account_id FROM party_account WHERE balance < floor",
    ),
    Check(
        "ledger.deferred",
        "What was paid for an order is earned or refunded, but for the units that wait for a supplier",
        "SELECT count(*) FROM orders WHERE paid_at IS NOT NULL",
        """SELECT currency, b.deferred, w.waiting FROM
           (SELECT currency, sum(amount) AS deferred FROM ledger_entry WHERE book = 'deferred' GROUP BY currency) b
           FULL JOIN (SELECT currency, sum(price) AS waiting FROM entitlement
                      WHERE state IN ('pending', 'delayed') GROUP BY currency) w USING (currency)
           WHERE coalesce(b.deferred, 0) <> coalesce(w.waiting, 0)""",
    ),
    Check(
        "ledger.inventory",
        "The inventory's cost is that of the codes in the vault",
        "SELECT count(*) FROM lot",
        f"""SELECT currency, i.booked, c.codes FROM
           (SELECT currency, -sum(amount) AS booked FROM ledger_entry WHERE book = 'inventory' GROUP BY currency) i
           FULL JOIN (SELECT l.currency, sum(n.codes * round(l.unit_cost * {SCALE})) AS codes
                      FROM (SELECT k.lot_id, count(*) AS codes FROM code k LEFT JOIN entitlement e ON e.code_id = k.id
                            WHERE k.state = 'available' OR e.state IN ('pending', 'delayed') GROUP BY k.lot_id) n
                      JOIN lot l ON l.id = n.lot_id GROUP BY l.currency) c USING (currency)
           WHERE coalesce(i.booked, 0) <> coalesce(c.codes, 0)""",
    ),
    Check(
        "orders.paid_in_ledger",
        "Every paid order has its one transfer, of its total; every other has none",
        "SELECT count(*) FROM orders",
        """SELECT o.id AS order_id, o.state, o.total, p.paid FROM orders o
           LEFT JOIN ledger_transfer t ON t.kind = 'order.paid' AND t.reference_id = o.id
           LEFT JOIN (SELECT transfer_id, currency, -sum(amount) AS paid FROM ledger_entry
                      WHERE book IN ('party', 'unapplied') GROUP BY transfer_id, currency) p
                  ON p.transfer_id = t.id AND p.currency = o.currency
           WHERE (t.id IS NOT NULL) <> (o.state IN ('paid', 'partly_refunded', 'refunded'))
              OR (t.id IS NOT NULL AND coalesce(p.paid, 0) <> o.total)""",
    ),
    Check(
        "payments.in_ledger",
        "Every gateway payment that came is booked once with what came",
        "SELECT count(*) FROM payment WHERE method <> 'wallet'",
        """SELECT p.id AS payment_id, p.state FROM payment p
           LEFT JOIN ledger_transfer t ON t.kind = 'payment.received' AND t.reference_id = p.id
           LEFT JOIN ledger_entry e ON e.transfer_id = t.id AND e.book = 'unapplied' AND e.currency = p.received_currency
           WHERE p.method <> 'wallet' AND ((t.id IS NOT NULL) <> (p.state IN ('succeeded', 'review', 'returned'))
                                           OR (t.id IS NOT NULL AND coalesce(e.amount, 0) <> p.received))""",
    ),
    Check(
        "ledger.unapplied",
        "Money without a use is that of payments which wait for one, or for a decision",
        "SELECT count(*) FROM payment WHERE method <> 'wallet' AND received IS NOT NULL",
        """SELECT currency, b.booked, w.waiting FROM
           (SELECT currency, sum(amount) AS booked FROM ledger_entry WHERE book = 'unapplied' GROUP BY currency) b
           FULL JOIN (
               SELECT p.received_currency AS currency, sum(p.received) AS waiting FROM payment p
               WHERE p.method <> 'wallet' AND (p.state = 'review' OR p.state = 'succeeded'
                 AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.payment_id = p.id)
                 AND NOT EXISTS (SELECT 1 FROM refund f WHERE f.id = p.id)
                 AND NOT EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.kind = 'top_up' AND t.reference_id = p.id))
               GROUP BY p.received_currency) w USING (currency)
           WHERE coalesce(b.booked, 0) <> coalesce(w.waiting, 0)""",
    ),
    Check(
        "ledger.refunding",
        "Money on its way back is that of the pending refunds",
        "SELECT count(*) FROM refund WHERE state = 'pending'",
        """SELECT currency, b.booked, r.pending FROM
           (SELECT currency, sum(amount) AS booked FROM ledger_entry WHERE book = 'refunding' GROUP BY currency) b
           FULL JOIN (SELECT currency, sum(amount) AS pending FROM refund WHERE state = 'pending' GROUP BY currency) r
           USING (currency) WHERE coalesce(b.booked, 0) <> coalesce(r.pending, 0)""",
    ),
    Check(
        "refunds.in_ledger",
        "Every refund is booked with its amount",
        "SELECT count(*) FROM refund",
        """SELECT f.id AS refund_id, f.amount, b.booked FROM refund f
           LEFT JOIN ledger_transfer t ON t.kind = 'refund' AND t.reference_id = f.id
           LEFT JOIN (SELECT transfer_id, currency, sum(amount) AS booked FROM ledger_entry
                      WHERE book IN ('party', 'refunding') GROUP BY transfer_id, currency) b
                  ON b.transfer_id = t.id AND b.currency = f.currency
           WHERE coalesce(b.booked, 0) <> f.amount""",
    ),
    Check(
        "orders.refunded",
        "An order's refunded sum is that of its revoked and failed units, and of its payment's refunds",
        "SELECT count(*) FROM orders WHERE paid_at IS NOT NULL",
        """SELECT o.id AS order_id, o.refunded, u.units, m.money FROM orders o
           LEFT JOIN (SELECT l.order_id, sum(e.price) AS units FROM order_line l JOIN entitlement e ON e.source_id = l.id
                      WHERE e.state IN ('revoked', 'failed') GROUP BY l.order_id) u ON u.order_id = o.id
           LEFT JOIN (SELECT payment_id, sum(amount) AS money FROM refund GROUP BY payment_id) m ON m.payment_id = o.payment_id
           WHERE o.refunded <> coalesce(u.units, 0) OR o.refunded <> coalesce(m.money, 0)""",
    ),
    Check(
        "orders.lines",
        "An order's total is the sum of its lines",
        "SELECT count(*) FROM orders",
        """SELECT o.id AS order_id, o.total, sum(l.total) AS lines FROM orders o LEFT JOIN order_line l ON l.order_id = o.id
           GROUP BY o.id HAVING o.total <> coalesce(sum(l.total), 0)""",
    ),
    Check(
        "orders.total",
        "The prices of an order's units sum to its total",
        "SELECT count(*) FROM orders WHERE paid_at IS NOT NULL",
        """SELECT o.id AS order_id, o.total, sum(e.price) AS units FROM orders o
           JOIN order_line l ON l.order_id = o.id LEFT JOIN entitlement e ON e.source_id = l.id
           WHERE o.paid_at IS NOT NULL GROUP BY o.id HAVING o.total <> coalesce(sum(e.price), 0)""",
    ),
)

NOTHING_STUCK = (
    Check(
        "units.settled",
        "Every paid unit is delivered or refunded, or waits for a supplier",
        "SELECT count(*) FROM order_line l JOIN orders o ON o.id = l.order_id WHERE o.paid_at IS NOT NULL",
        """SELECT l.id AS order_line_id, l.quantity, count(e.id) AS units FROM order_line l JOIN orders o ON o.id = l.order_id
           LEFT JOIN entitlement e ON e.source_id = l.id
           WHERE o.paid_at IS NOT NULL GROUP BY l.id HAVING count(e.id) <> l.quantity""",
    ),
    Check(
        "holds.alive",
        "Only unpaid orders hold stock",
        "SELECT count(*) FROM hold",
        "SELECT h.id AS hold_id FROM hold h JOIN orders o ON o.id = h.order_id WHERE o.state <> 'placed'",
    ),
    Check(
        "holds.complete",
        "An unpaid order holds what each of its lines wants",
        "SELECT count(*) FROM order_line l JOIN orders o ON o.id = l.order_id WHERE o.state = 'placed'",
        """SELECT l.id AS order_line_id, l.quantity, sum(h.quantity) AS held
           FROM order_line l JOIN orders o ON o.id = l.order_id
           LEFT JOIN hold h ON h.order_id = o.id AND h.listing_id = l.listing_id AND h.variant_id = l.variant_id
                           AND h.party_id = o.party_id
           WHERE o.state = 'placed' GROUP BY l.id HAVING l.quantity <> coalesce(sum(h.quantity), 0)""",
    ),
    Check(
        "orders.expired_in_time",
        "No unpaid order outlives its time",
        "SELECT count(*) FROM orders WHERE state = 'placed'",
        "SELECT id AS order_id FROM orders WHERE state = 'placed' AND expires_at < $1",
        warning=True,
    ),
    Check(
        "money.unapplied",
        "Received money was used or waits for a decision",
        "SELECT count(*) FROM payment WHERE state = 'succeeded'",
        """SELECT p.id AS payment_id FROM payment p
           JOIN ledger_transfer r ON r.kind = 'payment.received' AND r.reference_id = p.id
           WHERE p.state = 'succeeded' AND p.settled_at < $1
             AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.payment_id = p.id)
             AND NOT EXISTS (SELECT 1 FROM refund f WHERE f.payment_id = p.id)
             AND NOT EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.kind = 'top_up' AND t.reference_id = p.id)""",
        warning=True,
    ),
    Check(
        "payments.looked_up",
        "Pending payments are looked up in time",
        "SELECT count(*) FROM payment WHERE state = 'pending'",
        "SELECT id AS payment_id FROM payment WHERE state = 'pending' AND coalesce(next_lookup_at, created_at) < $1",
        warning=True,
    ),
    Check(
        "payments.review",
        "Payments that wait for a person",
        "SELECT count(*) FROM payment",
        "SELECT id AS payment_id FROM payment WHERE state = 'review'",
        warning=True,
    ),
    Check(
        "wallets.nameless",
        "Whoever was erased has no money left here; what came in later waits to be paid out",
        "SELECT count(*) FROM party WHERE erased_at IS NOT NULL",
        """SELECT a.party_id, a.currency, a.balance FROM party_account a JOIN party p ON p.id = a.party_id
           WHERE p.erased_at IS NOT NULL AND a.balance <> 0""",
        warning=True,
    ),
    Check(
        "refunds.pending",
        "Refunds reach their payer in time",
        "SELECT count(*) FROM refund",
        "SELECT id AS refund_id FROM refund WHERE state = 'pending' AND created_at < $1",
        warning=True,
    ),
    Check(
        "imports.ended",
        "Imports come to their end",
        "SELECT count(*) FROM code_import",
        """SELECT id AS import_id, state FROM code_import
           WHERE state NOT IN ('checked', 'done', 'failed') AND created_at < $1""",
        warning=True,
    ),
    Check(
        "jobs.dead",
        "Jobs that gave up and wait for a person",
        "SELECT count(*) FROM outbox",
        "SELECT id, name FROM outbox WHERE state = 'dead'",
        warning=True,
    ),
    Check(
        "jobs.waiting",
        "Accepted work runs in time",
        "SELECT count(*) FROM outbox WHERE state IN ('ready', 'running')",
        "SELECT id, name FROM outbox WHERE state IN ('ready', 'running') AND run_at < $1",
        warning=True,
    ),
)

CHECKS: tuple[Check, ...] = (
    *ONE_CODE_ONE_PARTY,
    *NO_OVERSELL,
    *CAMPAIGNS,
    *CHANCE,
    *MONEY_CONSERVED,
    *SUPPLIERS,
    *WAITING,
    *BARGAINS,
    *NOTHING_STUCK,
)
