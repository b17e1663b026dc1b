"""A newcomer in the browser, in both languages and at both widths: finds a benefit, registers, pays, and reads the code."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import a_browser, ensure_built
from tests.e2e.campaigning import (
    buys_in_a_flash_sale,
    checks_a_draw,
    claims_a_coupon,
    fill_a_group,
    help_in_a_bargain,
    signs_in,
)
from tests.e2e.demo import a_demo, environment_of
from tests.e2e.looking import finds_it_down, looks_around, narrows, searches
from tests.e2e.visitor import LANGUAGES, PATIENCE_MS, VISITS, Visitor, code_sent_to, visitor
from tests.processes import Child, free_port, new_folder

PRODUCT = "products/jd-e-card"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    ensure_built()
    with a_browser() as found:
        yield found


def test_a_newcomer_buys(browser: Browser, subtests: pytest.Subtests):
    """One demo for all visits: starting it takes longer than they do."""
    port = free_port()
    with new_folder("perkhub-shop") as folder:
        environment = {**environment_of(folder, port), "PERKHUB_REQUESTS_PER_MINUTE": "100000"}
        with a_demo(folder, environment, name="shop") as demo:
            for language, screen in VISITS:
                with subtests.test(language=language, screen=screen):
                    visit = visitor(browser, f"http://127.0.0.1:{port}", language=language, screen=screen)
                    with visit.context:
                        whole_visit(visit, demo)
            address = f"http://127.0.0.1:{port}"
            with subtests.test("two browsers fill a group and bargain, and a draw is checked"):
                two_fill_a_group(browser, address, demo)
            with subtests.test("unreachable"):
                visit = visitor(browser, f"http://127.0.0.1:{port}", language="en", screen="phone")
                with visit.context:
                    finds_it_down(visit)


def two_fill_a_group(browser: Browser, address: str, demo: Child) -> None:
    """The demo's customer on a phone, in Chinese; a friend at a desk, in English, who registers and tops up. Then a box."""
    leader = visitor(browser, address, language="zh", screen="phone")
    friend = visitor(browser, address, language="en", screen="desktop")
    with leader.context, friend.context:
        friend.name = "friend"
        friend.go(PRODUCT)
        registers(friend, demo)
        tops_up(friend)
        signs_in(leader)
        fill_a_group(leader, friend)
        help_in_a_bargain(leader, friend)
        checks_a_draw(leader)
        for visit in (leader, friend):
            visit.ensure_no_complaints()


def whole_visit(visit: Visitor, demo: Child) -> None:
    looks_around(visit)
    searches(visit)
    narrows(visit)
    finds_a_product(visit)
    registers(visit, demo)
    pays_at_the_gateway(visit)
    reads_the_code(visit)
    tops_up(visit)
    buys_in_a_flash_sale(visit)
    claims_a_coupon(visit)
    pays_from_the_wallet(visit)
    changes_the_language(visit)
    leaves(visit)
    visit.ensure_no_complaints()


def finds_a_product(visit: Visitor) -> None:
    visit.go("nowhere/at/all")
    visit.sees(re.compile("这里什么也没有|There is nothing here"))
    visit.go(PRODUCT)
    visit.sees(visit.says["how"])
    expect(visit.page.get_by_test_id("total")).to_contain_text("49.40")
    visit.ensure_accessible()


def registers(visit: Visitor, demo: Child) -> None:
    contact = f"newcomer-{visit.name}@example.com"
    visit.follow("sign in to buy")
    visit.follow("register")
    # On a slow machine the form of signing in, which asks for the same, is there a moment longer.
    expect(visit.page.get_by_role("button", name=visit.says["register"], exact=True)).to_be_visible(timeout=PATIENCE_MS)
    visit.page.get_by_label(visit.says["contact"]).fill(contact)
    visit.press("send code")
    demo.await_(lambda: code_sent_to(contact, demo.log.read_text) is not None, "sent no code", seconds=30)
    code = code_sent_to(contact, demo.log.read_text)
    field = visit.page.get_by_label(visit.says["code"], exact=True)
    field.fill("000000" if code != "000000" else "111111")
    visit.press("register")
    expect(visit.page.get_by_text(re.compile("还可|次|Guesses left|guess")).first).to_be_visible(timeout=PATIENCE_MS)
    visit.ensure_accessible()
    field.fill(code or "")
    visit.press("register")
    visit.page.wait_for_url(f"**/{PRODUCT}")


def pays_at_the_gateway(visit: Visitor) -> None:
    visit.choose("sandbox")
    visit.press("buy")
    visit.page.wait_for_url("**/pay/**")
    other = visit.tab()
    other.goto(f"{visit.address}/shop/orders")
    other.get_by_role("link", name=re.compile(re.escape(visit.says["unpaid"]))).first.click()
    visit.sees_state("unpaid", other)
    expect(other.get_by_test_id("live")).to_be_visible(timeout=PATIENCE_MS)
    visit.page.locator("button[value=pay]").click()
    # Nobody reloads it: the order changes before the eyes of whoever looks at it.
    visit.sees_state("paid", other)
    other.close()
    visit.page.wait_for_url("**/shop/orders/ord_*")
    visit.sees_state("paid")


def reads_the_code(visit: Visitor) -> None:
    secret = visit.page.get_by_test_id("secret")
    expect(secret).to_have_count(0)
    visit.press("reveal")
    expect(secret).to_have_count(2, timeout=PATIENCE_MS)
    visit.ensure_accessible()
    number = secret.first.inner_text()
    assert re.fullmatch(r"\d{16}", number)
    visit.go("benefits")
    expect(visit.page.locator("main article")).to_have_count(1, timeout=PATIENCE_MS)
    assert number not in visit.page.content()
    assert number[-4:] in visit.page.content()
    visit.ensure_accessible()


def tops_up(visit: Visitor) -> None:
    visit.go("wallet")
    visit.press("top up")
    visit.page.wait_for_url("**/pay/**")
    visit.page.locator("button[value=pay]").click()
    visit.page.wait_for_url("**/shop/wallet/top-ups/top_*")
    visit.sees(re.compile(visit.says["arrived"]))
    visit.follow("to wallet")
    expect(visit.page.get_by_test_id("balance")).to_contain_text("100.00", timeout=PATIENCE_MS)
    visit.ensure_accessible()


def pays_from_the_wallet(visit: Visitor) -> None:
    visit.go(PRODUCT)
    visit.choose("wallet")
    visit.press("buy")
    visit.page.wait_for_url("**/shop/orders/ord_*")
    visit.sees_state("paid")
    visit.ensure_accessible()
    visit.go("orders")
    expect(visit.page.locator("main li a")).to_have_count(3, timeout=PATIENCE_MS)
    visit.ensure_accessible()


def changes_the_language(visit: Visitor) -> None:
    visit.press("other")
    other = next(says for says in LANGUAGES.values() if says is not visit.says)
    expect(visit.page.get_by_text(other["paid"], exact=True).first).to_be_visible(timeout=PATIENCE_MS)
    visit.page.reload()
    # The session was refreshed by its cookie, and the language is all that the browser kept in a script's reach.
    expect(visit.page.locator("main li a")).to_have_count(3, timeout=PATIENCE_MS)
    language = next(name for name, says in LANGUAGES.items() if says is other)
    scrolled = ["react-router-scroll-positions"]
    assert visit.kept() == {"stored": {"perkhub.language": language}, "meanwhile": scrolled, "cookie": ""}
    visit.page.get_by_role("button", name=other["other"]).click()


def leaves(visit: Visitor) -> None:
    visit.go("account")
    visit.sees(re.compile(r"n.+@example\.com"))
    visit.ensure_accessible()
    visit.press("sign out")
    expect(visit.page.get_by_role("link", name=visit.says["sign in"], exact=True)).to_be_visible(timeout=PATIENCE_MS)
    visit.go("orders")
    visit.page.wait_for_url("**/sign-in?next=%2Forders")
    assert [cookie["name"] for cookie in visit.context.cookies()] == []
