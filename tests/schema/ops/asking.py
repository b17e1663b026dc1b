"""Sending operations as operators do, and holding against each refusal that nothing changed."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from perkhub.kit import db
from tests.factories import Person
from tests.schema.conftest import Api

ERRORS = "errors { __typename code message path ... on VersionMoved { version } }"
# What a refusal may leave behind: its own memory.
REMEMBERED = {"idempotency_key"}
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"


async def payload(api: Api, operation: str, given: Mapping[str, Any], who: Person | None = None, **options: Any) -> Any:
    """The one field's answer; the operation itself was not refused."""
    answer = await api(operation, {"input": given}, who.token if who is not None else None, **options)
    assert "errors" not in answer, answer["errors"]
    return next(iter(answer["data"].values()))


async def done(api: Api, operation: str, given: Mapping[str, Any], who: Person | None = None, **options: Any) -> Any:
    """The payload of a mutation that was not refused."""
    answer = await payload(api, operation, given, who, **options)
    assert answer["errors"] == []
    return answer


async def refusal(api: Api, operation: str, given: Mapping[str, Any], who: Person | None = None, **options: Any) -> Any:
    """The one error of a refused mutation. Nothing else is in the payload, and nothing in the database changed."""
    async with unchanged():
        answer = await payload(api, operation, given, who, **options)
    [error] = answer.pop("errors")
    assert [value for value in answer.values() if value not in (None, [])] == []
    return error


async def top_level(api: Api, operation: str, variables: Mapping[str, Any] | None = None, who: Person | None = None) -> Any:
    """The (first) error that ended the whole operation, which changed nothing."""
    async with unchanged():
        answer = await api(operation, variables, who.token if who is not None else None)
    assert not any((answer.get("data") or {}).values())
    return answer["errors"][0]


async def read(
    api: Api, query: str, variables: Mapping[str, Any] | None = None, who: Person | None = None, **options: Any
) -> Any:
    """What a query of one field answers."""
    answer = await api(query, variables, who.token if who is not None else None, **options)
    assert "errors" not in answer, answer["errors"]
    return next(iter(answer["data"].values()))


@asynccontextmanager
async def unchanged() -> AsyncIterator[None]:
    """Whatever happens inside, every row of every table is afterwards as it was before."""
    before = await _contents()
    yield
    after = await _contents()
    assert {table for table in before if before[table] != after[table]} == set()


async def _contents() -> dict[str, str]:
    tables = [row["relname"] for row in await db.rows(TABLES) if row["relname"] not in REMEMBERED]
    digest = "(SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \"{0}\" t) AS \"{0}\""
    row = await db.row("SELECT " + ", ".join(digest.format(table) for table in tables))
    assert row is not None
    return dict(row)
