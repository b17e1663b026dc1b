"""Hand SQL of orders: holds and the cap on unpaid orders."""

INSERT_HOLDS = """
    INSERT INTO hold (id, order_id, listing_id, variant_id, party_id, quantity, expires_at, sourced)
    SELECT h.id, $1::uuid, h.listing_id, h.variant_id, $2::uuid, h.quantity, $3::timestamptz, h.sourced
    FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::int[], $8::boolean[])
         AS h(id, listing_id, variant_id, quantity, sourced)
"""

# Deleting is what ends a hold, and it ends once: whoever gets the rows back settles the counters.
END_HOLDS = "DELETE FROM hold WHERE order_id = $1 RETURNING listing_id, variant_id, quantity, sourced"

# Checked and raised in one statement, so that parallel orders of one owner cannot pass the cap together.
CLAIM_UNPAID = """
    INSERT INTO unpaid_orders AS u (owner, count) VALUES ($1, 1)
    ON CONFLICT (owner) DO UPDATE SET count = u.count + 1 WHERE u.count < $2
    RETURNING count
"""

RELEASE_UNPAID = "UPDATE unpaid_orders SET count = count - 1 WHERE owner = $1"

DUE = "SELECT id FROM orders WHERE state = 'placed' AND expires_at <= $1 ORDER BY expires_at LIMIT $2"

ADD_REFUNDED = "UPDATE orders SET refunded = refunded + $2 WHERE id = $1 RETURNING total, refunded"
