"""What messages say, in the house's languages."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from perkhub.accounts import CodePurpose
from perkhub.kit.settings import settings


@dataclass(frozen=True)
class Text:
    """A subject for e-mail, and a body that fits one text message."""

    subject: str
    body: str


EN = {
    CodePurpose.VERIFY: "Your verification code is {code}.",
    CodePurpose.SIGN_IN: "Your sign-in code is {code}.",
    CodePurpose.RESET: "Your code for a new password is {code}.",
}
ZH = {
    CodePurpose.VERIFY: "您的验证码为 {code}。",
    CodePurpose.SIGN_IN: "您的登录验证码为 {code}。",
    CodePurpose.RESET: "您的重置密码验证码为 {code}。",
}
EN_END = " It is valid for {minutes} minutes. Give it to nobody; if you did not ask for it, ignore this message."
ZH_END = "{minutes} 分钟内有效。请勿告知他人;如非本人操作,请忽略。"


def code_text(purpose: CodePurpose, code: str, *, valid_for: timedelta, locale: str) -> Text:
    """The message in the locale's language, or in English."""
    minutes = max(1, round(valid_for.total_seconds() / 60))
    if locale.lower().startswith("zh"):
        return Text("验证码", (ZH[purpose] + ZH_END).format(code=code, minutes=minutes))
    return Text("Your code", (EN[purpose] + EN_END).format(code=code, minutes=minutes))


def invitation_text(organisation: str, token: str, *, valid_for: timedelta, locale: str) -> Text:
    """The message in the locale's language, or in English: with a link where the shop has a page for it, else the token."""
    days = max(1, round(valid_for.total_seconds() / 86_400))
    page = settings().invitation_page
    way = page.replace("{token}", token) if page else token
    if locale.lower().startswith("zh"):
        return Text("邀请加入组织", f"您受邀加入“{organisation}”。接受邀请:{way}({days} 天内有效,仅可使用一次)")
    return Text(
        "You are invited", f"You are invited to join {organisation}. Accept here: {way} (valid for {days} days, and once)."
    )


def low_balance_text(account: str, amount: Decimal, wanted: Decimal, currency: str, *, locale: str) -> Text:
    """The message in the locale's language, or in English."""
    lies, shall = (f"{_amount(each)} {currency}" for each in (amount, wanted))
    if locale.lower().startswith("zh"):
        body = f"供应商账号“{account}”余额 {lies},低于提醒线 {shall}。请尽快充值,余额不足时采购会被拒绝。"
        return Text(f"供应商余额不足:{account}", body)
    body = f"{lies} is left at the supplier account {account}, less than the {shall} that shall lie there. "
    return Text(f"Low balance: {account}", f"{body}Pay in soon: without money its orders are refused.")


def _amount(amount: Decimal) -> str:
    """With two decimal places at least, as people write money."""
    return f"{amount:,.2f}" if amount == round(amount, 2) else f"{amount.normalize():,f}"
