"""What operators say when they set suppliers up, map offers, buy ahead and settle."""

from datetime import datetime
from typing import Any

import strawberry

from perkhub.kit.errors import InvalidInput
from perkhub.plugin.supplier import SuppliedCode, Supplies
from perkhub.suppliers import OfferTerms, SentInput
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT, NEVER_KEPT, TOLD
from perkhub_schema.graphql.money import Currency, ExactDecimal
from perkhub_schema.orders.types import CredentialKindEnum
from perkhub_schema.suppliers.orders import DecisionEnum
from perkhub_schema.suppliers.settings import SupplierSettingsInput
from perkhub_schema.suppliers.types import ProvenanceEnum, SuppliesEnum

READ_ACCOUNT = "`supplierAccount.version` as you read it; refused if it has moved since."
READ_OFFER = "`supplierOffer.version` as you read it; refused if it has moved since."
MOST_CODES = 100


@strawberry.input(description="An account of ours at a supplier.")
class SupplierConnectInput:
    name: str = strawberry.field(description="What operators call it; at most 80 characters, and no other's.", metadata=KEPT)
    provenance: ProvenanceEnum = strawberry.field(description="From whom its benefits come.")  # type: ignore[valid-type]
    settings: SupplierSettingsInput = strawberry.field(description="Which supplier, and how to reach it; kept sealed.")


@strawberry.input(description="Changes of a supplier account. What is left out stays as it is.")
class SupplierUpdateInput:
    account_id: strawberry.ID = strawberry.field(description="Which.")
    expected_version: int = strawberry.field(description=READ_ACCOUNT)
    name: strawberry.Maybe[str] = strawberry.field(description="What operators call it.", metadata=KEPT)
    provenance: strawberry.Maybe[ProvenanceEnum] = strawberry.field(  # type: ignore[valid-type]
        description="From whom its benefits come."
    )
    settings: strawberry.Maybe[SupplierSettingsInput] = strawberry.field(
        description="All of its settings anew, of the same supplier; nothing of the old ones is kept."
    )


@strawberry.input(description="A supplier account that shall get no new orders; or get them again.")
class SupplierPauseInput:
    account_id: strawberry.ID = strawberry.field(description="Which.")
    expected_version: int = strawberry.field(description=READ_ACCOUNT)
    paused: bool = strawberry.field(default=True, description="False lets new orders go there again, and ends a halt.")


@strawberry.input(description="How much shall lie at a supplier.")
class SupplierBalanceAlertInput:
    account_id: strawberry.ID = strawberry.field(description="Which account.")
    expected_version: int = strawberry.field(description=READ_ACCOUNT)
    threshold: ExactDecimal | None = strawberry.field(
        default=None, description="In the currency that the supplier tells its balance in; left out, nobody is told."
    )


@strawberry.input(description="Which supplier account.")
class SupplierAccountInput:
    account_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.input(description="An offer that the supplier's catalog does not tell.")
class OfferCreateInput:
    account_id: strawberry.ID = strawberry.field(description="Who sells it.")
    sku: str = strawberry.field(description="The supplier's name of it, at most 120 characters.", metadata=KEPT)
    name: str = strawberry.field(description="What the supplier calls it, at most 200 characters.", metadata=KEPT)
    issuer: str = strawberry.field(description="Whose codes they are, at most 80 characters.", metadata=KEPT)
    cost: ExactDecimal = strawberry.field(description="What one unit costs us, with at most six decimal places.")
    currency: Currency = strawberry.field(description="ISO 4217 code of the cost.")
    supplies: SuppliesEnum = strawberry.field(  # type: ignore[valid-type]
        default=Supplies.CODES, description="What it delivers."
    )


@strawberry.input(description="Which buyer input fills a field of the supplier's form.")
class OfferInputInput:
    field: str = strawberry.field(description="The field's key, as `supplierOffer.form` tells it.", metadata=KEPT)
    input: str = strawberry.field(description="The key of a buyer input of the product.", metadata=KEPT)
    target: bool = strawberry.field(
        default=False, description="It is the account that is topped up. True in any case where the form says so."
    )
    national: bool = strawberry.field(
        default=False, description="Send a phone number without its country's code. True in any case where the form says so."
    )


@strawberry.input(description="Which of our variants an offer is, and how it is bought by.")
class OfferMapInput:
    offer_id: strawberry.ID = strawberry.field(description="Which offer.")
    expected_version: int = strawberry.field(description=READ_OFFER)
    variant_id: strawberry.ID | None = strawberry.field(
        default=None, description="Which variant; left out, nothing is bought by the offer any more."
    )
    face_value: ExactDecimal | None = strawberry.field(
        default=None,
        description="The face value of one unit, where the SKU is sold by amount: each makes an offer of its own. Left out "
        "where buyers of the variant choose it: then any value that both have is bought.",
    )
    maximum_cost: ExactDecimal | None = strawberry.field(
        default=None,
        description="The most that may be paid for one unit, or for one unit of face value where buyers choose that; the "
        "present cost if left out at first.",
    )
    inputs: list[OfferInputInput] | None = strawberry.field(
        default=None, description="What of the buyer's fills the supplier's form. Left out, it stays as it is."
    )
    priority: int | None = strawberry.field(default=None, description="0 to 10000; the lowest goes first, then the cheapest.")
    issuer: str | None = strawberry.field(default=None, description="Whose codes they are.", metadata=KEPT)
    active: bool = strawberry.field(default=True, description="False keeps the mapping, and buys nothing by it.")

    def terms(self) -> OfferTerms:
        """The domain's."""
        sent = None
        if self.inputs is not None:
            sent = tuple(SentInput(one.field, one.input, one.target, one.national) for one in self.inputs)
        return OfferTerms(self.maximum_cost, self.priority, self.issuer, sent, self.active)


@strawberry.input(description="Codes to be bought into the pool, from the best offers that can be had.")
class StockPurchaseInput:
    idempotency_key: str = strawberry.field(description="New for each purchase, the same for each repetition of the request.")
    variant_id: strawberry.ID = strawberry.field(description="What to buy.")
    quantity: int = strawberry.field(description="How many, 1 to 100000.")


@strawberry.input(description="One secret of a code that came another way.")
class CredentialInput:
    kind: CredentialKindEnum = strawberry.field(description="What it is.")  # type: ignore[valid-type]
    value: str = strawberry.field(description="The plain secret; sealed at once.", metadata=NEVER_KEPT)


@strawberry.input(description="A code that came another way.")
class SuppliedCodeInput:
    credentials: list[CredentialInput] = strawberry.field(description="Its secrets, each kind once.")
    expires_at: datetime | None = strawberry.field(default=None, description="When it ends; null if it never does.")


@strawberry.input(description="What should be done about a supplier order; a colleague has to approve it.")
class SupplierOrderSettleInput:
    supplier_order_id: strawberry.ID = strawberry.field(description="Which.")
    decision: DecisionEnum = strawberry.field(description="What.")  # type: ignore[valid-type]
    reason: str = strawberry.field(description="Why, at most 500 characters.", metadata=TOLD)
    codes: list[SuppliedCodeInput] | None = strawberry.field(
        default=None, description="With DELIVERED: what came, at most as many as were ordered."
    )
    cost: ExactDecimal | None = strawberry.field(
        default=None, description="With COST_ACCEPTED, and if you like with DELIVERED: what the whole order costs."
    )
    returned: ExactDecimal | None = strawberry.field(
        default=None,
        description="With CLOSED, now or later, where the supplier took it back and said nothing of money: what came back.",
    )

    def supplied(self) -> list[SuppliedCode]:
        """The domain's codes.

        Raises:
            InvalidInput.
        """
        given = self.codes or []
        if len(given) > MOST_CODES:
            raise InvalidInput(path=("codes",), reason=f"At most {MOST_CODES}.", reason_zh=f"最多 {MOST_CODES} 个。")
        return [_supplied(code, "codes", str(place)) for place, code in enumerate(given)]


@strawberry.input(description="A colleague's proposal to be carried out.")
class SettlementApproveInput:
    idempotency_key: str = strawberry.field(description="New for each approval, the same for each repetition of the request.")
    settlement_id: strawberry.ID = strawberry.field(description="Which; not one of your own.")


@strawberry.input(description="A proposal to be taken back.")
class SettlementWithdrawInput:
    settlement_id: strawberry.ID = strawberry.field(description="Which.")


def _supplied(code: SuppliedCodeInput, *path: str) -> SuppliedCode:
    kinds: list[Any] = [one.kind for one in code.credentials]
    if not kinds or len(set(kinds)) != len(kinds):
        raise InvalidInput(
            path=(*path, "credentials"),
            reason="At least one credential, each kind once.",
            reason_zh="至少一个凭证,每种类型仅一次。",
        )
    for place, one in enumerate(code.credentials):
        if not 0 < len(one.value.strip()) <= 1024:
            raise InvalidInput(
                path=(*path, "credentials", str(place), "value"),
                reason="Between 1 and 1024 characters.",
                reason_zh="须为 1 至 1024 个字符。",
            )
    return SuppliedCode(tuple((one.kind, one.value.strip()) for one in code.credentials), code.expires_at)


def account_id(given: strawberry.ID) -> Any:
    """The account that is meant."""
    return local_id(Kind.SUPPLIER_ACCOUNT, given, "accountId")
