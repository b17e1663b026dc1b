"""/oauth/token as client libraries speak to it, and as those do who should not have one."""

import asyncio
from base64 import b64encode
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client

from perkhub.accounts import Permission, identify
from perkhub.accounts.machines.recognise import forget_machine_clients
from perkhub.kit import db
from perkhub_schema.app import build_app
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.http import oauth
from tests.factories import Machine, Shop
from tests.schema.conftest import Api

GRANT = {"grant_type": "client_credentials"}
METADATA = "https://shop.example.com/.well-known/oauth-authorization-server"
ORDERS = '{ order(number: "nobody has it") { id } }'


@pytest.fixture
async def machine(shop: Shop) -> Machine:
    return await shop.machine(Permission.READ_ORDERS, Permission.MANAGE_ORDERS)


def client_id(machine: Machine) -> str:
    return str(global_id(Kind.MACHINE_CLIENT, machine.id))


def basic(client: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{quote(client)}:{quote(secret)}".encode()).decode()}


async def asked(api: Api, machine: Machine, path: str = "/oauth/token", **form: str) -> httpx2.Response:
    return await api.http.post(path, data=form, headers=basic(client_id(machine), machine.secret))


def refused(response: httpx2.Response) -> tuple[int, str]:
    assert response.headers["cache-control"] == "no-store"
    told = response.json()
    assert set(told) == {"error", "error_description"}
    return response.status_code, told["error"]


async def test_a_secret_is_traded_for_a_token_by_both_ways(api: Api, machine: Machine):
    posted = {**GRANT, "client_id": client_id(machine), "client_secret": machine.secret}
    for response in (await asked(api, machine, **GRANT), await api.http.post("/oauth/token", data=posted)):
        assert response.status_code == 200
        assert (response.headers["cache-control"], response.headers["pragma"]) == ("no-store", "no-cache")
        told = response.json()
        assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 600, "MANAGE_ORDERS READ_ORDERS")
        assert await api(ORDERS, token=told["access_token"]) == {"data": {"order": None}, "extensions": {"cost": 1}}


async def test_a_library_that_knows_nothing_of_us_gets_along(machine: Machine):
    transport = httpx2.ASGITransport(app=build_app())
    async with AsyncOAuth2Client(client_id(machine), machine.secret, transport=transport) as client:
        told = (await client.request("GET", METADATA, withhold_token=True)).json()
        assert told["issuer"] == "http://127.0.0.1:8000"
        token = await client.fetch_token("https://shop.example.com/oauth/token", grant_type="client_credentials")
        answer = await client.post("https://shop.example.com/graphql", json={"query": ORDERS})
        assert answer.json()["data"] == {"order": None}
        await client.revoke_token("https://shop.example.com/oauth/revoke", token=token["access_token"])
        again = await client.post("https://shop.example.com/graphql", json={"query": ORDERS})
        assert again.json()["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"


async def test_a_token_may_be_asked_for_less(api: Api, machine: Machine):
    told = (await asked(api, machine, scope="READ_ORDERS", **GRANT)).json()
    assert told["scope"] == "READ_ORDERS"
    assert (await identify(told["access_token"])).permissions == {Permission.READ_ORDERS}


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({**GRANT, "scope": "READ_ORDERS READ_CODES"}, "invalid_scope"),
        ({**GRANT, "scope": "read_orders"}, "invalid_scope"),
        ({**GRANT, "scope": "权限"}, "invalid_scope"),
        ({**GRANT, "scope": "\x00"}, "invalid_scope"),
        ({**GRANT, "scope": ""}, "invalid_scope"),
        ({**GRANT, "client_secret": "twice"}, "invalid_request"),
        ({**GRANT, "client_id": "another"}, "invalid_request"),
        ({**GRANT, **{f"field{number}": "x" for number in range(30)}}, "invalid_request"),
    ],
    ids=str,
)
async def test_a_wrong_question_is_told_in_the_words_of_the_standard(
    api: Api, machine: Machine, form: dict[str, str], answer: str
):
    assert refused(await asked(api, machine, **form)) == (400, answer)


async def test_a_wrong_secret_is_told_like_a_client_that_never_was(api: Api, machine: Machine, shop: Shop):
    pairs = [
        (client_id(machine), "pks_" + "A" * 43),
        (client_id(machine), ""),
        (client_id(machine), machine.secret.lower()),
        ("mch_" + "0" * 32, machine.secret),
        ("cus_" + "0" * 32, machine.secret),
        ("客户", machine.secret),
        ("", ""),
        (client_id(await shop.machine()), machine.secret),
        (client_id(await shop.machine(networks=["203.0.113.0/24", "127.0.0.1/32"])), "x"),
    ]
    told = set()
    for client, secret in pairs:
        response = await api.http.post("/oauth/token", data=GRANT, headers=basic(client, secret))
        assert refused(response) == (401, "invalid_client")
        assert response.headers["www-authenticate"].startswith("Basic ")
        told.add(response.text)
        posted = {**GRANT, "client_id": client, "client_secret": secret}
        assert refused(await api.http.post("/oauth/token", data=posted)) == (401, "invalid_client")
    assert len(told) == 1
    assert machine.secret not in next(iter(told))


@pytest.mark.parametrize("header", ["Basic", "Basic ", "Basic !!!", "Basic Zm9v", "Bearer abc", "Basic //79", "x" * 5000])
async def test_a_header_that_cannot_be_read(api: Api, header: str):
    response = await api.http.post("/oauth/token", data=GRANT, headers={"Authorization": header})
    assert refused(response) == (400, "invalid_request")


async def test_bodies_that_are_none(api: Api, machine: Machine):
    headers = basic(client_id(machine), machine.secret)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    sent: list[tuple[dict[str, Any], int]] = [
        ({"json": GRANT}, 400),
        ({"content": b"grant_type=client_credentials"}, 400),
        ({"content": b"grant_type=client_credentials&grant_type=client_credentials", "headers": {**headers, **form}}, 400),
        ({"content": b"\xff\xfe=1", "headers": {**headers, **form}}, 400),
        ({"content": b"x" * 20_000, "headers": {**headers, **form}}, 413),
    ]
    for options, status in sent:
        response = await api.http.post("/oauth/token", **{"headers": headers, **options})
        assert refused(response) == (status, "invalid_request"), options
    assert (await api.http.get("/oauth/token")).status_code == 405


async def test_guessing_is_counted_before_anybody_compares(api: Api, machine: Machine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(oauth, "PER_CLIENT_AND_MINUTE", 5)
    wrong = basic(client_id(machine), "pks_wrong")
    answers = await asyncio.gather(*(api.http.post("/oauth/token", data=GRANT, headers=wrong) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 15
    late = await asked(api, machine, **GRANT)
    assert refused(late) == (429, "temporarily_unavailable")
    assert int(late.headers["retry-after"]) > 0


async def test_one_address_does_not_try_every_client(api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(oauth, "PER_ADDRESS_AND_MINUTE", 3)
    machines = [await shop.machine() for _ in range(5)]
    codes = [(await asked(api, machine, **GRANT)).status_code for machine in machines]
    assert codes == [200, 200, 200, 429, 429]


async def test_a_client_has_its_own_pace(api: Api, shop: Shop):
    machine = await shop.machine(Permission.READ_ORDERS, requests_per_minute=3)
    answers = [await api.send(ORDERS, token=machine.token) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]


async def test_a_client_comes_from_its_networks_alone(api: Api, shop: Shop):
    machine = await shop.machine(Permission.READ_ORDERS, networks=["127.0.0.0/8"])
    assert "errors" not in await api(ORDERS, token=machine.token)
    await db.value("UPDATE machine_client SET networks = '{203.0.113.0/24}' WHERE id = $1", machine.id)
    forget_machine_clients()
    [error] = (await api(ORDERS, token=machine.token))["errors"]
    assert error["extensions"]["code"] == "NOT_ALLOWED"
    assert refused(await asked(api, machine, **GRANT)) == (401, "invalid_client")


async def test_a_token_is_taken_back_by_its_own_client(api: Api, machine: Machine, shop: Shop):
    other = await shop.machine()
    assert refused(await asked(api, other, "/oauth/revoke", token=machine.token)) == (400, "unauthorized_client")
    assert refused(await asked(api, machine, "/oauth/revoke")) == (400, "invalid_request")
    assert "errors" not in await api(ORDERS, token=machine.token)
    for given in (machine.token, machine.token, "no token", "x" * 10_000):
        response = await asked(api, machine, "/oauth/revoke", token=given, token_type_hint="access_token")
        assert (response.status_code, response.content) == (200, b"")
    [error] = (await api(ORDERS, token=machine.token))["errors"]
    assert error["extensions"]["code"] == "NOT_SIGNED_IN"


async def test_a_machine_owns_nothing_and_is_no_colleague(api: Api, shop: Shop):
    everything = await shop.machine(*Permission)
    for operation in ("mutation { signOut { errors { code } } }", "{ myStaff { id } }"):
        [error] = (await api(operation, token=everything.token))["errors"]
        assert error["extensions"]["code"] == "NOT_ALLOWED"
    assert (await api("{ me { id } }", token=everything.token))["data"] == {"me": None}


async def test_the_metadata_names_our_addresses(api: Api):
    told = (await api.http.get("/.well-known/oauth-authorization-server")).json()
    assert told["token_endpoint"] == f"{told['issuer']}/oauth/token"
    assert told["revocation_endpoint"] == f"{told['issuer']}/oauth/revoke"
    assert told["grant_types_supported"] == ["client_credentials"]
    assert told["scopes_supported"] == sorted(Permission)
