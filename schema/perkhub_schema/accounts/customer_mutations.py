"""What a customer changes on their account, and what staff do about customers: blocks and corrections."""

from contextlib import suppress
from uuid import UUID

import strawberry

from perkhub.accounts import (
    Permission,
    add_contact,
    block_customer,
    unblock_customer,
)
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import NotFound
from perkhub.ledger import freeze_wallet
from perkhub_schema.accounts.contacts import ContactType, to_contact
from perkhub_schema.accounts.customers import CustomerType, to_customer
from perkhub_schema.accounts.inputs import ContactAddInput
from perkhub_schema.accounts.loaders import load_contacts, load_customers
from perkhub_schema.graphql.access import CUSTOMER, requires
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation


@strawberry.input(description="A customer.")
class CustomerInput:
    customer_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.type(description="The customer after the change.")
class CustomerPayload:
    customer: CustomerType | None = strawberry.field(default=None, description="The customer as they stand.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The new contact and its owner.")
class ContactAddPayload:
    contact: ContactType | None = strawberry.field(default=None, description="The contact.")
    customer: CustomerType | None = strawberry.field(default=None, description="The customer as they stand.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(CUSTOMER, "Add a contact to one's account, with the code that was sent to it; one can sign in by it from then on.")
async def contact_add(info: Info, input: ContactAddInput) -> ContactAddPayload:
    context = info.context
    contact = input.contact.to_contact("contact")
    added = await add_contact(context.party, contact, input.code, source=context.source_address)
    contacts = await context.loader(load_contacts).load(context.party)
    return ContactAddPayload(
        contact=next(to_contact(one) for one in contacts if one.id == added),
        customer=await _customer(context, context.party, own=True),
    )


@mutation(requires(Permission.MANAGE_CUSTOMERS), "Shut a customer out: ends their sessions and freezes their wallet.")
async def customer_block(info: Info, input: CustomerInput) -> CustomerPayload:
    party = local_id(Kind.CUSTOMER, input.customer_id, "customerId")

    async def work(tx: Transaction) -> None:
        await block_customer(tx, party)
        await _freeze(tx, party, frozen=True)

    await transact(work)
    return CustomerPayload(customer=await _customer(info.context, party))


@mutation(requires(Permission.MANAGE_CUSTOMERS), "Let a blocked customer in again, and their wallet be spent from.")
async def customer_unblock(info: Info, input: CustomerInput) -> CustomerPayload:
    party = local_id(Kind.CUSTOMER, input.customer_id, "customerId")

    async def work(tx: Transaction) -> None:
        await unblock_customer(tx, party)
        await _freeze(tx, party, frozen=False)

    await transact(work)
    return CustomerPayload(customer=await _customer(info.context, party))


async def _freeze(tx: Transaction, party: UUID, *, frozen: bool) -> None:
    """After the customer's own row: a wallet that is opened at this moment sees the block, or is seen here.

    Whoever never had money has no wallet to freeze.
    """
    with suppress(NotFound):
        await freeze_wallet(tx, party, frozen=frozen)


async def _customer(context: Context, party: UUID, *, own: bool = False) -> CustomerType:
    return to_customer(await context.loader(load_customers).load(party), own=own)


@strawberry.type
class CustomerMutations:
    contact_add = contact_add
    customer_block = customer_block
    customer_unblock = customer_unblock
