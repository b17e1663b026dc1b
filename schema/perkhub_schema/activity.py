"""The activity log on the wire: who did what, from where, and what was before and after. It is only read here."""

from datetime import datetime
from enum import StrEnum, auto
from typing import Annotated, TypeAlias
from uuid import UUID

import strawberry
from strawberry.scalars import JSON
from strawberry.utils.str_converters import to_camel_case

from perkhub.accounts import IdentityKind, Permission
from perkhub.kit.acting import COMMAND_LINE
from perkhub.kit.activity import Asked, Change, Deed, activity_by_ids, changes_of, history_of, list_activity
from perkhub.kit.errors import InvalidInput
from perkhub_schema.accounts.loaders import load_staff
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id, cursor_moment, moment_cursor, page_size

COMMAND_LINE_ID = "cli"


class ActorKind(StrEnum):
    STAFF = auto()
    MACHINE = auto()
    COMMAND_LINE = auto()


described(
    ActorKind,
    "What somebody who acts is.",
    {
        ActorKind.STAFF: "A member of staff.",
        ActorKind.MACHINE: "A machine client.",
        ActorKind.COMMAND_LINE: "Whoever has the server's command line.",
    },
)
# How an actor of this kind is named, where it has a global id.
ACTOR_KINDS = {IdentityKind.STAFF: Kind.STAFF}
if "MACHINE_CLIENT" in Kind.__members__:
    ACTOR_KINDS[IdentityKind.MACHINE] = Kind["MACHINE_CLIENT"]


@strawberry.type(description="Who did it.")
class ActivityActor:
    kind: ActorKind = strawberry.field(description="What they are.")
    id: strawberry.ID = strawberry.field(description='Their global id; "cli" for the command line.')
    key: strawberry.Private[UUID | None] = None

    @strawberry.field(description="A member of staff's name for colleagues, or else their masked e-mail address.")
    async def name(self, info: Info) -> str | None:
        if self.kind is not ActorKind.STAFF:
            return None
        found = await info.context.loader(load_staff).load(self.key)
        return None if found is None else found.name or found.masked_email


@strawberry.type(description="From where it was done.")
class ActivityOrigin:
    address: str | None = strawberry.field(description="The network address that the request came from.")
    user_agent: str | None = strawberry.field(description="The program, as it names itself.")
    client: str | None = strawberry.field(description="What the client said in the Perkhub-Client header.")


@strawberry.type(description="What something was, and what it is since then.")
class FieldChange:
    field: str = strawberry.field(description='Which field; "name.zh" is a part of one.')
    before: JSON | None = strawberry.field(description="What was there; null where nothing was.")
    after: JSON | None = strawberry.field(description="What is there since; null where nothing is.")


@strawberry.type(name="ActivityChange", description="What was changed of one thing.")
class ActivityChangeType:
    id: strawberry.ID = strawberry.field(description="Stable; for caches.")
    told: strawberry.Private[Change]

    @strawberry.field(description="The global id of what was changed; `node` finds it, if it is still there.")
    def subject(self) -> strawberry.ID:
        kind = Kind.__members__.get(self.told.subject.upper())
        return strawberry.ID(str(self.told.subject_id)) if kind is None else global_id(kind, self.told.subject_id)

    @strawberry.field(description='What kind of thing that is: "product".')
    def subject_kind(self) -> str:
        return self.told.subject

    @strawberry.field(description="When.")
    def at(self) -> datetime:
        return self.told.at

    @strawberry.field(description="The fields that changed. What is secret or names a person is hidden or masked.")
    def fields(self) -> list[FieldChange]:
        before, after = self.told.before, self.told.after
        names = sorted(before.keys() | after.keys())
        return [FieldChange(field=_shown(name), before=before.get(name), after=after.get(name)) for name in names]

    @strawberry.field(description="The deed that changed it, or that began the job that did.")
    async def activity(self, info: Info) -> "ActivityType | None":
        found = await info.context.loader(load_activity).load(self.told.activity_id)
        return None if found is None else to_activity(found)


@strawberry.type(name="Activity", description="One deed of somebody who runs the shop. It stays as it was written.")
class ActivityType(Node):
    deed: strawberry.Private[Deed]

    @strawberry.field(description="When it was committed.")
    def at(self) -> datetime:
        return self.deed.at

    @strawberry.field(description='The mutation, or the command: "productUpdate", "admin create".')
    def operation(self) -> str:
        return self.deed.operation

    @strawberry.field(description="Who did it.")
    def actor(self) -> ActivityActor:
        return _actor(self.deed.actor)

    @strawberry.field(description="From where.")
    def origin(self) -> ActivityOrigin:
        return ActivityOrigin(address=self.deed.source_address, user_agent=self.deed.user_agent, client=self.deed.client)

    @strawberry.field(description="The trail through logs, jobs and notices; as in the Perkhub-Correlation-Id header.")
    def correlation_id(self) -> str:
        return self.deed.correlation_id

    @strawberry.field(description="The input, without what is secret or names a person.")
    def input(self) -> JSON | None:
        told: JSON | None = self.deed.input
        return told

    @strawberry.field(description="What it changed, by it and by the jobs that it began, in order.")
    async def changes(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[ActivityChangeType]:
        place = (self.deed.id, page_size(first), cursor_id(after))
        return await connect(
            first,
            after,
            read=lambda _: info.context.loader(load_changes).load(place),
            to_node=to_change,
            to_cursor=lambda change: change.id.hex,
        )


async def load_activity(ids: list[UUID]) -> list[Deed | None]:
    """Deeds by id."""
    found = await activity_by_ids(ids)
    return [found.get(key) for key in ids]


Place: TypeAlias = tuple[UUID, int, UUID | None]


async def load_changes(places: list[Place]) -> list[list[Change]]:
    """One page of each deed's changes, and one more: in one statement where all ask for the same page."""
    pages = {(size, after) for _, size, after in places}
    found: dict[Place, list[Change]] = {}
    for size, after in pages:
        ids = [id for id, *page in places if tuple(page) == (size, after)]
        for id, changes in (await changes_of(ids, after=after, limit=size + 1)).items():
            found[id, size, after] = changes
    return [found[place] for place in places]


def to_activity(deed: Deed) -> ActivityType:
    """The deed on the wire."""
    return ActivityType(id=global_id(Kind.ACTIVITY, deed.id), deed=deed)


def to_change(change: Change) -> ActivityChangeType:
    """The change on the wire."""
    return ActivityChangeType(id=global_id(Kind.ACTIVITY_CHANGE, change.id), told=change)


def _shown(name: str) -> str:
    own, dot, inner = name.partition(".")
    return f"{to_camel_case(own)}{dot}{inner}"


def _actor(actor: str) -> ActivityActor:
    kind, _, key = actor.partition(":")
    if not key:
        return ActivityActor(kind=ActorKind.COMMAND_LINE, id=strawberry.ID(COMMAND_LINE_ID))
    identity = IdentityKind(kind)
    named = ACTOR_KINDS.get(identity)
    id = strawberry.ID(key) if named is None else global_id(named, UUID(key))
    return ActivityActor(kind=ActorKind(kind), id=id, key=UUID(key))


@strawberry.input(description="A span of time.")
class TimeRangeInput:
    since: datetime | None = strawberry.field(default=None, description="From this moment on.")
    until: datetime | None = strawberry.field(default=None, description="Up to this moment, which is left out.")


@strawberry.input(description="Which deeds; all that is given must fit.")
class ActivityWhere:
    actor: strawberry.ID | None = strawberry.field(
        default=None, description='Of whom: the id of a member of staff or a machine client, or "cli" for the command line.'
    )
    operation: str | None = strawberry.field(default=None, description='Which mutation: "productUpdate".')
    subject: strawberry.ID | None = strawberry.field(default=None, description="What was changed, by its global id.")
    correlation_id: str | None = strawberry.field(default=None, description="Of one trail.")
    at: TimeRangeInput | None = strawberry.field(default=None, description="When.")

    def to_asked(self) -> Asked:
        """The domain's question; a bad id names its field.

        Raises:
            InvalidInput.
        """
        at = self.at or TimeRangeInput()
        return Asked(
            actor=None if self.actor is None else _actor_asked(self.actor),
            operation=self.operation,
            correlation_id=self.correlation_id,
            since=at.since,
            until=at.until,
            subject=None if self.subject is None else subject_of(self.subject, "where", "subject"),
        )


def _actor_asked(given: str) -> str:
    if given == COMMAND_LINE_ID:
        return COMMAND_LINE
    for identity, kind in ACTOR_KINDS.items():
        if given.startswith(f"{kind}_"):
            return f"{identity}:{local_id(kind, given, 'where', 'actor')}"
    raise InvalidInput(
        path=("where", "actor"),
        reason='The id of a member of staff or a machine client, or "cli".',
        reason_zh="须为员工或机器客户端的标识,或“cli”。",
    )


def subject_of(given: str, *path: str) -> tuple[str, UUID]:
    """What a global id is to the log.

    Raises:
        InvalidInput: it is none.
    """
    prefix = given.partition("_")[0]
    if prefix not in list(Kind):
        raise InvalidInput(path=path, reason="Not a global id.", reason_zh="标识无效。")
    kind = Kind(prefix)
    return kind.name.lower(), local_id(kind, given, *path)


@strawberry.type
class ActivityQueries:
    @query(requires(Permission.READ_ACTIVITY), "What those who run the shop did, newest first.")
    async def activity(
        self,
        first: int | None = None,
        after: str | None = None,
        where: Annotated[ActivityWhere | None, strawberry.argument(description="Only these; all if left out.")] = None,
    ) -> Connection[ActivityType]:
        asked, before = (where or ActivityWhere()).to_asked(), cursor_moment(after)
        return await connect(
            first,
            after,
            read=lambda limit: list_activity(asked, before=before, limit=limit),
            to_node=to_activity,
            to_cursor=lambda deed: moment_cursor(deed.at, deed.id),
        )

    @query(requires(Permission.READ_ACTIVITY), "What was changed of one thing, newest first.")
    async def history(
        self,
        subject: Annotated[strawberry.ID, strawberry.argument(description="The global id of a product, an order, a lot …")],
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[ActivityChangeType]:
        kind, key = subject_of(subject, "subject")
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: history_of(kind, key, before=before, limit=limit),
            to_node=to_change,
            to_cursor=lambda change: change.id.hex,
        )
