"""Reading the database past the application, while everything runs: what people would see in the console, at once."""

from typing import Any

import asyncpg

from perkhub.kit.connecting import parse_url

# Taken on, and still not done after a while: its people have forgotten it. Given up ones may come yet.
FORGOTTEN = """
    SELECT o.reference, a.name AS vendor FROM supplier_order o JOIN supplier_account a ON a.id = o.account_id
    WHERE o.state IN ('accepted', 'abandoned') AND o.placed_at < now() - make_interval(secs => $1) ORDER BY o.id LIMIT 50
"""
# What came in the last minutes: any of it may be taken back.
SUCCESSES = """
    SELECT o.reference, a.name AS vendor FROM supplier_order o JOIN supplier_account a ON a.id = o.account_id
    WHERE o.state IN ('delivered', 'partial', 'late') ORDER BY o.id DESC LIMIT 200
"""
STILL_HELD = "SELECT reference FROM supplier_order WHERE reference = ANY($1) AND state IN ('delivered', 'partial', 'late')"
FROZEN = """
    SELECT l.order_id, array_agg(e.id) AS units FROM entitlement e JOIN order_line l ON l.id = e.source_id
    WHERE e.state = 'frozen' GROUP BY l.order_id LIMIT 50
"""
FROZEN_OF = """
    SELECT count(*) FROM entitlement e JOIN code c ON c.id = e.code_id JOIN supplier_order o ON o.lot_id = c.lot_id
    WHERE e.state = 'frozen' AND o.reference = $1
"""
NOT_TRIED = """
    SELECT count(*) FROM need n WHERE n.state = 'open'
    AND NOT EXISTS (SELECT FROM supplier_order o WHERE o.purpose_id = n.id)
"""
# By what is asked: how much of it is under way.
UNDER_WAY = {
    # A look that was meant for later, at what people have settled meanwhile, changes nothing any more.
    "jobs": """SELECT count(*) FROM outbox WHERE state IN ('ready', 'running') AND kind <> 'periodic'
               AND NOT (name = 'fulfilment.look' AND run_at > now() + interval '10 seconds')""",
    "supplier orders": "SELECT count(*) FROM supplier_order WHERE state IN ('submitted', 'unknown', 'accepted', 'abandoned')",
    "reviews": "SELECT count(*) FROM supplier_order WHERE review_since IS NOT NULL",
    "needs": "SELECT count(*) FROM need WHERE state = 'open'",
    "waiting units": "SELECT count(*) FROM entitlement WHERE state IN ('pending', 'delayed')",
    "frozen units": "SELECT count(*) FROM entitlement WHERE state = 'frozen'",
}


async def rows(url: str, sql: str, *values: Any) -> list[asyncpg.Record]:
    """A statement on a connection of its own."""
    connection = await asyncpg.connect(**parse_url(url))
    try:
        return list(await connection.fetch(sql, *values))
    finally:
        await connection.close()
