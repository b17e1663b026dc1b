"""Background work and plugins as operators see them, through HTTP."""

import asyncio
from uuid import UUID

import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub.kit.db import transaction
from perkhub.kit.ids import new_id
from perkhub.kit.outbox import enqueue
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, payload, read, refusal, top_level

JOBS = """query ($state: JobState, $name: String, $first: Int, $after: String) {
    jobs(state: $state, name: $name, first: $first, after: $after) {
        nodes { id kind name state subjects { name id } attempts lastError correlationId createdAt runAt startedAt finishedAt }
        pageInfo { hasNextPage endCursor } } }"""
COUNTS = "{ jobCounts { ready running dead } }"
RETRY = f"mutation ($input: JobRetryInput!) {{ jobRetry(input: $input) {{ job {{ id state attempts finishedAt }} {ERRORS} }} }}"
PLUGINS = "{ plugins { name distribution version module contract registered } }"
BURY = "UPDATE outbox SET state = 'dead', attempts = 12, last_error = 'TimeoutError', finished_at = created_at WHERE id = $1"


@pytest.fixture
async def keeper(shop: Shop) -> Person:
    """Whoever looks after jobs."""
    return await shop.staff(Permission.READ_JOBS, Permission.MANAGE_JOBS)


async def a_job(name: str = "payments.settle", **arguments: object) -> UUID:
    async with transaction() as tx:
        return enqueue(tx, name, **arguments)


async def a_dead_letter() -> str:
    job = await a_job(payment_id=new_id())
    await db.value(BURY, job)
    return global_id(Kind.JOB, job)


async def test_jobs_tell_ids_and_nothing_else_of_their_arguments(api: Api, keeper: Person):
    payment = new_id()
    secret = "13800138000"
    await a_job(payment_id=payment, phone=secret, number=7, nested={"phone": secret}, ids=[str(payment)])
    page = await read(api, JOBS, {"name": "payments.settle"}, keeper)
    [job] = page["nodes"]
    assert job["subjects"] == [{"name": "payment_id", "id": str(payment)}]
    assert secret not in str(page)
    assert (job["kind"], job["state"], job["attempts"], job["lastError"]) == ("JOB", "READY", 0, None)
    assert (job["startedAt"], job["finishedAt"]) == (None, None)
    assert job["correlationId"]


async def test_jobs_are_listed_newest_first_in_pages(api: Api, keeper: Person):
    made = [global_id(Kind.JOB, await a_job("jobs.listed", payment_id=new_id())) for _ in range(5)]
    seen, after = [], None
    for expected in (True, True, False):
        page = await read(api, JOBS, {"name": "jobs.listed", "first": 2, "after": after}, keeper)
        seen += [job["id"] for job in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] is expected
    assert seen == made[::-1]
    assert (await read(api, JOBS, {"state": "DEAD"}, keeper))["nodes"] == []
    assert (await read(api, JOBS, {"name": "no such job"}, keeper))["nodes"] == []


async def test_a_full_page_knows_of_the_next(api: Api, keeper: Person):
    for _ in range(101):
        await a_job("jobs.many")
    page = await read(api, JOBS, {"name": "jobs.many", "first": 100}, keeper)
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (100, True)


async def test_a_dead_letter_is_tried_again_once(api: Api, keeper: Person):
    dead = await a_dead_letter()
    assert await read(api, COUNTS, None, keeper) == {"ready": 0, "running": 0, "dead": 1}
    [letter] = (await read(api, JOBS, {"state": "DEAD"}, keeper))["nodes"]
    assert (letter["id"], letter["attempts"], letter["lastError"]) == (dead, 12, "TimeoutError")
    answers = await asyncio.gather(*(payload(api, RETRY, {"jobId": dead}, keeper) for _ in range(6)))
    again = [answer["job"] for answer in answers if answer["job"] is not None]
    assert again == [{"id": dead, "state": "READY", "attempts": 12, "finishedAt": None}]
    refused = [answer["errors"][0] for answer in answers if answer["job"] is None]
    assert {(error["code"], tuple(error["path"])) for error in refused} == {("NOT_FOUND", ("input", "jobId"))}
    assert await read(api, COUNTS, None, keeper) == {"ready": 1, "running": 0, "dead": 0}


async def test_what_is_no_dead_letter_is_not_tried_again(api: Api, keeper: Person):
    waiting = global_id(Kind.JOB, await a_job())
    for wrong, code in (
        (waiting, "NOT_FOUND"),
        (global_id(Kind.JOB, UUID(int=1)), "NOT_FOUND"),
        (global_id(Kind.ORDER, UUID(int=1)), "INVALID_INPUT"),
        ("", "INVALID_INPUT"),
        ("job_\x00", "INVALID_INPUT"),
    ):
        error = await refusal(api, RETRY, {"jobId": wrong}, keeper)
        assert (error["code"], error["path"]) == (code, ["input", "jobId"])
    assert "invalid value" in (await top_level(api, RETRY, {"input": {"jobId": None}}, keeper))["message"]
    for page in ({"first": 0}, {"first": 101}, {"after": "x"}, {"name": "\x00"}):
        assert (await top_level(api, JOBS, page, keeper))["extensions"]["code"] == "INVALID_INPUT", page
    assert "invalid value" in (await top_level(api, JOBS, {"state": "LOST"}, keeper))["message"]


async def test_only_who_may_sees_jobs_and_tries_them_again(api: Api, shop: Shop):
    dead = await a_dead_letter()
    everyone_but = await shop.staff(*(set(Permission) - {Permission.READ_JOBS, Permission.MANAGE_JOBS}))
    retry = {"input": {"jobId": dead}}
    for who, code in ((None, "NOT_SIGNED_IN"), (await shop.customer(), "NOT_ALLOWED"), (everyone_but, "NOT_ALLOWED")):
        assert (await top_level(api, JOBS, None, who))["extensions"]["code"] == code
        assert (await top_level(api, COUNTS, None, who))["extensions"]["code"] == code
        assert (await top_level(api, RETRY, retry, who))["extensions"]["code"] == code
    reader = await shop.staff(Permission.READ_JOBS)
    assert (await top_level(api, RETRY, retry, reader))["extensions"]["code"] == "NOT_ALLOWED"


async def test_every_loaded_plugin_is_told_with_what_it_brings(api: Api, shop: Shop):
    told = {one["name"]: one for one in await read(api, PLUGINS, None, await shop.staff(Permission.READ_PLUGINS))}
    assert told["wallet"] == {
        "name": "wallet",
        "distribution": "perkhub",
        "version": told["wallet"]["version"],
        "module": "perkhub_plugins.payments.wallet",
        "contract": "1.0",
        "registered": ["payment wallet"],
    }
    assert told["console"]["registered"] == ["notifier console"]
    everyone_but = await shop.staff(*(set(Permission) - {Permission.READ_PLUGINS}))
    for who, code in ((None, "NOT_SIGNED_IN"), (await shop.customer(), "NOT_ALLOWED"), (everyone_but, "NOT_ALLOWED")):
        assert (await top_level(api, PLUGINS, None, who))["extensions"]["code"] == code


async def test_trying_again_needs_no_key_for_a_dead_letter_lives_once(api: Api, keeper: Person):
    dead = await a_dead_letter()
    await done(api, RETRY, {"jobId": dead}, keeper)
    assert (await refusal(api, RETRY, {"jobId": dead}, keeper))["code"] == "NOT_FOUND"
