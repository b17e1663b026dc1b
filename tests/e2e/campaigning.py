"""Campaigns in the shop: a flash sale, found, watched from another tab while one buys, and one's share used up; one to come,
which waits; a coupon, claimed and used."""

import re

from playwright.sync_api import expect

from tests.e2e.visitor import PATIENCE_MS, Visitor

CARDS = "main [data-testid=campaigns] li a"


def buys_in_a_flash_sale(visit: Visitor) -> None:
    """Somebody who has signed in, with money in the wallet."""
    visit.go("campaigns")
    cards = visit.page.locator(CARDS)
    expect(cards).to_have_count(3, timeout=PATIENCE_MS)
    visit.ensure_accessible()
    cards.filter(has_text=visit.says["sale to come"]).click()
    expect(visit.page.get_by_test_id("campaign-state")).to_have_text(visit.says["soon"], timeout=PATIENCE_MS)
    expect(visit.page.get_by_test_id("closed")).to_be_disabled()
    expect(visit.page.get_by_role("timer")).to_contain_text(re.compile(r"0?1.*\d\d"))
    visit.ensure_accessible()
    visit.go("campaigns")
    cards.filter(has_text=visit.says["sale"]).click()
    expect(visit.page.get_by_test_id("sale-price")).to_contain_text("9.90", timeout=PATIENCE_MS)
    expect(visit.page.get_by_test_id("total")).to_contain_text("9.90", timeout=PATIENCE_MS)
    visit.ensure_accessible()
    other = visit.tab()
    other.goto(visit.page.url)
    expect(other.get_by_test_id("live")).to_be_visible(timeout=PATIENCE_MS)
    visit.choose("wallet")
    visit.press("buy")
    visit.page.wait_for_url("**/shop/orders/ord_*")
    visit.sees_state("paid")
    # Nobody reloads it: the sale's page knows that one has had one's share.
    expect(other.get_by_test_id("closed")).to_have_text(visit.says["share used"], timeout=PATIENCE_MS)
    other.close()


def claims_a_coupon(visit: Visitor) -> None:
    """Somebody who has signed in: what is claimed is in their wallet, and takes something off."""
    visit.go("campaigns")
    visit.page.locator(CARDS).filter(has_text=visit.says["coupon"]).click()
    visit.press("claim")
    expect(visit.page.get_by_role("button", name=visit.says["had"])).to_be_disabled(timeout=PATIENCE_MS)
    visit.ensure_accessible()
    visit.go("coupons")
    expect(visit.page.get_by_test_id("coupon")).to_have_count(1, timeout=PATIENCE_MS)
    visit.page.get_by_label(visit.says["coupon code"]).fill("7K3M")
    visit.press("keep")
    expect(visit.page.get_by_text(visit.says["mistyped"])).to_be_visible(timeout=PATIENCE_MS)
    visit.ensure_accessible()
    visit.go("products/jd-e-card")
    expect(visit.page.get_by_test_id("total")).to_contain_text("49.40", timeout=PATIENCE_MS)
    visit.page.get_by_role("combobox", name=visit.says["use coupon"]).click()
    visit.page.get_by_role("option").first.click()
    expect(visit.page.get_by_test_id("total")).to_contain_text("44.40", timeout=PATIENCE_MS)
    visit.ensure_accessible()
