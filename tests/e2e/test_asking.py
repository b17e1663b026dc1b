"""A customer in the browser who is asked for something, in both languages and at both widths; and one who chooses a value."""

import re
from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from perkhub_schema.demo.shop import ADMIN, SHOPPER
from tests.e2e.browser import a_browser, ensure_built
from tests.e2e.demo import a_demo, environment_of
from tests.e2e.visitor import PATIENCE_MS, VISITS, Visitor, visitor
from tests.processes import free_port, new_folder

ACCOUNT, CONTACT = "2345678901", "zoe@example.com"
WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "account": "QQ号", "contact": "联系邮箱（选填）", "needed": "请填写此项。", "pattern": "格式不正确。",
        "no mail": re.compile("邮箱地址格式不正确"), "face": "面值", "password": "密码",
        "by password": "密码登录",
    },
    "en": {
        "account": "QQ number", "contact": "Contact e-mail (optional)", "needed": "This is needed.",
        "pattern": "It does not look like one.", "no mail": re.compile("This is not an e-mail address"),
        "face": "Face value", "password": "Password", "by password": "By password",
    },
}  # fmt: skip
ANY_CARD = {"slug": "any-card", "name": {"zh": "任意面值卡", "en": "A card of any value"}}
ANY_VALUE = {"least": "10", "most": "500", "step": "10", "currency": "CNY"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    ensure_built()
    with a_browser() as found:
        yield found


def test_a_customer_is_asked(browser: Browser, subtests: pytest.Subtests):
    port = free_port()
    with new_folder("perkhub-asking") as folder:
        environment = {**environment_of(folder, port), "PERKHUB_REQUESTS_PER_MINUTE": "100000"}
        with a_demo(folder, environment, name="asking"):
            address = f"http://127.0.0.1:{port}"
            offer_any_value(address)
            for language, screen in VISITS:
                with subtests.test(language=language, screen=screen):
                    visit = visitor(browser, address, language=language, screen=screen)
                    with visit.context:
                        signs_in(visit, WORDS[language])
                        fills_in_the_form(visit, WORDS[language])
                        chooses_a_value(visit, WORDS[language])
                        visit.ensure_no_complaints()


def offer_any_value(address: str) -> None:
    """What the demo does not sell: an operator puts it on sale, and says which supplier sells any value of it."""
    headers = {"Perkhub-Channel": "retail"}

    def ask(mutation: str, kind: str, answer: str, given: dict[str, Any]) -> Any:
        query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {answer} errors {{ message }} }} }}"
        told = sent(query, {"input": given})[mutation]
        assert told["errors"] == []
        return told

    def sent(query: str, variables: dict[str, Any] | None = None) -> Any:
        asked = {"query": query, "variables": variables}
        return httpx2.post(f"{address}/graphql", json=asked, headers=headers).json()["data"]

    signed_in = ask("staffSignIn", "StaffSignInInput", "accessToken", ADMIN._asdict())
    headers["Authorization"] = f"Bearer {signed_in['accessToken']}"
    product = ask("productCreate", "ProductCreateInput", "product { id }", ANY_CARD)["product"]["id"]
    form = {"productId": product, "sku": "ANY-CARD", "name": {"zh": "任意面值", "en": "Any value"}, "faceRange": ANY_VALUE}
    variant = ask("variantCreate", "VariantCreateInput", "variant { id }", form)["variant"]["id"]
    listing = {"channel": "retail", "variantId": variant, "unitPrice": "9.85"}
    ask("listingUpsert", "ListingUpsertInput", "listing { id }", listing)
    accounts = sent("{ supplierAccounts { nodes { id plugin } } }")["supplierAccounts"]["nodes"]
    account = next(one["id"] for one in accounts if one["plugin"] == "reloadly")
    ask("supplierCatalogSync", "SupplierAccountInput", "sync { state }", {"accountId": account})
    offer = by_amount(sent, account)
    given = {"offerId": offer["id"], "expectedVersion": offer["version"], "variantId": variant}
    ask("offerMap", "OfferMapInput", "offer { id }", given)


def by_amount(sent: Callable[..., Any], account: str) -> Any:
    """The SKU that is sold by amount, once the catalog was read."""
    nodes = "nodes { id sku version faceGreatest }"
    query = f"query ($account: ID!) {{ supplierOffers(accountId: $account, first: 100) {{ {nodes} }} }}"
    until = monotonic() + PATIENCE_MS / 1000
    while monotonic() < until:
        for one in sent(query, {"account": account})["supplierOffers"]["nodes"]:
            if one["sku"] == "122" and one["faceGreatest"] is not None:
                return one
        sleep(0.2)
    raise TimeoutError("the catalog was not read")


def signs_in(visit: Visitor, words: dict[str, Any]) -> None:
    visit.go("sign-in")
    visit.page.get_by_text(words["by password"], exact=True).click()
    visit.page.get_by_label(visit.says["contact"]).fill(SHOPPER.email)
    visit.page.get_by_label(words["password"], exact=True).fill(SHOPPER.password)
    visit.page.locator("main form").get_by_role("button", name=visit.says["sign in"], exact=True).click()
    visit.page.wait_for_url("**/shop/")


def fills_in_the_form(visit: Visitor, words: dict[str, Any]) -> None:
    visit.go("products/q-coins")
    account, contact = (visit.page.get_by_label(words[name], exact=True) for name in ("account", "contact"))
    expect(visit.page.get_by_test_id("total")).to_contain_text("9.80", timeout=PATIENCE_MS)
    visit.ensure_accessible()
    visit.press("buy")
    visit.sees(words["needed"])
    account.fill("12a")
    visit.sees(words["pattern"])
    visit.ensure_accessible()
    account.fill(ACCOUNT)
    contact.fill("nowhere")
    visit.press("buy")
    # What the browser cannot tell the API does, at the field that it is about.
    expect(contact).to_have_attribute("aria-invalid", "true", timeout=PATIENCE_MS)
    visit.sees(words["no mail"])
    contact.fill(CONTACT)
    expect(contact).not_to_have_attribute("aria-invalid", "true")
    visit.press("buy")
    visit.page.wait_for_url("**/shop/orders/ord_*")
    visit.sees_state("paid")
    expect(visit.page.get_by_test_id("target")).to_contain_text("2••••01", timeout=PATIENCE_MS)
    expect(visit.page.get_by_test_id("said")).to_have_count(2)
    expect(visit.page.get_by_test_id("said").last).to_contain_text("z••••@example.com")
    for said in (ACCOUNT, CONTACT):
        assert said not in visit.page.content()
        assert said not in str(visit.kept())
    visit.ensure_accessible()


def chooses_a_value(visit: Visitor, words: dict[str, Any]) -> None:
    visit.go("products/any-card")
    total, face = visit.page.get_by_test_id("total"), visit.page.get_by_label(words["face"], exact=True)
    expect(total).to_contain_text("9.85", timeout=PATIENCE_MS)
    face.fill("200")
    expect(total).to_contain_text("197.00", timeout=PATIENCE_MS)
    face.fill("203")
    face.blur()
    expect(face).to_have_value("200")
    face.fill("9000")
    face.blur()
    expect(face).to_have_value("500")
    expect(total).to_contain_text("492.50", timeout=PATIENCE_MS)
    visit.ensure_accessible()
    # Nothing of it lies in stock: the supplier is asked for the value that was chosen.
    face.fill("10")
    face.blur()
    visit.press("buy")
    visit.page.wait_for_url("**/shop/orders/ord_*")
