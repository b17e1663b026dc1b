"""What somebody who asks at random must have left as it was: whatever is not theirs to change."""

from tests.faults.settle import ask

EVERY_TABLE = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
# What anybody may bring about: a code is sent, a session begun or ended, an operation or a refusal remembered.
BY_ANYBODY = {"idempotency_key", "kept_operation", "one_time_code", "outbox", "refresh_token", "sign_in_session"}
# What a customer may: buy, give back, top up, be somebody, belong to an organisation.
BY_CUSTOMERS = BY_ANYBODY | {
    *("code", "contact", "custody", "customer", "entitlement", "external_identity", "gateway_callback"),
    *("hold", "ledger_entry", "ledger_transfer", "listing", "listing_buyer", "order_line", "orders", "organisation"),
    *("organisation_invitation", "organisation_member", "party", "party_account", "payment", "refund", "stock", "top_up"),
    *("reader_change", "unmask_log", "unpaid_orders"),
}
ALLOWED = {"anonymous": BY_ANYBODY, "customer": BY_CUSTOMERS}
# Of those tables, whatever is another customer's.
OWNED = ("contact", "customer", "entitlement", "orders", "party_account", "payment")
DIGEST = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{}\" t"


def what_stands(url: str, who: str, other: str) -> dict[str, str]:
    """By table, a digest of what this caller must not change."""
    tables = {row["relname"] for row in ask(url, EVERY_TABLE)} - ALLOWED[who]
    found = {table: _digest(url, DIGEST.format(table)) for table in sorted(tables)}
    for table in OWNED:
        found[f"{table} of another"] = _digest(url, f"{DIGEST.format(table)} WHERE party_id = '{other}'")
    return found


def _digest(url: str, sql: str) -> str:
    return str(ask(url, sql)[0][0])
