"""A plugin may do what it likes: raise, return what is none of the contract's, or claim past a ceiling. Nothing is sold by it,
nobody crashes, and the buyer hears why in words of the house."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from perkhub.campaigns import CampaignRefused, CampaignSoldOut, CampaignUnavailable, MechanicBroken, states_of
from perkhub.plugin.mechanic import Claim, Consent, Discount, Refuse, UnitPrice
from perkhub.plugin.payment import Title
from perkhub.plugin.registry import load_plugins, set_registry
from tests.campaigns.making import a_draft, also_offer, counted, parts_of, published
from tests.campaigns.mechanics import Scripted
from tests.factories import Shop
from tests.orders import desk

LABEL = Title(en="Label", zh="标签")


def endless() -> Iterator[Any]:
    while True:
        yield Refuse("no")


def raising(*_: Any) -> Any:
    raise RuntimeError("the plugin's own fault")


def returning(*effects: Any) -> Any:
    return lambda *_: list(effects)


QUOTES = {
    "raises": raising,
    "none": lambda *_: None,
    "number": lambda *_: 7,
    "endless": lambda *_: endless(),
    "no effect": returning("cheap"),
    "a claim": returning(Claim("sold", 1, 1)),
    "other line": returning(UnitPrice(3, Decimal(1), LABEL)),
    "float": returning(UnitPrice(0, 1.5, LABEL)),  # type: ignore[arg-type]
    "negative price": returning(UnitPrice(0, Decimal(-1), LABEL)),
    "not a number": returning(UnitPrice(0, Decimal("NaN"), LABEL)),
    "seven places": returning(UnitPrice(0, Decimal("0.0000001"), LABEL)),
    "no label": returning(UnitPrice(0, Decimal(1), "Label")),  # type: ignore[arg-type]
    "negative discount": returning(Discount((0,), -5, LABEL)),
    "line twice": returning(Discount((0, 0), 5, LABEL)),
    "reason unknown": returning(Refuse("why")),
    "facts lacking": returning(Refuse("no", facts={})),
}
RESERVES = {
    "raises": raising,
    "a price": returning(UnitPrice(0, Decimal(1), LABEL)),
    "negative": returning(Claim("sold", -3, 10)),
    "nothing": returning(Claim("sold", 0, 10)),
    "boolean": returning(Claim("sold", True, 10)),
    "the house's counter": returning(Claim("$units", 1, 10)),
    "ceiling": returning(Claim("sold", 1, 1.5)),  # type: ignore[arg-type]
    "other line": returning(Claim("sold", 1, 10, line=9)),
    "a text unknown": returning(Consent(0, "anything")),
}


@pytest.fixture
def scripted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    also_offer(Scripted)
    return monkeypatch


@pytest.mark.parametrize("method", ["quotes", "reserves"])
async def test_whatever_it_does_the_buyer_hears_a_typed_reason(shop: Shop, scripted: pytest.MonkeyPatch, method: str):
    variant = await shop.variant(codes=5)
    buyer = await shop.customer(wallet="90.00")
    sale = await published(a_draft(variant, "tests_scripted", {}))
    for wrong in (QUOTES if method == "quotes" else RESERVES).values():
        scripted.setattr(Scripted, method, staticmethod(wrong))
        async with desk.nothing_changes():
            with pytest.raises(MechanicBroken) as broken:
                await desk.buy(buyer, variant, campaign=sale.id)
        assert broken.value.path == ("lines", "0", "campaign")
    await desk.buy(buyer, variant)
    await desk.assert_clean()


async def test_its_own_refusal_is_told_in_its_words(shop: Shop, scripted: pytest.MonkeyPatch):
    variant = await shop.variant(codes=5)
    sale = await published(a_draft(variant, "tests_scripted", {}))
    scripted.setattr(Scripted, "reserves", staticmethod(returning(Refuse("no", facts={"name": "Li"}))))
    with pytest.raises(CampaignRefused) as refused:
        await desk.buy(await shop.customer(wallet="90.00"), variant, campaign=sale.id)
    assert (refused.value.message("en"), refused.value.message("zh")) == ("No, Li.", "不行,Li。")


async def test_effects_cannot_pass_their_ceiling(shop: Shop, scripted: pytest.MonkeyPatch):
    """Several claims on one counter count together, and the lowest of their ceilings holds."""
    variant = await shop.variant(codes=5)
    sale = await published(a_draft(variant, "tests_scripted", {}))
    scripted.setattr(Scripted, "reserves", staticmethod(returning(Claim("sold", 2, 100), Claim("sold", 2, 3))))
    with pytest.raises(CampaignSoldOut):
        await desk.buy(await shop.customer(wallet="90.00"), variant, campaign=sale.id)
    assert await counted(sale) == 0


async def test_kept_claims_stay_once_they_are_paid(shop: Shop, scripted: pytest.MonkeyPatch):
    variant = await shop.variant(codes=5)
    buyer = await shop.customer(wallet="90.00")
    sale = await published(a_draft(variant, "tests_scripted", {}))
    scripted.setattr(Scripted, "reserves", staticmethod(returning(Claim("draws", 1, 9, kept=True))))
    await desk.cancel(buyer, await desk.place(buyer, variant, campaign=sale.id))
    assert await counted(sale, "draws") == 0
    await desk.refund(buyer, await desk.buy(buyer, variant, campaign=sale.id))
    assert (await counted(sale, "draws"), await parts_of(sale)) == (1, {"released": 2})
    await desk.assert_clean()


async def test_gone_with_its_plugin(shop: Shop, scripted: pytest.MonkeyPatch):
    """What was bought stays explained, what is held is given back, and nobody takes part any more."""
    variant = await shop.variant(codes=5)
    buyer = await shop.customer(wallet="90.00")
    sale = await published(a_draft(variant, "tests_scripted", {}))
    scripted.setattr(Scripted, "reserves", staticmethod(returning(Claim("sold", 1, 9))))
    held = await desk.place(buyer, variant, campaign=sale.id)
    set_registry(load_plugins())
    assert sale.working() is None
    assert await states_of([sale]) == {}
    with pytest.raises(CampaignUnavailable):
        await desk.buy(buyer, variant, campaign=sale.id)
    await desk.cancel(buyer, held)
    assert await counted(sale) == 0
    await desk.assert_clean()
