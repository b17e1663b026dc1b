"""A large shop for the search: ten thousand products and more by COPY, as the domain's own verbs would have written them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from perkhub.catalog import CollectionDraft, Market, create_collection
from perkhub.catalog.search.document import Texts, document
from perkhub.catalog.search.marks import marks_of
from perkhub.catalog.search.sizes import forget_sizes
from perkhub.channels import Channel
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact, transaction
from perkhub.kit.ids import new_id

BRANDS = ["爱奇艺", "腾讯视频", "优酷", "芒果TV", "哔哩哔哩", "网易云音乐", "QQ音乐", "喜马拉雅", "京东", "美团", "星巴克"]
BRANDS += ["Netflix", "Spotify", "Steam", "Apple", "Disney"]
SYLLABLES = "安贝昌德恩飞光海金康乐美宁平启瑞盛泰万新雅优悦智中华东西南北天地水火山川"
SHELVES = [("视频会员", "Video"), ("音乐会员", "Music"), ("餐饮美食", "Dining"), ("游戏充值", "Games"), ("话费充值", "Phone")]
FORMS = [("月卡", "Monthly"), ("季卡", "Quarterly"), ("年卡", "Annual"), ("礼品卡", "Gift Card"), ("代金券", "Coupon")]
KINDS = ("code", "link", "top_up", "membership", "voucher")
AT_ONCE = 5000
COLUMNS = {
    "brand": "id slug name description metadata private_metadata version created_at",
    "category": "id slug name description position path metadata private_metadata version created_at",
    "product": """id slug kind brand_id name description how_to_use minimum_validity_days validity refund attributes tags
                  external_reference buyer_inputs
                  metadata private_metadata version created_at updated_at""",
    "product_category": "id product_id category_id position",
    "variant": "id product_id sku name position attributes metadata private_metadata version created_at",
    "listing": "id channel_id variant_id product_id unit_price published_from taken version created_at",
    "product_fact": "product_id code value number",
    "product_search": "product_id lines sort_zh sort_en keys",
}


@dataclass(frozen=True)
class Seeded:
    """What there is to ask for."""

    market: Market
    brands: list[UUID]
    categories: list[UUID]
    products: list[UUID]
    collection: UUID


async def seed_products(channel: Channel, many: int, *, seed: int = 7) -> Seeded:
    """So many products on sale in the channel, half of them memberships (会员), of many brands."""
    chance, at = random.Random(seed), now()
    names = BRANDS + ["".join(chance.sample(SYLLABLES, 3)) for _ in range(max(50, many // 50))]
    brands, shelves = [new_id() for _ in names], [new_id() for _ in SHELVES]
    rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}
    rows["brand"] = [
        (one, f"brand-{place}", _json(zh=names[place]), "{}", "{}", "{}", 1, at) for place, one in enumerate(brands)
    ]
    rows["category"] = [
        (one, f"shelf-{place}", _json(zh=SHELVES[place][0], en=SHELVES[place][1]), "{}", place, [one], "{}", "{}", 1, at)
        for place, one in enumerate(shelves)
    ]
    products = [new_id() for _ in range(many)]
    for number, product in enumerate(products):
        _put(rows, chance, number, product, channel.id, names, brands, shelves)
    await transact(lambda tx: _copy(tx, rows))
    picked = CollectionDraft("picked", {"en": "Picked"}, product_ids=tuple(products[:500]))
    collection = await transact(lambda tx: create_collection(tx, picked))
    for table in (*COLUMNS, "collection_product"):
        await db.value(f"ANALYZE {table}")
    forget_sizes()
    return Seeded(Market(channel.id, now()), brands, shelves, products, collection)


def _put(
    rows: dict[str, list[tuple[Any, ...]]],
    chance: random.Random,
    number: int,
    product: UUID,
    channel: UUID,
    names: list[str],
    brands: list[UUID],
    shelves: list[UUID],
) -> None:
    at = now() - timedelta(days=1)
    brand, shelf, form = chance.randrange(len(brands)), chance.randrange(len(shelves)), chance.choice(FORMS)
    member = chance.random() < 0.5
    zh = f"{names[brand]}{chance.choice(['', '黄金', '白金', '超级'])}{'会员' if member else ''}{form[0]}"
    en = f"{names[brand] if names[brand].isascii() else f'Brand {brand}'} {'Membership ' if member else ''}{form[1]}"
    name, slug, reference = _json(zh=zh, en=en), f"product-{number}", f"EXT-{number:06}"
    kind = chance.choice(KINDS)
    said = (name, "{}", "{}", 0, "as_printed", "unseen", "{}", [f"tag-{number % 200}"], reference, "[]", "{}", "{}", 1, at, at)
    rows["product"].append((product, slug, kind, brands[brand], *said))
    day = f"2027-{number % 12 + 1:02}-{number % 28 + 1:02}"
    facts = {"tier": (f"option-{number % 100}", None), "months": (str(number), number), "day": (day, None)}
    rows["product_fact"] += [(product, code, *fact) for code, fact in facts.items()]
    rows["product_category"].append((new_id(), product, shelves[shelf], 0))
    skus = [f"SKU-{number}-{place}" for place in range(chance.randint(1, 3))]
    for place, sku in enumerate(skus):
        variant, price = new_id(), Decimal(chance.randrange(100, 50_000)) / 100
        rows["variant"].append((variant, product, sku, _json(zh="规格", en="Form"), place, "{}", "{}", "{}", 1, at))
        rows["listing"].append((new_id(), channel, variant, product, price, at, 0, 1, at))
    tags = [f"tag-{number % 200}"]
    marks = [*marks_of(kind=kind, brand=brands[brand], categories=[shelves[shelf]], tags=tags)]
    made = document(Texts({"zh": zh, "en": en}, [slug, reference, *skus], [names[brand], *SHELVES[shelf]], marks))
    rows["product_search"].append((product, made.lines, made.sort_zh, made.sort_en, made.keys))


async def _copy(tx: Transaction, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    for table, columns in COLUMNS.items():
        for begin in range(0, len(rows[table]), AT_ONCE):
            await tx.copy(table, columns=columns.split(), records=rows[table][begin : begin + AT_ONCE])


def _json(**texts: str) -> str:
    return orjson.dumps(texts).decode()


async def explain(sql: str, *values: Any) -> str:
    """What the plan for whatever values does with these: of a statement that comes with them a plan would be made for them."""
    async with transaction() as tx:
        await tx.execute(f"PREPARE explained AS {sql}")
        given = f"({', '.join(map(_literal, values))})" if values else ""
        told: str = await tx.value(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE explained{given}")
        await tx.execute("DEALLOCATE explained")
    return told


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    listed = isinstance(value, list | tuple)
    text = f"{{{','.join(orjson.dumps(str(one)).decode() for one in value)}}}" if listed else str(value)
    quoted = text.replace("'", "''")
    return f"'{quoted}'"


def plans(explained: str) -> Iterator[dict[str, Any]]:
    """Every node of an EXPLAIN (FORMAT JSON)."""
    waiting = [orjson.loads(explained)[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.get("Plans", [])
