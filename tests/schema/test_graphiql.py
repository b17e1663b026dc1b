"""GraphiQL opens with tabs that fit the schema; the library's page still has the places where they go in."""

import json

import httpx2
import pytest
from graphql import OperationDefinitionNode, parse, validate
from strawberry.http.ides import get_graphql_ide_html

from perkhub.kit.settings import Environment, Settings
from perkhub_schema import endpoint
from perkhub_schema.demo.shop import ADMIN, CHANNEL, SHOPPER
from perkhub_schema.endpoint import Endpoint
from perkhub_schema.http.graphiql import PLACES, default_tabs, graphiql_page
from perkhub_schema.schema import schema
from tests.schema.api import Api

STOCK = get_graphql_ide_html(graphql_ide="graphiql")


@pytest.mark.parametrize("place", PLACES)
def test_the_library_still_has_our_places_once(place: str):
    assert STOCK.count(place) == 1


def test_the_page_has_the_tabs():
    page = graphiql_page(STOCK)
    tabs, _ = json.JSONDecoder().raw_decode(page.partition("defaultTabs: ")[2])
    assert tabs == default_tabs()
    assert "EXAMPLE_QUERY," not in page.partition("const [query, setQuery]")[2]


@pytest.mark.parametrize("tab", default_tabs(), ids=lambda tab: tab["query"].split("{")[0].split()[-1])
def test_a_tab_fits_the_schema(tab: dict[str, str]):
    document = parse(tab["query"])
    assert validate(schema._schema, document) == []
    variables = {
        definition.variable.name.value
        for operation in document.definitions
        if isinstance(operation, OperationDefinitionNode)
        for definition in operation.variable_definitions or ()
    }
    assert set(json.loads(tab["variables"])) == variables
    assert json.loads(tab["headers"])["Perkhub-Channel"] == CHANNEL


def test_the_tabs_sign_in_as_the_people_of_the_demo():
    text = "".join(tab["query"] for tab in default_tabs())
    for login in (SHOPPER, ADMIN):
        assert f'"{login.email}"' in text
        assert f'"{login.password}"' in text


async def test_a_browser_gets_the_page(api: Api):
    answer = await api.http.get("/graphql", headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert "defaultTabs: [" in answer.text


async def test_production_has_no_page(house: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(endpoint, "settings", lambda: Settings(environment=Environment.PRODUCTION))
    transport = httpx2.ASGITransport(app=Endpoint())
    async with httpx2.AsyncClient(transport=transport, base_url="https://shop.example.com") as http:
        answer = await http.get("/graphql", headers={"accept": "text/html"})
    assert answer.status_code == 404
