"""Wrong at ordering and repeating."""

from dataclasses import replace
from typing import Any

from perkhub.plugin.supplier import (
    Cost,
    Delivered,
    Delivery,
    LookupOutcome,
    OrderQuery,
    Partial,
    PlaceOutcome,
    PlaceRequest,
    SuppliedCode,
    Unknown,
)
from tests.plugin.conformance.broken import breaks
from tests.plugin.conformance.tiny.books import GOODS
from tests.plugin.conformance.tiny.client import FINAL, Tiny, TinyRejecting, TinyReserving, ToldOrder


@breaks("test_the_registration_is_in_order")
class HasNoKey(Tiny):
    key = "No Key"


@breaks("test_an_order_becomes_what_was_bought")
class LosesThePin(Tiny):
    async def fetch_codes(self, query: OrderQuery) -> list[SuppliedCode]:
        return [replace(code, credentials=code.credentials[:1]) for code in await super().fetch_codes(query)]


@breaks("test_several_are_ordered_at_once")
class ReadsTheFirstCodeOnly(TinyRejecting):
    def outcome(self, told: ToldOrder) -> Any:
        found = super().outcome(told)
        return replace(found, codes=found.codes[:1]) if isinstance(found, Delivered) else found


@breaks("test_the_delivery_is_as_declared")
class PromisesToBeLate(TinyRejecting):
    capabilities = replace(TinyRejecting.capabilities, delivery=Delivery.POLL)


@breaks("test_the_answer_tells_the_order_as_it_is")
class TakesThePriceOfOneForTheWhole(Tiny):
    def outcome(self, told: ToldOrder) -> Any:
        found = super().outcome(told)
        if not isinstance(found, Delivered):
            return found
        return replace(found, echo=replace(found.echo, cost=Cost(told.cost / told.quantity, told.currency)))


@breaks("test_a_deadline_is_told_as_the_supplier_has_it")
class TakesDeadlinesForLocalTime(Tiny):
    async def fetch_codes(self, query: OrderQuery) -> list[SuppliedCode]:
        codes = await super().fetch_codes(query)
        return [replace(code, expires_at=code.expires_at and code.expires_at.replace(tzinfo=None)) for code in codes]


@breaks("test_orders_at_the_same_time_stay_apart")
class KeepsTheOrderInItself(Tiny):
    current = ""

    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        self.current = request.reference
        placed = await super().place(request)
        return replace(placed, echo=replace(placed.echo, reference=self.current)) if isinstance(placed, Delivered) else placed


@breaks("test_a_sku_that_is_none_buys_nothing")
class HasADefaultSku(Tiny):
    def body(self, request: PlaceRequest) -> dict[str, Any]:
        return {**super().body(request), "sku": request.sku.strip() or "GIFT-10"}


@breaks("test_a_top_up_reaches_its_target")
class ForgetsTheTarget(Tiny):
    def outcome(self, told: ToldOrder) -> Any:
        found = super().outcome(told)
        return replace(found, echo=replace(found.echo, target=None)) if isinstance(found, Delivered) else found


@breaks("test_another_target_is_seen")
class EchoesTheQuestionsTarget(Tiny):
    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        placed = await super().place(request)
        done = isinstance(placed, Delivered) and placed.echo.target is not None
        return replace(placed, echo=replace(placed.echo, target=request.inputs.get("account"))) if done else placed


@breaks("test_a_top_up_of_nobody_is_not_done")
class HasADefaultAccount(Tiny):
    def body(self, request: PlaceRequest) -> dict[str, Any]:
        body = super().body(request)
        return {**body, "account": body["account"] or "13800000000"} if request.sku == "TOP-10" else body


@breaks("test_a_lost_top_up_is_found_again")
class LooksForCodesAlone(Tiny):
    async def lookup(self, query: OrderQuery) -> LookupOutcome:
        looked = await super().lookup(query)
        return Unknown("no_codes") if isinstance(looked, Delivered) and looked.echo.target is not None else looked


@breaks("test_the_chosen_amount_is_what_is_bought")
class KnowsOneAmount(Tiny):
    def body(self, request: PlaceRequest) -> dict[str, Any]:
        body = super().body(request)
        return {**body, "amount": body["amount"] and "50"}


@breaks("test_another_face_value_is_seen")
class SaysNoFaceValue(Tiny):
    def outcome(self, told: ToldOrder) -> Any:
        found = super().outcome(told)
        return replace(found, echo=replace(found.echo, face_value=None)) if isinstance(found, Delivered) else found


@breaks("test_without_an_amount_nothing_is_bought")
class HasADefaultAmount(Tiny):
    def body(self, request: PlaceRequest) -> dict[str, Any]:
        body = super().body(request)
        return {**body, "amount": body["amount"] or "10"} if request.sku == "RANGE" else body


@breaks("test_nothing_is_bought_before_it_is_confirmed")
class BuysWhenItShouldReserve(TinyReserving):
    mode = "none"


@breaks("test_more_than_the_maximum_is_refused")
class KeepsTheMaximumToItself(Tiny):
    def body(self, request: PlaceRequest) -> dict[str, Any]:
        return {name: value for name, value in super().body(request).items() if name != "maximum"}


@breaks("test_an_order_is_sent_once")
class MakesSure(Tiny):
    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        first = await super().place(request)
        if isinstance(first, Delivered):
            await super().place(request)
        return first


@breaks("test_a_replay_is_the_first_order_again")
class RenamesASecondAttempt(Tiny):
    def body(self, request: PlaceRequest) -> dict[str, Any]:
        again = f"-{request.attempt}" if request.attempt > 1 else ""
        return {**super().body(request), "reference": request.reference + again}


@breaks("test_a_replay_of_another_order_is_seen")
class EchoesAnythingInTheCatalog(Tiny):
    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        placed = await super().place(request)
        known = isinstance(placed, Delivered | Partial) and placed.echo.sku in GOODS
        return replace(placed, echo=replace(placed.echo, sku=request.sku)) if known else placed


@breaks("test_a_refused_repetition_settles_nothing")
class TakesADuplicateForARefusal(TinyRejecting):
    def refused(self, code: str) -> PlaceOutcome:
        return super().refused(code if code != "DUPLICATE" else min(FINAL))


@breaks("test_another_item_is_seen")
class EchoesTheQuestionsSku(Tiny):
    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        placed = await super().place(request)
        strange = isinstance(placed, Delivered) and placed.echo.sku not in GOODS
        return replace(placed, echo=replace(placed.echo, sku=request.sku)) if strange else placed


@breaks("test_another_quantity_is_seen")
class SaysNoQuantity(Tiny):
    def outcome(self, told: ToldOrder) -> Any:
        found = super().outcome(told)
        return replace(found, echo=replace(found.echo, quantity=None)) if isinstance(found, Delivered) else found


@breaks("test_another_amount_is_seen")
class SaysNoCost(Tiny):
    def outcome(self, told: ToldOrder) -> Any:
        found = super().outcome(told)
        return replace(found, echo=replace(found.echo, cost=None)) if isinstance(found, Delivered) else found


@breaks("test_another_reference_is_seen")
class TakesAnyAnswerForItsOwn(Tiny):
    async def lookup(self, query: OrderQuery) -> LookupOutcome:
        looked = await super().lookup(query)
        if isinstance(looked, Delivered):
            return replace(looked, echo=replace(looked.echo, reference=query.reference))
        return looked
