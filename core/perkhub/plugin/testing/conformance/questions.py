"""Rules of questions: catalog, quote, balance, stock, statement are answered in our words, or with a problem of ours."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

import pytest

from perkhub.kit.clock import now
from perkhub.plugin.supplier import (
    Balance,
    CatalogItem,
    Cost,
    Delivered,
    Partial,
    QuoteRequest,
    StatementLine,
    StockAnswer,
    Supplier,
    SupplierProblem,
    SupplierUnanswered,
    Supplies,
)
from perkhub.plugin.testing.conformance.bench import Bench, query_of
from perkhub.plugin.testing.conformance.outbound import CLOSED
from perkhub.plugin.testing.conformance.rules import Conformance, rule
from perkhub.plugin.testing.faults import TRANSPORT_FAULTS

MANY = 20
MOST_ITEMS = 100_000
AMOUNTS = (Cost, Balance)


class Questions(Conformance):
    """What is asked beside orders."""

    @rule()
    async def test_questions_are_answered_in_our_words(self, bench: Bench) -> None:
        """The declared types, amounts as exact decimals, currencies by their three letters."""
        async with bench.connected() as on:
            for name, kind, ask in asked(bench, on.supplier):
                if not bench.offers(name):
                    continue
                for answer in await ask():
                    assert isinstance(answer, kind), f"`{name}` answered {type(answer).__name__}, not {kind.__name__}"
                    ensure_exact(name, answer)

    @rule(service="catalog")
    async def test_the_catalog_lists_what_can_be_bought(self, bench: Bench) -> None:
        """Each SKU once, with a cost; ours is among them, and a top-up says what the buyer must be asked."""
        async with bench.connected() as on:
            items = [item for item in await gathered(on.supplier.catalog()) if isinstance(item, CatalogItem)]
        by_sku = {item.sku: item for item in items}
        assert len(by_sku) == len(items), "a SKU stands in the catalog twice"
        assert bench.subject.sku in by_sku, f"the catalog has no {bench.subject.sku!r}"
        assert by_sku[bench.subject.sku].available
        for item in items:
            assert item.cost.amount > 0, f"{item.sku!r} costs nothing"
            if item.face_least is not None and item.face_greatest is not None:
                assert item.face_least.amount <= item.face_greatest.amount, f"{item.sku!r} has its range the wrong way round"
        if bench.subject.top_up is not None:
            topped_up = by_sku[bench.subject.top_up.sku]
            assert topped_up.supplies is Supplies.TOP_UPS, "a top-up says so in `CatalogItem.supplies`"
            due = {one.key for one in topped_up.inputs if one.required}
            assert due, "the catalog must say what the buyer of a top-up is asked"
            assert due <= set(bench.subject.top_up.inputs), f"the top-up of the subject lacks {due}"

    @rule()
    @pytest.mark.parametrize("fault", [*TRANSPORT_FAULTS, "no_connection"])
    async def test_a_question_that_fails_is_a_problem_of_ours(self, bench: Bench, fault: str) -> None:
        """SupplierUnanswered (a 429 may be a refusal): never another exception, never an answer made up."""
        async with bench.connected() as on:
            request = bench.order()
            outcome = (await bench.settle(on.supplier, request)).outcome
            theirs = outcome.supplier_reference if isinstance(outcome, Delivered | Partial) else None
            questions = asked(bench, on.supplier)
            questions.append(("fetch_codes", object, lambda: listed(on.supplier.fetch_codes(query_of(request, theirs)))))
            questions.append(("test_connection", object, lambda: listed(on.supplier.test_connection())))
            for name, _, ask in questions:
                if name != "test_connection" and not bench.offers(name):
                    continue
                if fault == "no_connection":
                    on.outbound.lead(CLOSED)
                else:
                    bench.fault(any_request=1, **{fault: MANY})
                expected = SupplierProblem if fault == "refuse_429" else SupplierUnanswered
                with pytest.raises(expected):
                    await ask()

    @rule(service="statement")
    async def test_the_statement_has_what_was_bought(self, bench: Bench) -> None:
        """The supplier's own account of today names our order, at the cost that its books have."""
        async with bench.connected() as on:
            request = bench.order()
            await bench.settle(on.supplier, request)
            lines = await gathered(on.supplier.statement(f"{now():%F}"))
        ours = [line for line in lines if isinstance(line, StatementLine) and line.reference == request.reference]
        assert [line.cost for line in ours] == [bench.booked(request).cost], "our order stands there once, at its cost"

    @rule(service="code_status")
    async def test_a_fresh_code_is_not_used(self, bench: Bench) -> None:
        """Of a code that was bought a moment ago."""
        async with bench.connected() as on:
            settled = await bench.settle(on.supplier, bench.order())
            said = [await on.supplier.code_status(code) for code in settled.codes]
        assert set(said) <= {"unused", "unknown"}, f"nobody has used it, and it is said to be {said}"


Question = tuple[str, type, Callable[[], Awaitable[list[object]]]]


def asked(bench: Bench, supplier: Supplier) -> list[Question]:
    """Every question that can be put at any time: name, what an answer is, and how to ask."""
    what = QuoteRequest(bench.subject.sku, 1, bench.subject.face_value)
    return [
        ("balance", Balance, lambda: listed(supplier.balance())),
        ("quote", Cost, lambda: listed(supplier.quote(what))),
        ("stock", StockAnswer, lambda: listed(supplier.stock(what))),
        ("catalog", CatalogItem, lambda: gathered(supplier.catalog())),
        ("statement", StatementLine, lambda: gathered(supplier.statement(f"{now():%F}"))),
    ]


async def listed(answer: Awaitable[Any]) -> list[object]:
    """One answer, or several at once, as a list."""
    told = await answer
    return list(told) if isinstance(told, list | tuple) else [told]


async def gathered(answers: AsyncIterator[object]) -> list[object]:
    """All of them, within reason."""
    found: list[object] = []
    async for answer in answers:
        found.append(answer)
        assert len(found) <= MOST_ITEMS, f"more than {MOST_ITEMS} items: does it end?"
    return found


def ensure_exact(name: str, answer: object) -> None:
    """No float anywhere in an answer, and every currency by its three letters."""
    if isinstance(answer, float):
        pytest.fail(f"`{name}` answered with a float: money is exact")
    if isinstance(answer, AMOUNTS):
        exact = isinstance(answer.amount, Decimal) and answer.amount.is_finite()
        assert exact, f"`{name}` must answer with a finite Decimal"
        right = len(answer.currency) == 3 and answer.currency.isupper()
        assert right, f"`{name}` names a currency {answer.currency!r}"
    if is_dataclass(answer):
        for one in fields(answer):
            ensure_exact(name, getattr(answer, one.name))
