"""Somebody in front of the shop: a language, a screen, what they see and press, and what their browser complained of."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.house.tree import ROOT

PATIENCE_MS = 30_000
SCREENS = {"phone": (390, 844), "desktop": (1280, 800)}
AXE = ROOT / "storefront-demo/node_modules/axe-core/axe.min.js"
WATCH_POLICY = """
    window.violations = [];
    document.addEventListener(
        'securitypolicyviolation', (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
"""
KEPT = "() => ({ stored: { ...localStorage }, meanwhile: Object.keys(sessionStorage), cookie: document.cookie })"
RUN_AXE = "() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })"

ZH = {
    "locale": "zh-CN", "other": "English", "sign in to buy": "登录后购买", "register": "注册", "contact": "邮箱或手机号",
    "send code": "获取验证码", "code": "验证码", "buy": "立即购买", "sandbox": "沙箱支付（模拟）", "wallet": "钱包余额",
    "paid": "已支付", "unpaid": "待支付", "reveal": "查看卡密", "how": "使用方法", "top up": "去支付",
    "arrived": "已到账", "to wallet": "回到钱包", "sign out": "退出登录", "sign in": "登录", "search": "搜索权益",
    "none": "没有找到合适的权益", "live": "实时更新中", "copy": "复制", "copied": "已复制", "popular": "人气精选",
    "all": "查看全部", "iqiyi": "爱奇艺", "music": "音乐", "whole": "看看全部权益", "a year": "年卡",
    "without a year": "去掉“年卡”", "sort": "排序", "dearest": "价格从高到低", "clear": "清除筛选", "filters": "筛选",
    "loading": "加载中", "unreachable": "没能连上商城", "again": "再试一次",
    "sale": "周末咖啡秒杀", "sale to come": "月卡秒杀", "soon": "即将开始", "share used": "您的限购名额已用完",
    "coupon": "满 30 减 5 优惠券", "claim": "立即领取", "had": "已领取", "coupon code": "输入 12 位券码", "keep": "绑定",
    "mistyped": "券码输入有误", "use coupon": "优惠券",
    "by password": "密码登录", "groups": "两人同行音乐月卡", "start a group": "我来开团", "invite": "邀请好友参团",
    "join": "支付并参团", "one of two": "已有 1 人参团", "two of two": "已有 2 人参团", "full": "已成团", "box": "惊喜权益盲盒",
    "still filling": "拼团还在进行中", "is below": "付款成功，权益已在下方。",
    "bargain": "好友帮砍", "start a bargain": "发起砍价", "help": "帮好友砍一刀", "one helped": "已有 1 位好友帮砍",
    "took off": "您帮好友砍掉了", "has helped": "您已帮砍", "buy cheaper": "按此价购买",
    "client seed": "幸运数字", "open a box": "立即开盒", "check": "验证抽取结果",
}  # fmt: skip
EN = {
    "locale": "en-US", "other": "中文", "sign in to buy": "Sign in to buy", "register": "Register",
    "contact": "E-mail or mobile phone", "send code": "Send code", "code": "Code", "buy": "Buy now",
    "sandbox": "Sandbox gateway (not real)", "wallet": "Wallet", "paid": "Paid",
    "unpaid": "To be paid", "reveal": "Show code", "how": "How to use it", "top up": "Go and pay",
    "arrived": "has arrived", "to wallet": "Back to the wallet", "sign out": "Sign out", "sign in": "Sign in",
    "search": "Search benefits", "none": "Nothing fits", "live": "Live", "copy": "Copy", "copied": "Copied",
    "popular": "Popular now", "all": "See all", "iqiyi": "iQIYI", "music": "music", "whole": "See all benefits",
    "a year": "A year", "without a year": "Remove A year", "sort": "Sort", "dearest": "Price: high to low",
    "clear": "Clear filters", "filters": "Filters", "loading": "Loading", "unreachable": "The shop could not be reached",
    "again": "Try again", "sale": "Weekend coffee flash sale", "sale to come": "a month for less", "soon": "Soon",
    "coupon": "A coupon: 5 yuan off", "claim": "Get it", "had": "You have it", "keep": "Keep it",
    "coupon code": "A code of twelve characters", "mistyped": "This code is mistyped", "use coupon": "Coupon",
    "share used": "Your share is used up", "by password": "By password", "groups": "Music for two",
    "start a group": "Start a group", "invite": "Invite others", "join": "Pay and join", "one of two": "1 of 2 have joined",
    "two of two": "2 of 2 have joined", "full": "Full", "box": "Mystery box of benefits",
    "still filling": "The group is still filling", "is below": "Paid. Your benefits are below.",
    "bargain": "Friends make it cheaper", "start a bargain": "Start a bargain", "help": "Help, and take some off",
    "one helped": "1 of 2 have helped", "took off": "Thank you: you took", "has helped": "You have helped",
    "buy cheaper": "Buy at this price",
    "client seed": "Your part in the draw", "open a box": "Open a box", "check": "Check the draw",
}  # fmt: skip
LANGUAGES = {"zh": ZH, "en": EN}
# Each language and each screen; who fills a group comes the other way round.
VISITS = [("en", "phone"), ("zh", "desktop")]


@dataclass
class Visitor:
    """One visit; `says` is what the shop's buttons are called in the visitor's language."""

    address: str
    says: dict[str, str]
    context: BrowserContext
    page: Page
    name: str
    complaints: list[str] = field(default_factory=list)

    def tab(self) -> Page:
        """A further tab; what it complains of counts as well."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._failed)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        # The gateway's pages are not ours.
        if message.type in ("error", "warning") and message.location["url"].startswith(self.address):
            self.complaints.append(message.text)

    def _failed(self, request: Request) -> None:
        # Leaving a page ends what it was still asking for.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    def go(self, path: str) -> None:
        """Open an address of the shop, as from a bookmark."""
        self.page.goto(f"{self.address}/shop/{path}")

    def press(self, word: str) -> None:
        """The button of this name."""
        self.page.get_by_role("button", name=self.says[word], exact=True).first.click()

    def follow(self, word: str) -> None:
        """The link of this name."""
        self.page.get_by_role("link", name=self.says[word], exact=True).first.click()

    def choose(self, word: str) -> None:
        """The radio button of this name."""
        self.page.get_by_role("radio", name=re.compile(f"^{re.escape(self.says[word])}")).check()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """It is there, or comes."""
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=PATIENCE_MS)

    def sees_state(self, word: str, page: Page | None = None) -> None:
        """The order's state."""
        expect((page or self.page).get_by_test_id("order-state")).to_have_text(self.says[word], timeout=PATIENCE_MS)

    def kept(self) -> dict[str, Any]:
        """Everything that a script of the page could find in the browser."""
        kept: dict[str, Any] = self.page.evaluate(KEPT)
        return kept

    def ensure_accessible(self) -> None:
        """What a machine can see of it: names, roles, contrast, and nothing that sticks out of the screen."""
        assert self.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), f"{self.page.url} is too wide"
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(RUN_AXE)["violations"]
        told = [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
        assert told == [], f"{self.page.url}: {told}"

    def ensure_no_complaints(self) -> None:
        """Neither errors nor a breach of the page's policy."""
        assert self.page.evaluate("() => window.violations") == []
        assert self.complaints == []


def visitor(browser: Browser, address: str, *, language: str, screen: str) -> Visitor:
    """A new browser profile."""
    width, height = SCREENS[screen]
    says = LANGUAGES[language]
    context = browser.new_context(viewport={"width": width, "height": height}, locale=says["locale"])
    context.add_init_script(WATCH_POLICY)
    visit = Visitor(address, says, context, None, f"{language}-{screen}")  # type: ignore[arg-type]
    visit.page = visit.tab()
    return visit


def code_sent_to(contact: str, terminal: Callable[[], str]) -> str | None:
    """The newest one-time code for this contact on the terminal of the demo."""
    frames = re.findall(rf"│ email to {re.escape(contact)}\n(.*?)└", terminal(), re.S)
    found = re.search(r"\b\d{6}\b", frames[-1]) if frames else None
    return found[0] if found else None
