"""Batched reads behind nested fields: one statement for all keys of a request's turn."""

from uuid import UUID

from perkhub.catalog import ProductView, VariantView, product_views, variant_views
from perkhub.entitlements import Entitlement, MaskedInput, entitlements_of_sources, masked_inputs
from perkhub.orders import Order, OrderLine, lines_of, orders_by_ids
from perkhub.payments import Payment, Refund, payments_of, refunds_of


async def load_orders(ids: list[UUID]) -> list[Order | None]:
    """Orders by id."""
    found = {order.id: order for order in await orders_by_ids(ids)}
    return [found.get(key) for key in ids]


async def load_lines(orders: list[Order]) -> list[list[OrderLine]]:
    """Lines by order."""
    grouped: dict[UUID, list[OrderLine]] = {order.id: [] for order in orders}
    for line in await lines_of(orders):
        grouped[line.order_id].append(line)
    return [grouped[order.id] for order in orders]


async def load_units(lines: list[UUID]) -> list[list[Entitlement]]:
    """Entitlements by order line."""
    grouped: dict[UUID, list[Entitlement]] = {line: [] for line in lines}
    for unit in await entitlements_of_sources(lines):
        grouped[unit.source_id].append(unit)
    return [grouped[line] for line in lines]


async def load_inputs(lines: list[UUID]) -> list[list[MaskedInput]]:
    """What buyers said, by order line."""
    found = await masked_inputs(lines)
    return [found[line] for line in lines]


async def load_payments(orders: list[UUID]) -> list[list[Payment]]:
    """Payments by what they pay."""
    grouped: dict[UUID, list[Payment]] = {order: [] for order in orders}
    for payment in await payments_of(orders):
        grouped[payment.payable.id].append(payment)
    return [grouped[order] for order in orders]


async def load_refunds(orders: list[UUID]) -> list[list[Refund]]:
    """Refunds by what had been paid."""
    grouped: dict[UUID, list[Refund]] = {order: [] for order in orders}
    for payable, refund in await refunds_of(orders):
        grouped[payable].append(refund)
    return [grouped[order] for order in orders]


async def load_variants(ids: list[UUID]) -> list[VariantView | None]:
    """Variants by id."""
    found = {variant.id: variant for variant in await variant_views(ids)}
    return [found.get(key) for key in ids]


async def load_products(ids: list[UUID]) -> list[ProductView | None]:
    """Products by id."""
    found = {product.id: product for product in await product_views(ids)}
    return [found.get(key) for key in ids]
