"""What must hold of campaigns: nothing above its ceiling, every counter the sum of what lives, and prices that add up."""

from perkhub.audit.check import SCALE, Check
from perkhub.plugin.mechanic import HANDED_OUT

_EVERYBODY = "'00000000-0000-0000-0000-000000000000'::uuid"

CAMPAIGNS = (
    Check(
        "campaign.ceiling",
        "No counter of a campaign is above its ceiling",
        "SELECT count(*) FROM campaign_counter",
        "SELECT campaign_id, name, value, ceiling FROM campaign_counter WHERE value < 0 OR value > ceiling",
    ),
    Check(
        "campaign.counters",
        "Each counter of a campaign equals what living parts claim of it",
        "SELECT count(*) FROM campaign_counter",
        f"""SELECT coalesce(n.campaign_id, s.campaign_id) AS campaign_id, coalesce(n.name, s.name) AS name, n.value, s.living
            FROM campaign_counter n FULL JOIN
            (SELECT p.campaign_id, CASE WHEN (c->>'per_buyer')::boolean THEN p.party_id ELSE {_EVERYBODY} END AS buyer_id,
                    c->>'counter' AS name, sum((c->>'living')::bigint) AS living
             FROM campaign_part p, jsonb_array_elements(p.claims) AS c GROUP BY 1, 2, 3) s
            ON s.campaign_id = n.campaign_id AND s.buyer_id = n.buyer_id AND s.name = n.name
            WHERE coalesce(n.value, 0) <> coalesce(s.living, 0) AND coalesce(n.name, s.name) <> '{HANDED_OUT}'""",
    ),
    Check(
        "campaign.parts",
        "Parts are held by unpaid orders, taken by paid ones, and released with those that ended",
        "SELECT count(*) FROM campaign_part",
        """SELECT o.id AS order_id, o.state, p.state AS part FROM orders o LEFT JOIN campaign_part p ON p.order_id = o.id
           WHERE o.in_campaigns AND p.state IS DISTINCT FROM CASE
                 WHEN o.state = 'placed' THEN 'held'
                 WHEN o.state IN ('cancelled', 'expired') OR p.returned = p.units THEN 'released'
                 ELSE 'taken' END
           UNION ALL
           SELECT p.order_id, o.state, p.state FROM campaign_part p LEFT JOIN orders o ON o.id = p.order_id
           WHERE o.in_campaigns IS NOT true""",
    ),
    Check(
        "campaign.returned",
        "Of a paid order's part as many units came back as were taken back or failed",
        "SELECT count(*) FROM campaign_part",
        """SELECT p.order_id, w.line, w.returned, count(e.id) AS back FROM campaign_part p JOIN orders o ON o.id = p.order_id
           CROSS JOIN LATERAL unnest(p.lines, p.returned) AS w(line, returned)
           JOIN order_line ol ON ol.order_id = p.order_id AND ol.position = w.line
           LEFT JOIN entitlement e ON e.source_id = ol.id AND e.state IN ('revoked', 'failed')
           WHERE o.state IN ('paid', 'partly_refunded', 'refunded')
           GROUP BY p.order_id, w.line, w.returned HAVING count(e.id) <> w.returned""",
    ),
    Check(
        "campaign.prices",
        "The steps of a price with campaigns sum to it: to the unit price, and with what is off the line to its total",
        """SELECT count(*) FROM order_line WHERE trace @> '[{"source": "campaign"}]'""",
        f"""SELECT ol.id AS order_line_id, ol.unit, ol.total, t.effects, t.on_total
            FROM order_line ol JOIN orders l ON l.id = ol.order_id CROSS JOIN LATERAL (
                SELECT sum((s->>'effect')::numeric) AS effects, coalesce(sum((s->>'on_total')::bigint), 0) AS on_total
                FROM jsonb_array_elements(ol.trace) AS s) t
            WHERE ol.trace @> '[{{"source": "campaign"}}]'
              AND (t.effects <> ol.unit OR round(ol.unit * ol.quantity * {SCALE}) + t.on_total <> ol.total)""",
    ),
)
