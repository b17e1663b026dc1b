"""The page where a customer decides what happens to a payment."""

from decimal import Decimal
from html import escape

from perkhub_plugins.payments.sandbox_gateway.sandbox.books import Payment

PLACES = {"JPY": 0}

ACTIONS = {
    "pay": ("Pay", "支付"),
    "pay_wrong_amount": ("Pay a wrong amount", "支付错误金额"),
    "fail": ("Fail", "支付失败"),
}

STATES = {
    "pending": ("Waiting for you", "等待支付"),
    "paid": ("Paid", "已支付"),
    "failed": ("Failed", "支付失败"),
}

PAGE = """<!doctype html>
<html lang="{lang}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto; padding: 0 1rem; color: #1d1d1f }}
  .amount {{ font-size: 2.2rem; margin: .2rem 0 }}
  .note {{ color: #6e6e73 }}
  button {{ display: block; width: 100%; margin: .6rem 0; padding: .7rem; font: inherit; border: 1px solid #c7c7cc;
           border-radius: .6rem; background: #fff; cursor: pointer }}
  button:first-of-type {{ background: #0a7d38; border-color: #0a7d38; color: #fff }}
</style>
<h1>{title}</h1>
<p class="amount">{amount}</p>
<p>{subject}</p>
<p class="note">{state}</p>
{form}
<p class="note">{note}</p>
</html>
"""


def pay_page(payment: Payment) -> str:
    """The page in the payment's language, with buttons while it waits."""
    chinese = payment.locale.lower().startswith("zh")
    places = PLACES.get(payment.currency, 2)
    buttons = "".join(f'<button name="action" value="{action}">{words[chinese]}</button>' for action, words in ACTIONS.items())
    back = f'<p><a href="{escape(payment.return_url)}">{"返回商户" if chinese else "Back to the shop"}</a></p>'
    return PAGE.format(
        lang="zh" if chinese else "en",
        title="沙箱支付" if chinese else "Sandbox gateway",
        amount=f"{Decimal(payment.amount).scaleb(-places):,} {payment.currency}",
        subject=escape(payment.subject),
        state=STATES[payment.status][chinese],
        form=f'<form method="post">{buttons}</form>' if payment.status == "pending" else back,
        note="这里的钱不是真的。" if chinese else "The money here is not real.",
    )
