"""What the vault really holds, by hashes: `python -m tests.faults.vault_truth`, JSON in, JSON out. No code leaves it."""

import asyncio
import json
import sys
from collections.abc import Sequence
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.db import transaction
from perkhub.vault import read_sealed, unseal_credentials
from perkhub_schema.runtime import running
from tests.faults.told import hash_of

AT_ONCE = 2_000
OF_UNITS = "SELECT id AS name, code_id FROM entitlement WHERE id = ANY($1) AND code_id IS NOT NULL"
OF_LOTS = "SELECT id, lot_id FROM code WHERE lot_id = ANY($1)"


async def truth(asked: dict[str, list[str]]) -> dict[str, dict[str, list[str]]]:
    """The hashes of the codes that these units hold, and of those in these lots."""
    async with running(application="perkhub faults", queue=False):
        units = {row["code_id"]: str(row["name"]) for row in await db.rows(OF_UNITS, _ids(asked["units"]))}
        lots = {row["id"]: str(row["lot_id"]) for row in await db.rows(OF_LOTS, _ids(asked["lots"]))}
        hashes = await _hashes([*units, *lots])
    found: dict[str, dict[str, list[str]]] = {"units": {}, "lots": {}}
    for kind, owners in (("units", units), ("lots", lots)):
        for code, owner in owners.items():
            found[kind].setdefault(owner, []).append(hashes[code])
    return found


async def _hashes(codes: Sequence[UUID]) -> dict[UUID, str]:
    hashes: dict[UUID, str] = {}
    for begin in range(0, len(codes), AT_ONCE):
        some = list(codes[begin : begin + AT_ONCE])
        async with transaction() as tx:
            found = await read_sealed(tx, some)
        for sealed in found:
            credentials = await unseal_credentials(sealed)
            hashes[sealed.code_id] = hash_of((one.kind, one.value) for one in credentials)
    return hashes


def _ids(given: list[str]) -> list[UUID]:
    return [UUID(one) for one in given]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(truth(json.load(sys.stdin)))) + "\n")
