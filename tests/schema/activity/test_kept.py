"""What the log keeps of an input: of a text nothing, unless its field says so."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
import strawberry
from pydantic import SecretStr

from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.kept import KEPT, MASKED, NEVER_KEPT, TOLD, kept_input
from perkhub_schema.graphql.texts import LocalizedTextInput

HIDDEN = "[redacted]"


class Colour(Enum):
    RED = "red"


@strawberry.input
class Inner:
    note: str = "secret"
    color: Colour = Colour.RED


@strawberry.input
class Sample:
    silent: str | None = None
    slug: str = strawberry.field(default="vip", metadata=KEPT)
    reason: str = strawberry.field(default="no", metadata=TOLD)
    email: str = strawberry.field(default="a@b.com", metadata=MASKED)
    secret: Any = strawberry.field(default=None, metadata=NEVER_KEPT)
    inner: Inner | None = strawberry.field(default=None)
    hidden_inner: Inner | None = strawberry.field(default=None, metadata=NEVER_KEPT)
    anything: Any = None
    maybe: strawberry.Maybe[str | None] = None


def kept(**given: Any) -> dict[str, Any]:
    told = kept_input(Sample(**given))
    return {name: value for name, value in told.items() if name.replace("I", "_i") in given}


ID = global_id(Kind.PRODUCT, UUID("019a2017-178c-7711-818a-ef11ed015b6d"))
GIVEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"silent": "PLANTED-7731"}, {"silent": "(12 characters)"}),
    ({"silent": ID}, {"silent": ID}),
    ({"silent": "CNY"}, {"silent": "CNY"}),
    ({"slug": "a-b-c-123456789"}, {"slug": "a-b-c-123456789"}),
    ({"slug": "x" * 600}, {"slug": "x" * 500 + "… (600)"}),
    ({"slug": "13800138000"}, {"slug": HIDDEN}),
    ({"reason": "card ABCD-1234-EFGH was burnt"}, {"reason": f"card {HIDDEN} was burnt"}),
    ({"email": "li.lei@example.com"}, {"email": "l••••@example.com"}),
    ({"email": "李雷"}, {"email": "李••••"}),
    ({"email": " "}, {"email": HIDDEN}),
    ({"secret": "hunter2"}, {"secret": HIDDEN}),
    ({"secret": ["a", "b"]}, {"secret": HIDDEN}),
    ({"secret": None}, {"secret": None}),
    ({"inner": Inner()}, {"inner": {"note": "(6 characters)", "color": "RED"}}),
    ({"hidden_inner": Inner()}, {"hiddenInner": HIDDEN}),
    ({"anything": SecretStr("x")}, {"anything": HIDDEN}),
    ({"anything": b"x"}, {"anything": HIDDEN}),
    ({"anything": 5}, {"anything": 5}),
    ({"anything": Decimal("1.50")}, {"anything": "1.5"}),
    ({"anything": datetime(2027, 1, 1, tzinfo=UTC)}, {"anything": "2027-01-01T00:00:00+00:00"}),
    ({"anything": {"a": "secret"}}, {"anything": {"a": "(6 characters)"}}),
    ({"anything": ["secret"] * 90}, {"anything": ["(6 characters)"] * 50}),
    ({"anything": LocalizedTextInput(zh="会员")}, {"anything": {"zh": "会员", "en": None}}),
    ({"maybe": strawberry.Some("secret")}, {"maybe": "(6 characters)"}),
    ({"maybe": strawberry.Some(None)}, {"maybe": None}),
]


@pytest.mark.parametrize(("given", "told"), GIVEN, ids=str)
def test_what_is_kept(given: dict[str, Any], told: dict[str, Any]):
    assert kept(**given) == told


def test_what_goes_too_deep_is_not_followed():
    deep: Any = "end"
    for _ in range(100):
        deep = {"a": deep}
    assert HIDDEN in str(kept(anything=deep))
