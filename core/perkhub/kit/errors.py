"""Typed errors of the domain, each with a code, texts in the house's languages, and the path of the input at fault.

DomainError             what the caller can mend by other input; ends in a payload's `errors`
├── InvalidInput        one value is not acceptable; says which and what would be
├── NotFound            no such thing, or none that this caller may see
├── AlreadyNamed        a name or reference is another object's
└── VersionMoved        somebody changed it since it was read
AccessError             ends the whole request
├── NotSignedIn
├── NotAllowed
├── TooFast
├── TooCostly           one operation
└── CostSpent           all operations of a minute
"""

from collections.abc import Callable, Iterator
from string import Formatter
from typing import Any, ClassVar

LANGUAGES = ("en", "zh")


class _Told(Exception):
    code: ClassVar[str]
    en: ClassVar[str]
    zh: ClassVar[str]

    def __init__(self, *, path: tuple[str, ...] = (), **data: Any) -> None:
        self.path = path
        self.data = data
        super().__init__(self.message("en"))

    def message(self, language: str) -> str:
        """The text for a person, in the asked language or English."""
        text: str = getattr(self, language, self.en) if language in LANGUAGES else self.en
        return Formatter().vformat(text, (), self.data)

    def at(self, *path: str) -> "_Told":
        """The same error, seen from further out: its path begins with the given steps."""
        self.path = (*path, *self.path)
        return self


class DomainError(_Told):
    """A refusal that the caller can mend. Nothing was changed."""


class InvalidInput(DomainError):
    """`reason` and `reason_zh` complete the sentence; they never repeat the value, which may be a secret."""

    code = "INVALID_INPUT"
    en = "{reason}"
    zh = "{reason_zh}"

    def __init__(self, *, path: tuple[str, ...], reason: str, reason_zh: str | None = None) -> None:
        super().__init__(path=path, reason=reason, reason_zh=reason_zh or reason)


class NotFound(DomainError):
    """Also said of what exists but is not the caller's: the two must not be told apart."""

    code = "NOT_FOUND"
    en = "There is no such {thing}, or you may not see it."
    zh = "找不到该{thing_zh},或您无权查看。"

    def __init__(self, thing: str = "object", thing_zh: str = "对象", *, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, thing=thing, thing_zh=thing_zh)


class AlreadyNamed(DomainError):
    """A name, slug, key or external reference that must be the only one is another object's."""

    code = "ALREADY_NAMED"
    en = "Another object already has this {field}."
    zh = "该 {field} 已被占用。"

    def __init__(self, field: str) -> None:
        super().__init__(path=(field,), field=field)


class VersionMoved(DomainError):
    """Whoever changes an object with `expectedVersion` has read another state of it."""

    code = "VERSION_MOVED"
    en = "Somebody changed this meanwhile; it is now at version {version}. Read it again, then repeat your change."
    zh = "该对象已被他人修改,当前版本为 {version}。请重新读取后再修改。"

    def __init__(self, *, version: int) -> None:
        super().__init__(path=("expectedVersion",), version=version)


class AccessError(_Told):
    """Ends the request as a top-level error with `extensions.code`."""


class NotSignedIn(AccessError):
    code = "NOT_SIGNED_IN"
    en = "Sign in first: this needs a valid access token in the Authorization header."
    zh = "请先登录:此操作需要有效的访问令牌。"


class NotAllowed(AccessError):
    code = "NOT_ALLOWED"
    en = "Your account may not do this; it needs: {needs}."
    zh = "您的账号无权执行此操作,需要权限:{needs}。"

    def __init__(self, needs: str) -> None:
        super().__init__(needs=needs)


class TooFast(AccessError):
    code = "TOO_FAST"
    en = "Too many requests. Try again in {retry_after} seconds."
    zh = "操作过于频繁,请在 {retry_after} 秒后重试。"

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after=retry_after)


class TooCostly(AccessError):
    code = "TOO_COSTLY"
    en = "This operation costs {cost}; at most {limit} is allowed. Ask for fewer fields or smaller pages."
    zh = "此操作的成本为 {cost},上限为 {limit}。请减少字段或缩小分页。"

    def __init__(self, cost: int, limit: int) -> None:
        super().__init__(cost=cost, limit=limit)


class CostSpent(AccessError):
    code = "COST_SPENT"
    en = (
        "Your operations may cost {limit} in a minute, and have. Try again in {retry_after} seconds,"
        " or ask for fewer fields and smaller pages."
    )
    zh = "您每分钟的操作成本上限为 {limit},已用完。请在 {retry_after} 秒后重试,或减少字段、缩小分页。"

    def __init__(self, limit: int, retry_after: int) -> None:
        super().__init__(limit=limit, retry_after=retry_after)


def every_error(root: type[_Told] = DomainError) -> Iterator[type[_Told]]:
    """Every error class below `root` that has a code of its own, for tables that must be complete."""
    for child in root.__subclasses__():
        if "code" in vars(child):
            yield child
        yield from every_error(child)


def faults_told(*checks: tuple[str, Callable[[], None]]) -> Iterator[tuple[str, DomainError]]:
    """Of a thing's fields, each with what refuses it, those that are refused, and why."""
    for field, check in checks:
        try:
            check()
        except DomainError as refusal:
            yield field, refusal
