"""What must hold before a blind box is sold: its own arithmetic, and the law of the regions it is sold in, as data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from perkhub.plugin import Title
from perkhub.plugin.mechanic import OnSale, Problem, Terms
from perkhub_plugins.mechanics.blind_box.settings import BlindBoxConfig, PrizeSetting


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that a box may cost, and a prize be worth, in a region."""

    box: Decimal
    box_rule: str
    prize: Decimal
    prize_rule: str
    currency: str


CEILINGS: Mapping[str, Ceiling] = {
    "CN": Ceiling(
        box=Decimal(200),
        box_rule="Shanghai blind box guideline 2022",
        prize=Decimal(50_000),
        prize_rule="SAMR order 32 (2020)",
        currency="CNY",
    )
}
NO_EMPTY_BOX = "SAMR 2023-39"


def problems_of(config: BlindBoxConfig, terms: Terms, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
    """Every reason not to publish it."""
    yield from _of_the_box(config, on_sale)
    yield from _of_the_odds(config)
    yield from _of_the_exhausted(config, on_sale)
    yield from _of_the_guarantee(config)
    for number, prize in enumerate(config.prizes):
        yield from _of_a_prize(prize, ("prizes", str(number)), on_sale)
    for region in sorted(terms.regions & CEILINGS.keys()):
        if CEILINGS[region].currency == terms.currency:
            yield from _of_the_law(config, CEILINGS[region], on_sale)


def _of_the_box(config: BlindBoxConfig, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
    listed = on_sale.get(config.variant)
    if listed is None or listed.list_price is None:
        text = Title(en="List the box in the campaign's channels first.", zh="请先在活动渠道上架盲盒规格。")
        yield Problem(("variant",), text)
    if any(prize.variant == config.variant for prize in config.prizes):
        yield Problem(("prizes",), Title(en="A box cannot be its own prize.", zh="盲盒不能以自身为奖品。"))


def _of_the_odds(config: BlindBoxConfig) -> Iterator[Problem]:
    whole = sum((prize.odds for prize in config.prizes), Decimal(0))
    if whole != 100:
        text = Title(
            en=f"The odds make {whole.normalize():f} %, not 100.", zh=f"概率之和为 {whole.normalize():f}%,须等于 100%。"
        )
        yield Problem(("prizes",), text)
    if len({prize.key for prize in config.prizes}) < len(config.prizes):
        yield Problem(("prizes",), Title(en="Each prize has a key of its own.", zh="奖品 key 不可重复。"))


def _of_the_exhausted(config: BlindBoxConfig, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
    found = next((prize for prize in config.prizes if prize.key == config.exhausted), None)
    if found is None or found.quantity is not None:
        text = Title(en="Name one of the prizes that has no quantity of its own.", zh="请指定一个未设数量上限的奖品。")
        yield Problem(("exhausted",), text)
        return
    stock = on_sale.get(found.variant)
    if stock is not None and stock.in_stock is not None and stock.in_stock < config.quantity:
        text = Title(
            en=f"It may have to fill all {config.quantity} boxes, and {stock.in_stock} are in stock.",
            zh=f"极端情况下需发出 {config.quantity} 份,现有库存仅 {stock.in_stock} 份。",
        )
        yield Problem(("exhausted",), text)


def _of_the_guarantee(config: BlindBoxConfig) -> Iterator[Problem]:
    if config.guarantee_after is None:
        return
    unknown = set(config.guaranteed) - {prize.key for prize in config.prizes}
    if unknown or not config.guaranteed:
        text = Title(
            en="Name the prizes of the guarantee, or set guaranteeAfter to null.",
            zh="请列出保底奖品,或将 guaranteeAfter 置空。",
        )
        yield Problem(("guaranteed",), text)


def _of_a_prize(prize: PrizeSetting, path: tuple[str, ...], on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
    found = on_sale.get(prize.variant)
    if found is None:
        yield Problem((*path, "variant"), Title(en="There is no such benefit.", zh="该权益不存在。"))
        return
    if not _worth(found):
        text = Title(en="No box is empty: this prize is worth nothing.", zh="不得出现空盒:该奖品价值为零。")
        yield Problem((*path, "variant"), text, rule=NO_EMPTY_BOX)
    if prize.quantity is not None and found.in_stock is not None and found.in_stock < prize.quantity:
        text = Title(
            en=f"{found.in_stock} are in stock, fewer than {prize.quantity}.",
            zh=f"库存 {found.in_stock} 份,少于设定的 {prize.quantity} 份。",
        )
        yield Problem((*path, "quantity"), text)


def _of_the_law(config: BlindBoxConfig, ceiling: Ceiling, on_sale: Mapping[UUID, OnSale]) -> Iterator[Problem]:
    if config.price > ceiling.box:
        text = Title(en=f"A box may cost at most {ceiling.box}.", zh=f"单个盲盒售价不得超过 {ceiling.box} 元。")
        yield Problem(("price",), text, rule=ceiling.box_rule)
    for number, prize in enumerate(config.prizes):
        found = on_sale.get(prize.variant)
        if found is not None and _worth(found) > ceiling.prize:
            text = Title(en=f"A prize may be worth at most {ceiling.prize}.", zh=f"奖品价值不得超过 {ceiling.prize} 元。")
            yield Problem(("prizes", str(number), "variant"), text, rule=ceiling.prize_rule)


def _worth(found: OnSale) -> Decimal:
    return max(found.list_price or Decimal(0), found.face_value or Decimal(0))
