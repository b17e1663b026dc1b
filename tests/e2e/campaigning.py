"""Campaigns in the shop: a flash sale, a coupon, a group that two browsers fill, a
bargain in which a friend helps, a blind box whose draw one checks oneself."""

import re
from typing import Any

import httpx2
from playwright.sync_api import expect

from perkhub_schema.demo.shop import ADMIN, SHOPPER
from tests.e2e.visitor import PATIENCE_MS, Visitor

CARDS = "main [data-testid=campaigns] li a"
STAFF_SIGN_IN = "mutation ($input: StaffSignInInput!) { staffSignIn(input: $input) { accessToken errors { code } } }"
ROTATE = "mutation ($input: DrawSeedRotateInput!) { drawSeedRotate(input: $input) { errors { code } } }"


def buys_in_a_flash_sale(visit: Visitor) -> None:
    """Somebody who has signed in, with money in the wallet."""
    visit.go("campaigns")
    cards = visit.page.locator(CARDS)
    expect(cards).to_have_count(6, timeout=PATIENCE_MS)
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


def signs_in(visit: Visitor) -> None:
    """As the demo's customer, who has money."""
    visit.go("sign-in")
    visit.page.get_by_text(visit.says["by password"], exact=True).click()
    visit.page.get_by_label(visit.says["contact"]).fill(SHOPPER.email)
    visit.page.locator("input[type=password]").fill(SHOPPER.password)
    visit.page.locator("form button[type=submit]").click()
    expect(visit.page.get_by_role("link", name=visit.says["sign in"], exact=True)).to_have_count(0, timeout=PATIENCE_MS)


def opens_campaign(visit: Visitor, word: str) -> None:
    """From the list of what is on."""
    visit.go("campaigns")
    visit.page.locator(CARDS).filter(has_text=visit.says[word]).click()
    expect(visit.page.get_by_test_id("total")).to_contain_text(re.compile(r"\d"), timeout=PATIENCE_MS)


def fill_a_group(leader: Visitor, friend: Visitor) -> None:
    """Both have money: one opens a group and invites, the other pays at the invitation, and the leader's page shows it."""
    opens_campaign(leader, "groups")
    leader.ensure_accessible()
    leader.choose("wallet")
    leader.press("start a group")
    leader.page.wait_for_url("**/shop/orders/ord_*")
    expect(leader.page.get_by_test_id("joined")).to_contain_text(leader.says["one of two"], timeout=PATIENCE_MS)
    expect(leader.page.get_by_test_id("order-says")).to_contain_text(leader.says["still filling"])
    leader.follow("invite")
    invitation = leader.page.get_by_test_id("invitation").input_value()
    assert re.fullmatch(rf"{leader.address}/shop/groups/cir_[0-9a-f]{{32}}", invitation)
    expect(leader.page.get_by_test_id("live")).to_be_visible(timeout=PATIENCE_MS)
    leader.ensure_accessible()
    friend.page.goto(invitation)
    expect(friend.page.get_by_test_id("progress")).to_contain_text(friend.says["one of two"], timeout=PATIENCE_MS)
    expect(friend.page.get_by_role("timer")).to_contain_text(re.compile(r"23.*\d\d"))
    friend.ensure_accessible()
    friend.choose("wallet")
    friend.press("join")
    friend.page.wait_for_url("**/shop/orders/ord_*")
    # Nobody reloads it: the leader's page is told, and so is the friend's order.
    expect(leader.page.get_by_test_id("group-state")).to_have_text(leader.says["full"], timeout=PATIENCE_MS)
    expect(leader.page.get_by_test_id("progress")).to_contain_text(leader.says["two of two"])
    leader.ensure_accessible()
    expect(friend.page.get_by_test_id("joined")).to_contain_text(friend.says["full"], timeout=PATIENCE_MS)
    expect(friend.page.get_by_test_id("order-says")).to_have_text(friend.says["is below"], timeout=PATIENCE_MS)
    friend.sees(friend.says["reveal"])


def help_in_a_bargain(owner: Visitor, friend: Visitor) -> None:
    """One opens a bargain and invites; the friend takes something off, once, and the owner buys at the price of the moment."""
    owner.go("campaigns")
    owner.page.locator(CARDS).filter(has_text=owner.says["bargain"]).click()
    expect(owner.page.get_by_test_id("sale-price")).to_contain_text("12.80", timeout=PATIENCE_MS)
    owner.ensure_accessible()
    owner.press("start a bargain")
    invitation = owner.page.get_by_test_id("invitation").input_value()
    assert re.fullmatch(rf"{owner.address}/shop/bargains/brg_[0-9a-f]{{32}}", invitation)
    expect(owner.page.get_by_test_id("sale-price")).to_contain_text("22.80")
    expect(owner.page.get_by_test_id("live")).to_be_visible(timeout=PATIENCE_MS)
    owner.ensure_accessible()
    friend.page.goto(invitation)
    friend.press("help")
    expect(friend.page.get_by_role("status")).to_contain_text(friend.says["took off"], timeout=PATIENCE_MS)
    expect(friend.page.get_by_role("button", name=friend.says["has helped"])).to_be_disabled()
    friend.ensure_accessible()
    # Nobody reloads it: the owner's page follows, and so does what they would pay.
    expect(owner.page.get_by_test_id("progress")).to_contain_text(owner.says["one helped"], timeout=PATIENCE_MS)
    price = owner.page.get_by_test_id("sale-price").inner_text()
    expect(owner.page.get_by_test_id("total")).to_have_text(price, timeout=PATIENCE_MS)
    owner.ensure_accessible()
    owner.choose("wallet")
    owner.press("buy cheaper")
    owner.page.wait_for_url("**/shop/orders/ord_*")
    owner.sees_state("paid")


def checks_a_draw(visit: Visitor) -> None:
    """A box is bought; its draw cannot be checked before the operator shows the seed, and holds once it is shown."""
    opens_campaign(visit, "box")
    expect(visit.page.get_by_test_id("odds").get_by_role("row")).to_have_count(4)
    promised = visit.page.get_by_test_id("commitment").inner_text()
    assert re.fullmatch(r"[0-9a-f]{64}", promised)
    seed = visit.page.get_by_label(visit.says["client seed"], exact=True)
    assert re.fullmatch(r"[0-9a-f]{16}", seed.input_value())
    visit.ensure_accessible()
    visit.choose("wallet")
    seed.fill("my luck")
    visit.press("open a box")
    expect(seed).to_be_focused()
    seed.fill("my-luck")
    visit.press("open a box")
    # Without a word on one's age nothing was bought, and one is led to it.
    expect(visit.page.get_by_role("checkbox")).to_be_focused()
    visit.ensure_accessible()
    visit.page.get_by_role("checkbox").check()
    visit.press("open a box")
    visit.page.wait_for_url("**/shop/orders/ord_*")
    draws = visit.page.get_by_test_id("draws")
    expect(draws.get_by_role("listitem")).to_have_count(1, timeout=PATIENCE_MS)
    verdict = draws.get_by_test_id("verdict").locator("[data-says]")
    visit.press("check")
    expect(verdict).to_have_attribute("data-says", "later", timeout=PATIENCE_MS)
    shown = shows_the_seed(visit.address)
    visit.press("check")
    expect(verdict).to_have_attribute("data-says", "holds", timeout=PATIENCE_MS)
    draws.locator("summary").click()
    expect(draws).to_contain_text(shown)
    expect(draws).to_contain_text(promised)
    expect(draws).to_contain_text("my-luck")
    visit.ensure_accessible()
    told_otherwise(visit, shown)
    visit.press("check")
    expect(verdict).to_have_attribute("data-says", "wrong", timeout=PATIENCE_MS)


def told_otherwise(visit: Visitor, seed: str) -> None:
    """From now on the API says another seed, in one digit."""
    changed = ("1" if seed[0] == "0" else "0") + seed[1:]

    def answer(route: Any) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text().replace(seed, changed))

    visit.page.route("**/graphql", answer)


def shows_the_seed(address: str) -> str:
    """As an operator, by the API; the seed."""

    def ask(query: str, variables: Any, token: str | None = None) -> Any:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        sent = {"query": query, "variables": variables}
        answer = httpx2.post(f"{address}/graphql", json=sent, headers=headers, timeout=30.0, trust_env=False).json()
        assert "errors" not in answer, answer
        return next(iter(answer["data"].values()))

    signed_in = ask(STAFF_SIGN_IN, {"input": {"email": ADMIN.email, "password": ADMIN.password}})
    [box] = ask('{ campaigns(where: { mechanic: "blind_box" }) { nodes { id } } }', {})["nodes"]
    rotated = ask(ROTATE, {"input": {"campaignId": box["id"]}}, signed_in["accessToken"])
    assert rotated["errors"] == []
    *_, last = ask("query ($id: ID!) { drawSeeds(campaignId: $id) { nodes { seed } } }", {"id": box["id"]})["nodes"]
    seed: str = last["seed"]
    return seed
