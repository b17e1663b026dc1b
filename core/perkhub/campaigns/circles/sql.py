"""Hand SQL of places in circles. The circle's row is locked before those of its members, and never the other way round."""

# Who has a place elsewhere opens nothing. The place of who pays at once is a member's from the start.
_MINE = """
        INSERT INTO circle_member (id, circle_id, campaign_id, party_id, order_id, line, created_at, state, joined_at)
        VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::int, $7::timestamptz,
                CASE WHEN $8::boolean THEN 'joined' ELSE 'held' END, CASE WHEN $8 THEN $7 END)
        ON CONFLICT (campaign_id, party_id) WHERE state IN ('held', 'joined') DO NOTHING
        RETURNING circle_id
"""
OPEN = f"""
    WITH mine AS ({_MINE})
    INSERT INTO circle (id, campaign_id, opened_by, seats, taken, paid, state, opened_at, closes_at)
    SELECT mine.circle_id, $3, $4, $9::int, 1, $8::int, $10::text, $7, $11::timestamptz FROM mine
    RETURNING id
"""

# One statement closes three races: two for the last place, one person in two tabs (who waits for the other tab's row, and
# then finds it there), and the last second of the circle. No circle ever has more members than seats.
TAKE_PLACE = f"""
    WITH mine AS ({_MINE}), taken AS (
        UPDATE circle c SET taken = c.taken + 1, paid = c.paid + $8::int FROM mine
        WHERE c.id = mine.circle_id AND c.campaign_id = $3 AND c.state = 'open' AND c.closes_at > $7 AND c.taken < c.seats
        RETURNING c.paid = c.seats AS is_full
    )
    SELECT EXISTS (SELECT FROM mine) AS is_new, EXISTS (SELECT FROM taken) AS is_taken,
           coalesce((SELECT is_full FROM taken), false) AS is_full
"""

# Who pays for what is closed, or over at this second, is not among the answers.
PAY_PLACES = """
    WITH paid AS (
        UPDATE circle c SET paid = c.paid + 1
        WHERE c.id = $1 AND c.state = 'open' AND c.closes_at > $3
        RETURNING c.id, c.seats, c.paid
    )
    UPDATE circle_member m SET state = 'joined', joined_at = $3 FROM paid
    WHERE m.id = $2 AND m.state = 'held'
    RETURNING paid.seats = paid.paid AS full
"""

HELD_BY_ORDER = """
    SELECT id, circle_id, state FROM circle_member
    WHERE order_id = $1 AND (state = 'held' OR state = 'dropped') ORDER BY circle_id
"""

LEFT_BY_ORDER = """
    SELECT DISTINCT circle_id, campaign_id, party_id, line FROM circle_member
    WHERE order_id = $1 AND state IN ('left', 'dropped') ORDER BY circle_id, line
"""

LIVING_OF_ORDER = """
    SELECT id, circle_id, state FROM circle_member
    WHERE order_id = $1 AND ($2::int[] IS NULL OR line = ANY($2)) AND state NOT IN ('delivered', 'refunded', 'left')
    ORDER BY circle_id
"""

LOCK_CIRCLES = "SELECT id, state FROM circle WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"

GIVE_UP_PLACES = """
    UPDATE circle c SET taken = c.taken - g.taken, paid = c.paid - g.paid
    FROM unnest($1::uuid[], $2::int[], $3::int[]) AS g(circle_id, taken, paid) WHERE c.id = g.circle_id
"""

# Whoever is in an open circle whose time is over is let go before they are refused for it.
OVERDUE_OF_PARTY = """
    SELECT c.id FROM circle_member m JOIN circle c ON c.id = m.circle_id
    WHERE m.campaign_id = $1 AND m.party_id = $2 AND m.state IN ('held', 'joined') AND c.state = 'open' AND c.closes_at <= $3
"""

OVERDUE = "SELECT id FROM circle WHERE state = 'open' AND closes_at <= $1 ORDER BY closes_at LIMIT $2"

LAPSE = """
    UPDATE circle SET state = 'lapsed', taken = paid, closed_at = $2
    WHERE id = $1 AND state = 'open' AND closes_at <= $2 RETURNING id
"""

MEMBERS_IN = "SELECT id FROM circle_member WHERE circle_id = $1 AND state = $2"

UNSETTLED_MEMBERS = """
    SELECT id, order_id, line, state FROM circle_member WHERE circle_id = $1 AND state IN ('due', 'owed', 'dropped') ORDER BY id
"""

FORGOTTEN = """
    SELECT id FROM circle WHERE state IN ('full', 'lapsed') AND settled_at IS NULL AND closed_at < $1
    ORDER BY closed_at LIMIT $2
"""

NOTE_SETTLED = "UPDATE circle SET settled_at = $2 WHERE id = $1 AND settled_at IS NULL"
