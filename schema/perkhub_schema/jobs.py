"""Background work as operators see it: what waits, what failed, and another try. Of its arguments only ids are told."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.kit.db import transact
from perkhub.kit.jobs import JobRow, count_jobs, job_row, list_jobs, retry_dead
from perkhub.kit.outbox import OutboxKind, OutboxState
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.mutations import mutation, query
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id

described(
    OutboxState,
    "Where a job stands.",
    {
        OutboxState.READY: "It waits for its turn, or for another try.",
        OutboxState.RUNNING: "A worker has it.",
        OutboxState.DONE: "It ended well.",
        OutboxState.DEAD: "It failed too often, and waits for somebody to look at it.",
    },
    name="JobState",
)
described(
    OutboxKind,
    "What kind of work a job is.",
    {
        OutboxKind.EVENT: "Something that happened, and what follows from it.",
        OutboxKind.JOB: "One piece of work.",
        OutboxKind.PERIODIC: "A task that runs again and again.",
    },
    name="JobKind",
)


@strawberry.type(description="Something that a job is about.")
class JobSubject:
    name: str = strawberry.field(description='What it is to the job: "payment_id".')
    id: str = strawberry.field(description="Its UUID, as it stands in logs.")


@strawberry.type(name="Job", description="One piece of background work.")
class JobType(Node):
    row: strawberry.Private[JobRow]

    @strawberry.field(description="What kind of work it is.")
    def kind(self) -> OutboxKind:
        return self.row.kind

    @strawberry.field(description="Which work it is.")
    def name(self) -> str:
        return self.row.name

    @strawberry.field(description="Where it stands.")
    def state(self) -> OutboxState:
        return self.row.state

    @strawberry.field(description="The ids among its arguments. Nothing else of them is ever told.")
    def subjects(self) -> list[JobSubject]:
        return [JobSubject(name=name, id=str(value)) for name, value in self.row.payload.items() if _is_id(value)]

    @strawberry.field(description="How often it was begun.")
    def attempts(self) -> int:
        return self.row.attempts

    @strawberry.field(description="Why its last attempt failed, without anything that looks like a secret.")
    def last_error(self) -> str | None:
        return self.row.last_error

    @strawberry.field(description="The trail of the request that caused it.")
    def correlation_id(self) -> str:
        return self.row.correlation_id

    @strawberry.field(description="When it was accepted.")
    def created_at(self) -> datetime:
        return self.row.created_at

    @strawberry.field(description="When it is or was due.")
    def run_at(self) -> datetime:
        return self.row.run_at

    @strawberry.field(description="When it was first begun.")
    def started_at(self) -> datetime | None:
        return self.row.started_at

    @strawberry.field(description="When it ended.")
    def finished_at(self) -> datetime | None:
        return self.row.finished_at


def _is_id(value: object) -> bool:
    try:
        return isinstance(value, str) and UUID(value).int >= 0
    except ValueError:
        return False


def to_job(row: JobRow) -> JobType:
    """The job on the wire."""
    return JobType(id=global_id(Kind.JOB, row.id), row=row)


@strawberry.type(description="How much background work there is; what is done is not counted.")
class JobCounts:
    ready: int = strawberry.field(description="Waits for its turn.")
    running: int = strawberry.field(description="Runs now.")
    dead: int = strawberry.field(description="Failed too often: look at it, mend the cause, and use jobRetry.")


@strawberry.input(description="Which dead letter to try again.")
class JobRetryInput:
    job_id: strawberry.ID = strawberry.field(description="One of `jobs(state: DEAD)`.")


@strawberry.type(description="The job that waits again.")
class JobPayload:
    job: JobType | None = strawberry.field(default=None, description="The job as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(requires(Permission.MANAGE_JOBS), "Let a dead letter begin anew, with all its attempts before it.")
async def job_retry(input: JobRetryInput) -> JobPayload:
    row = local_id(Kind.JOB, input.job_id, "jobId")
    await transact(lambda tx: retry_dead(tx, row))
    waiting = await job_row(row)
    return JobPayload(job=None if waiting is None else to_job(waiting))


@strawberry.type
class JobMutations:
    job_retry = job_retry


@strawberry.type
class JobQueries:
    @query(requires(Permission.READ_JOBS), "Background work, newest first.")
    async def jobs(
        self,
        state: Annotated[OutboxState | None, strawberry.argument(description="Only those that stand there.")] = None,
        name: Annotated[str | None, strawberry.argument(description="Only those of this name.")] = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[JobType]:
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: list_jobs(state=state, name=name, limit=limit, after=before),
            to_node=to_job,
            to_cursor=lambda row: row.id.hex,
        )

    @query(requires(Permission.READ_JOBS), "How much background work there is.")
    async def job_counts(self) -> JobCounts:
        counts = await count_jobs()
        return JobCounts(ready=counts[OutboxState.READY], running=counts[OutboxState.RUNNING], dead=counts[OutboxState.DEAD])
