"""What must hold of draws and coupons: none without an order, none twice, and each prize counted as it was given."""

from perkhub.audit.check import Check
from perkhub.plugin.mechanic import HANDED_OUT

CHANCE = (
    Check(
        "draw.given",
        "No more of a prize was given than there are, and as many as draws say",
        "SELECT count(*) FROM draw_prize",
        """SELECT p.campaign_id, p.key, p.quantity, p.given, count(d.id) AS draws FROM draw_prize p
           LEFT JOIN draw d ON d.campaign_id = p.campaign_id AND d.given = p.key
           GROUP BY p.campaign_id, p.key, p.quantity, p.given
           HAVING count(d.id) > p.quantity OR (p.quantity IS NOT NULL AND count(d.id) <> p.given)""",
    ),
    Check(
        "draw.units",
        "Each unit of a paid box became what was drawn for it, and nothing was drawn for what was not paid",
        "SELECT count(*) FROM draw",
        """SELECT d.order_id, d.line_id, count(*) AS draws, ol.quantity FROM draw d
           LEFT JOIN order_line ol ON ol.id = d.line_id LEFT JOIN orders o ON o.id = d.order_id
           GROUP BY d.order_id, d.line_id, ol.quantity, o.state
           HAVING count(*) IS DISTINCT FROM ol.quantity OR coalesce(o.state, '') NOT IN ('paid', 'partly_refunded', 'refunded')
           UNION ALL
           SELECT o.id, ol.id, 0, ol.quantity FROM draw_ticket t JOIN orders o ON o.id = t.order_id
           JOIN order_line ol ON ol.order_id = o.id AND ol.position = t.position
           WHERE o.state IN ('paid', 'partly_refunded', 'refunded')
             AND NOT EXISTS (SELECT 1 FROM draw d WHERE d.line_id = ol.id)""",
    ),
    Check(
        "draw.delivered",
        "Of each prize a line has as many units as were drawn for it",
        "SELECT count(*) FROM draw",
        """SELECT w.line_id, w.variant_id, w.draws, coalesce(u.units, 0) AS units FROM
           (SELECT d.line_id, p.variant_id, count(*) AS draws FROM draw d
            JOIN draw_prize p ON p.campaign_id = d.campaign_id AND p.key = d.given GROUP BY 1, 2) w
           LEFT JOIN (SELECT source_id, variant_id, count(*) AS units FROM entitlement GROUP BY 1, 2) u
           ON u.source_id = w.line_id AND u.variant_id = w.variant_id WHERE w.draws <> coalesce(u.units, 0)""",
    ),
    Check(
        "draw.buyers",
        "Each buyer's draws are counted without a gap",
        "SELECT count(*) FROM draw_buyer",
        """SELECT b.campaign_id, b.party_id, b.nonce, count(d.id) AS draws FROM draw_buyer b
           LEFT JOIN draw d ON d.campaign_id = b.campaign_id AND d.party_id = b.party_id
           GROUP BY b.campaign_id, b.party_id, b.nonce
           HAVING count(d.id) <> b.nonce OR max(d.nonce) IS DISTINCT FROM nullif(b.nonce, 0)""",
    ),
    Check(
        "coupon.used",
        "A coupon is used by one living order, which took part in its campaign by it",
        "SELECT count(*) FROM coupon WHERE state = 'used'",
        """SELECT c.id AS coupon_id, c.order_id, o.state FROM coupon c LEFT JOIN orders o ON o.id = c.order_id
           LEFT JOIN campaign_part p ON p.order_id = c.order_id AND p.campaign_id = c.campaign_id AND p.coupon_id = c.id
           WHERE c.state = 'used' AND (p.id IS NULL OR o.party_id <> c.party_id OR o.state IN ('cancelled', 'expired'))
           UNION ALL
           SELECT p.coupon_id, p.order_id, o.state FROM campaign_part p JOIN orders o ON o.id = p.order_id
           LEFT JOIN coupon c ON c.id = p.coupon_id AND c.order_id = p.order_id
           WHERE p.coupon_id IS NOT NULL AND o.state NOT IN ('cancelled', 'expired') AND c.id IS NULL""",
    ),
    Check(
        "coupon.handed_out",
        "Each customer is counted as many coupons of a campaign as they were handed out",
        f"SELECT count(*) FROM campaign_counter WHERE name = '{HANDED_OUT}'",
        f"""SELECT coalesce(n.campaign_id, h.campaign_id) AS campaign_id, n.value, h.coupons
            FROM (SELECT * FROM campaign_counter WHERE name = '{HANDED_OUT}') n FULL JOIN
            (SELECT campaign_id, party_id, count(*) AS coupons FROM coupon WHERE claim_id IS NOT NULL GROUP BY 1, 2) h
            ON h.campaign_id = n.campaign_id AND h.party_id = n.buyer_id
            WHERE coalesce(n.value, 0) <> coalesce(h.coupons, 0)""",
    ),
    Check(
        "coupon.made",
        "A batch has as many coupons as it says",
        "SELECT count(*) FROM coupon_batch",
        """SELECT b.id AS batch_id, b.made, count(c.id) AS coupons FROM coupon_batch b LEFT JOIN coupon c ON c.batch_id = b.id
           GROUP BY b.id, b.made, b.quantity, b.state
           HAVING count(c.id) <> b.made OR (b.state = 'ready' AND b.made <> b.quantity)""",
    ),
)
