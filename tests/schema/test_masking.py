"""What nobody expected is hidden from the caller, and found in the log by the id that the caller was told."""

import logging
from typing import Any
from uuid import UUID

import pytest

from perkhub.accounts import Permission
from perkhub_schema import jobs
from perkhub_schema.catalog import mutations
from perkhub_schema.graphql import masking
from tests.factories import Shop
from tests.schema.conftest import Api

SECRET = "6222000099998888"
CREATE = """mutation ($input: ProductCreateInput!) { productCreate(input: $input) { product { id } errors { code } } }"""
PRODUCT = {"input": {"slug": "video", "name": {"en": "Video"}}}


class PlainLog:
    """Tells the standard library's log what the house's would: other tests of a process may have pointed that elsewhere."""

    def error(self, event: str, *, exc_info: BaseException, **told: object) -> None:
        logging.getLogger("masking").error("%s %s %s", event, told, type(exc_info).__name__)


async def break_down(*_: Any, **__: Any) -> None:
    raise RuntimeError(f"the card number {SECRET} is odd")


def only_error(answer: dict[str, Any]) -> dict[str, Any]:
    assert not any((answer["data"] or {}).values())
    [error] = answer["errors"]
    return dict(error)


@pytest.mark.parametrize("field", ["mutation", "query"])
async def test_an_unexpected_error_is_an_incident(
    api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, field: str
):
    monkeypatch.setattr(mutations, "create_product", break_down)
    monkeypatch.setattr(jobs, "count_jobs", break_down)
    token = (await shop.staff(Permission.MANAGE_CATALOG, Permission.READ_JOBS)).token
    asked = (CREATE, PRODUCT) if field == "mutation" else ("{ jobCounts { dead } }", None)
    monkeypatch.setattr(masking, "log", PlainLog())
    with caplog.at_level(logging.ERROR):
        answer = await api(*asked, token)
    error = only_error(answer)
    assert error["message"] == "Something went wrong on our side."
    assert error["extensions"]["code"] == "INTERNAL"
    incident = error["extensions"]["incident"]
    assert UUID(incident)
    logged = [record.getMessage() for record in caplog.records]
    [line] = [message for message in logged if incident in message]
    assert "RuntimeError" in line
    # Neither the caller nor the log is told what was in the error's text.
    assert SECRET not in str(answer)
    assert SECRET not in "".join(logged)


async def test_each_incident_has_an_id_of_its_own(api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "count_jobs", break_down)
    token = (await shop.staff(Permission.READ_JOBS)).token
    answers = [only_error(await api("{ jobCounts { dead } }", None, token)) for _ in range(3)]
    assert len({error["extensions"]["incident"] for error in answers}) == 3


async def test_what_is_expected_is_no_incident(api: Api, shop: Shop, caplog: pytest.LogCaptureFixture):
    token = (await shop.staff()).token
    with caplog.at_level(logging.WARNING):
        refused = only_error(await api("{ jobCounts { dead } }", None, token, language="zh-CN"))
        wrong = only_error(await api("{ codeImport(id: 5) { id } }", None, (await shop.staff(*Permission)).token))
    assert refused["extensions"] == {"code": "NOT_ALLOWED"}
    assert refused["message"] == "您的账号无权执行此操作,需要权限:READ_JOBS。"
    assert wrong["extensions"] == {"code": "INVALID_INPUT", "path": ["id"]}
    assert [record for record in caplog.records if "incident" in record.getMessage()] == []
