"""Values that are wrong, or odd, for a place in an input. `MARKER` stands for a secret: no error may repeat it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull, GraphQLType

from perkhub_schema.graphql.global_ids import Kind
from tests.schema.walk import Place, at, left_out, made, put

MARKER = "PLANTED-7731-SECRET"
MEGABYTE = 1_000_000
MANY = 10_000


@dataclass(frozen=True)
class Odd:
    """What makes a good input odd, in one place. Where it `may` be right, it is taken or refused; else it must be refused."""

    name: str
    of: Callable[[Any], Any]
    path: list[str]
    may: bool = False


@dataclass(frozen=True)
class _Value:
    name: str
    value: Any
    may: bool = False

    def of(self, good: Any) -> Any:
        """The value in place of a good one, from which some are made."""
        return self.value(good) if callable(self.value) else self.value


NO_TEXT = [
    _Value("a number", 5),
    _Value("a fraction", 1.5),
    _Value("a boolean", True),
    _Value("a list", [MARKER]),
    _Value("an empty list", []),
    _Value("an object", {"x": MARKER}),
]
TEXTS = [
    _Value("nothing", "", may=True),
    _Value("spaces", "   ", may=True),
    _Value("the marker", MARKER, may=True),
    _Value("emoji", "🎁👨‍👩‍👧‍👦", may=True),
    _Value("right to left", "\u202eمرحبا\u202c", may=True),
    _Value("Chinese", "权益中台", may=True),
    _Value("full-width digits", "１２３４５６", may=True),
    _Value("SQL", "'; DROP TABLE orders; --", may=True),
    _Value("a format", "%s {0} ${x} {{7*7}}", may=True),
    _Value("a path", "../../etc/passwd", may=True),
    _Value("control characters", "a\x1b[31m\r\nb", may=True),
    _Value("200 characters", "x" * 200, may=True),
    _Value("NUL", "a\x00b"),
    _Value("a megabyte", "x" * MEGABYTE),
]
NUMBERS = [
    _Value("a text", "5"),
    _Value("a fraction", 1.5),
    _Value("a boolean", True),
    _Value("a list", [1]),
    _Value("an object", {}),
    _Value("minus one", -1),
    _Value("zero", 0, may=True),
    _Value("2^31 - 1", 2**31 - 1, may=True),
    _Value("2^31", 2**31),
    _Value("-2^31", -(2**31)),
    _Value("-2^31 - 1", -(2**31) - 1),
    _Value("2^63", 2**63),
    _Value("-2^63", -(2**63)),
    _Value("huge", 1e300),
]
DECIMALS = [
    _Value("a float", 1.5),
    _Value("a boolean", True),
    _Value("a list", ["1"]),
    _Value("an object", {}),
    _Value("nothing", ""),
    _Value("words", MARKER),
    _Value("NaN", "NaN"),
    _Value("infinite", "-Infinity"),
    _Value("a million digits", "1e999999"),
    _Value("a millionth of nothing", "1e-999999"),
    _Value("seven places", "1.0000001"),
    _Value("a megabyte", "1" * MEGABYTE),
    _Value("10^30", "1" + "0" * 30),
    _Value("NUL", "1\x00"),
    _Value("a comma", "1,50"),
    _Value("negative", "-0.01", may=True),
    _Value("zero", "0", may=True),
    _Value("an integer", 1, may=True),
    _Value("three places", "1.001", may=True),
    _Value("full-width digits", "１２", may=True),
]
CURRENCIES = [
    _Value("a list", [MARKER]),
    _Value("an object", {}),
    _Value("a number", 5),
    _Value("nothing", ""),
    _Value("unknown", "QQQ"),
    _Value("small letters", "cny"),
    _Value("Chinese", "人民币"),
    _Value("NUL", "CN\x00"),
    _Value("a megabyte", "C" * MEGABYTE),
    _Value("another", "USD", may=True),
    _Value("without places", "JPY", may=True),
]
MOMENTS = [
    _Value("without a zone", "2099-01-31T00:00:00"),
    _Value("a day", "2099-01-31"),
    _Value("a number", 4_073_000_000),
    _Value("no day", "2099-02-30T00:00:00Z"),
    _Value("before time", "0001-01-01T00:00:00+14:00"),
    _Value("after time", "9999-12-31T23:59:59-14:00"),
    _Value("year 10000", "10000-01-01T00:00:00Z"),
    _Value("words", MARKER),
    _Value("nothing", ""),
    _Value("NUL", "2099-01-31T00:00:00\x00Z"),
    _Value("a megabyte", "2" * MEGABYTE),
    _Value("past", "2001-01-31T00:00:00Z", may=True),
    _Value("the first year", "0001-01-01T00:00:00Z", may=True),
    _Value("the last year", "9999-12-31T23:59:59Z", may=True),
]
DAYS = [
    _Value("a moment", "2099-01-31T00:00:00Z"),
    _Value("a number", 20990131),
    _Value("without hyphens", "20990131"),
    _Value("a week", "2099-W05-6"),
    _Value("no day", "2099-02-30"),
    _Value("before time", "0000-01-01"),
    _Value("words", MARKER),
    _Value("nothing", ""),
    _Value("NUL", "2099-01-31\x00"),
    _Value("full-width digits", "２０９９-01-31"),
    _Value("a megabyte", "2" * MEGABYTE),
    _Value("past", "2001-01-31", may=True),
    _Value("the last day", "9999-12-31", may=True),
]
BOOLEANS = [_Value("a text", "true"), _Value("a number", 1), _Value("a list", [True]), _Value("an object", {})]
CHOICES = [_Value("unknown", MARKER), _Value("a number", 5), _Value("an object", {}), _Value("nothing", "")]
OBJECTS = [
    _Value("a text", MARKER),
    _Value("a number", 5),
    _Value("a list", [MARKER]),
    _Value("an unknown field", {"nobodyKnowsThis": MARKER}),
    _Value("an empty object", {}, may=True),
]
NO_LISTS = [_Value("a number", {"x": 5}), _Value("a list of nothing", [None]), _Value("lists in lists", [[[[[MARKER]]]]])]
NO_IDS = [
    _Value("half an id", "ord_"),
    _Value("letters", "ord_" + "z" * 32),
    _Value("too long", "ord_" + "0" * 33),
    _Value("no prefix", "0" * 32),
    _Value("a bare UUID", "01a200ae-b65a-76ab-a03e-e7fb3201c150"),
]


def _another(kind: Kind) -> Callable[[str], str]:
    return lambda good: f"{kind if not _is(good, kind) else 'xxx'}_{_digits(good)}"


def _is(good: str | None, kind: Kind) -> bool:
    return (good or "").partition("_")[0] == kind


def _digits(good: str | None) -> str:
    return (good or "").partition("_")[2] or "0" * 32


def _prefix(good: str | None) -> str:
    return (good or "").partition("_")[0] or "ent"


OTHER_IDS = [
    _Value("unknown", lambda good: f"{_prefix(good)}_{int(_digits(good), 16) ^ 0xFFFF:032x}"),
    _Value("never made", lambda good: f"{_prefix(good)}_{'0' * 32}"),
    _Value("a capital prefix", lambda good: f"{_prefix(good).upper()}_{_digits(good)}"),
    *(_Value(f"the id of a {kind.name}", _another(kind)) for kind in Kind),
]
SCALARS = {
    "String": NO_TEXT + TEXTS,
    "ID": NO_TEXT + TEXTS + NO_IDS,
    "Int": NUMBERS,
    "Decimal": DECIMALS,
    "Currency": CURRENCIES,
    "DateTime": MOMENTS,
    "Date": DAYS,
    "Boolean": BOOLEANS,
}


def odd_inputs(kind: GraphQLInputObjectType, place: Place) -> Iterator[Odd]:
    """Every way in which a good input is odd in this place."""
    path = [str(step) for step in place.path]

    def with_value(value: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda good: put(kind, good, place.path, value(at(good, place.path)))

    for odd in [*_values(place.kind), _Value("null", None, may=not isinstance(place.kind, GraphQLNonNull))]:
        yield Odd(f"{place}: {odd.name}", with_value(odd.of), path, odd.may)
    if not isinstance(place.path[-1], int):
        yield Odd(f"{place}: left out", lambda good: left_out(kind, good, place.path), path, not place.required)


def _values(kind: GraphQLType) -> Iterator[_Value]:
    bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(bare, GraphQLList):
        yield from NO_LISTS
        yield _Value("an empty list", [], may=True)
        inside = _inside(bare)
        yield _Value("very many", lambda good: (good or [_sample(inside)])[:1] * MANY, may=isinstance(inside, GraphQLEnumType))
    elif isinstance(bare, GraphQLInputObjectType):
        yield from OBJECTS
        if bare.is_one_of:
            yield _Value("all of them", dict.fromkeys(bare.fields, MARKER))
    elif isinstance(bare, GraphQLEnumType):
        yield from CHOICES
        yield _Value("small letters", next(iter(bare.values)).lower())
    else:
        yield from SCALARS[str(bare)]
        if str(bare) == "ID":
            yield from OTHER_IDS


def _inside(kind: GraphQLList[Any]) -> GraphQLType:
    inside: GraphQLType = kind.of_type
    return inside.of_type if isinstance(inside, GraphQLNonNull) else inside


def _sample(kind: GraphQLType) -> Any:
    return f"ent_{'0' * 32}" if str(kind) == "ID" else made(kind)
