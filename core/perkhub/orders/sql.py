"""Hand SQL of orders: holds and the cap on unpaid orders."""

from perkhub.kit.inserts import Given, Insert

INSERT_HOLDS = Insert(
    "hold",
    {
        "id": "uuid",
        "order_id": "uuid",
        "listing_id": "uuid",
        "variant_id": "uuid",
        "party_id": "uuid",
        "quantity": "int",
        "expires_at": "timestamptz",
        "sourced": "int",
    },
)

# Deleting is what ends a hold, and it ends once: whoever gets the rows back settles the counters.
END_HOLDS = "DELETE FROM hold WHERE order_id = $1 RETURNING listing_id, variant_id, quantity, sourced"

# Checked and raised in one statement, so that parallel orders of one owner cannot pass the cap together; parts of a `Claim`.
CLAIM_UNPAID = """
    owners AS (
        SELECT * FROM {given} AS w(key, owner, cap)
    ), unpaid AS (
        INSERT INTO unpaid_orders AS u (owner, count) SELECT w.owner, 1 FROM owners w ORDER BY w.owner
        ON CONFLICT (owner) DO UPDATE SET count = u.count + 1
        WHERE u.count < (SELECT w.cap FROM owners w WHERE w.owner = excluded.owner)
        RETURNING u.owner
    )
"""
OWNERS = Given(("uuid", "text", "int"), few=2)
UNPAID_CLAIMED = "SELECT o.key, true FROM owners o JOIN unpaid u ON u.owner = o.owner"

RELEASE_UNPAID = "UPDATE unpaid_orders SET count = count - 1 WHERE owner = $1"

DUE = "SELECT id FROM orders WHERE state = 'placed' AND expires_at <= $1 ORDER BY expires_at LIMIT $2"

ADD_REFUNDED = "UPDATE orders SET refunded = refunded + $2 WHERE id = $1 RETURNING total, refunded"
