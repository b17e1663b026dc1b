"""Marks: what a product is, as keys beside those of its words, so that one look into one index finds what has the words and
is in the category. They begin with a sign, which no word's key does.

Of categories only those that the product stands in itself: where these stand in the tree is asked when it is looked for, so
that a category that moves takes its products along.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

KIND, BRAND, CATEGORY, TAG = "@k", "@b", "@c", "@t"


def marks_of(*, kind: str, brand: UUID | None, categories: Sequence[UUID], tags: Sequence[str]) -> Iterator[str]:
    """A product's."""
    yield f"{KIND}{kind}"
    if brand is not None:
        yield f"{BRAND}{brand}"
    yield from (f"{CATEGORY}{category}" for category in categories)
    yield from (f"{TAG}{tag}" for tag in tags)
