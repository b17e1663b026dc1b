"""Factories: people with contacts and codes in their hands, and many of them at once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from perkhub.accounts import (
    CodePurpose,
    ContactKind,
    ContactPoint,
    Identity,
    create_customer,
    create_first_admin,
    create_staff,
    hash_password,
    identify,
    open_for_delivery,
    parse_contact,
    request_code,
    sign_in_staff,
)
from perkhub.accounts.groups import create_group
from perkhub.accounts.permissions import Permission
from perkhub.kit import db
from perkhub.kit.db import transact

PASSWORD = "correct horse battery"
_numbers = count(1)


@dataclass(frozen=True)
class Person:
    party_id: UUID
    contact: ContactPoint


def an_email() -> ContactPoint:
    return parse_contact(ContactKind.EMAIL, f"person{next(_numbers)}@example.com")


def a_phone() -> ContactPoint:
    return parse_contact(ContactKind.PHONE, f"138{next(_numbers):08}")


async def a_customer(*, password: str | None = None, contact: ContactPoint | None = None) -> Person:
    reached = contact or an_email()
    password_hash = await hash_password(password) if password else None
    party_id = await transact(lambda tx: create_customer(tx, reached, password_hash=password_hash))
    return Person(party_id, reached)


async def newest_code_id(contact: ContactPoint) -> UUID:
    """The row of the code that was asked for last, found by its kind: tests use one contact at a time."""
    found: UUID = await db.value(
        "SELECT id FROM one_time_code WHERE contact_kind = $1 ORDER BY created_at DESC, id DESC LIMIT 1", str(contact.kind)
    )
    return found


async def a_code(contact: ContactPoint, purpose: CodePurpose) -> str:
    """Ask for a code and read it as its owner would."""
    await request_code(contact, purpose)
    opened = await open_for_delivery(await newest_code_id(contact))
    assert opened is not None
    return opened.code


def another_than(code: str) -> str:
    """A code that is not the right one."""
    return f"{(int(code) + 1) % 1_000_000:06}"


async def the_admin() -> Identity:
    """The first administrator, signed in."""
    await transact(lambda tx: create_first_admin(tx, "admin@example.com", PASSWORD))
    return await identify((await sign_in_staff("admin@example.com", PASSWORD)).access_token)


async def staff_with(*permissions: Permission) -> Identity:
    """A member of staff with exactly these permissions, signed in."""
    number = next(_numbers)
    email = f"staff{number}@example.com"
    group = await transact(lambda tx: create_group(tx, name=f"Group {number}", permissions=permissions, by=None))
    await transact(lambda tx: create_staff(tx, email=email, password=PASSWORD, groups=[group], name="李雷", by=None))
    return await identify((await sign_in_staff(email, PASSWORD)).access_token)


async def all_at_once(attempts: Iterable[Awaitable[Any]]) -> list[Any]:
    """Run them in parallel; what each returned or raised."""
    return await asyncio.gather(*attempts, return_exceptions=True)


def tally(results: Iterable[Any]) -> Counter[str]:
    """How often each kind of result came."""
    return Counter(type(result).__name__ for result in results)
