"""Hand SQL of units whose codes come after they were paid for."""

# In the order of their keys. Whoever was failed or given a code meanwhile is not among the answers.
ISSUE = """
    WITH given AS (
        SELECT g.id, g.code_id, g.masked, g.expires_at, g.cost, g.currency
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::numeric[], $6::text[])
             AS g(id, code_id, masked, expires_at, cost, currency)
    ), locked AS (
        SELECT i.id FROM entitlement i
        WHERE i.id IN (SELECT g.id FROM given g) AND (i.state = 'pending' OR i.state = 'delayed') AND i.code_id IS NULL
        ORDER BY i.id FOR NO KEY UPDATE
    )
    UPDATE entitlement e
    SET state = 'issued', code_id = g.code_id, masked = g.masked, expires_at = g.expires_at, cost = g.cost,
        cost_currency = g.currency, issued_at = $7
    FROM locked JOIN given g ON g.id = locked.id
    WHERE e.id = locked.id
    RETURNING e.*
"""

LOCK_WAITING = """
    SELECT id FROM entitlement WHERE id = ANY($1) AND state IN ('pending', 'delayed') AND code_id IS NULL
    ORDER BY id FOR NO KEY UPDATE
"""

RESERVE = """
    UPDATE entitlement e
    SET code_id = g.code_id, masked = g.masked, expires_at = g.expires_at, cost = g.cost, cost_currency = g.currency
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::numeric[], $6::text[])
         AS g(id, code_id, masked, expires_at, cost, currency)
    WHERE e.id = g.id AND e.state IN ('pending', 'delayed') AND e.code_id IS NULL
"""

LOCK_UNITS = "SELECT id, state, code_id FROM entitlement WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"
