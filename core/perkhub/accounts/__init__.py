"""Parties, customers and staff: who they are, how they prove it, and what they may do. Owns no money and sends no message.

Verbs that must leave a mark although they refuse (a counted guess, a revoked session), or that hash a password, take no
transaction and must not be called inside one; all others take `tx` first where they write.
"""

from perkhub.accounts.block import block_customer, unblock_customer
from perkhub.accounts.codes import CodePurpose, CodeRequested, request_code
from perkhub.accounts.colleagues import StaffRecord, list_staff, staff_by_id
from perkhub.accounts.contacts import ContactKind, ContactPoint, is_of_country, national_number, parse_contact
from perkhub.accounts.customer_group_members import (
    MEMBERS_AT_ONCE,
    CustomerGroupMembership,
    MemberKey,
    add_group_members,
    count_group_members,
    members_of_group,
    remove_group_members,
)
from perkhub.accounts.customer_groups import (
    GROUPS_OF_PARTY,
    CustomerGroupChanges,
    CustomerGroupDraft,
    CustomerGroupRecord,
    archive_customer_group,
    create_customer_group,
    customer_group_by_reference,
    customer_groups_by_id,
    ensure_customer_groups,
    groups_of,
    list_customer_groups,
    update_customer_group,
)
from perkhub.accounts.delivery import CodeToDeliver, forget_plain_code, open_for_delivery
from perkhub.accounts.erase import erase_customer
from perkhub.accounts.errors import (
    AdministratorExists,
    CodeExpired,
    CodeWrong,
    ContactTaken,
    CustomerBlocked,
    GroupExists,
    LastAdministrator,
    PasswordTooWeak,
    SessionEnded,
    SignInFailed,
    StaffExists,
    TokenReused,
    TooManyCodes,
)
from perkhub.accounts.federation.claims import ClaimMapping, Vouched
from perkhub.accounts.federation.discovery import Endpoints, endpoints_of
from perkhub.accounts.federation.errors import (
    AccountExists,
    EmailNotAccepted,
    IdentityTaken,
    IssuerTrusted,
    LastWayIn,
    ProviderUnavailable,
    SignInRefused,
)
from perkhub.accounts.federation.issuers import (
    IssuerChanges,
    IssuerDraft,
    TrustedIssuerRecord,
    archive_trusted_issuer,
    create_trusted_issuer,
    list_trusted_issuers,
    trusted_issuers_by_id,
    update_trusted_issuer,
)
from perkhub.accounts.federation.linked import LinkedIdentity, linked_identities
from perkhub.accounts.federation.providers import (
    ProviderAudience,
    ProviderChanges,
    ProviderDraft,
    ProviderRecord,
    archive_provider,
    create_provider,
    list_providers,
    live_providers,
    providers_by_id,
    update_provider,
)
from perkhub.accounts.federation.sign_in import LinkTo, link_provider, read_id_token, sign_in_with_provider, unlink_identity
from perkhub.accounts.federation.verify import ALGORITHMS as SIGNING_ALGORITHMS
from perkhub.accounts.forget import forget_what_is_over
from perkhub.accounts.groups import (
    CHANNELS_AT_MOST,
    Group,
    all_groups,
    create_group,
    ensure_default_groups,
    groups_by_id,
    update_group,
)
from perkhub.accounts.held import held_by_accounts
from perkhub.accounts.identify import identify
from perkhub.accounts.identity import (
    ANONYMOUS,
    Identity,
    IdentityKind,
    ensure_customer,
    ensure_permission,
    ensure_permission_somewhere,
)
from perkhub.accounts.machines.errors import MachineClientRevoked, RotationUnderWay
from perkhub.accounts.machines.read import (
    LiveSecret,
    MachineClientRecord,
    list_machine_clients,
    live_secrets,
    machine_clients_by_id,
)
from perkhub.accounts.machines.tokens import (
    MachineToken,
    ProvenClient,
    issue_machine_token,
    prove_machine_client,
    take_back_machine_token,
)
from perkhub.accounts.machines.write import (
    MachineChanges,
    MachineDraft,
    NewSecret,
    create_machine_client,
    revoke_machine_client,
    rotate_machine_secret,
    update_machine_client,
)
from perkhub.accounts.new_password import change_password, reset_password
from perkhub.accounts.organisations.delivery import (
    InvitationToDeliver,
    forget_invitation_token,
    open_invitation_for_delivery,
)
from perkhub.accounts.organisations.errors import (
    AlreadyMember,
    InvitationEnded,
    InvitationForAnother,
    InvitationSentTooOften,
    LastOwner,
    OrganisationDecided,
    OrganisationNotYours,
)
from perkhub.accounts.organisations.invitations import (
    Invitation,
    accept_invitation,
    invitation_by_id,
    invite_member,
    open_invitations,
    resend_invitation,
    revoke_invitation,
)
from perkhub.accounts.organisations.members import (
    Membership,
    acting_for,
    leave_organisation,
    members_of_organisation,
    memberships_of,
    remove_member,
    set_member_role,
)
from perkhub.accounts.organisations.read import (
    OrganisationRecord,
    list_organisations,
    organisations_by_id,
)
from perkhub.accounts.organisations.roles import RIGHTS, Right, Role
from perkhub.accounts.organisations.set_up import (
    OrganisationChanges,
    add_owner,
    create_organisation,
    decide_organisation,
    request_organisation,
    resume_organisation,
    suspend_organisation,
    update_organisation,
)
from perkhub.accounts.organisations.states import OrganisationState
from perkhub.accounts.parties import PartyKind, PartyRef, ensure_parties, party_kinds
from perkhub.accounts.passwords import ensure_acceptable, hash_password
from perkhub.accounts.people import (
    CustomerRecord,
    CustomersAsked,
    MaskedContact,
    contacts_of,
    customers_by_id,
    find_customer,
    list_customers,
)
from perkhub.accounts.permissions import DEFAULT_GROUPS, Permission
from perkhub.accounts.personal import index_of, seal_personal, unseal_personal
from perkhub.accounts.profile import set_locale, set_name
from perkhub.accounts.register import add_contact, create_customer, register_customer
from perkhub.accounts.responsible import Colleague, staff_who_may
from perkhub.accounts.rights import Rights, rights_of
from perkhub.accounts.sessions import SignedIn, refresh_session, revoke_sessions, sign_out
from perkhub.accounts.sign_in import ensure_not_blocked, is_blocked, not_blocked, sign_in_with_code, sign_in_with_password
from perkhub.accounts.staff import (
    activate_staff,
    create_first_admin,
    create_staff,
    deactivate_staff,
    reset_staff_password,
    set_staff_groups,
)
from perkhub.accounts.staff_sign_in import change_staff_password, sign_in_staff
from perkhub.accounts.unmask import (
    InClear,
    Unmasking,
    count_unmasking,
    in_clear,
    list_unmaskings,
    log_export,
    unmask_contact,
    unmask_customer,
)

# As lines: one name a line would hide the rest of this page.
# fmt: off
__all__ = [
    "ANONYMOUS", "CHANNELS_AT_MOST", "DEFAULT_GROUPS", "GROUPS_OF_PARTY", "MEMBERS_AT_ONCE", "RIGHTS",
    "SIGNING_ALGORITHMS", "AccountExists", "AdministratorExists", "AlreadyMember", "ClaimMapping", "CodeExpired",
    "CodePurpose", "CodeRequested", "CodeToDeliver", "CodeWrong", "Colleague", "ContactKind", "ContactPoint", "ContactTaken",
    "CustomerBlocked", "CustomerGroupChanges", "CustomerGroupDraft", "CustomerGroupMembership", "CustomerGroupRecord",
    "CustomerRecord", "CustomersAsked", "EmailNotAccepted", "Endpoints", "Group", "GroupExists", "Identity",
    "IdentityKind", "IdentityTaken", "InClear", "Invitation", "InvitationEnded", "InvitationForAnother",
    "InvitationSentTooOften", "InvitationToDeliver", "IssuerChanges", "IssuerDraft", "IssuerTrusted",
    "LastAdministrator", "LastOwner", "LastWayIn", "LinkTo", "LinkedIdentity", "LiveSecret", "MachineChanges",
    "MachineClientRecord", "MachineClientRevoked", "MachineDraft", "MachineToken", "MaskedContact", "MemberKey",
    "Membership", "NewSecret", "OrganisationChanges", "OrganisationDecided", "OrganisationNotYours",
    "OrganisationRecord", "OrganisationState", "PartyKind", "PartyRef", "PasswordTooWeak", "Permission",
    "ProvenClient", "ProviderAudience", "ProviderChanges", "ProviderDraft", "ProviderRecord", "ProviderUnavailable",
    "Right", "Rights", "Role", "RotationUnderWay", "SessionEnded", "SignInFailed", "SignInRefused", "SignedIn",
    "StaffExists", "StaffRecord", "TokenReused", "TooManyCodes", "TrustedIssuerRecord", "Unmasking", "Vouched",
    "accept_invitation", "acting_for", "activate_staff", "add_contact", "add_group_members", "add_owner",
    "all_groups", "archive_customer_group", "archive_provider", "archive_trusted_issuer", "block_customer",
    "change_password", "change_staff_password", "contacts_of", "count_group_members", "count_unmasking",
    "create_customer", "create_customer_group", "create_first_admin", "create_group", "create_machine_client",
    "create_organisation", "create_provider", "create_staff", "create_trusted_issuer", "customer_group_by_reference",
    "customer_groups_by_id", "customers_by_id", "deactivate_staff", "decide_organisation", "endpoints_of",
    "ensure_acceptable", "ensure_customer", "ensure_customer_groups", "ensure_default_groups", "ensure_not_blocked",
    "ensure_parties", "ensure_permission", "ensure_permission_somewhere", "erase_customer", "find_customer",
    "forget_invitation_token", "forget_plain_code", "forget_what_is_over", "groups_by_id", "groups_of",
    "hash_password", "held_by_accounts", "identify", "in_clear", "index_of", "invitation_by_id", "invite_member",
    "is_blocked", "is_of_country", "issue_machine_token", "leave_organisation", "link_provider", "linked_identities",
    "list_customer_groups", "list_customers", "list_machine_clients", "list_organisations", "list_providers",
    "list_staff", "list_trusted_issuers", "list_unmaskings", "live_providers", "live_secrets", "log_export",
    "machine_clients_by_id", "members_of_group", "members_of_organisation", "memberships_of", "national_number",
    "not_blocked",
    "open_for_delivery", "open_invitation_for_delivery", "open_invitations", "organisations_by_id", "parse_contact",
    "party_kinds", "prove_machine_client", "providers_by_id", "read_id_token", "refresh_session", "register_customer",
    "remove_group_members", "remove_member", "request_code", "request_organisation", "resend_invitation",
    "reset_password", "reset_staff_password", "resume_organisation", "revoke_invitation", "revoke_machine_client",
    "revoke_sessions", "rights_of", "rotate_machine_secret", "seal_personal", "set_locale", "set_member_role",
    "set_name", "set_staff_groups", "sign_in_staff", "sign_in_with_code", "sign_in_with_password",
    "sign_in_with_provider", "sign_out", "staff_by_id", "staff_who_may", "suspend_organisation", "take_back_machine_token",
    "trusted_issuers_by_id", "unblock_customer", "unlink_identity", "unmask_contact", "unmask_customer",
    "unseal_personal", "update_customer_group", "update_group", "update_machine_client", "update_organisation",
    "update_provider", "update_trusted_issuer",
]
# fmt: on
