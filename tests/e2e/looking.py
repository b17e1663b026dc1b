"""Looking for something in the shop: by typing, by filters, by what was put together; and when it cannot be reached."""

import re

from playwright.sync_api import Locator, Request, expect

from tests.e2e.visitor import PATIENCE_MS, Visitor

CARDS = "main [data-testid=shelf] li a"
# Letter by letter, faster than anybody is.
TYPE = """(box, word) => {
    const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
    for (let letters = 1; letters <= word.length; letters += 1) {
        set.call(box, word.slice(0, letters));
        box.dispatchEvent(new Event("input", { bubbles: true }));
    }
}"""
LOADED = "images => images.every(image => image.complete && image.naturalWidth > 0 && image.alt)"


def looks_around(visit: Visitor) -> None:
    """The first page, with pictures that are there and say what they show."""
    visit.go("")
    cards = visit.page.locator(CARDS)
    expect(cards.first).to_be_visible(timeout=PATIENCE_MS)
    assert cards.count() >= 20
    visit.ensure_accessible()
    expect(visit.page.get_by_role("heading", name=visit.says["popular"])).to_be_visible()
    visit.page.get_by_role("link", name=f"{visit.says['all']} · {visit.says['popular']}").click()
    visit.page.wait_for_url("**/shop/collections/popular")
    expect(cards).to_have_count(8, timeout=PATIENCE_MS)
    pictures = cards.locator("img")
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
    visit.page.wait_for_function(f"() => ({LOADED})([...document.querySelectorAll('main li img')])")
    assert visit.page.evaluate("() => document.querySelector('main li img').currentSrc").endswith(".webp")
    visit.ensure_accessible()


def searches(visit: Visitor) -> None:
    """While typing it is asked once, for what was typed in the end."""
    asked: list[Request] = []
    visit.page.on("request", lambda request: asked.append(request) if "query Suggest" in (request.post_data or "") else None)
    visit.go("")
    box = visit.page.get_by_role("combobox", name=visit.says["search"])
    suggestions = visit.page.get_by_role("listbox").get_by_role("option")
    box.focus()
    box.evaluate(TYPE, "aiqiyi")
    expect(suggestions.first).to_contain_text(visit.says["iqiyi"], timeout=PATIENCE_MS)
    assert len(asked) == 1
    visit.ensure_accessible()
    box.press("ArrowDown")
    box.press("Enter")
    visit.page.wait_for_url("**/shop/products/iqiyi-gold")
    box.fill(visit.says["music"])
    expect(suggestions.first).to_be_visible(timeout=PATIENCE_MS)
    box.press("Enter")
    visit.page.wait_for_url("**/shop/?q=*")
    expect(suggestions).to_have_count(0)
    sees_as_many_as_told(visit)
    expect(box).to_have_value(visit.says["music"])
    visit.ensure_accessible()
    visit.go("?q=zzzzqqq")
    visit.sees(visit.says["none"])
    visit.ensure_accessible()
    visit.press("whole")
    expect(visit.page.locator(CARDS).nth(19)).to_be_visible(timeout=PATIENCE_MS)


def narrows(visit: Visitor) -> None:
    """Filters stand in the address, are counted, and are taken back one by one."""
    visit.go("?category=entertainment")
    sees_as_many_as_told(visit)
    filters = opened_filters(visit)
    filters.get_by_role("checkbox", name=re.compile(visit.says["a year"])).check()
    filters.get_by_role("radio", name=re.compile(r"100\b.+200\b")).check()
    visit.page.wait_for_url("**/shop/?category=entertainment&price=100-200&a.term=year")
    visit.ensure_accessible()
    if visit.page.get_by_role("dialog").count():
        visit.page.get_by_role("dialog").get_by_role("button", name=re.compile(r"\d")).last.click()
    expect(visit.page.get_by_role("dialog")).to_have_count(0)
    assert sees_as_many_as_told(visit) == 2
    visit.page.reload()
    assert sees_as_many_as_told(visit) == 2
    expect(visit.page.locator(CARDS).first).to_contain_text(re.compile(r"1\d\d\.00"))
    visit.page.get_by_label(visit.says["sort"]).select_option(label=visit.says["dearest"])
    visit.page.wait_for_url("**&sort=dearest")
    visit.page.get_by_role("button", name=visit.says["without a year"]).click()
    visit.page.wait_for_url("**/shop/?category=entertainment&price=100-200&sort=dearest")
    visit.page.go_back()
    visit.page.wait_for_url("**a.term=year&sort=dearest")
    visit.page.get_by_role("button", name=visit.says["clear"]).first.click()
    visit.page.wait_for_url("**/shop/?sort=dearest")
    sees_as_many_as_told(visit, at_most=24)
    visit.ensure_accessible()


def opened_filters(visit: Visitor) -> Locator:
    """Beside the list, or in a drawer where there is no room for them."""
    beside = visit.page.get_by_role("complementary", name=visit.says["filters"])
    if visit.name.endswith("desktop"):
        return beside
    expect(beside).to_be_hidden()
    visit.press("filters")
    return visit.page.get_by_role("dialog", name=visit.says["filters"])


def sees_as_many_as_told(visit: Visitor, *, at_most: int = 100) -> int:
    """Whatever the list says that it has is there, up to a page of it."""
    told = visit.page.locator("[data-testid=found]")
    expect(told).to_have_text(re.compile(r"\d"), timeout=PATIENCE_MS)
    expect(told).not_to_have_attribute("data-stale", "true")
    found = re.search(r"\d+", told.inner_text())
    assert found is not None
    count = min(int(found[0]), at_most)
    expect(visit.page.locator(CARDS)).to_have_count(count, timeout=PATIENCE_MS)
    return int(found[0])


def finds_it_down(visit: Visitor) -> None:
    """While nothing answers, the page says that it waits, then what is wrong; and goes on when asked."""
    visit.page.route("**/graphql", lambda route: route.abort())
    visit.go("")
    expect(visit.page.get_by_role("status").filter(has_text=visit.says["loading"]).first).to_be_attached()
    failed = visit.page.get_by_role("alert").filter(has_text=visit.says["unreachable"])
    expect(failed).to_be_visible(timeout=PATIENCE_MS)
    visit.ensure_accessible()
    visit.page.unroute("**/graphql")
    visit.press("again")
    expect(visit.page.locator(CARDS).nth(19)).to_be_visible(timeout=PATIENCE_MS)
