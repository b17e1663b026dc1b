"""The edge's part of a gateway payment: which way was chosen, is the return address fit, and ask the gateway."""

from urllib.parse import urlsplit
from uuid import UUID

from perkhub.kit.errors import InvalidInput
from perkhub.payments import Payment, begin_at_gateway
from perkhub_schema.graphql.context import Context
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.orders.inputs import GatewayInput, PayInput
from perkhub_schema.payments.types import PaymentActionType, to_action

SUBJECT = {"zh": "数字权益订单", "en": "Digital benefits"}
LOCALES = {"zh": "zh-CN", "en": "en"}
LONGEST_ADDRESS = 500
# A front end cannot know the id of what it is only about to make.
ID_PLACE = "{id}"
LONGEST_ID = 80


def chosen_gateway(pay: PayInput, *path: str) -> GatewayInput | None:
    """The gateway that was chosen, or None for the wallet.

    Raises:
        InvalidInput: the return address is not one that a browser may be sent to.
    """
    return None if pay.gateway is None else fit_gateway(pay.gateway.value, *path, "gateway")


def fit_gateway(gateway: GatewayInput, *path: str) -> GatewayInput:
    """The gateway as it was chosen; refusals name `path`.

    Raises:
        InvalidInput: the return address is not one that a browser may be sent to.
    """
    if not _is_return_address(gateway.return_url):
        reason = f"An https address (or http on localhost) of at most {LONGEST_ADDRESS} characters."
        reason_zh = f"须为 https 地址(本机可用 http),最多 {LONGEST_ADDRESS} 个字符。"
        raise InvalidInput(path=(*path, "returnUrl"), reason=reason, reason_zh=reason_zh)
    return gateway


def _is_return_address(address: str) -> bool:
    if len(address) + address.count(ID_PLACE) * LONGEST_ID > LONGEST_ADDRESS or any(
        not "!" <= character <= "~" for character in address
    ):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:  # half an IPv6 address
        return False
    local = parts.hostname in ("localhost", "127.0.0.1")
    return bool(parts.hostname) and (parts.scheme == "https" or (local and parts.scheme == "http"))


def return_address(gateway: GatewayInput, kind: Kind, payable: UUID) -> str:
    """Where the browser comes back to, the order or top-up named in it."""
    return gateway.return_url.replace(ID_PLACE, global_id(kind, payable))


async def begin(context: Context, payment: Payment) -> PaymentActionType:
    """Ask the gateway; what the customer has to do."""
    subject, locale = context.say(SUBJECT), context.say(LOCALES)
    return to_action(payment, await begin_at_gateway(payment, subject=subject, locale=locale))
