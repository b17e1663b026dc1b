"""Wrong where an answer is in doubt, and at looking up."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx2

from perkhub.plugin import Response
from perkhub.plugin.supplier import (
    Accepted,
    CancelOutcome,
    CredentialKind,
    Delivered,
    Echo,
    LookupOutcome,
    NotFound,
    NotSent,
    OrderQuery,
    Partial,
    PlaceOutcome,
    PlaceRequest,
    Rejected,
    Reversed,
    SuppliedCode,
    Unknown,
)
from tests.plugin.conformance.broken import breaks
from tests.plugin.conformance.tiny.client import HALT, Tiny, ToldOrder


class Misreads(Tiny):
    """Takes one cause of doubt at ordering for something else."""

    causes: tuple[str, ...] = ()
    instead: PlaceOutcome = NotSent("misread")

    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        placed = await super().place(request)
        return self.instead if isinstance(placed, Unknown) and placed.cause in self.causes else placed


@breaks("test_a_lost_answer_is_unknown")
class TakesALostAnswerForNone(Misreads):
    causes = ("RemoteProtocolError", "ReadError")


@breaks("test_a_server_error_is_unknown")
class TakesAServerErrorForARefusal(Misreads):
    causes = ("http_500",)
    instead = Rejected("down", elsewhere=True)


@breaks("test_an_unreadable_answer_is_unknown")
class TakesAnythingForYes(Misreads):
    causes = ("unreadable", "too_large")
    instead = Accepted(Echo())


@breaks("test_too_many_requests_is_no_success")
class TakesBusyForNotSent(Misreads):
    causes = ("http_429",)


@breaks("test_a_slow_answer_is_unknown_in_time")
class TakesSilenceForNotSent(Misreads):
    causes = ("ReadTimeout",)


@breaks("test_a_redirect_is_no_answer")
class FollowsRedirects(Tiny):
    async def send(self, method: str, path: str, body: object = None) -> Response:
        if method != "POST":
            return await super().send(method, path, body)
        address = self.settings.base_url + path
        return await self.client.request(method, address, json=body, headers=self.headers(), follow_redirects=True)


@breaks("test_no_connection_is_not_sent")
class DoubtsWhatNeverLeft(Tiny):
    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        placed = await super().place(request)
        return Unknown(placed.cause) if isinstance(placed, NotSent) else placed


@breaks("test_a_documented_refusal_is_final")
class DoubtsADocumentedRefusal(Tiny):
    def refused(self, code: str) -> PlaceOutcome:
        return Unknown(code) if code == "SKU_UNKNOWN" else super().refused(code)


@breaks("test_an_unknown_code_is_unknown")
class TakesEveryCodeForFinal(Tiny):
    def refused(self, code: str) -> PlaceOutcome:
        return Rejected(code, elsewhere=True, halt=code in HALT)


@breaks("test_without_money_the_account_halts")
class GoesOnWithoutMoney(Tiny):
    def refused(self, code: str) -> PlaceOutcome:
        return Rejected(code, elsewhere=True, halt=code in HALT - {"NO_MONEY"}) if code in HALT else super().refused(code)


class Denies(Tiny):
    """Takes one cause of doubt at looking up for "no such order"."""

    def denied(self, looked: LookupOutcome) -> bool:
        raise NotImplementedError

    async def lookup(self, query: OrderQuery) -> LookupOutcome:
        looked = await super().lookup(query)
        return NotFound() if self.denied(looked) else looked


@breaks("test_a_rotated_secret_settles_nothing")
class DeniesWhenNotLetIn(Denies):
    def denied(self, looked: LookupOutcome) -> bool:
        return looked == Unknown("KEY_UNKNOWN")


@breaks("test_a_clock_that_is_off_settles_nothing")
class DeniesWhenTheClockIsOff(Denies):
    def denied(self, looked: LookupOutcome) -> bool:
        return looked == Unknown("CLOCK")


@breaks("test_a_failed_look_up_is_unknown")
class DeniesWhenNotAnswered(Denies):
    def denied(self, looked: LookupOutcome) -> bool:
        return isinstance(looked, Unknown) and looked.cause not in {"KEY_UNKNOWN", "CLOCK"}


@breaks("test_what_was_never_ordered_is_not_found")
class NeverSaysNo(Tiny):
    async def lookup(self, query: OrderQuery) -> LookupOutcome:
        looked = await super().lookup(query)
        return Unknown("absent") if isinstance(looked, NotFound) else looked


@breaks("test_an_order_under_way_is_accepted")
class TakesAcceptedForDelivered(Tiny):
    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        placed = await super().place(request)
        return Delivered(placed.echo, placed.supplier_reference) if isinstance(placed, Accepted) else placed


@breaks("test_a_failed_order_may_go_elsewhere")
class KeepsAFailedOrder(Tiny):
    def outcome(self, told: ToldOrder) -> Any:
        found = super().outcome(told)
        return replace(found, elsewhere=False) if isinstance(found, Rejected) else found


@breaks("test_fewer_than_ordered_are_told_as_such")
class TakesFewerForAll(Tiny):
    def outcome(self, told: ToldOrder) -> Any:
        found = super().outcome(told)
        if isinstance(found, Partial):
            return Delivered(found.echo, found.supplier_reference, found.codes, found.fetch)
        return found


@breaks("test_a_reversal_is_told")
class ForgetsReversals(Tiny):
    def outcome(self, told: ToldOrder) -> Any:
        found = super().outcome(told)
        return super().outcome(told.model_copy(update={"state": "done"})) if isinstance(found, Reversed) else found


@breaks("test_codes_are_fetched_again_the_same")
class FetchesOnce(Tiny):
    fetched: frozenset[str | None] = frozenset()

    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        self.fetched = frozenset()
        return await super().place(request)

    async def fetch_codes(self, query: OrderQuery) -> Sequence[SuppliedCode]:
        codes = await super().fetch_codes(query)
        known, self.fetched = query.supplier_reference in self.fetched, self.fetched | {query.supplier_reference}
        return [] if known else codes


@breaks("test_a_broken_code_is_no_delivery")
class TakesAnythingForACode(Tiny):
    async def fetch_codes(self, query: OrderQuery) -> Sequence[SuppliedCode]:
        told = await self.asked(list[dict[str, Any]], f"/orders/{query.supplier_reference}/codes")
        if all(isinstance(one["pin"], str) for one in told):
            return await super().fetch_codes(query)
        return [SuppliedCode(((CredentialKind.NUMBER, one["number"]), (CredentialKind.PIN, str(one["pin"])))) for one in told]


@breaks("test_a_cancellation_tells_the_truth")
class TakesEveryCancellationForDone(Tiny):
    async def cancel(self, query: OrderQuery) -> CancelOutcome:
        cancelled = await super().cancel(query)
        return replace(cancelled, elsewhere=True) if isinstance(cancelled, Rejected) else cancelled


@breaks("test_nothing_leaves_but_by_the_hosts_client")
class TellsSomebodyElse(Tiny):
    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        try:
            async with httpx2.AsyncClient(trust_env=False, verify=False) as own:
                await own.get("http://127.0.0.1:1/counted")
        except httpx2.HTTPError:
            pass
        return await super().place(request)
