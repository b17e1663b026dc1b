"""The hot statements of the outbox, each one round trip. Every write of a run names its attempt: a run that lost its
lease has no say any more, whatever it still does.
"""

# Of several workers that were told of the same run, one gets it: the others find `attempts` changed.
CLAIM = """
    UPDATE outbox
    SET state = 'running', attempts = attempts + 1, lease_until = $4, started_at = coalesce(started_at, $3)
    WHERE id = $1 AND state = 'ready' AND attempts = $2
    RETURNING id, kind, name, version, payload, attempts, forgiven, run_at, started_at, progress, correlation_id,
              activity_id
"""

# Rows that somebody holds locked at this moment are left to the claim of one, which waits for them.
CLAIM_MANY = """
    UPDATE outbox o
    SET state = 'running', attempts = o.attempts + 1, lease_until = $4, started_at = coalesce(o.started_at, $3)
    FROM (SELECT f.id FROM outbox f JOIN unnest($1::uuid[], $2::int[]) AS w(id, attempts) ON f.id = w.id
          WHERE f.state = 'ready' AND f.attempts = w.attempts FOR NO KEY UPDATE OF f SKIP LOCKED) AS free
    WHERE o.id = free.id
    RETURNING o.id, o.kind, o.name, o.version, o.payload, o.attempts, o.forgiven, o.run_at, o.started_at, o.progress,
              o.correlation_id, o.activity_id
"""

FINISH = """
    UPDATE outbox SET state = 'done', finished_at = $3, lease_until = NULL, handed_at = NULL
    WHERE id = $1 AND state = 'running' AND attempts = $2
    RETURNING id
"""

FINISH_MANY = """
    UPDATE outbox o SET state = 'done', finished_at = $3, lease_until = NULL, handed_at = NULL
    FROM unnest($1::uuid[], $2::int[]) AS w(id, attempts)
    WHERE o.id = w.id AND o.state = 'running' AND o.attempts = w.attempts
    RETURNING o.id
"""

# Greatest, because a beat may have waited behind the run's own transaction and would set an older time.
EXTEND_LEASE = """
    UPDATE outbox SET lease_until = greatest(lease_until, $3)
    WHERE id = $1 AND state = 'running' AND attempts = $2
    RETURNING id
"""

SAVE_PROGRESS = """
    UPDATE outbox SET progress = $3::jsonb, lease_until = greatest(lease_until, $4)
    WHERE id = $1 AND state = 'running' AND attempts = $2
"""

OWNED = "SELECT unique_key FROM outbox WHERE id = $1 AND state = 'running' AND attempts = $2 FOR NO KEY UPDATE"

# A row whose run holds it locked is alive, whatever its lease says: it is skipped.
LAPSED = """
    SELECT id, kind, name, attempts, forgiven FROM outbox
    WHERE state = 'running' AND lease_until < $1
    ORDER BY lease_until LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
"""

# Rows that nobody handed over, or whose hand-over came to nothing.
HAND_OVER_AGAIN = """
    UPDATE outbox SET handed_at = $1
    WHERE id IN (
        SELECT id FROM outbox
        WHERE state = 'ready' AND kind <> 'periodic' AND run_at <= $1 AND (handed_at IS NULL OR handed_at < $2)
        ORDER BY run_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
    )
    RETURNING id, attempts, run_at
"""

DUE = """
    SELECT id, attempts, run_at FROM outbox
    WHERE state = 'ready' AND kind <> 'periodic' AND run_at <= $1
    ORDER BY run_at, id LIMIT $2
"""

DUE_PERIODIC = """
    SELECT id, attempts FROM outbox
    WHERE id = ANY($1) AND state = 'ready' AND run_at <= $2
"""

SEED_PERIODIC = """
    INSERT INTO outbox (id, kind, name, version, payload, state, attempts, forgiven, run_at, correlation_id, created_at)
    SELECT r.id, 'periodic', r.name, 1, '{}', 'ready', 0, 0, $3, r.name, $3
    FROM unnest($1::uuid[], $2::text[]) AS r(id, name)
    ON CONFLICT DO NOTHING
"""

# Ids are in the order of time, so the primary key finds the oldest.
FORGET = """
    DELETE FROM outbox
    WHERE id IN (SELECT id FROM outbox WHERE id < $1 AND state = 'done' AND finished_at < $2 ORDER BY id LIMIT $3)
"""
