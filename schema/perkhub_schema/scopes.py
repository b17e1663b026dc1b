"""For whom something is, on the wire: customers, organisations, customer groups and channels by their global ids."""

from collections.abc import Sequence
from uuid import UUID

import strawberry

from perkhub.channels import Scope, ScopeKind
from perkhub.kit.errors import InvalidInput
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id

# Which ids stand for which kind of scope. An organisation and a customer are both parties.
HOLDERS: dict[Kind, ScopeKind] = {
    Kind.CUSTOMER: ScopeKind.PARTY,
    Kind.ORGANISATION: ScopeKind.PARTY,
    Kind.CUSTOMER_GROUP: ScopeKind.GROUP,
}
PARTY_KINDS: dict[Kind, ScopeKind] = {kind: scope for kind, scope in HOLDERS.items() if scope is ScopeKind.PARTY}
PARTIES = {Kind.CUSTOMER: "customer", Kind.ORGANISATION: "organisation"}
SCOPES: dict[Kind, ScopeKind] = {**HOLDERS, Kind.CHANNEL: ScopeKind.CHANNEL}

described(
    ScopeKind,
    "Whom a price list or a grant is for.",
    {
        ScopeKind.PARTY: "One customer or one organisation, its members included.",
        ScopeKind.GROUP: "Whoever is in a customer group.",
        ScopeKind.CHANNEL: "Everybody in a channel.",
    },
)


@strawberry.type(name="Holder", description="A party or a customer group that something was granted to.")
class HolderType:
    kind: ScopeKind = strawberry.field(description="What it is.")
    id: strawberry.ID = strawberry.field(description="Its global id.")


def to_holder(scope: Scope) -> HolderType:
    """The holder on the wire."""
    return HolderType(kind=scope.kind, id=scope_id(scope))


def scope_id(scope: Scope) -> strawberry.ID:
    """What clients see of a scope."""
    if scope.kind is ScopeKind.PARTY:
        return global_id(Kind.ORGANISATION if scope.party_kind == "organisation" else Kind.CUSTOMER, scope.id)
    return global_id(Kind.CUSTOMER_GROUP if scope.kind is ScopeKind.GROUP else Kind.CHANNEL, scope.id)


def to_scope(given: str, *path: str, known: dict[Kind, ScopeKind] = SCOPES) -> Scope:
    """The scope that a client's id stands for.

    Raises:
        InvalidInput: with the path.
    """
    prefix = given.partition("_")[0]
    for kind, scope in known.items():
        if prefix == kind:
            return Scope(scope, local_id(kind, given, *path), PARTIES.get(kind))
    named = ", ".join(kind.name.lower().replace("_", " ") for kind in known)
    prefixes = "、".join(f"“{kind}_”" for kind in known)
    raise InvalidInput(path=path, reason=f"Give the id of one of: {named}.", reason_zh=f"标识应以 {prefixes} 开头。")


def to_scopes(given: Sequence[str], *path: str) -> list[Scope]:
    """The holders that ids stand for; a bad one is named by its place."""
    return [to_scope(one, *path, str(place), known=HOLDERS) for place, one in enumerate(given)]


def local_ids(kind: Kind, given: Sequence[str], *path: str) -> list[UUID]:
    """The UUIDs behind ids of one kind; a bad one is named by its place."""
    return [local_id(kind, one, *path, str(place)) for place, one in enumerate(given)]
