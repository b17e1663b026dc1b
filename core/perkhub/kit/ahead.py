"""Working on one thing while the next one is being made."""

import asyncio
from collections.abc import AsyncGenerator
from typing import TypeVar

T = TypeVar("T")


async def ahead(source: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Each of the source, while the next one is being made: the database works on one chunk, we on the next."""
    coming = asyncio.ensure_future(anext(source, None))
    try:
        while (present := await coming) is not None:
            coming = asyncio.ensure_future(anext(source, None))
            yield present
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        await source.aclose()
