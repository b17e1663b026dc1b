"""Where one looks: a channel at a moment, and what a product costs there. The one place of the search that knows prices."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from perkhub.catalog.search.statement import Statement

Price = Callable[[Callable[[Any], str], str], str]


def own_price(_: Callable[[Any], str], listing: str) -> str:
    """What a listing costs whom no price list is for."""
    return f"{listing}.unit_price"


@dataclass(frozen=True, slots=True)
class Market:
    """A channel as a viewer sees it now. With `everything`, as operators do: also what is not on sale, and archived."""

    channel: UUID
    at: datetime
    everything: bool = False
    # A condition about the listing `l`, told by whoever keeps the stock: the catalog knows of none.
    stocked: str = "true"
    # What a listing costs this viewer, as SQL about its `unit_price` and `variant_id`; told by whoever knows price lists.
    price: Price = own_price

    def offers(self, statement: Statement, product: str) -> str:
        """FROM and WHERE of a product's listings that are on sale; `l` is the listing, `v` its variant."""
        return f"""FROM listing l JOIN variant v ON v.id = l.variant_id
            WHERE l.product_id = {product} AND {self._on_sale(statement, "l", "v")}"""

    def products(self, statement: Statement) -> str:
        """Every product of which the channel has a listing, on sale or not: `product_id`, each once."""
        return f"SELECT DISTINCT l.product_id FROM listing l WHERE l.channel_id = {self.parameter(statement)}"

    def cheapest(self, statement: Statement, listings: str) -> str:
        """FROM of all products `p` on sale, each by its cheapest listing `l` by its own price, out of these listings."""
        # Asked for each row by itself: as a join it would be made for the whole channel before the first row is known.
        return f"""{listings} l JOIN variant v ON v.id = l.variant_id AND {self._on_sale(statement, "l", "v")}
            AND NOT (SELECT EXISTS (SELECT FROM listing e JOIN variant ev ON ev.id = e.variant_id
                                    WHERE e.product_id = l.product_id AND {self._on_sale(statement, "e", "ev")}
                                      AND (e.unit_price, e.id) < (l.unit_price, l.id)))
            JOIN product p ON p.id = l.product_id"""

    def priced(self, statement: Statement) -> str:
        """FROM of all products `p` on sale, with what the cheapest variant of each costs this viewer: `priced.price`."""
        return f"""(SELECT l.product_id, min({self.cost(statement)}) AS price
                    FROM listing l JOIN variant v ON v.id = l.variant_id AND {self._on_sale(statement, "l", "v")}
                    GROUP BY l.product_id) priced JOIN product p ON p.id = priced.product_id"""

    def _on_sale(self, statement: Statement, listing: str, variant: str) -> str:
        channel, at = self.parameter(statement), statement.once("at", self.at, "timestamptz")
        return f"""{listing}.channel_id = {channel} AND {variant}.archived_at IS NULL AND {listing}.published_from <= {at}
            AND ({listing}.published_until IS NULL OR {listing}.published_until > {at})"""

    def shown(self, statement: Statement, product: str = "p") -> str:
        """Whether a row of `product` may be shown at all; asked for each row by itself, see `cheapest`."""
        if self.everything:
            return ""
        return f"{product}.archived_at IS NULL AND (SELECT EXISTS (SELECT {self.offers(statement, f'{product}.id')}))"

    @property
    def listed(self) -> bool:
        """Whether any price list is for this viewer; else an index has the prices in their order."""
        return self.price is not own_price

    def cost(self, statement: Statement) -> str:
        """What the listing `l` costs this viewer."""
        return self.price(statement.bare, "l")

    def buyable(self) -> str:
        """Whether one unit of a listing can be had now."""
        return f"(l.quota IS NULL OR l.taken < l.quota) AND {self.stocked}"

    def lowest_price(self, statement: Statement, product: str) -> str:
        """The price of a product's cheapest variant, as one value; none where nothing of it is on sale."""
        return f"(SELECT min({self.cost(statement)}) {self.offers(statement, product)})"

    def parameter(self, statement: Statement) -> str:
        """The channel, in a statement."""
        return statement.once("channel", self.channel, "uuid")
