"""Wrong in what it believes, answers and gives away."""

import hashlib
import hmac
import json
import logging
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError, model_validator

from perkhub.plugin import now
from perkhub.plugin.supplier import (
    Balance,
    CallbackAnswer,
    CallbackForged,
    CallbackHint,
    CatalogItem,
    Delivered,
    Echo,
    LookupOutcome,
    OrderQuery,
    PlaceOutcome,
    Rate,
    Rejected,
    StatementLine,
    SuppliedCode,
    SupplierUnanswered,
)
from tests.plugin.conformance.broken import breaks
from tests.plugin.conformance.tiny.client import Tiny, Told


@breaks("test_a_genuine_callback_is_a_hint")
class HintsAtNothing(Tiny):
    def verify_callback(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> CallbackHint:
        return CallbackHint(super().verify_callback(headers, query, body).nonce)


@breaks("test_a_copy_has_the_nonce_of_the_first")
class HasANewNonceEachTime(Tiny):
    def verify_callback(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> CallbackHint:
        return replace(super().verify_callback(headers, query, body), nonce=uuid.uuid4().hex)


@breaks("test_an_old_callback_is_known_again")
class HasNoWindow(Tiny):
    def verify_callback(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> CallbackHint:
        try:
            return super().verify_callback(headers, query, body)
        except CallbackForged as forged:
            if forged.reason != "window":
                raise
            nonce = hashlib.sha256(body + f"{now():%F}".encode()).hexdigest()
            return CallbackHint(nonce, reference=json.loads(body)["reference"])


@breaks("test_a_callback_under_another_secret_is_forged")
class KnowsOneSecretForAll(Tiny):
    first: dict[str, Any] = {}

    def verify_callback(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> CallbackHint:
        mine = self.settings
        self.settings = self.first.setdefault(self.settings.base_url, mine)
        try:
            return super().verify_callback(headers, query, body)
        finally:
            self.settings = mine


@breaks("test_a_changed_callback_is_forged")
class BelievesTheUnsigned(Tiny):
    def verify_callback(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> CallbackHint:
        if "x-sign" not in headers:
            secret = self.settings.callback_secret.get_secret_value().encode()
            headers = {**headers, "x-sign": hmac.new(secret, body, hashlib.sha256).hexdigest()}
        return super().verify_callback(headers, query, body)


@breaks("test_nothing_malformed_breaks_it")
class ComparesTexts(Tiny):
    def verify_callback(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> CallbackHint:
        hmac.compare_digest("0" * 64, headers.get("x-sign", ""))  # raises at what is no ASCII
        return super().verify_callback(headers, query, body)


@breaks("test_a_callback_alone_delivers_nothing")
class BelievesCallbacks(Tiny):
    said: frozenset[str | None] = frozenset()

    def verify_callback(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> CallbackHint:
        hint = super().verify_callback(headers, query, body)
        self.said |= {hint.reference}
        return hint

    async def lookup(self, query: OrderQuery) -> LookupOutcome:
        if query.reference in self.said:
            return Delivered(Echo(query.reference, query.sku, query.quantity))
        return await super().lookup(query)


@breaks("test_the_acknowledgement_ends_it")
class AcknowledgesInItsOwnWords(Tiny):
    def acknowledge(self) -> CallbackAnswer:
        return CallbackAnswer(body=b"OK")


@breaks("test_questions_are_answered_in_our_words")
class CountsInFloats(Tiny):
    async def balance(self) -> Balance:
        told = await super().balance()
        return Balance(float(told.amount), told.currency)  # type: ignore[arg-type]  # that is what is wrong with it


@breaks("test_the_catalog_lists_what_can_be_bought")
class ListsEverythingTwice(Tiny):
    async def catalog(self) -> AsyncIterator[CatalogItem]:
        async for item in super().catalog():
            yield item
            yield item


@breaks("test_a_question_that_fails_is_a_problem_of_ours")
class MakesUpABalance(Tiny):
    async def balance(self) -> Balance:
        try:
            return await super().balance()
        except SupplierUnanswered:
            return Balance(Decimal(0), "CNY")


@breaks("test_the_statement_has_what_was_bought")
class LosesReferencesInItsStatement(Tiny):
    async def statement(self, day: str) -> AsyncIterator[StatementLine]:
        async for line in super().statement(day):
            yield replace(line, reference=None)


@breaks("test_a_fresh_code_is_not_used")
class ReadsUsedTheWrongWayRound(Tiny):
    async def code_status(self, code: SuppliedCode) -> str:
        return "used" if await super().code_status(code) == "unused" else "unused"


@breaks("test_nothing_secret_is_logged")
class LogsItsCodes(Tiny):
    async def fetch_codes(self, query: OrderQuery) -> Sequence[SuppliedCode]:
        codes = await super().fetch_codes(query)
        logging.getLogger("tiny").debug("fetched", extra={"codes": [code.credentials for code in codes]})
        return codes


class Talkative(Told):
    """Unlike its kind, it repeats what it could not read."""

    model_config = {"hide_input_in_errors": False}

    number: str
    pin: str


@breaks("test_nothing_secret_is_shown")
class RaisesWithItsCause(Tiny):
    async def fetch_codes(self, query: OrderQuery) -> Sequence[SuppliedCode]:
        told = await self.asked(list[Any], f"/orders/{query.supplier_reference}/codes")
        try:
            TypeAdapter(list[Talkative]).validate_python(told)
        except ValidationError as cause:
            raise SupplierUnanswered("unreadable") from cause
        return await super().fetch_codes(query)


@breaks("test_wrong_settings_are_named_without_their_values")
class BreaksAtItsSettings(Tiny):
    class Settings(Tiny.Settings):
        @model_validator(mode="before")
        @classmethod
        def without_slash(cls, values: dict[str, Any]) -> dict[str, Any]:
            return {**values, "base_url": values["base_url"].rstrip("/")}

    settings: Settings


@breaks("test_reasons_are_words")
class QuotesTheVendor(Tiny):
    def refused(self, code: str) -> PlaceOutcome:
        refused = super().refused(code)
        if isinstance(refused, Rejected) and not refused.halt:
            return replace(refused, reason="The vendor's own words, for people")
        return refused


@breaks("test_the_declared_rate_is_the_vendors")
class PromisesTwiceTheRate(Tiny):
    capabilities = replace(Tiny.capabilities, max_rate=Rate(20, 1.0))
