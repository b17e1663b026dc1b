"""Rules of silence: no secret, no code and nobody's account in a log, a text, an error or the name of a reason."""

import logging
import re
import traceback
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretBytes, SecretStr

from perkhub.kit.ids import outbound_reference
from perkhub.plugin.configure import checked_settings
from perkhub.plugin.errors import SettingsRefused
from perkhub.plugin.supplier import NotSent, PlaceRequest, Rejected, Reversed, SupplierProblem, Supplies, Unknown
from perkhub.plugin.testing.conformance.bench import Bench, Connected, Settled
from perkhub.plugin.testing.conformance.questions import asked
from perkhub.plugin.testing.conformance.rules import Conformance, rule
from perkhub.plugin.testing.faults import TRANSPORT_FAULTS

WORD = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
SHORTEST_SECRET = 6  # a shorter PIN stands in some number of every log
OTHERS = ("unknown_code", "no_money", "secret_rotated", "malformed_code")


class Silence(Conformance):
    """What may be seen of a plugin's work from outside."""

    @rule()
    async def test_nothing_secret_is_logged(
        self, bench: Bench, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """At every level, by any logger, on any stream; in good days and in bad ones."""
        caplog.set_level(logging.DEBUG)
        caplog.clear()
        async with bench.connected() as on:
            secrets = secrets_of(bench)
            async for request, _ in good_days(bench, on):
                secrets |= codes_of(bench, request) | personal_of(request)
            async for request, _ in bad_days(bench, on):
                secrets |= codes_of(bench, request)
            secrets |= {value for seen in on.outbound.seen for name, value in seen.headers if name == "authorization"}
        said = "".join(capfd.readouterr()) + "".join(shown(record) for record in caplog.records)
        ensure_silent(said, secrets, "a log")

    @rule()
    async def test_nothing_secret_is_shown(self, bench: Bench) -> None:
        """Not by the repr of settings, plugin, request, outcome or code; not by any exception, its causes included."""
        async with bench.connected() as on:
            secrets = secrets_of(bench)
            parts = [repr(on.supplier), str(on.supplier), repr(on.supplier.settings), str(on.supplier.settings)]
            async for request, settled in good_days(bench, on):
                secrets |= codes_of(bench, request) | personal_of(request)
                parts += [repr(request), repr(settled), repr(settled.outcome), repr(settled.codes)]
            async for request, result in bad_days(bench, on):
                secrets |= codes_of(bench, request)
                parts.append("".join(traceback.format_exception(result)) if isinstance(result, Exception) else repr(result))
        ensure_silent("".join(parts), secrets, "a text or an exception")

    @rule()
    async def test_wrong_settings_are_named_without_their_values(self, bench: Bench) -> None:
        """Each setting in turn is something impossible: the refusal names the field, and not what stood there."""
        for name in bench.subject.supplier.Settings.model_fields:
            impossible = outbound_reference()  # made here: a traceback shows this source too
            try:
                settings = checked_settings(bench.subject.supplier, {**bench.settings, name: [impossible]})
            except SettingsRefused as refused:
                said = "".join(traceback.format_exception(refused))
                named = any(fault.path[:1] == (name,) for fault in refused.faults)
                assert named, f"the refusal of the setting {name!r} does not name it"
            else:
                said = repr(settings) if is_secret(bench, name) else ""
            assert impossible not in said, f"the refusal of the setting {name!r} repeats its value"

    @rule()
    async def test_reasons_are_words(self, bench: Bench) -> None:
        """A reason goes into logs and to operators: one word of ours or a code, never a text of the vendor's."""
        async with bench.connected() as on:
            refused = bench.order(sku=bench.subject.refused_sku)
            results: list[object] = [await bench.place(on.supplier, refused)]
            async for _, result in bad_days(bench, on):
                results.append(result)
        for result in results:
            reason = reason_of(result)
            assert reason is None or WORD.fullmatch(reason), f"no word of ours: {reason!r}"


def secrets_of(bench: Bench) -> set[str]:
    """The values of every secret setting."""
    return {value for name, value in bench.settings.items() if is_secret(bench, name)}


def is_secret(bench: Bench, name: str) -> bool:
    """Whether a setting is a secret."""
    declared = bench.subject.supplier.Settings.model_fields.get(name)
    return declared is not None and declared.annotation in (
        SecretStr,
        SecretBytes,
        SecretStr | None,
        SecretBytes | None,
    )


def codes_of(bench: Bench, request: PlaceRequest) -> set[str]:
    """Every secret that the vendor's books have under this reference."""
    return {value for sold in bench.vendor.sold(request.reference) for code in sold.secrets for value in code}


def personal_of(request: PlaceRequest) -> set[str]:
    """What the buyer said."""
    return set(request.inputs.values())


async def good_days(bench: Bench, on: Connected) -> AsyncIterator[tuple[PlaceRequest, Settled]]:
    """An honest order, and an honest top-up where there are any."""
    request = bench.order()
    yield request, await bench.settle(on.supplier, request)
    if Supplies.TOP_UPS in bench.capabilities.supplies:
        request = bench.topping_up()
        yield request, await bench.settle(on.supplier, request)


async def bad_days(bench: Bench, on: Connected) -> AsyncIterator[tuple[PlaceRequest, object]]:
    """Each fault once, at ordering, looking up, fetching and asking: what was answered or raised."""
    for fault in (*TRANSPORT_FAULTS, *OTHERS):
        if fault == "malformed_code" and not bench.sells_codes:
            continue
        request = bench.order()
        bench.fault(**{fault: 1})
        try:
            settled = await bench.settle(on.supplier, request)
            yield request, settled.outcome
        except SupplierProblem as problem:
            yield request, problem
        bench.fault(**({fault: 20} | ({"any_request": 1} if fault in TRANSPORT_FAULTS else {})))
        yield request, await bench.look_up(on.supplier, request)
        for name, _, ask in asked(bench, on.supplier):
            if bench.offers(name):
                try:
                    await ask()
                except SupplierProblem as problem:
                    yield request, problem
        bench.fault()


def reason_of(result: object) -> str | None:
    """The word that says why."""
    if isinstance(result, NotSent | Unknown):
        return result.cause
    return result.reason if isinstance(result, Rejected | Reversed | SupplierProblem) else None


def shown(record: logging.LogRecord) -> str:
    """All that any formatter could make of a record."""
    raised = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
    return f"{record.getMessage()} {vars(record)!r} {raised}\n"


def ensure_silent(said: str, secrets: set[str], where: str) -> None:
    """None of them is said. Which one is not told: this text may be in a log tomorrow."""
    leaked = sum(secret in said for secret in secrets if len(secret) >= SHORTEST_SECRET)
    assert not leaked, f"{leaked} secrets (settings, codes or what the buyer said) stand in {where}"
