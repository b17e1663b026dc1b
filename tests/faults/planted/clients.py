"""Secrets of machine clients, of identity providers, and of browsers: made or told once, used well and badly, taken back."""

from base64 import b64encode
from typing import Any

from tests.faults.planted.needles import marked
from tests.faults.planted.people import ANNA, ERRORS, PASSWORD, People
from tests.faults.planted.visitor import Visitor

COOKIES = {"Perkhub-Cookies": "1"}
CLIENT = f"machineClient {{ id name }} secret {ERRORS}"
CREATE = f"mutation ($input: MachineClientCreateInput!) {{ machineClientCreate(input: $input) {{ {CLIENT} }} }}"
ROTATE = f"mutation ($input: MachineClientRotateInput!) {{ machineClientRotate(input: $input) {{ {CLIENT} }} }}"
CLIENTS = "{ machineClients(first: 20) { nodes { id name } } }"
PROVIDER = f"""mutation ($input: IdentityProviderCreateInput!) {{
    identityProviderCreate(input: $input) {{ identityProvider {{ id version }} {ERRORS} }} }}"""
PROVIDER_UPDATE = f"""mutation ($input: IdentityProviderUpdateInput!) {{
    identityProviderUpdate(input: $input) {{ identityProvider {{ id version }} {ERRORS} }} }}"""
PROVIDERS = "{ identityProviders(first: 20) { nodes { id key issuer clientId } } }"
ACTIVITIES = """
    { activity(first: 30) { nodes { operation input changes(first: 2) { nodes { fields { field before after } } } } } }
"""
SIGN_IN = f"mutation ($input: SignInInput!) {{ signIn(input: $input) {{ accessToken refreshToken {ERRORS} }} }}"
REFRESH = f"mutation {{ tokenRefresh {{ accessToken refreshToken {ERRORS} }} }}"
LINK = f"mutation ($input: IdentityLinkInput!) {{ identityLink(input: $input) {{ url {ERRORS} }} }}"


def work_as_machine(visitor: Visitor, people: People) -> None:
    """A client's secrets, by both ways in and by wrong ones; and its tokens."""
    asked = {"name": "Warehouse", "scopes": ["READ_CODES"]}
    made: Any = visitor.ask(CREATE, asked, token=people.staff, rightful=True)
    secrets = [_kept(visitor, made)]
    client = made["machineClient"]["id"]
    visitor.ask(CREATE, {**asked, "name": secrets[0] * 9}, token=people.staff)  # pasted into the wrong field, and refused
    rotated = visitor.ask(ROTATE, {"machineClientId": client, "overlapMinutes": 5}, token=people.staff, rightful=True)
    secrets.append(_kept(visitor, rotated))
    for number, secret in enumerate(secrets):
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
        answer = visitor.send("POST", "/oauth/token", data=form, rightful=True)
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        visitor.tokens[f"machine token {number}"] = token.rpartition(".")[2]
        visitor.ask("{ lots(first: 1) { nodes { id } } }", token=token)
        basic = {"authorization": "Basic " + b64encode(f"{client}:{secret}".encode()).decode()}
        visitor.send("POST", "/oauth/token", data={"grant_type": "password", "password": secret}, headers=basic)
        visitor.send("POST", "/oauth/token", data={**form, "client_secret": f"{secret}x"})
        visitor.send("POST", "/oauth/token", json=form)
        visitor.send("POST", "/oauth/token", params=form)
        visitor.ask("{ lots(first: 1) { nodes { id } } }", token=secret)
        gone = visitor.send("POST", "/oauth/revoke", data={"token": token}, headers=basic)
        assert gone.status_code == 200, gone.text
    visitor.ask(CLIENTS, token=people.staff)


def trust_provider(visitor: Visitor, people: People) -> None:
    """A provider's secret told, changed, and shown to nobody; a browser that is sent to it and comes back with nonsense."""
    told = {
        "key": "acme",
        "name": {"en": "Acme"},
        "audience": "CUSTOMER",
        "issuer": "https://login.invalid",
        "clientId": "perkhub",
        "clientSecret": marked("provider secret"),
    }
    made: Any = visitor.ask(PROVIDER, told, token=people.staff)
    assert made["errors"] == [], made["errors"]
    visitor.ask(PROVIDER, told, token=people.staff)  # the key is taken
    provider = made["identityProvider"]
    change = {"identityProviderId": provider["id"], "expectedVersion": provider["version"]}
    changed: Any = visitor.ask(PROVIDER_UPDATE, {**change, "clientSecret": marked("provider secret 2")}, token=people.staff)
    assert changed["errors"] == [], changed["errors"]
    visitor.ask(PROVIDER_UPDATE, {**change, "clientSecret": marked("provider secret 3")}, token=people.staff)  # moved since
    visitor.ask(PROVIDERS, token=people.staff)
    link: Any = visitor.ask(LINK, {"provider": "acme"}, token=people.anna, rightful=True)
    assert link["errors"] == [], link["errors"]
    visitor.tokens["link"] = link["url"].rpartition("=")[2]
    visitor.send("GET", link["url"][link["url"].index("/auth/") :])
    nonsense = {"code": marked("authorization code"), "state": marked("state")}
    visitor.send("GET", "/auth/acme/callback", params=nonsense)


def come_by_browser(visitor: Visitor) -> None:
    """Both secrets of a browser that keeps no token where a script could see it; and a page of it that is loaded again."""
    told = {"query": SIGN_IN, "variables": {"input": {"contact": ANNA, "password": PASSWORD}}}
    cookies = _asked_by_browser(visitor, told, {})
    assert len(cookies) == 2, cookies
    for _ in range(2):
        assert _asked_by_browser(visitor, {"query": REFRESH}, cookies)


def _asked_by_browser(visitor: Visitor, body: Any, cookies: dict[str, str]) -> dict[str, str]:
    """Which cookies the answer sets; each is a secret."""
    sent = {**COOKIES, "cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    visitor.http.cookies.clear()  # the library keeps what it was given, too
    answer = visitor.send("POST", "/graphql", json=body, headers=sent, rightful=True)
    [payload] = answer.json()["data"].values()
    assert payload["errors"] == [], payload["errors"]
    given = dict(visitor.http.cookies)
    visitor.http.cookies.clear()
    visitor.tokens |= {f"cookie {name} {len(visitor.tokens)}": value for name, value in given.items()}
    return given


def read_activities(visitor: Visitor, people: People) -> None:
    """What the log of deeds tells of all that."""
    assert visitor.ask(ACTIVITIES, token=people.staff)["nodes"]


def _kept(visitor: Visitor, made: Any) -> str:
    assert made["errors"] == [], made["errors"]
    secret: str = made["secret"]
    visitor.tokens[f"machine secret {len(visitor.tokens)}"] = secret
    return secret
