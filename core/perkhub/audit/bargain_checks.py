"""What must hold of bargains: what was drawn is what was cut, nobody's help counts twice, and one order has each at most."""

from perkhub.audit.check import Check

BARGAINS = (
    Check(
        "bargains.cuts",
        "Each bargain counts the cuts that were made, and each of these is the one that was drawn for its place",
        "SELECT count(*) FROM bargain",
        """SELECT b.id AS bargain_id, b.cuts, b.cut_off, count(c.id) AS made, coalesce(sum(c.amount), 0) AS amounts
           FROM bargain b LEFT JOIN bargain_cut c ON c.bargain_id = b.id GROUP BY b.id
           HAVING b.cuts <> count(c.id) OR b.cuts <> count(DISTINCT c.party_id) OR b.cut_off <> coalesce(sum(c.amount), 0)
              OR bool_or(c.amount IS DISTINCT FROM b.amounts[c.place] AND c.id IS NOT NULL)
              OR b.cut_off <> (SELECT coalesce(sum(a), 0) FROM unnest(b.amounts[1:b.cuts]) AS a)""",
    ),
    Check(
        "bargains.range",
        "Every cut that was drawn lies in the range that is published, and there is one for each helper",
        "SELECT count(*) FROM bargain",
        """SELECT id AS bargain_id, least, most FROM bargain
           WHERE cardinality(amounts) <> helpers
              OR EXISTS (SELECT FROM unnest(amounts) AS a WHERE a NOT BETWEEN least AND most)""",
    ),
    Check(
        "bargains.days",
        "Each helper's day counts the cuts that they made on it",
        "SELECT count(*) FROM bargain_day",
        """SELECT coalesce(d.campaign_id, c.campaign_id) AS campaign_id, d.cuts, c.made FROM bargain_day d FULL JOIN
           (SELECT campaign_id, party_id, day, count(*) AS made FROM bargain_cut GROUP BY 1, 2, 3) c
           ON c.campaign_id = d.campaign_id AND c.party_id = d.party_id AND c.day = d.day
           WHERE coalesce(d.cuts, 0) <> coalesce(c.made, 0)""",
    ),
    Check(
        "bargains.orders",
        "A held bargain is of an unpaid order, a bought one of one that was paid, and no other order has it",
        "SELECT count(*) FROM bargain WHERE state IN ('held', 'bought')",
        """SELECT b.id AS bargain_id, b.state, p.state AS part FROM bargain b
           LEFT JOIN campaign_part p ON p.order_id = b.order_id AND p.bargain_id = b.id
           WHERE (b.state = 'held' AND p.state IS DISTINCT FROM 'held') OR (b.state = 'bought' AND p.paid IS NOT true)
           UNION ALL
           SELECT p.bargain_id, b.state, p.state FROM campaign_part p LEFT JOIN bargain b ON b.id = p.bargain_id
           WHERE p.bargain_id IS NOT NULL AND p.state <> 'released'
             AND (b.order_id IS DISTINCT FROM p.order_id
                  OR b.state IS DISTINCT FROM CASE p.state WHEN 'held' THEN 'held' ELSE 'bought' END)""",
    ),
)
