"""A campaign as it is watched: what moves is told, what does not is not, and whoever may not see it watches nothing."""

from datetime import timedelta
from typing import Any

import pytest

from perkhub.campaigns import create_campaign, end_campaign, pause_campaign, resume_campaign
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.orders import cancel_order
from perkhub_schema.campaigns.stock import stock_level
from tests.campaigns.boxes import a_box, grown
from tests.campaigns.making import a_flash_sale, flash_sale, published
from tests.factories import Shop
from tests.orders import desk
from tests.processes.installation import Web
from tests.schema.campaigns.asking import id_of
from tests.schema.orders.listening import Socket, socket
from tests.schema.standing import Standing

WATCH = """subscription ($id: ID!) { campaignChanged(id: $id) { id state serverTime
    ... on FlashSale { left { level count } limitLeft } } }"""
NEWS = "subscription ($id: ID!) { drawsChanged(id: $id) { isMe given } }"
QUIET = 1.5


async def told(watched: Socket) -> dict[str, Any]:
    message = await watched.hear()
    assert message["type"] == "next", message
    assert "errors" not in message["payload"], message
    found: dict[str, Any] = message["payload"]["data"]["campaignChanged"]
    return found


async def test_whoever_watches_sees_what_is_left_go_and_come_back(standing: Standing, web: Web):
    shop = Shop()
    variant = await shop.variant(codes=20)
    sale = await flash_sale(variant, quantity=3, limit=3)
    buyer = await shop.customer()
    async with socket(web) as watched, socket(web) as own:
        await watched.begin()
        await watched.ask(WATCH, {"id": id_of(sale)})
        assert (await told(watched))["left"] == {"level": "FEW", "count": 3}
        await own.begin(buyer.token)
        await own.ask(WATCH, {"id": id_of(sale)})
        assert (await told(own))["limitLeft"] == 3
        order = await desk.place(buyer, (variant, 2), campaign=sale.id)
        assert (await told(watched))["left"] == {"level": "FEW", "count": 1}
        mine = await told(own)
        assert (mine["left"]["count"], mine["limitLeft"]) == (1, 1)
        await transact(lambda tx: cancel_order(tx, order.id, party=buyer.party_id))
        assert (await told(watched))["left"] == {"level": "FEW", "count": 3}
        for move, state in ((pause_campaign, "PAUSED"), (resume_campaign, "LIVE"), (end_campaign, "ENDED")):
            await transact(lambda tx, move=move: move(tx, sale.id))
            assert (await told(watched))["state"] == state


async def test_what_is_shown_the_same_is_not_told_again(standing: Standing, web: Web):
    """Of many that are left nobody learns each that goes."""
    shop = Shop()
    variant = await shop.variant(codes=20)
    sale = await flash_sale(variant, quantity=1000, limit=5)
    async with socket(web) as watched:
        await watched.begin()
        await watched.ask(WATCH, {"id": id_of(sale)})
        assert (await told(watched))["left"] == {"level": "MANY", "count": None}
        await desk.place(await shop.customer(), variant, campaign=sale.id)
        with pytest.raises(TimeoutError):
            await watched.hear(QUIET)


async def test_whoever_watches_sees_what_others_draw(standing: Standing, web: Web):
    shop = Shop()
    box, _, _, campaign = await a_box(shop)
    buyer = await shop.customer(wallet="50.00")
    async with socket(web) as watched:
        await watched.begin()
        await watched.ask(NEWS, {"id": id_of(campaign)})
        assert (await watched.hear())["payload"]["data"]["drawsChanged"] == []
        held = await desk.place(buyer, box, campaign=grown(campaign))
        with pytest.raises(TimeoutError):
            await watched.hear(QUIET)
        await desk.pay(buyer, held)
        [news] = (await watched.hear())["payload"]["data"]["drawsChanged"]
        assert (news["isMe"], news["given"] in ("month", "season")) == (False, True)


async def test_it_begins_by_itself(standing: Standing, web: Web):
    """At the moment of its window, with nobody who wakes the watchers."""
    shop = Shop()
    begins = now() + timedelta(seconds=3)
    sale = await published(a_flash_sale(await shop.variant(), starts_at=begins, ends_at=begins + timedelta(hours=1)))
    async with socket(web) as watched:
        await watched.begin()
        await watched.ask(WATCH, {"id": id_of(sale)})
        assert (await told(watched))["state"] == "SCHEDULED"
        assert (await told(watched))["state"] == "LIVE"


async def test_a_draft_is_watched_by_nobody_else(standing: Standing, web: Web):
    shop = Shop()
    draft = a_flash_sale(await shop.variant())
    made = await transact(lambda tx: create_campaign(tx, draft))
    async with socket(web) as watched:
        await watched.begin()
        await watched.ask(WATCH, {"id": id_of(made)})
        assert await watched.refusal() == "NOT_FOUND"


@pytest.mark.parametrize(
    ("left", "level", "count"),
    [(-1, "none", 0), (0, "none", 0), (1, "few", 1), (9, "few", 9), (10, "few", None), (49, "few", None), (50, "many", None)],
)
def test_stock_is_told_coarsely(left: int, level: str, count: int | None):
    told_level = stock_level(left)
    assert (told_level.level, told_level.count) == (level, count)
