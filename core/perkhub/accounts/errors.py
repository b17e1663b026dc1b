"""Why accounts refused.

DomainError
├── SignInFailed            wrong contact, wrong password, blocked: one answer for all
├── CodeWrong               the one-time code does not match; says how many guesses are left
├── CodeExpired             no code that could still be used: too old, used, replaced, or guessed at too often
├── TooManyCodes            one was just sent, or the hour's are used up
├── ContactTaken            told only to whoever proved to own the contact
├── PasswordTooWeak
├── SessionEnded            the refresh token is unknown, expired, or its session was revoked
│   └── TokenReused         it was used before: the whole session is revoked now
├── CustomerBlocked
├── StaffExists             this e-mail already belongs to a member of staff
├── GroupExists
├── AdministratorExists     a first administrator is made only where there is none
└── LastAdministrator       somebody must be left who may manage staff
"""

from perkhub.kit.errors import DomainError


class SignInFailed(DomainError):
    """Says the same for an unknown contact, a wrong password and a blocked account, so that nobody learns which it was."""

    code = "SIGN_IN_FAILED"
    en = "Sign-in failed. Check the contact and the password, or use a one-time code."
    zh = "登录失败。请检查账号和密码,或使用验证码登录。"


class CodeWrong(DomainError):
    code = "CODE_WRONG"
    en = "The code is not right. Guesses left: {attempts_left}."
    zh = "验证码不正确,还可尝试 {attempts_left} 次。"

    def __init__(self, attempts_left: int, *, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, attempts_left=attempts_left)


class CodeExpired(DomainError):
    code = "CODE_EXPIRED"
    en = "There is no valid code any more. Ask for a new one."
    zh = "验证码已失效,请重新获取。"


class TooManyCodes(DomainError):
    code = "TOO_MANY_CODES"
    en = "A code was already sent. Ask again in {retry_after} seconds."
    zh = "验证码发送过于频繁,请在 {retry_after} 秒后重试。"

    def __init__(self, retry_after: int, *, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, retry_after=retry_after)


class ContactTaken(DomainError):
    code = "CONTACT_TAKEN"
    en = "This contact already belongs to an account. Sign in instead."
    zh = "该联系方式已被注册,请直接登录。"


class PasswordTooWeak(DomainError):
    code = "PASSWORD_TOO_WEAK"
    en = "The password is too weak: {reason}."
    zh = "密码强度不足:{reason_zh}。"

    def __init__(self, reason: str, reason_zh: str, *, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, reason=reason, reason_zh=reason_zh)


class SessionEnded(DomainError):
    code = "SESSION_ENDED"
    en = "This session has ended. Sign in again."
    zh = "会话已结束,请重新登录。"


class TokenReused(SessionEnded):
    code = "TOKEN_REUSED"
    en = "This refresh token was used before. The session is revoked for safety; sign in again."
    zh = "该刷新令牌已被使用过。为安全起见会话已撤销,请重新登录。"


class CustomerBlocked(DomainError):
    code = "CUSTOMER_BLOCKED"
    en = "This account is blocked. Please contact support."
    zh = "该账号已被冻结,请联系客服。"


class StaffExists(DomainError):
    code = "STAFF_EXISTS"
    en = "A member of staff with this e-mail already exists."
    zh = "该邮箱已有对应的员工账号。"


class GroupExists(DomainError):
    code = "GROUP_EXISTS"
    en = "A permission group with this name already exists."
    zh = "同名权限组已存在。"


class AdministratorExists(DomainError):
    code = "ADMINISTRATOR_EXISTS"
    en = "There is an active administrator already; let them create further staff, or force it."
    zh = "已存在启用的管理员;请由其创建员工账号,或使用强制选项。"


class LastAdministrator(DomainError):
    code = "LAST_ADMINISTRATOR"
    en = "Somebody must be left who may manage staff."
    zh = "至少须保留一名可管理员工的管理员。"
