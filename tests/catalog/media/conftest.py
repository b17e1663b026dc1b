"""A house, and products and pictures to put together."""

from collections.abc import AsyncIterator
from itertools import count
from uuid import UUID

import pytest

from perkhub.catalog import ProductDraft, create_product
from perkhub.catalog.media import receive_image
from perkhub.kit.db import transact
from tests.fixtures.house import house, shop

__all__ = ["house", "new_product", "shop", "uploaded"]

ACTOR = "staff:tests"

_numbers = count(1)


async def new_product() -> UUID:
    """A product that nothing is shown with."""
    draft = ProductDraft(f"pictured-{next(_numbers)}", {"en": "Pictured"})
    return await transact(lambda tx: create_product(tx, draft))


async def uploaded(data: bytes, *, piece: int = 1 << 16) -> UUID:
    """A picture that streamed in."""

    async def stream() -> AsyncIterator[bytes]:
        for at in range(0, len(data), piece):
            yield data[at : at + piece]

    return await receive_image(stream(), actor=ACTOR)


@pytest.fixture
async def product(house: None) -> UUID:
    return await new_product()
