"""What names a person: said by themselves, read in clear by staff for a reason, handed out whole, and erased for ever."""

from datetime import datetime
from uuid import UUID

import orjson
import strawberry
from strawberry.scalars import JSON

from perkhub.accounts import (
    ContactKind,
    InClear,
    Permission,
    Unmasking,
    count_unmasking,
    list_unmaskings,
    log_export,
    set_locale,
    set_name,
    unmask_contact,
    unmask_customer,
)
from perkhub.kit.db import Transaction, transact
from perkhub.kit.rates import take
from perkhub.kit.settings import settings
from perkhub.reactions import erase_person, export_person
from perkhub_schema.accounts.contacts import ContactKindEnum
from perkhub_schema.accounts.customer_mutations import CustomerPayload
from perkhub_schema.accounts.customers import to_customer
from perkhub_schema.accounts.loaders import load_customers
from perkhub_schema.graphql.access import CUSTOMER, requires
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.kept import TOLD
from perkhub_schema.graphql.mutations import mutation, query
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id


@strawberry.input(description="What shall be otherwise of one's own account; what is left out stays.")
class CustomerUpdateInput:
    name: strawberry.Maybe[str | None] = strawberry.field(description="At most 80 characters; null takes it away.")
    locale: strawberry.Maybe[str] = strawberry.field(description="Language of one's messages, such as zh-CN.")


@strawberry.input(description="A contact to be read in clear.")
class ContactUnmaskInput:
    contact_id: strawberry.ID = strawberry.field(description="One of a customer's contacts.")
    reason: str = strawberry.field(description="Why, at most 300 characters; it stands in the log.", metadata=TOLD)


@strawberry.input(description="A customer to be read in clear, or handed out.")
class CustomerUnmaskInput:
    customer_id: strawberry.ID = strawberry.field(description="Which.")
    reason: str = strawberry.field(description="Why, at most 300 characters; it stands in the log.", metadata=TOLD)


@strawberry.input(description="A customer to be erased.")
class CustomerEraseInput:
    customer_id: strawberry.ID = strawberry.field(description="Which; nothing may be left in their wallet (`walletPayOut`).")


@strawberry.type(description="A contact in clear. Who read it stands in a log.")
class ContactUnmaskPayload:
    kind: ContactKindEnum | None = strawberry.field(default=None, description="What it is.")  # type: ignore[valid-type]
    value: str | None = strawberry.field(default=None, description="The address, or the number as +8613800000000.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="What names a customer, in clear. Who read it stands in a log.")
class CustomerUnmaskPayload:
    name: str | None = strawberry.field(default=None, description="As they have said it.")
    emails: list[str] = strawberry.field(default_factory=list, description="In the order in which they were added.")
    phones: list[str] = strawberry.field(default_factory=list, description="The same, each as +8613800000000.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="All that is held of a customer. That it was handed out stands in a log.")
class CustomerExportPayload:
    document: JSON | None = strawberry.field(
        default=None, description="By kind: profile, contacts, orders, benefits … Never a code, a password or a token."
    )
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(name="Unmasking", description="That somebody read what names a customer in clear.")
class UnmaskingType(Node):
    unmasking: strawberry.Private[Unmasking]

    @strawberry.field(description="Who read it: the kind of account and its id.")
    def actor(self) -> str:
        return self.unmasking.actor

    @strawberry.field(description="What for: contact, customer or export.")
    def purpose(self) -> str:
        return self.unmasking.purpose

    @strawberry.field(description="Of whom.")
    def customer_id(self) -> strawberry.ID:
        return global_id(Kind.CUSTOMER, self.unmasking.party_id)

    @strawberry.field(description="Why; empty where a customer read what is theirs.")
    def reason(self) -> str:
        return self.unmasking.reason

    @strawberry.field(description="When.")
    def at(self) -> datetime:
        return self.unmasking.at

    @strawberry.field(description="Of the request, as it stands in the logs.")
    def correlation_id(self) -> str:
        return self.unmasking.correlation_id


@strawberry.input(description="Which rows of the log.")
class UnmaskingWhere:
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Only those about this customer.")
    staff_id: strawberry.ID | None = strawberry.field(default=None, description="Only those by this member of staff.")


@mutation(CUSTOMER, "Change one's own name, and the language of one's messages.")
async def customer_update(info: Info, input: CustomerUpdateInput) -> CustomerPayload:
    party = info.context.party

    async def work(tx: Transaction) -> None:
        if input.name is not None:
            await set_name(tx, party, input.name.value)
        if input.locale is not None:
            await set_locale(tx, party, input.locale.value)

    await transact(work)
    return await _customer(info.context, party, own=True)


@mutation(requires(Permission.UNMASK_PERSONAL_DATA), "Read a contact in clear; each reading is logged, limited per hour.")
async def contact_unmask(info: Info, input: ContactUnmaskInput) -> ContactUnmaskPayload:
    contact, identity = local_id(Kind.CONTACT, input.contact_id, "contactId"), info.context.identity
    await count_unmasking(identity)
    shown = await transact(lambda tx: unmask_contact(tx, identity, contact, reason=input.reason))
    return ContactUnmaskPayload(kind=shown.kind, value=shown.value)


@mutation(
    requires(Permission.UNMASK_PERSONAL_DATA), "Read all that names a customer; each reading is logged, limited per hour."
)
async def customer_unmask(info: Info, input: CustomerUnmaskInput) -> CustomerUnmaskPayload:
    party, identity = local_id(Kind.CUSTOMER, input.customer_id, "customerId"), info.context.identity
    await count_unmasking(identity)
    shown = await transact(lambda tx: unmask_customer(tx, identity, party, reason=input.reason))
    return CustomerUnmaskPayload(
        name=shown.name, emails=_of_kind(shown, ContactKind.EMAIL), phones=_of_kind(shown, ContactKind.PHONE)
    )


@mutation(CUSTOMER, "All that is held of oneself, as one document. A few times an hour.")
async def personal_data_export(info: Info) -> CustomerExportPayload:
    return await _export(info.context, info.context.party, reason="")


@mutation(requires(Permission.EXPORT_PERSONAL_DATA), "All that is held of a customer, as one document; each time is logged.")
async def customer_export(info: Info, input: CustomerUnmaskInput) -> CustomerExportPayload:
    return await _export(info.context, local_id(Kind.CUSTOMER, input.customer_id, "customerId"), reason=input.reason)


@mutation(
    requires(Permission.ERASE_PERSONAL_DATA),
    "Erase who a customer was, for ever: what names them goes, trade records stay, nameless. Unpaid orders are given up. "
    "Refused while there is money in their wallet.",
)
async def customer_erase(info: Info, input: CustomerEraseInput) -> CustomerPayload:
    party = local_id(Kind.CUSTOMER, input.customer_id, "customerId")
    await transact(lambda tx: erase_person(tx, party))
    return await _customer(info.context, party)


async def _export(context: Context, party: UUID, *, reason: str) -> CustomerExportPayload:
    identity = context.identity
    await take(f"export:{identity.actor}", limit=settings().exports_per_hour, seconds=3600)

    async def work(tx: Transaction) -> JSON:
        await log_export(tx, identity, party, reason=reason)
        return JSON(orjson.loads(orjson.dumps(await export_person(party), default=str)))

    return CustomerExportPayload(document=await transact(work))


async def _customer(context: Context, party: UUID, *, own: bool = False) -> CustomerPayload:
    return CustomerPayload(customer=to_customer(await context.loader(load_customers).load(party), own=own))


def _of_kind(shown: InClear, kind: ContactKind) -> list[str]:
    return [contact.value for contact in shown.contacts if contact.kind is kind]


@strawberry.type
class PersonalDataMutations:
    customer_update = customer_update
    contact_unmask = contact_unmask
    customer_unmask = customer_unmask
    personal_data_export = personal_data_export
    customer_export = customer_export
    customer_erase = customer_erase


@strawberry.type
class PersonalDataQueries:
    @query(requires(Permission.READ_ACTIVITY), "Who read what names a customer in clear, and why; newest first.")
    async def unmaskings(
        self, first: int | None = None, after: str | None = None, where: UnmaskingWhere | None = None
    ) -> Connection[UnmaskingType]:
        before, wanted = cursor_id(after), where or UnmaskingWhere()
        party = None if wanted.customer_id is None else local_id(Kind.CUSTOMER, wanted.customer_id, "where", "customerId")
        staff = None if wanted.staff_id is None else local_id(Kind.STAFF, wanted.staff_id, "where", "staffId")
        actor = None if staff is None else f"staff:{staff}"
        return await connect(
            first,
            after,
            read=lambda limit: list_unmaskings(limit=limit, before=before, party=party, actor=actor),
            to_node=lambda one: UnmaskingType(id=global_id(Kind.UNMASKING, one.id), unmasking=one),
            to_cursor=lambda one: one.id.hex,
        )
