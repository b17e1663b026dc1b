"""Why somebody whom another vouches for was not let in, or who may vouch was not set up.

DomainError
├── AccountExists           the e-mail belongs to an account that this sign-in is not linked to
├── EmailNotAccepted        the provider gave no verified e-mail of an allowed domain
├── IdentityTaken           linked to another account already
├── LastWayIn               without it, nobody could sign in to the account any more
├── ProviderUnavailable     the provider cannot be reached, or says what makes no sense
├── SignInRefused           what the provider answered does not prove who somebody is
└── IssuerTrusted           another live configuration names this issuer
"""

from perkhub.kit.errors import DomainError


class AccountExists(DomainError):
    """Told only to whoever has just proved the e-mail at the provider."""

    code = "ACCOUNT_EXISTS"
    en = "There is an account with this e-mail already. Sign in to it as you used to, then link this sign-in in your account."
    zh = "该邮箱已有账号。请先用原方式登录,再在账号中绑定此登录方式。"


class EmailNotAccepted(DomainError):
    code = "EMAIL_NOT_ACCEPTED"
    en = "This sign-in needs a verified e-mail of an allowed domain."
    zh = "此登录方式需要已验证且域名在允许范围内的邮箱。"


class IdentityTaken(DomainError):
    code = "IDENTITY_TAKEN"
    en = "This sign-in is already linked to another account. Unlink it there first."
    zh = "该登录身份已绑定其他账号,请先在原账号中解绑。"


class LastWayIn(DomainError):
    code = "LAST_WAY_IN"
    en = "Without it nobody could sign in to this account. Add a verified contact or a password first."
    zh = "解绑后将无法登录该账号。请先添加已验证的联系方式或设置密码。"


class ProviderUnavailable(DomainError):
    code = "PROVIDER_UNAVAILABLE"
    en = "The sign-in service cannot be reached right now. Try again, or sign in another way."
    zh = "登录服务暂时不可用,请稍后重试或使用其他登录方式。"


class SignInRefused(DomainError):
    code = "SIGN_IN_REFUSED"
    en = "The sign-in could not be completed. Begin again."
    zh = "登录未能完成,请重新发起。"


class IssuerTrusted(DomainError):
    code = "ISSUER_TRUSTED"
    en = "Another trusted issuer with this address is live. Change or archive that one."
    zh = "已有启用中的同名可信签发方,请修改或归档原配置。"
