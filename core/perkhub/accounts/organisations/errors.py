"""Why organisations refused.

OrganisationNotYours    (ends the request) the organisation that was named is none of the caller's, or not active
DomainError
├── LastOwner           somebody must be left who owns it
├── AlreadyMember
├── InvitationEnded     unknown, used, taken back or too old: told alike
├── InvitationForAnother  it was sent to a contact that is not the caller's
├── InvitationSentTooOften  to this contact, by whomever; says when it may be sent again
└── OrganisationDecided   the request was decided about, or it is (not) suspended already
"""

from perkhub.kit.errors import AccessError, DomainError


class OrganisationNotYours(AccessError):
    """Ends the whole request: nothing of it may be done for the customer themselves by mistake."""

    code = "ORGANISATION_NOT_YOURS"
    en = "You cannot act for the organisation named in Perkhub-Organisation: you are no member, or it is not active."
    zh = "您无法代表 Perkhub-Organisation 中指定的组织操作:您不是其成员,或该组织未启用。"


class LastOwner(DomainError):
    code = "LAST_OWNER"
    en = "An organisation needs an owner. Make somebody else an owner first."
    zh = "组织至少须有一名所有者,请先指定其他所有者。"


class AlreadyMember(DomainError):
    code = "ALREADY_MEMBER"
    en = "This customer is a member already; change their role instead."
    zh = "该客户已是成员,如需调整请修改其角色。"


class InvitationEnded(DomainError):
    code = "INVITATION_ENDED"
    en = "This invitation is not valid any more. Ask whoever invited you to send a new one."
    zh = "该邀请已失效,请联系邀请人重新发送。"


class InvitationForAnother(DomainError):
    code = "INVITATION_FOR_ANOTHER"
    en = "This invitation was sent to {masked}. Add that contact to your account, or sign in by it, and accept again."
    zh = "该邀请发送给 {masked}。请先将该联系方式添加到您的账号,或用其登录后再接受。"

    def __init__(self, masked: str) -> None:
        super().__init__(path=("token",), masked=masked)


class InvitationSentTooOften(DomainError):
    code = "INVITATION_SENT_TOO_OFTEN"
    en = "This contact was sent invitations already. Try again in {retry_after} seconds."
    zh = "已向该联系方式发送过邀请,请在 {retry_after} 秒后重试。"

    def __init__(self, retry_after: int, *, path: tuple[str, ...]) -> None:
        super().__init__(path=path, retry_after=retry_after)


class OrganisationDecided(DomainError):
    code = "ORGANISATION_DECIDED"
    en = "The organisation is {state} now; this is not possible any more."
    zh = "该组织当前状态为 {state},无法执行此操作。"

    def __init__(self, state: str) -> None:
        super().__init__(path=("organisationId",), state=state.upper())
