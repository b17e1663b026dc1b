"""Requests that a careless client sends, with a secret at the wrong place: no answer and no log may repeat it."""

import json

from tests.faults.planted.needles import marked
from tests.faults.planted.people import ANNA, PASSWORD, REGISTER, SIGN_IN
from tests.faults.planted.visitor import Visitor


def make_mistakes(visitor: Visitor, staff: str) -> None:
    """Wrong types, wrong names, wrong syntax, wrong places."""
    secret = marked("mistake")
    visitor.ask(SIGN_IN, {"contact": ANNA, "password": {"value": PASSWORD}})
    visitor.ask(SIGN_IN, {"contact": ANNA, "passwort": PASSWORD})
    visitor.ask(SIGN_IN, {"contact": {**ANNA, "phone": secret}, "password": PASSWORD})
    visitor.ask(REGISTER, {"contact": ANNA, "code": [secret], "password": PASSWORD})
    visitor.ask(REGISTER, secret)
    visitor.ask(f'mutation {{ signIn(input: {{contact: {{email: "a@example.com"}}, password: {secret}}}) {{ accessToken }} }}')
    visitor.ask(f'mutation {{ signIn(input: {{contact: {{email: 12}}, password: "{secret}"}}) {{ accessToken }} }}')
    visitor.ask(f'mutation {{ signIn(input: {{contact: "{secret}"}}) {{ accessToken }} }}')
    visitor.ask(f'mutation {{ signIn(input: {{password: "{secret}')
    visitor.ask(f'query {{ node(id: "{secret}") {{ id }} }}')
    visitor.ask(f'query {{ customer(id: "{secret}") {{ id }} }}', token=staff)
    visitor.ask("{ me { id } }", token=secret)
    visitor.ask("{ me { id } }", token=f"{secret}.{secret}.{secret}")
    visitor.send("GET", "/graphql", params={"query": f'{{ node(id: "{secret}") {{ id }} }}', "password": secret})
    visitor.send("GET", f"/{secret}", params={"token": secret})
    visitor.send("POST", f"/callbacks/{secret}", json={"password": secret})
    visitor.send("POST", "/graphql", content=f'{{"query": "{secret}'.encode(), headers={"content-type": "application/json"})
    visitor.send("POST", "/graphql", content=secret.encode(), headers={"content-type": "text/plain"})
    visitor.send("POST", "/graphql", content=json.dumps({"query": 1, "variables": secret}).encode(), headers=JSON)
    visitor.send("POST", "/graphql", content=json.dumps([secret]).encode(), headers=JSON)
    visitor.send("POST", "/graphql", json={"query": "{ shop { name } }"}, headers={"cookie": f"perkhub_refresh={secret}"})


JSON = {"content-type": "application/json"}
