"""Hand SQL of coupons: each claim finds and changes its row in one statement."""

from perkhub.plugin.mechanic import HANDED_OUT

# `c` is the coupon, `b` its batch.
COLUMNS = """c.id, c.batch_id, c.campaign_id, c.number, c.state, c.party_id, c.order_id, c.bound_at, c.used_at,
    b.state = 'void' AS batch_void, b.sealed"""

_COUNT = f"""
    INSERT INTO campaign_counter AS n (campaign_id, buyer_id, name, value, ceiling, version)
    SELECT g.id, $2::uuid, '{HANDED_OUT}', 1, $3::bigint, g.version FROM campaign g
    WHERE g.id = $1::uuid AND g.version = $4::int AND g.state = 'published'
    ON CONFLICT (campaign_id, buyer_id, name) DO UPDATE
    SET value = n.value + 1, ceiling = excluded.ceiling, version = excluded.version
    WHERE excluded.ceiling IS NULL OR n.value < excluded.ceiling
    RETURNING n.value
"""

# One more for this customer, of at most so many: parallel requests cannot pass the ceiling together. Nothing is counted by
# settings that are no longer the latest, nor for a campaign that is not running.
COUNT_HANDED_OUT = _COUNT

# A free one from some number on, which is another each time: whoever comes meets neither those who claim beside them nor the
# dead rows of those who came before.
_FREE_ONE = """
    SELECT id FROM coupon WHERE batch_id = b.id AND state = 'free' AND number {0}
    ORDER BY number LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""

# Counted and bound at once, the counter first: nobody waits for a coupon here, so that this is no lock order of its own.
HAND_OUT = f"""
    WITH counted AS ({_COUNT}),
    free AS (
        SELECT f.id, b.id AS batch_id, b.sealed FROM coupon_batch b CROSS JOIN LATERAL (
            SELECT id FROM ({_FREE_ONE.format(">= ($5::float8 * b.next_number)::int")}) later
            UNION ALL
            SELECT id FROM ({_FREE_ONE.format("< ($5::float8 * b.next_number)::int")}) earlier
            LIMIT 1
        ) f
        WHERE b.campaign_id = $1::uuid AND b.state <> 'void' AND EXISTS (SELECT FROM counted) LIMIT 1
    ),
    bound AS (
        UPDATE coupon c SET state = 'bound', party_id = $2::uuid, bound_at = $6::timestamptz, claim_id = $7::uuid
        FROM free b WHERE c.id = b.id AND c.state = 'free'
        RETURNING c.id, c.batch_id, c.campaign_id, c.number, c.state, c.party_id, c.order_id, c.bound_at, c.used_at,
                  false AS batch_void, b.sealed
    )
    SELECT (SELECT count(*) FROM counted) AS counted, bound.* FROM (SELECT) AS one LEFT JOIN bound ON true
"""

FREE_LEFT = """
    SELECT true FROM coupon_batch b WHERE b.campaign_id = $1 AND b.state <> 'void'
    AND EXISTS (SELECT FROM coupon c WHERE c.batch_id = b.id AND c.state = 'free') LIMIT 1
"""

BIND = f"""
    UPDATE coupon c SET state = 'bound', party_id = $2::uuid, bound_at = $3::timestamptz, claim_id = $4::uuid
    FROM coupon_batch b WHERE c.fingerprint = $1::bytea AND c.state = 'free' AND b.id = c.batch_id AND b.state <> 'void'
    RETURNING {COLUMNS}
"""

# Whoever comes second waits for the first, and then finds it used. The parts of a `Claim`, the first of an order: what was
# refused is missing in the answer.
USE = """
    brought AS (
        SELECT c.id, w.key FROM unnest($1::uuid[], $2::bigint[]) AS w(key, id) JOIN coupon c ON c.id = w.id
        ORDER BY c.id FOR NO KEY UPDATE OF c
    ), used AS (
        UPDATE coupon c SET state = 'used', party_id = $3::uuid, order_id = $4::uuid, used_at = $5::timestamptz,
            bound_at = coalesce(c.bound_at, $5::timestamptz)
        FROM brought w WHERE c.id = w.id AND c.state IN ('free', 'bound') AND (c.party_id IS NULL OR c.party_id = $3::uuid)
          AND NOT EXISTS (SELECT FROM coupon_batch b WHERE b.id = c.batch_id AND b.state = 'void')
        RETURNING w.key
    )
"""
USED = "SELECT key, true FROM used"

GIVE_BACK = """
    UPDATE coupon SET state = 'bound', order_id = NULL, used_at = NULL WHERE order_id = $1::uuid AND state = 'used'
"""

VOID = f"""
    UPDATE coupon c SET state = 'void' FROM coupon_batch b
    WHERE c.fingerprint = $1::bytea AND c.state IN ('free', 'bound') AND b.id = c.batch_id RETURNING {COLUMNS}
"""
