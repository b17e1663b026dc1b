"""A customer with a password, as the shop has had for long: `python -m tests.faults.planted.customer`, the e-mail in."""

import asyncio
import json
import sys

from perkhub.accounts import ContactKind, create_customer, hash_password, parse_contact
from perkhub.kit.db import transact
from perkhub_schema.runtime import running
from tests.faults.planted.people import PASSWORD


async def make(email: str) -> None:
    """By the domain's own verb."""
    async with running(application="perkhub faults", queue=False):
        hashed = await hash_password(PASSWORD)
        contact = parse_contact(ContactKind.EMAIL, email)
        await transact(lambda tx: create_customer(tx, contact, password_hash=hashed))


if __name__ == "__main__":
    asyncio.run(make(json.load(sys.stdin)))
    sys.stdout.write("null\n")
