"""All that accounts hold of one person, for the document that they may ask for. No credential, and no hash of one."""

from typing import Any
from uuid import UUID

from perkhub.accounts.organisations.members import memberships_of
from perkhub.accounts.people import customers_by_id
from perkhub.accounts.personal import unseal_personal
from perkhub.accounts.unmask import in_clear
from perkhub.kit import db
from perkhub.kit.errors import NotFound

CONTACTS = "SELECT kind, verified_at, created_at FROM contact WHERE party_id = $1 ORDER BY created_at, id"
SESSIONS = """
    SELECT created_at, revoked_at FROM sign_in_session
    WHERE subject_id = $1 AND subject_kind = 'customer' ORDER BY created_at DESC LIMIT 1000
"""
GROUPS = """
    SELECT g.name, m.added_at, m.until FROM customer_group_member m JOIN customer_group g ON g.id = m.group_id
    WHERE m.party_id = $1 ORDER BY m.id
"""
IDENTITIES = """
    SELECT id, source_kind, sealed_subject, told_groups, created_at FROM external_identity WHERE party_id = $1 ORDER BY id
"""
NAMES = "SELECT id, name FROM organisation WHERE id = ANY($1)"
READINGS = "SELECT at, purpose, reason FROM unmask_log WHERE party_id = $1 ORDER BY id DESC LIMIT 1000"


async def held_by_accounts(party_id: UUID) -> dict[str, Any]:
    """Profile, contacts in clear, sessions, memberships, and who has read them.

    Raises:
        NotFound
    """
    record = (await customers_by_id([party_id])).get(party_id)
    if record is None:
        raise NotFound("customer", "客户", path=("customerId",))
    known = await in_clear(party_id)
    memberships = (await memberships_of([party_id]))[party_id]
    names = {row["id"]: row["name"] for row in await db.rows(NAMES, [one.organisation_id for one in memberships])}
    sessions = await db.rows(SESSIONS, party_id)
    contacts = zip(known.contacts, await db.rows(CONTACTS, party_id), strict=True)
    return {
        "profile": {
            "name": known.name,
            "locale": record.locale,
            "hasPassword": record.has_password,
            "createdAt": record.created_at,
            "blockedAt": record.blocked_at,
            "erasedAt": record.erased_at,
        },
        "contacts": [
            {"kind": str(contact.kind), "value": contact.value, "verifiedAt": row["verified_at"], "addedAt": row["created_at"]}
            for contact, row in contacts
        ],
        "signInElsewhere": [
            {
                "by": row["source_kind"],
                "subject": unseal_personal(row["sealed_subject"], ("external_identity", row["id"], "subject")),
                "groups": list(row["told_groups"]),
                "since": row["created_at"],
            }
            for row in await db.rows(IDENTITIES, party_id)
        ],
        "sessions": [{"startedAt": row["created_at"], "endedAt": row["revoked_at"]} for row in sessions],
        "groups": [
            {"name": row["name"], "since": row["added_at"], "until": row["until"]} for row in await db.rows(GROUPS, party_id)
        ],
        "organisations": [
            {"name": names[one.organisation_id], "role": str(one.role), "since": one.joined_at} for one in memberships
        ],
        "readInClear": [
            {"at": row["at"], "purpose": row["purpose"], "reason": row["reason"]} for row in await db.rows(READINGS, party_id)
        ],
    }
