"""What somebody asks for: a list of products, and a part of it."""

from dataclasses import dataclass, field

from perkhub.catalog.search.market import Market
from perkhub.catalog.search.matching import Search
from perkhub.catalog.search.order import Order, Place, Sort, order_of
from perkhub.catalog.search.where import Where


@dataclass(frozen=True)
class Asked:
    """A list of products. What is sorted by relevance is searched for; nothing else can be relevant."""

    market: Market
    where: Where = field(default_factory=Where)
    search: Search | None = None
    sort: Sort = Sort.NEWEST
    language: str = "en"

    @property
    def order(self) -> Order:
        """How the list runs."""
        if self.sort is Sort.RELEVANCE and self.search is None:
            return order_of(Sort.NEWEST)
        return order_of(self.sort, language=self.language, searched="" if self.search is None else self.search.mark)


@dataclass(frozen=True)
class Span:
    """Which part of a list: at most `size` products after and before some place, from the beginning or from the end."""

    size: int
    after: Place | None = None
    before: Place | None = None
    backwards: bool = False
