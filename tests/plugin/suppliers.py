"""A supplier that is in order; what a test changes it changes in a subclass."""

from pydantic import BaseModel, SecretStr

from perkhub.plugin import Title
from perkhub.plugin.supplier import (
    Capabilities,
    Delivery,
    Idempotency,
    LookupOutcome,
    NotFound,
    NotSent,
    OrderQuery,
    PlaceOutcome,
    PlaceRequest,
    Supplier,
    Supplies,
)

CAPABILITIES = Capabilities(
    supplies=frozenset({Supplies.CODES}), idempotency=Idempotency.REJECT_DUPLICATE, delivery=Delivery.INLINE
)


class Acme(Supplier):
    key = "acme_cards"
    title = Title(en="Acme Cards", zh="艾克美卡券")
    capabilities = CAPABILITIES

    class Settings(BaseModel):
        api_key: SecretStr

    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        return NotSent("nowhere")

    async def lookup(self, query: OrderQuery) -> LookupOutcome:
        return NotFound()

    async def test_connection(self) -> None: ...
