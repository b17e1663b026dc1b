"""Operations of a shop's front end, and what their answers cost."""

import json
from collections.abc import Mapping
from typing import Any

import httpx2

from perkhub.kit.operations import operation_hash
from tests.schema.api import Api

LIST = """query List($first: Int, $after: String) { products(first: $first, after: $after) {
  nodes { id slug name variants { id name price { unit { amount currency formatted } trace { label } } availability } }
  pageInfo { hasNextPage endCursor } } }"""
DETAIL = "query One($slug: String!) { product(slug: $slug) { name description variants { sku price { unit { amount } } } } }"


def read(answer: httpx2.Response) -> bool:
    """Whether anything was read for it but the look at what has changed."""
    return int(answer.headers["perkhub-statements"]) > 1


def prices(answer: httpx2.Response) -> list[str]:
    """Of all variants of a list."""
    nodes = answer.json()["data"]["products"]["nodes"]
    return [variant["price"]["unit"]["amount"] for node in nodes for variant in node["variants"] if variant["price"]]


def named(text: str, variables: Mapping[str, Any] | None = None, *, version: int = 1) -> dict[str, str]:
    """The parameters of a GET by hash."""
    extensions = {"persistedQuery": {"version": version, "sha256Hash": operation_hash(text)}}
    return {"extensions": json.dumps(extensions)} | ({"variables": json.dumps(variables)} if variables else {})


async def get(api: Api, parameters: Mapping[str, str], **headers: str) -> httpx2.Response:
    """By GET."""
    return await api.http.get("/graphql", params=dict(parameters), headers={k.replace("_", "-"): v for k, v in headers.items()})


async def keep(api: Api, text: str) -> httpx2.Response:
    """Send an operation with its hash, so that it is kept."""
    asked = {"query": text, "extensions": json.loads(named(text)["extensions"]), "variables": {"slug": "none"}}
    return await api.http.post("/graphql", json=asked)
