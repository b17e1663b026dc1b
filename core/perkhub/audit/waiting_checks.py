"""What must hold of lines that are paid for and wait."""

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
)
