"""A benchmark must not flatter: what it counts as good, what it reads back, and what it has pgbench do."""

import asyncio
from uuid import UUID

import orjson
import pytest

from tests.bench.answers import look_into
from tests.bench.load import percentile
from tests.bench.pgbench import statements_in
from tests.bench.reading import Counted, ReadBackDisagrees, confirm_bought
from tests.bench.script import Statement, quoted, script_of

PARTIES = [UUID(int=1), UUID(int=2)]
VARIANT, LISTING, CHANNEL = UUID(int=3), UUID(int=4), UUID(int=5)


def answer(payload: object, *, status: int = 200, errors: object = None, statements: int | None = None) -> bytes:
    body = {"data": {"orderPlace": payload}} | ({"errors": errors} if errors else {})
    counted = f"Perkhub-Statements: {statements}\r\n" if statements is not None else ""
    return f"HTTP/1.1 {status} X\r\n{counted}\r\n".encode() + orjson.dumps(body)


def shown(value: str) -> dict[str, object]:
    one = {"entitlement": {"id": f"ent_{value}"}, "credentials": [{"kind": "NUMBER", "value": value}]}
    return {"revealed": [one], "errors": []}


def test_only_a_shown_credential_is_good() -> None:
    refused = {"revealed": [], "errors": [{"code": "OUT_OF_STOCK", "message": "none of 6222 left"}]}
    bad = [
        answer(refused),
        answer(None, errors=[{"message": "hidden", "extensions": {"code": "TOO_FAST"}}]),
        answer(shown("1"), status=503),
        answer({"revealed": [], "errors": []}),
        answer(shown("")),
    ]
    assert [look_into([one], field="orderPlace").bad for one in bad] == [1] * 5
    assert [look_into([one], field="orderPlace").first_error for one in bad] == [
        "OUT_OF_STOCK", "top-level error TOO_FAST", "status 503", "no credential was shown", "no credential was shown",
    ]  # fmt: skip


def test_a_code_that_came_twice_is_counted_once() -> None:
    seen = look_into(
        [answer(shown(value), statements=count) for value, count in (("1", 7), ("1", 7), ("2", 9))], field="orderPlace"
    )
    assert (seen.bad, len(seen.shown), seen.most_statements) == (0, 2, 9)


def test_percentiles_are_of_the_ordered_times() -> None:
    times = [millisecond / 1000 for millisecond in range(1, 101)]
    assert [percentile(times, part) for part in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([], 0.99) == 0


async def test_an_order_that_the_database_does_not_have_has_no_figure(database_url: str) -> None:
    def read_back(orders: int) -> None:
        confirm_bought(database_url, Counted.of(database_url), orders=orders, units=orders, seen=orders)

    await asyncio.to_thread(read_back, 0)
    with pytest.raises(ReadBackDisagrees, match="orders: 0, not 1; payments: 0, not 1"):
        await asyncio.to_thread(read_back, 1)


def test_a_recorded_order_becomes_a_script() -> None:
    def order(number: int) -> list[Statement]:
        party, made, account = PARTIES[number], UUID(int=100 + number), UUID(int=200 + number)
        debit = Statement("UPDATE a SET b = b - $2 WHERE p = $1 RETURNING id", (party, 1990), ["uuid", "int8"], {"id": account})
        values = ([made], account, f"customer:{party}", CHANNEL, f"key-{number}")
        insert = Statement("INSERT INTO o VALUES ($1, $2, $3, $4, $5)", values, ["uuid[]", "uuid", "text", "uuid", "text"], {})
        return [Statement("BEGIN", (), [], {}), debit, insert, Statement("COMMIT", (), [], {})]

    ids = {"party": str(PARTIES[0]), "variant": str(VARIANT), "listing": str(LISTING)}
    shop = {"wallets": 10, "party": "00000000-0000-7000-8000-", "variants": [str(VARIANT)], "listings": [str(LISTING)]}
    script = script_of(order(0), order(1), order=ids, shop=shop)
    lines = script.splitlines()
    assert statements_in(script) == 2
    assert lines[4].endswith("RETURNING id \\gset s1_"), "the account is taken from the script's own debit"
    assert "(:s1_id)::uuid" in lines[5]
    assert str(UUID(int=100)) not in script, "a new id is made anew"
    assert str(PARTIES[0]) not in script, "the buyer is drawn by lot, in texts too"
    assert str(CHANNEL) in script, "what both orders share stays"
    assert "key-0" not in script


def test_a_colon_in_a_text_is_no_variable() -> None:
    assert quoted("a:b'c\\d") == "E'a\\x3ab\\'c\\\\d'"
