"""What the demo's benefits look like: a picture for each that has none, taken in as an operator's upload would be."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

from perkhub.catalog import ProductView, product_by_slug
from perkhub.catalog.media import MediaDraft, add_media, media_of_products, receive_image
from perkhub.kit.db import transact
from perkhub_schema.demo.benefits import BENEFITS, Benefit
from perkhub_schema.demo.pictures import Pattern, bars, cards, dots, draw_picture, rings, roads
from perkhub_schema.demo.shelves import BRANDS, SHELVES, Shelf
from perkhub_schema.demo.shop import ACTOR

# By what addresses call the brand.
COLOURS = {
    "iqiyi": "#00b23b", "tencent-video": "#f5762c", "youku": "#1a88ff", "mgtv": "#ff5f00", "bilibili": "#f4709a",
    "qq-music": "#2cbe6b", "netease-music": "#d8262c", "ximalaya": "#f86442", "starbucks": "#00704a",
    "luckin-coffee": "#1e3c8c", "kfc": "#c8102e", "heytea": "#2b2b2b", "meituan": "#ffc300", "eleme": "#0086ff",
    "hema": "#12a5d8", "didi": "#ff7d41", "amap": "#2a6cf6", "hello": "#0a8cff", "ctrip": "#2681ff", "jd": "#e1251b",
    "tmall-supermarket": "#ff0036", "walmart": "#0053e2", "wps": "#d83b2f", "baidu-netdisk": "#2f6bff",
    "youdao": "#e2231a", "keep": "#24a878", "zhihu": "#1772f6", "tencent": "#129fd8", "netease": "#b81414",
    "steam": "#1b2838",
}  # fmt: skip
PATTERNS: dict[str, Pattern] = {"entertainment": rings, "food": dots, "travel": roads, "shopping": cards, "tools": bars}
OTHERS = "#17594a", cards
# More at once would be turned away, as anybody's would be.
AT_ONCE = 4


async def show_pictures(go_on: Callable[[], None]) -> None:
    """Give each benefit its picture, unless an operator or an earlier start has; `go_on` is asked before each."""
    found = [(benefit, await product_by_slug(benefit.slug)) for benefit in BENEFITS]
    products = [(benefit, product) for benefit, product in found if product is not None]
    shown = await media_of_products([product.id for _, product in products])
    turn = asyncio.Semaphore(AT_ONCE)
    await asyncio.gather(*(_show(benefit, product, turn, go_on) for benefit, product in products if not shown[product.id]))


async def _show(benefit: Benefit, product: ProductView, turn: asyncio.Semaphore, go_on: Callable[[], None]) -> None:
    async with turn:
        go_on()
        slug, english = BRANDS[benefit.brand]
        picture = draw_picture(english, COLOURS.get(slug, OTHERS[0]), pattern_of(benefit.slug))
        image = await receive_image(_streamed(picture), actor=ACTOR)
    alt = {"zh": f"{benefit.brand}卡面", "en": f"{english} card"}
    await transact(lambda tx: add_media(tx, product.id, MediaDraft(image, alt=alt)))


def pattern_of(slug: str) -> Pattern:
    """By the part of the shop that it stands in."""
    return next((PATTERNS[shelf.slug] for shelf in SHELVES if slug in _within(shelf)), OTHERS[1])


def _within(shelf: Shelf) -> Iterator[str]:
    yield from shelf.benefits
    for below in shelf.below:
        yield from _within(below)


async def _streamed(picture: bytes) -> AsyncIterator[bytes]:
    yield picture
