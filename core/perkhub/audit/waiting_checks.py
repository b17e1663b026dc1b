"""What must hold of lines that are paid for and wait, and of the circles that they wait for."""

from perkhub.audit.check import Check

WAITING = (
    Check(
        "waits.units",
        "Each wait counts the units that wait, of which nothing is obtained yet, nor asked for",
        "SELECT count(*) FROM wait",
        """SELECT w.line_id AS order_line_id, w.quantity, count(e.id) FILTER (WHERE n.id IS NULL) AS units FROM wait w
           LEFT JOIN entitlement e ON e.source_id = w.line_id AND e.state = 'pending' AND e.code_id IS NULL
           LEFT JOIN need n ON n.source_id = w.source_id AND e.id = ANY(n.units)
           GROUP BY w.id HAVING w.quantity <> count(e.id) FILTER (WHERE n.id IS NULL)""",
    ),
    Check(
        "waits.circle",
        "Whatever waits belongs to a circle that is open, or to be settled; and whoever is in one waits",
        "SELECT count(*) FROM wait",
        """SELECT w.line_id AS order_line_id, m.id AS member_id, m.state FROM
           (SELECT w.line_id, l.order_id, l.position FROM wait w JOIN order_line l ON l.id = w.line_id) w
           FULL JOIN (SELECT id, order_id, line, state FROM circle_member
                      WHERE state IN ('joined', 'due', 'owed')) m ON m.order_id = w.order_id AND m.line = w.position
           WHERE w.line_id IS NULL OR m.id IS NULL""",
    ),
    Check(
        "circles.places",
        "The counters of each circle count its members, and a full one has exactly as many as it has seats",
        "SELECT count(*) FROM circle",
        """SELECT c.id AS circle_id, c.state, c.seats, c.taken, c.paid, m.taken AS places, m.paid AS members FROM circle c
           LEFT JOIN (SELECT circle_id, count(*) AS taken, count(*) FILTER (WHERE state <> 'held') AS paid
                      FROM circle_member WHERE state NOT IN ('left', 'dropped') GROUP BY circle_id) m ON m.circle_id = c.id
           WHERE c.taken <> coalesce(m.taken, 0) OR c.paid <> coalesce(m.paid, 0)
              OR c.taken > c.seats OR (c.state IN ('full', 'settled') AND c.paid <> c.seats)""",
    ),
    Check(
        "circles.members",
        "Each member stands as their circle does: places only in open ones, benefits only of full ones, refunds of lapsed ones",
        "SELECT count(*) FROM circle_member",
        """SELECT m.id AS member_id, m.state, c.state AS circle FROM circle_member m LEFT JOIN circle c ON c.id = m.circle_id
           WHERE c.id IS NULL OR m.campaign_id <> c.campaign_id
              OR (m.state IN ('held', 'joined') AND c.state <> 'open')
              OR (m.state IN ('due', 'delivered') AND c.state NOT IN ('full', 'settled'))
              OR (m.state IN ('owed', 'dropped') AND c.state <> 'lapsed')
              OR (m.state = 'refunded' AND c.state = 'open')
              OR (m.state = 'due' AND c.state = 'settled')""",
    ),
    Check(
        "circles.once",
        "No line of an order has two places, and nobody two at a time in one campaign",
        "SELECT count(*) FROM circle_member",
        """SELECT order_id, line FROM circle_member WHERE state <> 'left' AND state <> 'dropped'
           GROUP BY order_id, line HAVING count(*) > 1
           UNION ALL SELECT campaign_id, count(*)::int FROM circle_member WHERE state IN ('held', 'joined')
           GROUP BY campaign_id, party_id HAVING count(*) > 1""",
    ),
    Check(
        "circles.refunded",
        "Whoever of a circle was refunded has nothing of it left",
        "SELECT count(*) FROM circle_member WHERE state IN ('delivered', 'refunded')",
        """SELECT m.id AS member_id, m.state FROM circle_member m
           JOIN order_line l ON l.order_id = m.order_id AND l.position = m.line
           LEFT JOIN entitlement e ON e.source_id = l.id
           WHERE m.state = 'refunded' GROUP BY m.id HAVING bool_or(e.state <> 'failed' AND e.state <> 'revoked')""",
    ),
    Check(
        "circles.settled",
        "Closed circles are settled in time",
        "SELECT count(*) FROM circle WHERE state <> 'open'",
        """SELECT id AS circle_id, state, closes_at FROM circle
           WHERE settled_at IS NULL AND (closed_at < $1 OR (state = 'open' AND closes_at < $1))""",
        warning=True,
    ),
)
