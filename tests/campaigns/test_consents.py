"""What a buyer agreed to stands with their order, and goes with who they were."""

import hashlib

import pytest

from perkhub.campaigns import CampaignRefused, consents_of_orders
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.reactions import erase_person, export_person
from perkhub_plugins.mechanics.blind_box import BlindBox
from tests.campaigns.boxes import a_box, grown
from tests.factories import Shop
from tests.orders import desk

SHOWN = "2026-11"


async def test_that_a_buyer_is_of_age_is_recorded_with_the_order(shop: Shop):
    box, _, _, campaign = await a_box(shop)
    buyer = await shop.customer(wallet="500.00")
    begun = now()
    bought = await desk.buy(buyer, (box, 2), campaign=grown(campaign))
    held = await desk.place(buyer, box, campaign=grown(campaign))
    found = await consents_of_orders([bought.id, held.id])
    assert set(found) == {(bought.id, 0), (held.id, 0)}
    [given] = found[bought.id, 0]
    assert (given.campaign_id, given.mechanic, given.about) == (campaign.id, "blind_box", "of_age")
    assert given.version == BlindBox.CONSENTS["of_age"].version == SHOWN
    assert begun <= given.at <= now()
    assert await db.value("SELECT count(*) FROM campaign_consent WHERE party_id = $1", buyer.party_id) == 2


async def test_who_was_refused_or_never_asked_has_agreed_to_nothing(shop: Shop):
    box, _, _, campaign = await a_box(shop)
    buyer = await shop.customer(wallet="500.00")
    with pytest.raises(CampaignRefused):
        await desk.buy(buyer, box, campaign=campaign.id)
    other, _, _, unasked = await a_box(shop, ask_age=False)
    await desk.buy(buyer, other, campaign=unasked.id)
    assert await db.value("SELECT count(*) FROM campaign_consent") == 0


async def test_it_is_handed_out_and_erased_with_the_person(shop: Shop):
    box, _, _, campaign = await a_box(shop)
    buyer, other = await shop.customer(wallet="12.00"), await shop.customer(wallet="12.00")
    order = await desk.buy(buyer, box, campaign=grown(campaign))
    await desk.buy(other, box, campaign=grown(campaign))
    [told] = (await export_person(buyer.party_id))["consents"]
    assert (told["orderId"], told["to"], told["version"]) == (order.id, "blind_box.of_age", SHOWN)
    await transact(lambda tx: erase_person(tx, buyer.party_id))
    await drain()
    left = [row["party_id"] for row in await db.rows("SELECT party_id FROM campaign_consent")]
    assert left == [other.party_id]


def test_another_text_is_another_version():
    """Records name the version alone: whoever changes the text says so here, and gives it a new one."""
    text = BlindBox.CONSENTS["of_age"].text
    assert (BlindBox.CONSENTS["of_age"].version, hashlib.sha256(f"{text.en}|{text.zh}".encode()).hexdigest()[:12]) == (
        SHOWN,
        "036d00600d0d",
    )
