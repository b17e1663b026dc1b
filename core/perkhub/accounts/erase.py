"""Erasing who a customer was: for ever, and as often as one likes. The party stays, and with it every trade record.

Other domains erase what they hold when they hear of it. What is deleted here stands in one list, for a test to compare
with the tables.
"""

from uuid import UUID

from perkhub.accounts.identity import IdentityKind
from perkhub.accounts.sessions import revoke_sessions
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import NotFound
from perkhub.kit.outbox import emit
from perkhub.plugin.events import CustomerErased

# The customer before the party, as everybody who adds to them locks the two.
LOCK = "SELECT 1 FROM customer WHERE party_id = $1 FOR NO KEY UPDATE"
ERASE_PARTY = "UPDATE party SET erased_at = $2 WHERE id = $1 AND erased_at IS NULL"
# Blocked, too: an access token that is still out must neither buy nor look at a code.
FORGET_CUSTOMER = """
    UPDATE customer SET sealed_name = NULL, masked_name = NULL, password_hash = NULL, blocked_at = coalesce(blocked_at, $2),
                        version = version + 1
    WHERE party_id = $1
"""
# In this order: codes and invitations are found by the contacts that they were sent to.
FORGET = {
    "one_time_code": """
        DELETE FROM one_time_code c USING contact co
        WHERE co.party_id = $1 AND c.contact_kind = co.kind AND c.blind_index = co.blind_index
    """,
    "organisation_invitation": """
        DELETE FROM organisation_invitation i USING contact co
        WHERE co.party_id = $1 AND i.contact_kind = co.kind AND i.blind_index = co.blind_index
    """,
    "external_identity": "DELETE FROM external_identity WHERE party_id = $1",
    "contact": "DELETE FROM contact WHERE party_id = $1",
    "organisation_member": "DELETE FROM organisation_member WHERE customer_id = $1",
    "customer_group_member": "DELETE FROM customer_group_member WHERE party_id = $1",
    "refresh_token": """
        DELETE FROM refresh_token t USING sign_in_session s
        WHERE s.subject_id = $1 AND s.subject_kind = 'customer' AND t.session_id = s.id
    """,
    "sign_in_session": "DELETE FROM sign_in_session WHERE subject_id = $1 AND subject_kind = 'customer'",
}


async def erase_customer(tx: Transaction, party_id: UUID) -> None:
    """Delete what names the person here, and let the other domains hear of it.

    Raises:
        NotFound
    """
    if await tx.value(LOCK, party_id) is None:
        raise NotFound("customer", "客户", path=("customerId",))
    erased = await tx.execute(ERASE_PARTY, party_id, now())
    await revoke_sessions(tx, IdentityKind.CUSTOMER, party_id)
    await tx.execute(FORGET_CUSTOMER, party_id, now())
    for statement in FORGET.values():
        await tx.execute(statement, party_id)
    # Again where it was done before: a domain that has failed to hear of it gets another chance.
    emit(tx, CustomerErased(party_id))
    tx.note_change("customer", party_id, before={"erased": not erased}, after={"erased": True})
