"""Turning two recorded orders into a pgbench script: the same statements in the same transaction, with values of its own.

What both orders share stays as it is. Ids of the shop are chosen at random, ids that a statement returned are taken from
the script's own run of it, ids and keys that were new are made anew, moments become now().
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
PARAMETER = re.compile(r"\$(\d+)")
# Rising with time, as UUIDv7 does: where an id stands in its index is part of what a statement costs.
FRESH = "(lpad(to_hex(:n::bigint),8,'0')||'-0000-7'||lpad(to_hex(:client_id::bigint),3,'0')||'-8000-{place:012x}')::uuid"
UNIQUE = "substr(repeat(md5(concat(:n::bigint,'-',:client_id::bigint,'-{place}')),4),1,{length})"


@dataclass(frozen=True)
class Statement:
    """One statement of an order; `row` is what it returned, where that was one row."""

    sql: str
    values: Sequence[Any]
    types: list[str]
    row: dict[str, Any]


@dataclass
class Script:
    """Renders the values of the first order, with the second beside it to see what differs."""

    known: dict[UUID, str]
    fresh: dict[UUID, str] = field(default_factory=dict)
    unique: dict[str, str] = field(default_factory=dict)
    # Where a returned value can be had again: by the pair of values that the two orders got there.
    returned: dict[tuple[Any, Any], tuple[int, str]] = field(default_factory=dict)
    wanted_rows: set[int] = field(default_factory=set)

    def value(self, first: Any, second: Any, kind: str) -> str:
        """One value as an SQL expression of its type."""
        return f"({self._bare(first, second, kind)})::{kind}"

    def _bare(self, first: Any, second: Any, kind: str) -> str:
        if first is None:
            return "NULL"
        if isinstance(first, list | tuple):
            others = second if isinstance(second, list | tuple) and len(second) == len(first) else first
            return f"ARRAY[{','.join(self.value(*pair, kind.removesuffix('[]')) for pair in zip(first, others, strict=True))}]"
        if isinstance(first, UUID):
            return (
                self.known.get(first)
                or self._again(first, second)
                or (quoted(str(first)) if first == second else self._new(first))
            )
        if first == second:
            return quoted(first.hex(), prefix="\\\\x") if isinstance(first, bytes) else quoted(str(first))
        if isinstance(first, datetime):
            return "now()"
        if isinstance(first, bytes):
            return f"sha256(convert_to({self._made_up(first.hex())}, 'UTF8'))"
        return self._again(first, second) or self._text(str(first), str(second))

    def _text(self, first: str, second: str) -> str:
        """A text that differs only by the ids in it is put together from them; any other is made up."""
        ids = [UUID(found) for found in UUIDS.findall(first)]
        if not ids or UUIDS.sub("", first) != UUIDS.sub("", second):
            return self._made_up(first)
        others = [UUID(found) for found in UUIDS.findall(second)]
        between = [quoted(part) for part in UUIDS.split(first)]
        parts = [between[0]]
        for one, other, text in zip(ids, others, between[1:], strict=True):
            parts += [f"({self._bare(one, other, 'uuid')})::uuid::text", text]
        return "||".join(parts)

    def _again(self, first: Any, second: Any) -> str | None:
        found = self.returned.get((first, second)) if first != second else None
        if found is None:
            return None
        self.wanted_rows.add(found[0])
        return f":s{found[0]}_{found[1]}"

    def _new(self, value: UUID) -> str:
        return self.fresh.setdefault(value, FRESH.format(place=len(self.fresh) + 1))

    def _made_up(self, value: str) -> str:
        return self.unique.setdefault(value, UNIQUE.format(place=len(self.unique) + 1, length=min(len(value), 128)))


def script_of(first: list[Statement], second: list[Statement], *, order: dict[str, Any], shop: dict[str, Any]) -> str:
    """The script. `order` names the recorded ids, `shop` how many wallets and which variants there are to choose from."""
    script = Script(_known(order, shop))
    rendered = [_rendered(script, place, *pair) for place, pair in enumerate(zip(first, second, strict=True))]
    lines = [r"\set n :n + 1", rf"\set w random(0, {shop['wallets'] - 1})", rf"\set v random(1, {len(shop['variants'])})"]
    for place, sql in enumerate(rendered):
        lines.append(f"{sql} \\gset s{place}_" if place in script.wanted_rows else f"{sql};")
    return "\n".join(lines) + "\n"


def _known(order: dict[str, Any], shop: dict[str, Any]) -> dict[UUID, str]:
    party = f"('{shop['party']}'||lpad(to_hex(:w::bigint),12,'0'))::uuid"
    known = {UUID(order["party"]): party}
    for name in ("variant", "listing"):
        choice = ",".join(f"'{one}'" for one in shop[f"{name}s"])
        known[UUID(order[name])] = f"(ARRAY[{choice}]::uuid[])[:v::int]"
    return known


def _rendered(script: Script, place: int, first: Statement, second: Statement) -> str:
    def value(found: re.Match[str]) -> str:
        position = int(found[1]) - 1
        return script.value(first.values[position], second.values[position], first.types[position])

    sql = " ".join(PARAMETER.sub(value, first.sql).split())
    for column, given in first.row.items():
        other = second.row.get(column)
        if given is not None and given != other and not isinstance(given, bytes | dict | list):
            script.returned.setdefault((given, other), (place, column))
    return sql


def quoted(text: str, *, prefix: str = "") -> str:
    """A literal. pgbench would take a colon and a letter for a variable, even in a text."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\x3a")
    return f"E'{prefix}{escaped}'"
