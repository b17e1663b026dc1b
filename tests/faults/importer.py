"""A member of staff who brings small workbooks of codes in, calls some lots back, and decides about odd payments."""

import asyncio
from dataclasses import dataclass, field
from random import Random
from uuid import uuid4

from tests.faults import queries
from tests.faults.door import Door, WrongAnswer
from tests.faults.told import hash_of, minor
from tests.fixtures.workbooks import workbook

BETWEEN_SECONDS = (2.0, 6.0)
LOOKS_EVERY = 0.5
ENDED = {"DONE", "FAILED", "CHECKED"}
ISSUER = "Faulty Cards"


@dataclass
class ToldImport:
    """An accepted import: what its file held, by hashes, and what is said of it."""

    id: str
    hashes: set[str] = field(repr=False)
    refused: int
    state: str = "QUEUED"
    lot: str | None = None
    recalled: bool = False


class Importer:
    """One member of staff."""

    def __init__(self, door: Door, variants: list[str], rng: Random) -> None:
        self.door = door
        self.imports: dict[str, ToldImport] = {}
        self.into_wallet: dict[str, int] = {}  # payments in review, by what was put into their payers' wallets
        self.variants = variants
        self._rng = rng
        self._numbers = rng.randrange(10**9, 10**10) * 10**6

    async def live(self, over: asyncio.Event) -> None:
        """Import until it is over."""
        while not over.is_set():
            await self.bring_in()
            for told in self.imports.values():
                await self.look_at(told)
            await asyncio.sleep(self._rng.uniform(*BETWEEN_SECONDS))

    async def bring_in(self) -> None:
        """One workbook; some of them have a code twice, which is refused alone."""
        rows, name = self._rows(self._rng.randrange(40, 200)), f"delivery-{len(self.imports)}.xlsx"
        doubled = self._rng.random() < 0.2
        content = workbook([("卡号", "密码"), *rows, *([rows[0]] if doubled else [])])
        given = {
            "idempotencyKey": uuid4().hex,
            "uploadId": await self.door.upload(name, content),
            "variantId": self._rng.choice(self.variants),
            "issuer": ISSUER,
            "unitCost": {"amount": "8.25", "currency": "CNY"},
            "skipRefusedRows": doubled,
        }
        made = (await self.door.mutation(queries.CODES_IMPORT, given))["codeImport"]["id"]
        hashes = {hash_of((("NUMBER", number), ("PIN", pin))) for number, pin in rows}
        told = self.imports.setdefault(made, ToldImport(made, hashes, int(doubled)))
        if told.hashes != hashes:
            raise WrongAnswer("two imports have one id")

    async def look_at(self, told: ToldImport) -> None:
        """How far it is, unless it was seen to have ended; a lot that is full may be called back."""
        if told.state in ENDED:
            return
        seen = (await self.door.ask(queries.CODE_IMPORT, {"id": told.id}))["codeImport"]
        told.state, told.lot = seen["state"], seen["lot"] and seen["lot"]["id"]
        if told.state not in ENDED:
            return
        if (told.state, seen["rowsStocked"], seen["rowsRefused"]) != ("DONE", len(told.hashes), told.refused):
            raise WrongAnswer(f"an import of {len(told.hashes)} good rows and {told.refused} bad ones ended as {seen}")
        if self._rng.random() < 0.12:
            await self._recall(told)

    async def settle_reviews(self) -> None:
        """Decide about every payment of a wrong amount."""
        while waiting := (await self.door.ask(queries.IN_REVIEW))["paymentsInReview"]["nodes"]:
            for payment in waiting:
                into_wallet = self._rng.random() < 0.5
                decision = "INTO_WALLET" if into_wallet else "GIVE_BACK"
                given = {"idempotencyKey": uuid4().hex, "paymentId": payment["id"], "decision": decision}
                settled = (await self.door.mutation(queries.REVIEW_SETTLE, given))["payment"]
                if settled["state"] != "RETURNED":
                    raise WrongAnswer(f"a payment was settled and is {settled['state']}")
                self.into_wallet[payment["id"]] = minor(settled["received"]) if into_wallet else 0

    async def _recall(self, told: ToldImport) -> None:
        given = {"idempotencyKey": uuid4().hex, "lotId": told.lot, "reason": "The issuer asked for it."}
        lot = (await self.door.mutation(queries.LOT_RECALL, given))["lot"]
        if lot["state"] != "RECALLED" or lot["counts"]["available"]:
            raise WrongAnswer(f"a lot was recalled and is {lot}")
        told.recalled = True

    def _rows(self, many: int) -> list[tuple[str, str]]:
        self._numbers += many
        return [(f"{self._numbers - step:016}", f"{self._rng.randrange(10**6):06}") for step in range(many)]
