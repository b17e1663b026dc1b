"""Hand SQL of the ledger."""

from perkhub.kit.inserts import Insert

# The row is locked and checked in one statement: two spenders of one wallet wait for each other, and neither passes the floor.
DEBIT = """
    UPDATE party_account SET balance = balance - $3
    WHERE party_id = $1 AND currency = $2 AND balance - $3 >= floor AND NOT frozen
    RETURNING id
"""

CREDIT = "UPDATE party_account SET balance = balance + $3 WHERE party_id = $1 AND currency = $2 RETURNING id"

OPEN_ACCOUNT = """
    INSERT INTO party_account (id, party_id, currency, balance, floor, frozen, created_at)
    VALUES ($1, $2, $3, 0, 0, $4, $5) ON CONFLICT (party_id, currency) DO NOTHING
"""

READ_ACCOUNT = "SELECT id, balance, floor, frozen FROM party_account WHERE party_id = $1 AND currency = $2"

LOCK_ACCOUNT = "SELECT id FROM party_account WHERE party_id = $1 AND currency = $2 FOR NO KEY UPDATE"

TRANSFER = """
    INSERT INTO ledger_transfer (id, kind, reference_id, actor, correlation_id, created_at)
    VALUES ($1::uuid, $2::text, $3::uuid, $4::text, $5::text, $6::timestamptz)
"""

TRANSFER_ONCE = TRANSFER + " ON CONFLICT (kind, reference_id) DO NOTHING RETURNING id"

TRANSFERS = Insert(
    "ledger_transfer",
    {
        "id": "uuid",
        "kind": "text",
        "reference_id": "uuid",
        "actor": "text",
        "correlation_id": "text",
        "created_at": "timestamptz",
    },
    few=2,
)

# The sale of a unit of one's own stock has four.
ENTRIES = Insert(
    "ledger_entry",
    {"transfer_id": "uuid", "book": "text", "account_id": "uuid", "currency": "text", "amount": "bigint"},
    few=4,
)
