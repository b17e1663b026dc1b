"""Hand SQL of coupons: each claim finds and changes its row in one statement."""

# Two claimants never see the same row; in which order they are handed out says nothing to anybody.
CLAIM_FREE = """
    UPDATE coupon SET state = 'bound', party_id = $2::uuid, bound_at = $3::timestamptz
    WHERE id = (SELECT id FROM coupon WHERE campaign_id = $1::uuid AND state = 'free' LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
      AND state = 'free'
    RETURNING id, batch_id, campaign_id, number, state, party_id, order_id
"""

BIND = """
    UPDATE coupon SET state = 'bound', party_id = $2::uuid, bound_at = $3::timestamptz
    WHERE fingerprint = $1::bytea AND state = 'free'
    RETURNING id, batch_id, campaign_id, number, state, party_id, order_id
"""

# Whoever comes second waits for the first, and then finds it used.
USE = """
    WITH locked AS (
        SELECT id FROM coupon WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE coupon c SET state = 'used', party_id = $2::uuid, order_id = $3::uuid, used_at = $4::timestamptz
    FROM locked l WHERE c.id = l.id AND c.state IN ('free', 'bound') AND (c.party_id IS NULL OR c.party_id = $2::uuid)
    RETURNING c.id
"""

GIVE_BACK = """
    UPDATE coupon SET state = 'bound', order_id = NULL, used_at = NULL WHERE order_id = $1::uuid AND state = 'used'
"""
