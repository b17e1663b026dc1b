"""Contacts on the wire: given in full, shown masked."""

from datetime import datetime

import strawberry

from perkhub.accounts import ContactKind, ContactPoint, MaskedContact, parse_contact
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.nodes import Node

ContactKindEnum = described(
    ContactKind,
    "How a person is reached.",
    {ContactKind.EMAIL: "By e-mail.", ContactKind.PHONE: "By text message to a mobile phone."},
)


@strawberry.input(one_of=True, description="A way to reach a person: exactly one.")
class ContactInput:
    email: strawberry.Maybe[str] = strawberry.field(description="An e-mail address, in any spelling.")
    phone: strawberry.Maybe[str] = strawberry.field(
        description="A mobile phone number; outside China begin it with + and the country's code."
    )

    def to_contact(self, *path: str) -> ContactPoint:
        """The domain's contact; refusals name `path`.

        Raises:
            InvalidInput: it is not such an address or number.
        """
        if self.email is not None:
            return parse_contact(ContactKind.EMAIL, self.email.value, path=(*path, "email"))
        assert self.phone is not None
        return parse_contact(ContactKind.PHONE, self.phone.value, path=(*path, "phone"))


@strawberry.type(name="Contact", description="A customer's e-mail address or phone number.")
class ContactType(Node):
    kind: ContactKindEnum = strawberry.field(description="Which of the two.")  # type: ignore[valid-type]
    masked: str = strawberry.field(description='As much as may be shown: "z••••@example.com".')
    verified_at: datetime | None = strawberry.field(description="When its owner proved it.")


def to_contact(contact: MaskedContact) -> ContactType:
    """The contact on the wire."""
    return ContactType(
        id=global_id(Kind.CONTACT, contact.id),
        kind=contact.kind,
        masked=contact.masked,
        verified_at=contact.verified_at,
    )
