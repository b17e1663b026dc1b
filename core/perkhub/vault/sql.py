"""Hand SQL of the vault's hot claims."""

from functools import cache

from perkhub.kit.inserts import Given

# Two buyers never see the same row: the inner select skips what another transaction has locked. Codes are taken first
# expiring first, dealt out to the waiting entitlements of their variant, and the custody rows stand in the same statement.
CLAIM_CODES = """
    WITH wanted AS (
        SELECT w.variant_id, w.quantity, w.usable_at FROM {wanted} AS w(variant_id, quantity, usable_at)
    ), picked AS (
        SELECT c.id, c.variant_id, row_number() OVER (PARTITION BY c.variant_id ORDER BY c.expires_at, c.id) AS turn
        FROM wanted w CROSS JOIN LATERAL (
            SELECT i.id, i.variant_id, i.expires_at FROM code i
            WHERE i.variant_id = w.variant_id AND i.state = 'available' AND i.expires_at > w.usable_at
            ORDER BY i.expires_at, i.id LIMIT w.quantity FOR NO KEY UPDATE SKIP LOCKED
        ) AS c
    ), waiting AS (
        SELECT e.id, e.variant_id, row_number() OVER (PARTITION BY e.variant_id ORDER BY e.place) AS turn
        FROM {waiting} AS e(id, variant_id, place)
    ), dealt AS (
        UPDATE code c SET state = 'sold'
        FROM picked p JOIN waiting w ON w.variant_id = p.variant_id AND w.turn = p.turn
        WHERE c.id = p.id
        RETURNING c.id, c.lot_id, c.sealed, c.masked, c.expires_at, w.id AS entitlement_id
    ), touched AS (
        INSERT INTO custody (at, action, lot_id, code_id, entitlement_id, actor, correlation_id)
        SELECT $1, a.action, d.lot_id, d.id, d.entitlement_id, $2, $3
        FROM dealt d CROSS JOIN unnest($4::text[]) WITH ORDINALITY AS a(action, place) ORDER BY d.id, a.place
    )
    SELECT d.id, d.lot_id, d.sealed, d.masked, d.expires_at, d.entitlement_id, l.unit_cost, l.currency, l.data_key_id
    FROM dealt d JOIN lot l ON l.id = d.lot_id
"""

WANTED_CODES = Given(("uuid", "int", "timestamptz"))
WAITING_FOR_CODES = Given(("uuid", "uuid", "int"))


def claiming_codes(sql: str, variants: int, waiting: int) -> str:
    """CLAIM_CODES for so many variants and so many entitlements, after the moment, actor, trail and actions."""
    return _claiming(sql, variants == 1, waiting == 1)


@cache
def _claiming(sql: str, one_variant: bool, one_waits: bool) -> str:
    # The wanted are three parameters either way.
    wanted, waiting = WANTED_CODES.source(int(one_variant), before=4), WAITING_FOR_CODES.source(int(one_waits), before=7)
    return sql.format(wanted=wanted, waiting=waiting)


# Codes that others hold locked count as well; none is counted beyond what is missing.
USABLE_CODES = """
    SELECT w.variant_id, (SELECT count(*) FROM (
        SELECT FROM code c WHERE c.variant_id = w.variant_id AND c.state = 'available' AND c.expires_at > w.usable_at
        LIMIT w.missing) AS there) AS codes
    FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS w(variant_id, missing, usable_at)
"""

# What is promised to unpaid orders is not for sale. Parts of a `Claim`, in the order of the keys.
TAKE_STOCK = """
    stocked AS (
        SELECT st.variant_id, given.quantity
        FROM stock st JOIN {given} AS given(variant_id, quantity) ON st.variant_id = given.variant_id
        ORDER BY st.variant_id FOR NO KEY UPDATE OF st
    ), left_stock AS (
        UPDATE stock s SET available = s.available - w.quantity FROM stocked w
        WHERE s.variant_id = w.variant_id AND s.available - s.held >= w.quantity
        RETURNING s.variant_id
    )
"""
STOCK_WANTED = Given(("uuid", "int"))
STOCK_TAKEN = "SELECT l.variant_id, true FROM left_stock l"

HOLD_STOCK = TAKE_STOCK.replace("SET available = s.available - w.quantity", "SET held = s.held + w.quantity")

# Both at once, for what is sold in part now and in part later.
STOCK_WANTED_AND_HELD = Given(("uuid", "int", "int"))
TAKE_AND_HOLD_STOCK = """
    stocked AS (
        SELECT st.variant_id, given.taken, given.held
        FROM stock st JOIN {given} AS given(variant_id, taken, held) ON st.variant_id = given.variant_id
        ORDER BY st.variant_id FOR NO KEY UPDATE OF st
    ), left_stock AS (
        UPDATE stock s SET available = s.available - w.taken, held = s.held + w.held FROM stocked w
        WHERE s.variant_id = w.variant_id AND s.available - s.held >= w.taken + w.held
        RETURNING s.variant_id
    )
"""

# $2 is how many codes leave the stock, $3 how many promises end: a promise is kept, partly kept, or given back.
SETTLE_STOCK = """
    UPDATE stock s SET available = s.available - w.taken, held = s.held - w.promised
    FROM (SELECT st.variant_id, given.taken, given.promised
          FROM stock st JOIN unnest($1::uuid[], $2::int[], $3::int[]) AS given(variant_id, taken, promised)
               ON st.variant_id = given.variant_id
          ORDER BY st.variant_id FOR NO KEY UPDATE OF st) AS w
    WHERE s.variant_id = w.variant_id
"""

ADD_STOCK = """
    INSERT INTO stock AS s (variant_id, available, held) VALUES ($1, $2, 0)
    ON CONFLICT (variant_id) DO UPDATE SET available = s.available + excluded.available
"""

# For lists that are narrowed to what can be had at once; `l` has the variant.
STOCKED = "EXISTS (SELECT FROM stock s WHERE s.variant_id = l.variant_id AND s.available > s.held)"

# For statements that know a variant: how many codes of it are neither sold nor promised; null where there never was any.
IN_POOL = "(SELECT s.available - s.held FROM stock s WHERE s.variant_id = {variant})"

READ_STOCK = "SELECT variant_id, available - held AS free FROM stock WHERE variant_id = ANY($1)"

RECORD_CUSTODY = """
    INSERT INTO custody (at, action, lot_id, code_id, entitlement_id, actor, correlation_id)
    SELECT $1, $2, c.lot_id, c.id, w.entitlement_id, $3, $4
    FROM unnest($5::uuid[], $6::uuid[]) AS w(code_id, entitlement_id) JOIN code c ON c.id = w.code_id ORDER BY c.id
"""

READ_SEALED = """
    SELECT c.id, c.lot_id, c.sealed, l.data_key_id FROM code c JOIN lot l ON l.id = c.lot_id WHERE c.id = ANY($1)
"""

LOTS_OF_CODES = """
    SELECT l.id, l.state, l.unit_cost, l.currency FROM lot l
    WHERE l.id IN (SELECT lot_id FROM code WHERE id = ANY($1)) ORDER BY l.id FOR SHARE
"""

CODES_OF_LOTS = "SELECT id FROM code WHERE id = ANY($1) AND lot_id = ANY($2)"

# Codes that were sold at this moment are waited for, and passed over if they are sold; those that a sale lets go of are
# frozen. In the order of their ids, chunk by chunk.
FREEZE_CODES = """
    WITH picked AS (
        SELECT i.id FROM code i
        WHERE i.lot_id = $1 AND i.state = 'available' AND i.id > $2
        ORDER BY i.id LIMIT $3 FOR NO KEY UPDATE
    ), moved AS (
        UPDATE code c SET state = 'frozen' FROM picked p WHERE c.id = p.id RETURNING c.id, c.lot_id
    ), touched AS (
        INSERT INTO custody (at, action, lot_id, code_id, actor, correlation_id)
        SELECT $4, 'frozen', m.lot_id, m.id, $5, $6 FROM moved m ORDER BY m.id
    )
    SELECT count(*) AS codes, (SELECT m.id FROM moved m ORDER BY m.id DESC LIMIT 1) AS last FROM moved
"""

# A code that somebody is buying at this moment is passed over; it is sold, or its turn comes next time.
EXPIRE_CODES = """
    WITH picked AS (
        SELECT c.id
        FROM unnest($1::uuid[], $2::timestamptz[]) AS w(variant_id, usable_at) CROSS JOIN LATERAL (
            SELECT i.id FROM code i
            WHERE i.variant_id = w.variant_id AND i.state = 'available' AND i.expires_at <= w.usable_at
            ORDER BY i.expires_at, i.id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
        ) AS c
        LIMIT $3
    ), moved AS (
        UPDATE code c SET state = 'expired' FROM picked p WHERE c.id = p.id RETURNING c.id, c.lot_id, c.variant_id
    ), touched AS (
        INSERT INTO custody (at, action, lot_id, code_id, actor, correlation_id)
        SELECT $4, 'expired', m.lot_id, m.id, $5, $6 FROM moved m ORDER BY m.id
    )
    SELECT m.variant_id, l.unit_cost, l.currency, count(*) AS codes
    FROM moved m JOIN lot l ON l.id = m.lot_id GROUP BY m.variant_id, l.id
"""

# In the order of the values, so that two imports of the same codes never wait for each other in a circle. Whoever comes
# second gets nothing back for the value: that code does not enter.
CLAIM_FINGERPRINTS = """
    INSERT INTO fingerprint (value, code_id)
    SELECT f.value, f.code_id FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS f(value, code_id, place)
    ORDER BY f.value, f.place
    ON CONFLICT (value) DO NOTHING
    RETURNING code_id
"""

KNOWN_FINGERPRINTS = "SELECT value FROM fingerprint WHERE value = ANY($1)"

LOTS_OF_FINGERPRINTS = """
    SELECT f.value, c.lot_id FROM fingerprint f JOIN code c ON c.id = f.code_id WHERE f.value = ANY($1)
"""

# A recall locks the same row first: either it sees the codes of this transaction, or this one sees the recall.
GROW_LOT = "UPDATE lot SET quantity = quantity + $2 WHERE id = $1 AND state = 'open' RETURNING id"
