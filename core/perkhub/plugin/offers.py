"""What may be registered: every fault of an offered class is named here, at start, before it could cost money."""

import dataclasses
import inspect
import re
from collections.abc import Iterator

from pydantic import BaseModel, SecretBytes, SecretStr

from perkhub.kit.money import CurrencyMismatch, exponent
from perkhub.plugin.mechanic import Entry, Mechanic, Stage
from perkhub.plugin.notifier import ContactChannel, Notifier
from perkhub.plugin.payment import BalancePayment, GatewayPayment, Title
from perkhub.plugin.supplier import Capabilities, Delivery, Idempotency, Supplier, offers

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
SECRET_NAMES = re.compile(r"(^|_)(secret|password|passphrase|token|private_key|api_key)$")


def payment_faults(offered: object) -> Iterator[str]:
    """What is wrong with an object offered as a way to pay."""
    if not (inspect.isclass(offered) and issubclass(offered, BalancePayment | GatewayPayment)):
        yield "it must be a class derived from BalancePayment or GatewayPayment (the class, not an instance)"
        return
    if issubclass(offered, BalancePayment) and issubclass(offered, GatewayPayment):
        yield "it must be a BalancePayment or a GatewayPayment, not both"
        return
    yield from _key_faults(offered)
    yield from _title_faults(offered)
    if issubclass(offered, GatewayPayment):
        yield from _currency_faults(offered)
        yield from _settings_faults(offered)
        yield from _method_faults(offered, GatewayPayment)


def supplier_faults(offered: object) -> Iterator[str]:
    """What is wrong with an object offered as a supplier."""
    if not (inspect.isclass(offered) and issubclass(offered, Supplier)):
        yield "it must be a class derived from Supplier (the class, not an instance)"
        return
    yield from _key_faults(offered)
    yield from _title_faults(offered)
    yield from _settings_faults(offered)
    yield from _method_faults(offered, Supplier)
    capabilities = getattr(offered, "capabilities", None)
    if not isinstance(capabilities, Capabilities):
        yield "`capabilities` must be Capabilities"
        return
    yield from _capability_faults(offered, capabilities)


def _capability_faults(offered: type[Supplier], said: Capabilities) -> Iterator[str]:
    """A promise in the capabilities needs the method that keeps it."""
    if not said.supplies:
        yield "`capabilities.supplies` must name what can be bought"
    for promised, service in (
        (said.two_phase, "confirm"),
        (said.delivery is Delivery.SECOND_CALL, "fetch_codes"),
        (said.callbacks, "verify_callback"),
    ):
        if promised != offers(offered, service):
            yield f"method `{service}` must be there exactly where the capabilities promise it"
    if (said.idempotency is Idempotency.REPLAY) != (said.replay_window is not None):
        yield "`capabilities.replay_window` belongs to idempotency REPLAY, and REPLAY needs one"
    if said.delivery is Delivery.CALLBACK and not said.callbacks:
        yield "delivery CALLBACK needs `callbacks`"
    if said.max_quantity < 1 or said.max_concurrency < 1 or said.not_found_looks < 1:
        yield "`max_quantity`, `max_concurrency` and `not_found_looks` are at least 1"
    if said.max_rate is not None and (said.max_rate.calls < 1 or said.max_rate.seconds <= 0):
        yield "`max_rate` must allow at least one call in a positive time"
    if not offers(offered, "test_connection") and not offers(offered, "balance"):
        yield "method `test_connection` or `balance` must be there: an operator wants to know that the settings work"


def mechanic_faults(offered: object) -> Iterator[str]:
    """What is wrong with an object offered as a mechanic."""
    if not (inspect.isclass(offered) and issubclass(offered, Mechanic)):
        yield "it must be a class derived from Mechanic (the class, not an instance)"
        return
    yield from _key_faults(offered)
    yield from _title_faults(offered)
    for name in ("Config", "Choice"):
        if not (inspect.isclass(found := getattr(offered, name, None)) and issubclass(found, BaseModel)):
            yield f"`{name}` must be a pydantic model"
    if not (inspect.isclass(state := getattr(offered, "State", None)) and dataclasses.is_dataclass(state)):
        yield "`State` must be a dataclass"
    if not isinstance(offered.stage, Stage) or not isinstance(offered.entry, Entry):
        yield "`stage` must be a Stage and `entry` an Entry"
    if offered.config_version < 1:
        yield "`config_version` begins at 1"
    for reason, text in offered.REASONS.items():
        if not isinstance(text, Title) or not text.en.strip() or not text.zh.strip():
            yield f"`REASONS[{reason!r}]` must be a Title with a text in both languages"
    yield from _method_faults(offered, Mechanic)


def notifier_faults(offered: object) -> Iterator[str]:
    """What is wrong with an object offered as a notifier."""
    if not (inspect.isclass(offered) and issubclass(offered, Notifier)):
        yield "it must be a class derived from Notifier (the class, not an instance)"
        return
    yield from _key_faults(offered)
    channels = getattr(offered, "channels", None)
    if not isinstance(channels, frozenset) or not channels or not all(isinstance(c, ContactChannel) for c in channels):
        yield "`channels` must be a frozenset of at least one ContactChannel"
    yield from _settings_faults(offered)
    yield from _method_faults(offered, Notifier)


def _key_faults(offered: type) -> Iterator[str]:
    key = getattr(offered, "key", None)
    if not isinstance(key, str) or not KEY.fullmatch(key):
        yield "`key` must be 2 to 40 lower-case letters, digits and underscores, beginning with a letter"


def _title_faults(offered: type) -> Iterator[str]:
    title = getattr(offered, "title", None)
    if not isinstance(title, Title) or not title.en.strip() or not title.zh.strip():
        yield "`title` must be a Title with a text in both languages"


def _currency_faults(offered: type) -> Iterator[str]:
    currencies = getattr(offered, "currencies", None)
    if not isinstance(currencies, frozenset) or not currencies:
        yield "`currencies` must be a frozenset of at least one ISO 4217 currency"
        return
    for currency in sorted(currencies, key=str):
        try:
            exponent(currency)
        except CurrencyMismatch:
            yield f"`currencies` holds {currency!r}, which is no ISO 4217 currency"


def _settings_faults(offered: type) -> Iterator[str]:
    settings = getattr(offered, "Settings", None)
    if not (inspect.isclass(settings) and issubclass(settings, BaseModel)):
        yield "`Settings` must be a pydantic model"
        return
    for name, declared in settings.model_fields.items():
        if SECRET_NAMES.search(name) and declared.annotation not in (
            SecretStr,
            SecretBytes,
            SecretStr | None,
            SecretBytes | None,
        ):
            yield f"`Settings.{name}` is a secret by its name and must be a SecretStr"


def _method_faults(offered: type, contract: type) -> Iterator[str]:
    missing: frozenset[str] = getattr(offered, "__abstractmethods__", frozenset())
    for name in sorted(missing):
        yield f"method `{name}` is missing"
    for name, promised in inspect.getmembers(contract, inspect.isfunction):
        given = getattr(offered, name)
        if name.startswith("_") or name in missing:
            continue
        if inspect.iscoroutinefunction(promised) != inspect.iscoroutinefunction(given):
            yield f"method `{name}` must {'' if inspect.iscoroutinefunction(promised) else 'not '}be async"
        elif not callable(given) or len(inspect.signature(given).parameters) != len(inspect.signature(promised).parameters):
            yield f"method `{name}` must take {', '.join(inspect.signature(promised).parameters)}"
