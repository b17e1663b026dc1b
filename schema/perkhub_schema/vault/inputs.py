"""What operators say when they bring codes in or call them back."""

from datetime import datetime
from enum import StrEnum

import strawberry

from perkhub.kit.errors import InvalidInput
from perkhub.vault import COLUMN_MEANINGS, ImportRequest
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT, TOLD
from perkhub_schema.graphql.money import Currency, ExactDecimal

ColumnMeaning = StrEnum("ColumnMeaning", {meaning.upper(): str(meaning) for meaning in COLUMN_MEANINGS})  # type: ignore[misc]
described(
    ColumnMeaning,
    "What a column of an uploaded table holds. One of NUMBER, CLAIM_CODE, URL and BARCODE must be there.",
    {
        ColumnMeaning["NUMBER"]: "A card's number, which is no secret by itself where there is a PIN.",
        ColumnMeaning["CLAIM_CODE"]: "What the holder types in to get the benefit.",
        ColumnMeaning["URL"]: "The address where the holder gets the benefit.",
        ColumnMeaning["BARCODE"]: "The digits of a barcode.",
        ColumnMeaning["PIN"]: "The secret that belongs to a number.",
        ColumnMeaning["SECURITY_CODE"]: "A further secret, such as the digits on a card's back.",
        ColumnMeaning["EXPIRES_AT"]: "The last day on which the code works.",
    },
)


@strawberry.input(description="What a column of the table holds.")
class CodeColumnInput:
    name: str = strawberry.field(description="The column's name as it stands in row 1.", metadata=TOLD)
    meaning: ColumnMeaning = strawberry.field(description="What it holds; columns that are not named are passed over.")


@strawberry.input(description="What one code costs, with up to six decimal places.")
class UnitCostInput:
    amount: ExactDecimal = strawberry.field(description='In major units: "17.35".')
    currency: Currency = strawberry.field(description="ISO 4217 code.")


@strawberry.input(description="Codes from an upload: XLSX or CSV, one code a row, the names of the columns in row 1.")
class CodesImportInput:
    idempotency_key: str = strawberry.field(description="New for each import, the same for each repetition of the request.")
    upload_id: strawberry.ID = strawberry.field(description="What POST /uploads answered; an upload is its sender's alone.")
    variant_id: strawberry.ID = strawberry.field(description="What the codes are.")
    issuer: str = strawberry.field(description="Who made the codes: two codes of one issuer are never alike.", metadata=KEPT)
    unit_cost: UnitCostInput = strawberry.field(description="What one code costs us.")
    reference: str | None = strawberry.field(default=None, description="The delivery note or purchase they came with.")
    columns: list[CodeColumnInput] | None = strawberry.field(
        default=None, description="What the columns hold; left out, common names (卡号, 卡密, code, PIN …) are recognised."
    )
    default_expires_at: datetime | None = strawberry.field(
        default=None, description="For rows without an expiry of their own; null is never."
    )
    zone: str | None = strawberry.field(default=None, description="Where a day of the table ends; Asia/Shanghai if left out.")
    dry_run: bool = strawberry.field(default=False, description="Only check; the upload stays for the real import.")
    skip_refused_rows: bool = strawberry.field(
        default=False, description="Take good rows in although others are refused; otherwise one bad row refuses all."
    )

    def to_request(self, actor: str) -> ImportRequest:
        """The domain's request.

        Raises:
            InvalidInput: an id of another kind, or a column named twice.
        """
        columns = None
        if self.columns is not None:
            columns = {column.name: str(column.meaning) for column in self.columns}
            if len(columns) != len(self.columns):
                raise InvalidInput(path=("columns",), reason="A column is named twice.", reason_zh="同一列重复指定。")
        zone = {} if self.zone is None else {"zone": self.zone}
        return ImportRequest(
            upload_id=local_id(Kind.UPLOAD, self.upload_id, "uploadId"),
            variant_id=local_id(Kind.VARIANT, self.variant_id, "variantId"),
            issuer=self.issuer,
            unit_cost=self.unit_cost.amount,
            currency=self.unit_cost.currency,
            actor=actor,
            reference=self.reference,
            columns=columns,
            default_expires_at=self.default_expires_at,
            dry_run=self.dry_run,
            skip_refused_rows=self.skip_refused_rows,
            **zone,
        )


@strawberry.input(description="A lot that must not be sold any more.")
class LotRecallInput:
    idempotency_key: str = strawberry.field(description="New for each recall, the same for each repetition of the request.")
    lot_id: strawberry.ID = strawberry.field(description="Which lot.")
    reason: str = strawberry.field(description="Why, for those who come after you; at most 500 characters.", metadata=TOLD)
