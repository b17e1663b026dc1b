"""What a shop's front end sends around an order, and what its tests read of the answers."""

from itertools import count
from typing import Any
from uuid import UUID

from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, StockedVariant
from tests.schema.api import Api

MONEY = "amount currency"
ERRORS = """errors { __typename code message path ... on OutOfStock { available } ... on LimitReached { limit remaining }
    ... on PriceMoved { total { amount currency } } ... on InsufficientFunds { shortfall { amount currency } }
    ... on HoldLimitReached { limit } ... on RefundWindowClosed { until } }"""
ORDER = f"""order {{ id number state expiresAt paidAt total {{ {MONEY} }} refunded {{ {MONEY} }}
    lines {{ quantity total {{ {MONEY} }} entitlements {{ id state }} }} }}"""
CODES = "entitlement { id state masked howToUse } credentials { kind value }"
ACTION = "paymentAction { redirectUrl payment { id state payableId } }"
PLACE = f"""mutation ($input: OrderPlaceInput!) {{
    orderPlace(input: $input) {{ {ORDER} revealed {{ {CODES} }} {ACTION} {ERRORS} }} }}"""
PAY = f"mutation ($input: OrderPayInput!) {{ orderPay(input: $input) {{ {ORDER} {ACTION} {ERRORS} }} }}"
CANCEL = f"mutation ($input: OrderCancelInput!) {{ orderCancel(input: $input) {{ {ORDER} {ERRORS} }} }}"
REFUND = f"mutation ($input: RefundRequestInput!) {{ refundRequest(input: $input) {{ {ORDER} {ERRORS} }} }}"
STAFF_REFUND = f"mutation ($input: OrderRefundInput!) {{ orderRefund(input: $input) {{ {ORDER} {ERRORS} }} }}"
REVEAL = f"""mutation ($input: EntitlementRevealInput!) {{
    entitlementReveal(input: $input) {{ entitlement {{ id state }} revealed {{ {CODES} }} {ERRORS} }} }}"""

WALLET: dict[str, Any] = {"wallet": {}}
GATEWAY = {"gateway": {"name": "sandbox_gateway", "returnUrl": "https://shop.example.com/orders"}}

_keys = count(1)


def line(variant: StockedVariant, quantity: int = 1) -> dict[str, Any]:
    return {"variantId": global_id(Kind.VARIANT, variant.id), "quantity": quantity}


def basket(*lines: StockedVariant | dict[str, Any], **more: Any) -> dict[str, Any]:
    """An order's input under a key of its own."""
    given = [one if isinstance(one, dict) else line(one) for one in lines]
    return {"idempotencyKey": f"order {next(_keys)}", "lines": given, **more}


def about(order: dict[str, Any] | UUID, **more: Any) -> dict[str, Any]:
    """The input of a mutation about an order, under a key of its own."""
    told = global_id(Kind.ORDER, order) if isinstance(order, UUID) else order["id"]
    return {"idempotencyKey": f"about {next(_keys)}", "orderId": told, **more}


def shown(revealed: list[dict[str, Any]]) -> set[tuple[str, ...]]:
    """The credentials of each benefit, in their order."""
    return {tuple(one["value"] for one in benefit["credentials"]) for benefit in revealed}


async def counted(api: Api, query: str, variables: dict[str, Any] | None, who: Person | None) -> tuple[dict[str, Any], int]:
    """The one field's answer, and how many statements it cost."""
    response = await api.send(query, variables, who.token if who is not None else None)
    answer = response.json()
    assert "errors" not in answer, answer["errors"]
    return next(iter(answer["data"].values())), int(response.headers["perkhub-statements"])
