"""What must hold of buying from suppliers: one open attempt at most, money for what came, and nobody forgotten."""

from perkhub.audit.check import SCALE, Check

SUPPLIERS = (
    Check(
        "supplier.one_open",
        "No need has two open attempts",
        "SELECT count(*) FROM supplier_order WHERE state IN ('submitted', 'unknown', 'accepted')",
        """SELECT purpose_id FROM supplier_order WHERE state IN ('submitted', 'unknown', 'accepted')
           GROUP BY purpose_id HAVING count(*) > 1""",
    ),
    Check(
        "supplier.one_after_the_other",
        "Nothing was ordered again before the attempt before it was settled",
        "SELECT count(*) FROM supplier_order",
        """SELECT b.id AS supplier_order_id, a.id AS before FROM supplier_order a JOIN supplier_order b
           ON b.purpose_id = a.purpose_id AND b.id > a.id
           -- What was taken back afterwards had been settled when it came.
           WHERE b.placed_at < coalesce(a.settled_at, 'infinity')
             AND NOT EXISTS (SELECT FROM ledger_transfer t WHERE t.kind = 'supplier.delivered' AND t.reference_id = a.id
                             AND t.created_at <= b.placed_at)""",
    ),
    Check(
        "supplier.booked",
        "What came is booked once, with its cost; what did not is not booked",
        "SELECT count(*) FROM supplier_order",
        """SELECT o.id AS supplier_order_id, o.state, o.cost, p.booked FROM supplier_order o
           LEFT JOIN ledger_transfer t ON t.kind IN ('supplier.delivered', 'supplier.late') AND t.reference_id = o.id
           LEFT JOIN (SELECT transfer_id, currency, sum(amount) AS booked FROM ledger_entry
                      WHERE book = 'prepaid' GROUP BY transfer_id, currency) p
                  ON p.transfer_id = t.id AND p.currency = o.currency
           WHERE (t.id IS NOT NULL) <> (o.received > 0)
              OR (t.kind = 'supplier.delivered' AND coalesce(p.booked, 0) <> coalesce(o.cost, 0))""",
    ),
    Check(
        "supplier.returned",
        "What came back of an order that was taken back is booked, and is not more than it had cost",
        "SELECT count(*) FROM supplier_order WHERE returned IS NOT NULL",
        """SELECT o.id AS supplier_order_id, o.cost, o.returned, -p.booked AS booked FROM supplier_order o
           LEFT JOIN (SELECT t.reference_id, e.currency, sum(e.amount) AS booked FROM ledger_transfer t
                      JOIN ledger_entry e ON e.transfer_id = t.id AND e.book = 'prepaid'
                      WHERE t.kind = 'supplier.reversed' GROUP BY t.reference_id, e.currency) p
                  ON p.reference_id = o.id AND p.currency = o.currency
           WHERE coalesce(o.returned, 0) <> -coalesce(p.booked, 0) OR o.returned > coalesce(o.cost, 0)""",
    ),
    Check(
        "supplier.codes",
        "No lot of a supplier's holds more codes than came, and none is anybody's that was taken back",
        "SELECT count(*) FROM supplier_order WHERE lot_id IS NOT NULL",
        """SELECT o.id AS supplier_order_id, o.received, count(c.id) AS codes FROM supplier_order o
           LEFT JOIN code c ON c.lot_id = o.lot_id LEFT JOIN entitlement e ON e.code_id = c.id
           WHERE o.lot_id IS NOT NULL GROUP BY o.id
           HAVING count(c.id) > o.received
               OR (o.state = 'reversed' AND bool_or(c.state = 'available' OR e.state IN ('issued', 'revealed')))""",
    ),
    Check(
        "supplier.top_ups",
        "No more top-ups are told as done than suppliers did, and a done one holds no code",
        "SELECT count(*) FROM entitlement WHERE state = 'delivered'",
        """SELECT e.need_id, e.units, e.coded, coalesce(o.received, 0) AS received FROM
           (SELECT n.id AS need_id, count(*) AS units, count(d.code_id) AS coded FROM entitlement d
            LEFT JOIN (SELECT id, unnest(units) AS unit FROM need) n ON n.unit = d.id
            WHERE d.state = 'delivered' GROUP BY n.id) e
           LEFT JOIN (SELECT purpose_id, sum(received) AS received FROM supplier_order
                      WHERE supplies = 'top_ups' AND state IN ('delivered', 'partial') GROUP BY purpose_id) o
                  ON o.purpose_id = e.need_id
           WHERE e.coded > 0 OR e.units > coalesce(o.received, 0)""",
    ),
    Check(
        "supplier.exposure",
        "What may yet be charged is that of the orders that were given up",
        "SELECT count(*) FROM supplier_order WHERE state = 'abandoned'",
        f"""SELECT currency, b.booked, a.exposed FROM
           (SELECT currency, -sum(amount) AS booked FROM ledger_entry WHERE book = 'exposure' GROUP BY currency) b
           FULL JOIN (SELECT l.currency, sum(round(l.maximum_cost * {SCALE})) AS exposed FROM supplier_order l
                      WHERE l.state = 'abandoned' GROUP BY l.currency) a USING (currency)
           WHERE coalesce(b.booked, 0) <> coalesce(a.exposed, 0)""",
    ),
    Check(
        "needs.units",
        "Whoever waits is needed by somebody: by an open need, or one of those it waits with; or may wait, or its refund "
        "is on its way",
        "SELECT count(*) FROM entitlement WHERE state IN ('pending', 'delayed')",
        """WITH needed AS (SELECT unnest(units) AS unit, source_id, state, together FROM need),
                obtaining AS (SELECT DISTINCT source_id FROM need WHERE state = 'open'),
                -- A job that gave up refunds nobody.
                told AS (SELECT (payload->>'source_id')::uuid AS source_id, payload->'entitlement_ids' AS units FROM outbox
                         WHERE name IN ('entitlements.unobtainable', 'event:orders.refund_unobtainable')
                           AND state IN ('ready', 'running'))
           SELECT e.id AS entitlement_id, e.state, n.state AS need FROM entitlement e LEFT JOIN needed n ON n.unit = e.id
           WHERE e.state IN ('pending', 'delayed')
             AND NOT EXISTS (SELECT FROM wait w WHERE w.line_id = e.source_id)
             -- What has its code is kept for the others of its source.
             AND NOT coalesce(CASE WHEN e.code_id IS NULL THEN n.state = 'open'
                              ELSE n.together AND n.source_id IN (SELECT source_id FROM obtaining) END, false)
             AND NOT EXISTS (SELECT FROM told t WHERE t.source_id = n.source_id
                             AND (n.together OR t.units ? e.id::text))""",
    ),
    Check(
        "needs.unit_once",
        "No unit is bought for twice",
        "SELECT count(*) FROM need",
        "SELECT unit FROM (SELECT unnest(units) AS unit FROM need) u GROUP BY unit HAVING count(*) > 1",
    ),
    Check(
        "needs.overdue",
        "Suppliers deliver in time",
        "SELECT count(*) FROM need WHERE state = 'open'",
        "SELECT id AS need_id, source_kind, source_id FROM need WHERE state = 'open' AND due_at < $1",
        warning=True,
    ),
    Check(
        "needs.refunded",
        "Units that nobody delivers are refunded in time",
        "SELECT count(*) FROM need WHERE state = 'failed'",
        """SELECT n.id AS need_id, e.id AS entitlement_id FROM need n JOIN entitlement e ON e.id = ANY(n.units)
           WHERE n.state = 'failed' AND n.settled_at < $1 AND e.state IN ('pending', 'delayed') AND NOT n.together""",
        warning=True,
    ),
    Check(
        "supplier.unknown",
        "Orders of which nobody knows what became of them",
        "SELECT count(*) FROM supplier_order WHERE state = 'unknown'",
        "SELECT id AS supplier_order_id, cause FROM supplier_order WHERE state = 'unknown' AND placed_at < $1",
        warning=True,
    ),
    Check(
        "supplier.looked_up",
        "Open orders are looked up in time",
        "SELECT count(*) FROM supplier_order WHERE next_look_at IS NOT NULL",
        "SELECT id AS supplier_order_id FROM supplier_order WHERE next_look_at < $1",
        warning=True,
    ),
    Check(
        "supplier.review",
        "Supplier orders that wait for a person",
        "SELECT count(*) FROM supplier_order",
        "SELECT id AS supplier_order_id, state, cause FROM supplier_order WHERE review_since IS NOT NULL",
        warning=True,
    ),
)
