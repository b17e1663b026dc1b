"""Remembered parts of answers: the same bytes as without them, for whatever is asked, by whomever, and after any change."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest

from perkhub.accounts import Permission, add_group_members
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transact
from perkhub_schema.reads import execution
from perkhub_schema.reads.fragments import PartKey, Parts, parts
from perkhub_schema.reads.lasting import LASTING
from tests.factories import Person, Shop
from tests.pricing.making import a_group, a_list, at, of_party, put
from tests.schema.api import Api
from tests.schema.reads.asking import LIST, prices
from tests.schema.walk import sdl

OPERATIONS = 60
DEEPEST = 3


class Asked:
    """Operations as a random front end writes them: aliases, fragments, conditions, arguments, fields of the moment."""

    def __init__(self, drawn: Random) -> None:
        self.drawn = drawn
        self.fragments: list[str] = []
        self.aliases = 0

    def operation(self) -> str:
        root = self.drawn.choice(["products(first: $first)", "products(first: $first)", "one: product(slug: $slug)"])
        kind = "Product" if root.startswith("one") else "ProductConnection"
        inside = self.selection(kind, DEEPEST + (kind != "Product"))
        shop = self.drawn.choice(["", "shop { currency serverTime }"]) if self.drawn.random() < 0.2 else ""
        told = 'query ($first: Int, $slug: String, $yes: Boolean!, $no: Boolean!, $locale: String! = "en-GB")'
        # Every variable has to be used somewhere.
        used = "a: __typename @include(if: $yes) b: __typename @skip(if: $no) product(slug: $slug) { id }"
        used += " products(first: $first) { __typename } " if kind == "Product" else ""
        used += ' c: product(slug: "none") { variants { price { unit { formatted(locale: $locale) } } } }'
        if kind == "Product":
            return f"{told} {{ {root} {inside} {used} {shop} }} {' '.join(self.fragments)}"
        return f"{told} {{ page: {root} {inside} {used} {shop} }} {' '.join(self.fragments)}"

    def selection(self, kind: str, depth: int) -> str:
        names = sorted(LASTING[kind])
        chosen = self.drawn.sample(names, min(len(names), self.drawn.randint(1, 5)))
        if kind == "ProductConnection" and not {"nodes", "edges"} & set(chosen):
            chosen.append("nodes")
        parts_of = [self.field(kind, name, depth) for name in chosen]
        parts_of = [one for one in parts_of if one] or ["__typename"]
        if self.drawn.random() < 0.15 and len(self.fragments) < 3:
            name = f"F{len(self.fragments)}"
            self.fragments.append("")
            place = len(self.fragments) - 1
            self.fragments[place] = f"fragment {name} on {kind} {{ {parts_of[0]} }}"
            parts_of[0] = f"...{name}"
        if self.drawn.random() < 0.15:
            parts_of.append(f"... on {kind} @include(if: ${self.drawn.choice(['yes', 'no'])}) {{ __typename }}")
        return f"{{ {' '.join(parts_of)} }}"

    def field(self, kind: str, name: str, depth: int) -> str:
        below: Any = sdl().type_map[kind].fields[name].type
        while hasattr(below, "of_type"):
            below = below.of_type
        condition = self.drawn.choice(["@include(if: $yes)", "@skip(if: $no)", "@include(if: $no)", "@skip(if: $yes)"])
        shown = f" {condition}" if self.drawn.random() < 0.15 else ""
        alias = ""
        if self.drawn.random() < 0.2 and self.aliases < 20:
            self.aliases += 1
            alias = f"x{self.aliases}: "
        arguments = "(locale: $locale)" if (kind, name) == ("Money", "formatted") and self.drawn.random() < 0.7 else ""
        if below.name not in LASTING:
            return f"{alias}{name}{arguments}{shown}"
        return f"{alias}{name}{shown} {self.selection(below.name, depth - 1)}" if depth > 0 else ""


@pytest.fixture
def without_parts(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A switch: how it is where every field is resolved."""

    def switch(on: bool) -> None:
        monkeypatch.setattr(execution, "PARTS", frozenset() if on else frozenset({"Product", "Variant"}))

    return switch


async def filled(shop: Shop) -> list[str]:
    """Some products with brand, categories, texts and limits; their slugs."""
    partner = await shop.channel("partner")
    for number in range(4):
        variant = await shop.variant(codes=number * 6, price=f"{number + 1}.50", quota=20 + number, limit=2)
        await shop.variant(channel=partner, price="77.00", codes=1)
        await db.value("UPDATE variant SET face_value = 30, face_currency = 'CNY' WHERE id = $1", variant.id)
    found = await db.rows(
        "SELECT p.slug FROM product p JOIN listing l ON l.product_id = p.id WHERE l.channel_id <> $1", partner.id
    )
    return [row["slug"] for row in found]


def changes(drawn: Random) -> Iterator[str]:
    """What happens between two looks."""
    while True:
        yield drawn.choice(
            [
                f"UPDATE listing SET unit_price = unit_price + {drawn.randint(1, 9)}",
                f'UPDATE product SET version = version + 1, name = \'{{"en": "Name {drawn.random()}"}}\'',
                "UPDATE stock SET available = (available + 7) % 40",
                "UPDATE variant SET sku = sku || 'x' WHERE length(sku) < 40",
                "UPDATE channel SET zone = 'UTC'",
                "SELECT 1",
            ]
        )


@pytest.mark.parametrize("seed", range(3))
async def test_answers_are_the_same_bytes_with_and_without(api: Api, shop: Shop, without_parts: Any, seed: int):
    slugs, drawn = await filled(shop), Random(seed)
    token = (await shop.customer()).token
    happening = changes(drawn)
    used = 0
    for _ in range(OPERATIONS):
        query = Asked(drawn).operation()
        given = {"first": drawn.randint(1, 5), "slug": drawn.choice(slugs), "yes": True, "no": False}
        if drawn.random() < 0.5:
            given["locale"] = drawn.choice(["zh-CN", "de-DE"])
        where = {"channel": drawn.choice(["retail", "partner"]), "language": drawn.choice(["en", "zh"]), "token": token}
        for step in ("making", "using", "changed"):
            if step == "changed":
                await db.value(next(happening))
            without_parts(False)
            before = len(parts())
            told = await api.send(query, given, **where)
            used += step == "using" and before > 0
            without_parts(True)
            plain = await api.send(query, given, **where)
            assert "serverTime" in query or told.content == plain.content, (query, given, step)
            assert told.status_code == 200
            assert b'"errors"' not in told.content, (query, told.text)
    assert used > OPERATIONS / 2, "parts were there to be used"


async def test_a_page_costs_its_rows_once(api: Api, shop: Shop):
    for _ in range(3):
        await shop.variant()
    token = (await shop.customer()).token
    first, second = [await api.send(LIST, None, token) for _ in range(2)]
    assert first.content == second.content
    counts = [int(answer.headers["perkhub-statements"]) for answer in (first, second)]
    assert counts[1] < counts[0]
    assert counts[1] <= 4
    # Another page of the same operation has the same parts.
    assert len(parts()) == 3
    assert int((await api.send(LIST, {"first": 2}, token)).headers["perkhub-statements"]) <= 4
    assert len(parts()) == 3


async def test_only_what_changed_is_made_again(api: Api, shop: Shop):
    variants = [await shop.variant(price="1.00") for _ in range(3)]
    token = (await shop.customer()).token
    await api.send(LIST, None, token)
    kept = {key.id: parts().get(key, 0.0) for key in parts()._young}
    await db.value("UPDATE listing SET unit_price = 9 WHERE id = $1", variants[1].listing_id)
    assert prices(await api.send(LIST, None, token)) == ["1.00", "9.00", "1.00"]
    same = {key.id: parts().get(key, 0.0) is kept[key.id] for key in parts()._young}
    assert same == {variants[0].product_id: True, variants[1].product_id: False, variants[2].product_id: True}


async def test_who_has_prices_of_their_own_is_told_them(api: Api, shop: Shop):
    variant = await shop.variant(price="10.00")
    own, other = await shop.customer(), await shop.customer()

    async def told(person: Person) -> list[str]:
        return [price for _ in range(2) for price in prices(await api.send(LIST, None, person.token))]

    assert await told(own) == await told(other) == ["10.00"] * 2
    made = await a_list(of_party(own), [at(variant.id, "7.00")])
    assert (await told(own), await told(other)) == (["7.00"] * 2, ["10.00"] * 2)
    await put(made, at(variant.id, "6.00"))
    assert (await told(own), await told(other)) == (["6.00"] * 2, ["10.00"] * 2)
    # A list that is yet to begin: nothing that others may be given is made of it when it does.
    await a_list(of_party(other), [at(variant.id, "5.00")], starts=now() + timedelta(seconds=30))
    assert await told(other) == ["10.00"] * 2
    with travel(timedelta(seconds=31)):
        assert await told(other) == ["5.00"] * 2
    await db.value("UPDATE price_list SET archived_at = created_at")
    assert await told(own) == await told(other) == ["10.00"] * 2


async def test_parts_end_at_the_edge_of_a_window(api: Api, shop: Shop):
    variant = await shop.variant(price="1.00")
    other = await shop.variant(price="2.00")
    await db.value(
        "UPDATE listing SET published_until = statement_timestamp() + interval '20 s' WHERE id = $1", other.listing_id
    )
    one = "query ($slug: String!) { product(slug: $slug) { slug variants { price { unit { amount } } } } }"
    await db.value("UPDATE variant SET product_id = $1 WHERE id = $2", variant.product_id, other.id)
    await db.value("UPDATE listing SET product_id = $1", variant.product_id)
    slug = await db.value("SELECT slug FROM product WHERE id = $1", variant.product_id)
    token = (await shop.customer()).token
    for _ in range(2):
        told = (await api(one, {"slug": slug}, token))["data"]["product"]["variants"]
        assert sorted(entry["price"]["unit"]["amount"] for entry in told) == ["1.00", "2.00"]
    with travel(timedelta(seconds=21)):
        told = (await api(one, {"slug": slug}, token))["data"]["product"]["variants"]
        assert [entry["price"] and entry["price"]["unit"]["amount"] for entry in told if entry["price"]] == ["1.00"]


async def test_what_needs_a_right_is_looked_at_each_time(api: Api, shop: Shop):
    await shop.variant(codes=3)
    asked = "{ products { nodes { id variants { id stock } } } }"
    reader, customer = await shop.staff(Permission.READ_CODES), await shop.customer()
    for _ in range(2):
        told = await api(asked, None, reader.token)
        assert told["data"]["products"]["nodes"][0]["variants"][0]["stock"] == 3
        refused = await api(asked, None, customer.token)
        assert refused["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
    assert len(parts()) == 0


async def test_what_failed_is_not_remembered(api: Api, shop: Shop):
    await shop.variant()
    token = (await shop.customer()).token
    await db.value("ALTER TABLE stock RENAME TO gone")
    assert (await api(LIST, None, token))["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert len(parts()) == 0
    await db.value("ALTER TABLE gone RENAME TO stock")
    assert "errors" not in await api(LIST, None, token)
    assert len(parts()) == 1


async def test_parts_are_not_shared_between_languages_channels_and_conditions(api: Api, shop: Shop):
    await filled(shop)
    token = (await shop.customer()).token
    asked = (
        "query ($yes: Boolean!) { products { nodes { name slug @include(if: $yes) variants { price { unit { amount } } } } } }"
    )
    told = {
        (await api.send(asked, {"yes": yes}, token, channel, language=language)).text
        for yes in (True, False)
        for channel in ("retail", "partner")
        for language in ("en", "zh")
        for _ in range(2)
    }
    assert len(told) == 8


def test_memory_is_bounded_and_what_is_used_stays():
    kept = Parts(200_000)
    used = PartKey(1, UUID(int=0))

    def put(key: PartKey) -> None:
        kept.put(key, {"name": "x" * 1000}, product=key.id, channel=UUID(int=1), moment=10**9, until=1.0)

    put(used)
    for number in range(1, 1000):
        put(PartKey(1, UUID(int=number)))
        assert kept.get(used, 0.0) is not None
        assert sum(part.weight for part in [*kept._young.values(), *kept._old.values()]) <= 200_000
    assert kept.get(PartKey(1, UUID(int=5)), 0.0) is None
    assert kept.get(used, 2.0) is None, "its time is over"
    assert orjson.dumps({"a": kept.get(used, 0.0)}) == orjson.dumps({"a": {"name": "x" * 1000}})


def test_places_never_take_anothers_name():
    kept = Parts(1000)
    names = {kept.place((number,)) for number in range(25_000)}
    assert len(names) == 25_000


async def test_who_comes_into_a_group_or_leaves_it_is_told_its_prices_or_no_longer(api: Api, shop: Shop):
    variant = await shop.variant(price="10.00", codes=0)
    member, other = await shop.customer(), await shop.customer()
    group = await a_group()
    await a_list(group, [at(variant.id, "7.00")])

    async def told(who: Person) -> str:
        answer = await api("{ products { nodes { variants { price { unit { amount } } } } } }", None, who.token)
        [product] = answer["data"]["products"]["nodes"]
        return str(product["variants"][0]["price"]["unit"]["amount"])

    assert (await told(member), await told(other)) == ("10.00", "10.00")
    until = now() + timedelta(minutes=5)
    await transact(lambda tx: add_group_members(tx, group.id, [member.party_id], until=until, actor="tests"))
    assert (await told(member), await told(other), await told(member)) == ("7.00", "10.00", "7.00")
    with travel(timedelta(minutes=6)):
        assert (await told(member), await told(other)) == ("10.00", "10.00")
