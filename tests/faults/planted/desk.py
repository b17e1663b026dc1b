"""Bringing planted codes in, by every way that works and many that do not."""

import secrets
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from tests.faults.planted.needles import MARK, marked
from tests.faults.planted.visitor import Visitor
from tests.fixtures.workbooks import ole, workbook

ERRORS = "errors { code message path }"
CHANNEL = f"mutation ($input: ChannelCreateInput!) {{ channelCreate(input: $input) {{ channel {{ id }} {ERRORS} }} }}"
PRODUCT = f"mutation ($input: ProductCreateInput!) {{ productCreate(input: $input) {{ product {{ id }} {ERRORS} }} }}"
VARIANT = f"mutation ($input: VariantCreateInput!) {{ variantCreate(input: $input) {{ variant {{ id }} {ERRORS} }} }}"
LISTING = f"mutation ($input: ListingUpsertInput!) {{ listingUpsert(input: $input) {{ listing {{ id }} {ERRORS} }} }}"
IMPORT = f"mutation ($input: CodesImportInput!) {{ codesImport(input: $input) {{ codeImport {{ id }} {ERRORS} }} }}"
LOOK = """
    query ($input: ID!) { codeImport(id: $input) {
        state filename rowsRead rowsStocked rowsRefused failure { code message }
        refusals(first: 100) { nodes { row column code message } } lot { id quantity issuer }
    } }
"""
LOTS = "{ lots(first: 20) { nodes { id issuer reference quantity } } }"
IMPORTS = "{ codeImports(first: 20) { nodes { id filename failure { code message } } } }"
JOBS = "{ jobs(first: 100) { nodes { name state lastError subjects { name id } } } }"

Row = tuple[str, ...]


def set_up_shop(visitor: Visitor, staff: str) -> str:
    """A channel, and one variant that is on sale in it; the variant."""
    name = {"en": "Video month", "zh": "视频月卡"}
    _made(visitor, CHANNEL, {"key": "retail", "name": name, "currency": "CNY"}, staff)
    form = [{"key": "account", "kind": "ACCOUNT"}, {"key": "word", "kind": "TEXT", "secret": True, "maxLength": 60}]
    asked = [{**one, "label": name, "required": False} for one in form]
    given = {"slug": "video-month", "name": name, "buyerInputs": asked}
    product = _made(visitor, PRODUCT, given, staff)["product"]["id"]
    variant = str(_made(visitor, VARIANT, {"productId": product, "sku": "VIDEO-1", "name": name}, staff)["variant"]["id"])
    _made(visitor, LISTING, {"channel": "retail", "variantId": variant, "unitPrice": "19.90"}, staff)
    return variant


def numbers(kind: str, many: int) -> list[Row]:
    """Card numbers with their PINs."""
    return [(marked(f"{kind}N{row:05}"), marked(f"{kind}P{row:05}")) for row in range(many)]


def links(kind: str, many: int) -> list[Row]:
    """Addresses with security codes."""
    return [(f"https://claim.example.com/get?c={marked(f'{kind}U{row:05}')}", marked(f"{kind}S{row}")) for row in range(many)]


def text(header: Row, rows: Iterable[Row], *, encoding: str = "utf-8") -> bytes:
    """A CSV."""
    return "\n".join(",".join(row) for row in (header, *rows)).encode(encoding)


class Desk:
    """One member of staff who imports."""

    def __init__(self, visitor: Visitor, staff: str, variant: str) -> None:
        self.visitor = visitor
        self.staff = staff
        self.variant = variant
        self.pieces: dict[str, bytes] = {}  # out of the middle of compressed files, which hide the mark

    def upload(self, name: str, content: bytes) -> str:
        """A file, by the one way that is open."""
        if name.endswith(".xlsx") and len(content) > 4096:
            middle = len(content) // 2
            self.pieces[f"the middle of {name}"] = content[middle : middle + 32]
        answer = self.visitor.send("POST", "/uploads", token=self.staff, content=content, headers={"perkhub-filename": name})
        return str(answer.json()["uploadId"])

    def begin(self, upload: str, **asked: Any) -> str:
        """Ask for an import; its id."""
        given = {
            "idempotencyKey": uuid4().hex,
            "uploadId": upload,
            "variantId": self.variant,
            "issuer": "Planted Cards",
            "unitCost": {"amount": "8.25", "currency": "CNY"},
            **asked,
        }
        made = _made(self.visitor, IMPORT, given, self.staff)
        self.visitor.ask(IMPORT, given, token=self.staff)
        return str(made["codeImport"]["id"])

    def ends(self, imported: str) -> dict[str, Any]:
        """The import, once it has ended."""

        def ended() -> dict[str, Any] | None:
            seen: dict[str, Any] = self.visitor.ask(LOOK, imported, token=self.staff)
            return seen if seen and seen["state"] in ("DONE", "FAILED", "CHECKED") else None

        told: dict[str, Any] = self.visitor.until(ended, "an import does not end")
        return told

    def bring_in(self, name: str, content: bytes, **asked: Any) -> dict[str, Any]:
        """Upload, import, wait."""
        return self.ends(self.begin(self.upload(name, content), **asked))


def import_well(desk: Desk) -> None:
    """A workbook after a dry run, and a CSV of links with faulty rows and doubled ones among the good."""
    upload = desk.upload("cards.xlsx", workbook([("卡号", "密码"), *numbers("A", 120)]))
    assert desk.ends(desk.begin(upload, dryRun=True))["state"] == "CHECKED"
    assert desk.ends(desk.begin(upload))["rowsStocked"] == 120
    good = links("B", 12)
    bad = [(marked("BX not a link"), marked("BY0")), ("", marked("BY1")), good[0], (good[1][0] + " ", marked("BZ \u3000坏"))]
    told = desk.bring_in("links.csv", text(("url", "cvv"), [*good, *bad]), skipRefusedRows=True)
    assert (told["state"], told["rowsStocked"], told["rowsRefused"]) == ("DONE", 12, 4), told


def import_badly(desk: Desk) -> None:
    """Files that are refused, each in its own way and with codes in it."""
    rows = numbers("C", 40)
    refused: dict[str, bytes] = {
        "no-header.csv": text(rows[0], rows[1:]),
        "no-header.xlsx": workbook(rows),
        "again.xlsx": workbook([("卡号", "密码"), *numbers("A", 120)]),
        "one-bad-row.csv": text(("code", "pin"), [*rows, (marked("C 坏行"), "")], encoding="gb18030"),
        "damaged.xlsx": workbook([("卡号", "密码"), *rows])[:-200],
        "locked.xlsx": ole("EncryptedPackage") + MARK.encode(),
        "not-a-table.pdf": b"%PDF " + MARK.encode(),
        "wide.csv": text(("code", "pin"), [(*rows[0], marked("far out"))]),
    }
    for name, content in refused.items():
        told = desk.bring_in(name, content)
        assert told["state"] == "FAILED", (name, told)
    form = {"file": ("codes.csv", text(("code", "pin"), rows))}
    answer = desk.visitor.send("POST", "/uploads", token=desk.staff, files=form)
    assert answer.status_code == 415
    desk.visitor.send("POST", "/uploads", content=text(("code", "pin"), rows))  # nobody


def break_off(desk: Desk) -> socket.socket:
    """Half an upload, whose connection is still open: some of it has arrived and waits for the rest."""
    at = urlsplit(desk.visitor.house.url)
    pipe = socket.create_connection((str(at.hostname), int(at.port or 0)))
    head = ("POST /uploads HTTP/1.1", f"Host: {at.netloc}", f"Authorization: Bearer {desk.staff}", "Content-Length: 9000000")
    pipe.sendall("\r\n".join((*head, "", "")).encode() + text(("code", "pin"), numbers("D", 20_000)))
    return pipe


def look_around(desk: Desk) -> None:
    """Everything that operators can list."""
    for document in (LOTS, IMPORTS, JOBS):
        desk.visitor.ask(document, token=desk.staff)


def _made(visitor: Visitor, document: str, given: dict[str, Any], staff: str) -> dict[str, Any]:
    made: dict[str, Any] = visitor.ask(document, given, token=staff)
    assert made is not None, document
    assert made["errors"] == [], made["errors"]
    return made


def a_device() -> str:
    """What tells a device apart; only its hash is kept."""
    return marked(f"device{secrets.token_hex(4)}")
