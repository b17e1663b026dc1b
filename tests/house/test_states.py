"""States: every one can be reached, and `move` and `move_many` are the only code that changes a state column.

Claims in a `sql.py` may change a state too, for the database must find and change the row in one statement; they must
then name the state they come from, and make a step that stands in the table.
"""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest

from perkhub.kit.states import StateMachine
from tests.house.tree import SOURCE_ROOTS, every_module, parsed, python_files, shown, texts

FILES = [path for path in python_files(*SOURCE_ROOTS) if shown(path) != "core/perkhub/kit/states.py"]
# From SET to what ends the list of columns; a bare `state =` in a WHERE is no write.
SET_CLAUSE = re.compile(
    r"\b(?:UPDATE\s+(?:ONLY\s+)?(?P<table>[\w{}.\"]+)(?:\s+(?:AS\s+)?\w+)?|DO\s+UPDATE)\s+SET\b"
    r"(?P<columns>.*?)(?=\bWHERE\b|\bFROM\b|\bRETURNING\b|;|$)",
    re.S | re.I,
)
STATE_WRITTEN = re.compile(r"(?<![\w.])\"?state\"?\s*=|\(\s*[^)]*\bstate\b[^)]*\)\s*=", re.I)
STATE_ASKED = re.compile(r"\bWHERE\b.*?\bstate\"?\s*(=|IN\b|<>|!=)", re.S | re.I)
STATE_LISTED = re.compile(r"(?<!\w)state\"?\s+IN\s*\(([^)]*)\)", re.I)
STATE_LITERAL = re.compile(r"(?<!\w)state\"?\s*=\s*'(\w+)'", re.I)
ORM_WRITERS = {"update", "update_or_create", "update_from_dict"}


def machines() -> dict[str, StateMachine[Any]]:
    """Every state machine of the house, by the name it is first found under."""
    found: dict[int, tuple[str, StateMachine[Any]]] = {}
    for module in every_module("perkhub", "perkhub_plugins"):
        for name, value in vars(module).items():
            if isinstance(value, StateMachine):
                found.setdefault(id(value), (f"{module.__name__}.{name}", value))
    return dict(found.values())


def declared(machine: StateMachine[Any]) -> type[StrEnum]:
    """The enumeration whose members are the machine's states."""
    return type(next(iter(machine.born)))


def reachable(machine: StateMachine[Any]) -> set[Any]:
    seen: set[Any] = set()
    ahead = set(machine.born)
    while ahead:
        state = ahead.pop()
        seen.add(state)
        ahead |= set(machine.transitions.get(state, ())) - seen
    return seen


def test_every_state_is_reachable():
    found = machines()
    assert found, "there are state machines"
    lost = {name: set(declared(machine)) - reachable(machine) for name, machine in found.items()}
    assert {name: states for name, states in lost.items() if states} == {}


def test_one_machine_per_table():
    tables = [machine.table for machine in machines().values()]
    assert sorted(set(tables)) == sorted(tables)


def sql_writes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each statement that changes a state, with its line."""
    for line, text in texts(tree):
        if any(STATE_WRITTEN.search(clause["columns"]) for clause in SET_CLAUSE.finditer(text)):
            yield line, text


def orm_writes(tree: ast.Module) -> Iterator[int]:
    """The lines that change the state of a model's row in Python."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = (part for target in targets for part in ast.walk(target) if isinstance(part, ast.Attribute))
            if any(part.attr == "state" and isinstance(part.ctx, ast.Store) for part in parts):
                yield node.lineno
        elif isinstance(node, ast.Call) and writes_state(node):
            yield node.lineno


def writes_state(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in ORM_WRITERS:
        return any(keyword.arg == "state" for keyword in call.keywords)
    if name == "bulk_update":
        return any(isinstance(node, ast.Constant) and node.value == "state" for node in ast.walk(call))
    second = call.args[1] if name == "setattr" and len(call.args) > 1 else None
    return isinstance(second, ast.Constant) and second.value == "state"


def test_no_other_sql_writes_a_state():
    others = [path for path in FILES if path.name != "sql.py"]
    assert [f"{shown(path)}:{line}" for path in others for line, _ in sql_writes(parsed(path))] == []


def test_claims_name_the_state_they_come_from():
    claims = [path for path in FILES if path.name == "sql.py"]
    writes = [(path, line, text) for path in claims for line, text in sql_writes(parsed(path))]
    assert [f"{shown(path)}:{line}" for path, line, text in writes if not STATE_ASKED.search(text)] == []


def steps(text: str) -> Iterator[tuple[str, str, set[str]]]:
    """Each change of a state to a literal: the table, the new state, the states that the statement asks for."""
    for clause in SET_CLAUSE.finditer(text):
        for target in STATE_LITERAL.findall(clause["columns"]):
            rest = text[: clause.start("columns")] + text[clause.end("columns") :]
            listed = {state for states in STATE_LISTED.findall(rest) for state in re.findall(r"'(\w+)'", states)}
            yield clause["table"], target, {*STATE_LITERAL.findall(rest), *listed}


def test_claims_make_steps_of_the_table():
    transitions = {machine.table: machine.transitions for machine in machines().values()}
    claims = [(path, text) for path in FILES if path.name == "sql.py" for _, text in sql_writes(parsed(path))]
    wrong = [
        f"{shown(path)}: {table} from {sorted(origins)} to {target}"
        for path, text in claims
        for table, target, origins in steps(text)
        if not any(target in transitions.get(table, {}).get(origin, ()) for origin in origins)
    ]
    assert wrong == []


def test_a_step_is_read_out_of_a_claim():
    picked = "WITH p AS (SELECT id FROM code WHERE state = 'available' FOR UPDATE SKIP LOCKED) "
    claim = "UPDATE code c SET state = 'sold' FROM p WHERE c.id = p.id"
    assert list(steps(picked + claim)) == [("code", "sold", {"available"})]
    several = "UPDATE coupon c SET state = 'used' WHERE c.id = 1 AND c.state IN ('free', 'bound')"
    assert list(steps(several)) == [("coupon", "used", {"free", "bound"})]


def test_no_model_writes_a_state():
    assert [f"{shown(path)}:{line}" for path in FILES for line in orm_writes(parsed(path))] == []


@pytest.mark.parametrize(
    "planted",
    [
        "UPDATE purchase SET state = 'paid' WHERE id = $1",
        "UPDATE purchase AS o SET paid_at = $2, state = $3 FROM locked WHERE o.id = locked.id",
        "WITH due AS (SELECT id FROM t WHERE state = 'a') UPDATE t SET state='b' FROM due WHERE t.id = due.id",
        "WITH a AS (SELECT id FROM t FOR UPDATE SKIP LOCKED) UPDATE {table} t SET state = 'b' FROM a WHERE t.id = a.id",
        "update purchase set (state, paid_at) = ($1, $2)",
        "INSERT INTO t VALUES ($1) ON CONFLICT (id) DO UPDATE SET state = excluded.state",
    ],
)
def test_planted_sql_is_caught(planted: str):
    assert [line for line, _ in sql_writes(ast.parse(f"SQL = {planted!r}"))] == [1]
    assert [line for line, _ in sql_writes(ast.parse(f"async def f(tx): await tx.execute(f'''{planted} {{more}}''')"))] == [1]


@pytest.mark.parametrize(
    "free",
    [
        "SELECT id FROM purchase WHERE state = 'paid' FOR UPDATE",
        "UPDATE listing SET held = held - 1 WHERE state = 'open'",
        "UPDATE listing SET estate = 1, state_seen = 2",
        "INSERT INTO purchase (id, state) VALUES ($1, $2)",
    ],
)
def test_reading_a_state_is_free(free: str):
    assert list(sql_writes(ast.parse(f"SQL = {free!r}"))) == []


@pytest.mark.parametrize(
    "planted",
    [
        "order.state = OrderState.PAID",
        "order.state, order.paid_at = PAID, now()",
        "Order.filter(id=row).update(state=PAID)",
        "Order.bulk_update(orders, fields=['state'])",
        "setattr(order, 'state', PAID)",
    ],
)
def test_planted_orm_writes_are_caught(planted: str):
    assert list(orm_writes(ast.parse(planted))) == [1]


def test_a_place_named_state_may_be_read_from():
    """Starlette keeps its own things in `app.state`; that is no column."""
    assert list(orm_writes(ast.parse("app.state.pool = pool\nseen = order.state"))) == []


def test_an_unguarded_claim_is_told_from_a_guarded_one():
    assert STATE_ASKED.search("UPDATE code SET state = 'issued' WHERE id IN (SELECT id FROM code WHERE state = 'available')")
    assert not STATE_ASKED.search("UPDATE code SET state = 'issued' WHERE id = $1")
