"""From where a statement takes its products, so that few are looked at. Each source is a FROM clause with the product `p`.

whole       everything in the list's order, along an index, until the page is full
walked      the first so many in the list's order, of which those are taken that are asked for
looked up   what the indexes of the conditions and of the search leave; or what a small channel sells; or what was nearly typed
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from uuid import UUID

from perkhub.catalog.search.asked import Asked, Span
from perkhub.catalog.search.lookup import lookup, marked
from perkhub.catalog.search.matching import ALL, EXACT, PREFIX, Search
from perkhub.catalog.search.order import Place, Sort
from perkhub.catalog.search.sizes import LOOKED_THROUGH
from perkhub.catalog.search.statement import Statement, all_of
from perkhub.catalog.search.where import Where

# A walk that finds nothing costs this at most; three times as far as it takes on average.
LONGEST_WALK = 5000
WALK_FURTHER = 3

BY_AGE = (Sort.NEWEST, Sort.OLDEST)
BY_NAME = (Sort.NAME_ASC, Sort.NAME_DESC)
BY_PRICE = (Sort.PRICE_ASC, Sort.PRICE_DESC)


@dataclass(frozen=True, slots=True)
class Source:
    """`id` is the column with the product's id, `key` that with its key in the order. One that has `begun` starts at the
    span's place by itself."""

    sql: str
    id: str
    key: str | None = None
    begun: bool = False


# Of a row, looked up for each by itself: as a plain join PostgreSQL might rather read all products there are.
def one_product(id: str) -> str:
    """Join the product `p`."""
    return f" JOIN LATERAL (SELECT * FROM product o WHERE o.id = {id} OFFSET 0) p ON true"


def one_known(id: str) -> str:
    """Join what the search knows of a product, `s`."""
    return f" JOIN LATERAL (SELECT * FROM product_search o WHERE o.product_id = {id} OFFSET 0) s ON true"


@dataclass(frozen=True)
class Reading:
    """One statement in the making. `small`: the channel sells so little that all of it may be looked through."""

    asked: Asked
    span: Span
    statement: Statement
    near: dict[UUID, int] | None = None
    small: bool = False

    # --- whole lists ---

    def source(self) -> Source:
        """Everything that is asked for."""
        if self.near is not None and self.asked.order.sort is Sort.RELEVANCE:
            return self._nearest(self.near)
        ids = self._looked_up()
        if ids is None:
            return self._whole()
        if self.asked.order.sort in BY_PRICE:
            return self._priced(f"({ids}) d{one_product('d.product_id')}{self._having('d.product_id')}")
        return self._sorted(ids)

    def unsorted(self) -> str:
        """The products, as a FROM clause."""
        ids = self._looked_up()
        if ids is None and self.asked.market.everything:
            return "product p"
        ids = ids or self.asked.market.products(self.statement)
        return f"({ids} OFFSET 0) d JOIN product p ON p.id = d.product_id{self._having('d.product_id')}"

    def _looked_up(self) -> str | None:
        search, market = self.asked.search, self.asked.market
        if self.near is not None:
            return f"SELECT unnest({self.statement.put(list(self.near), 'uuid[]')}) AS product_id"
        if self.small and not self._few() and not self._along_an_index():
            # By way of an array, of which PostgreSQL believes that it is short: whichever channel it is.
            return f"SELECT unnest(ARRAY({market.products(self.statement)})) AS product_id"
        return lookup(self.asked.where, self.statement, market, search=search)

    def _few(self) -> bool:
        """Whether hardly any product is meant: these are looked up, however little the channel sells."""
        search = self.asked.search
        return self.asked.where.by_name() or (search is not None and not search.share)

    def _along_an_index(self) -> bool:
        """Whether the list is a channel's whole one, in an order that its listings have by themselves."""
        asked = self.asked
        ordered = asked.order.sort in BY_AGE or (asked.order.sort in BY_PRICE and not asked.market.listed)
        return asked.search is None and asked.where == Where() and ordered

    def _whole(self) -> Source:
        sort, market = self.asked.order.sort, self.asked.market
        if sort in BY_NAME:
            return Source("product_search s JOIN product p ON p.id = s.product_id", "s.product_id", self._stored_key())
        if market.everything:
            return self._priced("product p") if sort in BY_PRICE else Source("product p", "p.id")
        if sort not in BY_PRICE:
            return self._aged(self._by_age(""))
        if market.listed:
            return Source(market.priced(self.statement), "priced.product_id", "priced.price")
        return self._cheapest("")

    def _priced(self, products: str) -> Source:
        lowest = self.asked.market.lowest_price(self.statement, "p.id")
        last = "-Infinity" if self.asked.order.descending else "Infinity"  # what is sold nowhere; operators see it
        sql = f"{products} CROSS JOIN LATERAL (SELECT coalesce({lowest}, '{last}') AS price) priced"
        return Source(sql, "p.id", "priced.price")

    def _sorted(self, ids: str) -> Source:
        key = self._key()
        rows = f"({ids}) d{self._having('d.product_id', always=key is not None)}"
        return self._fenced("d.product_id", key, rows)

    def _nearest(self, near: dict[UUID, int]) -> Source:
        ids, ranks = self.statement.put(list(near), "uuid[]"), self.statement.put(list(near.values()), "int[]")
        return self._fenced("n.id", "n.rank", f"unnest({ids}, {ranks}) AS n(id, rank)")

    def _fenced(self, id: str, key: str | None, rows: str) -> Source:
        """Sorted before anything is asked about the products: so that is asked of the first ones alone."""
        order = f"{f'{key} {self._direction()}, ' if key else ''}{id} {self._direction()}"
        sql = f"""(SELECT {id} AS product_id, {key or "NULL"} AS key FROM {rows} WHERE {self.begin(id, key)}
                   ORDER BY {order} OFFSET 0) t{one_product("t.product_id")}"""
        return Source(sql, "t.product_id", "t.key" if key else None, begun=True)

    def _having(self, id: str, *, always: bool = False) -> str:
        """A join with what the search knows of a product, where that is asked."""
        search = self.asked.search
        joined = one_known(id)
        if search is not None and self.near is None:
            return f"{joined} AND {self._seen(search.keys)}"
        return joined if always else ""

    # --- the first so many ---

    def walk(self) -> Source | None:
        """Of the first so many in the list's order those that are asked for; None, where no index has the order."""
        sort, market, far = self.asked.order.sort, self.asked.market, f"LIMIT {self._far()}"
        if sort in BY_PRICE:
            return None if market.listed or market.everything else self._cheapest(far)
        if sort not in BY_NAME:
            return self._aged(self._by_age(far))
        key = self._stored_key()
        direction = self._direction()
        rows = f"""(SELECT s.product_id, {key} AS key, s.keys FROM product_search s WHERE {self.begin("s.product_id", key)}
                    ORDER BY {key} {direction}, s.product_id {direction} {far})"""
        return Source(f"{rows} s{self._product('s')}", "s.product_id", "s.key", begun=True)

    def _aged(self, ids: str) -> Source:
        search = self.asked.search
        rows = f"({ids}) w"
        if search is not None:
            rows += f"{one_known('w.product_id')} AND {self._seen(search.keys)}"
        return Source(f"{rows}{one_product('w.product_id')}", "w.product_id", begun=True)

    def _by_age(self, far: str, begin: str | None = None) -> str:
        """Ids in the order of age, along an index: in whatever a limit asks for first, and whatever else is asked."""
        after = self.begin("product_id", None) if begin is None else begin
        market, order = self.asked.market, f"ORDER BY product_id {self._direction()} {far or 'OFFSET 0'}"
        if market.everything:
            return f"SELECT product_id FROM (SELECT id AS product_id FROM product) e WHERE {after} {order}"
        return f"{market.products(self.statement)} AND {after} {order}"

    def _cheapest(self, far: str) -> Source:
        market, direction = self.asked.market, self._direction()
        listings = "listing"
        if far:
            listings = f"""(SELECT l.* FROM listing l WHERE l.channel_id = {market.parameter(self.statement)}
                              AND {self.begin("l.product_id", "l.unit_price")}
                            ORDER BY l.unit_price {direction}, l.product_id {direction} {far})"""
        sql = market.cheapest(self.statement, listings) + self._having("p.id")
        return Source(sql, "l.product_id", "l.unit_price", begun=bool(far))

    def _product(self, rows: str) -> str:
        search = self.asked.search
        seen = "" if search is None else f" AND {self._seen(search.keys)}"
        return f"{one_product(f'{rows}.product_id')}{seen}"

    def _far(self) -> int:
        search = self.asked.search
        if search is None:
            # In the order of prices those within a range stand together, and may begin late.
            ranged = self.asked.order.sort in BY_PRICE and self.asked.where.price is not None
            return LONGEST_WALK if ranged else LOOKED_THROUGH
        far = ceil(WALK_FURTHER * (self.span.size + 1) / search.share)
        return min(LONGEST_WALK, far if self.asked.where == Where() else max(far, 2 * LOOKED_THROUGH))

    # --- what is common, by relevance ---

    def tier(self, number: int, *, walked: bool = False) -> Source | None:
        """Those that are called so, those whose name begins so, and the rest, in the order of age: one of the three, of
        which an index brings all, or of the first so many those that there are. None where the span begins behind it."""
        search = self.asked.search
        assert search is not None
        tier = (self._exact, self._prefix, self._rest)[number](search)
        at = []
        for place, backwards in ((self.span.after, False), (self.span.before, True)):
            if place is not None and place.key == tier.rank:
                beyond = self.asked.order.beyond(backwards=backwards)
                at.append(f"product_id {beyond} {self.statement.put(place.id, 'uuid')}")
            elif place is not None and isinstance(place.key, int) and (tier.rank > place.key) != backwards:
                return None
        if walked:
            ids = self._by_age(f"LIMIT {self._far()}", all_of(*at))
            rows = f"({ids}) w{one_known('w.product_id')}"
            conditions = all_of(self._seen(search.keys), tier.condition)
        else:
            rows = "product_search s"
            marks = marked(self.asked.where, self.statement)
            conditions = all_of(
                self._keys(tier.keys), marks, self._seen(search.keys), tier.condition, *(f"s.{one}" for one in at)
            )
        sql = f"""(SELECT s.product_id FROM {rows} WHERE {conditions}
                   ORDER BY s.product_id {self._direction()} OFFSET 0) t{one_product("t.product_id")}"""
        return Source(sql, "t.product_id", f"{tier.rank}::int", begun=True)

    def _exact(self, search: Search) -> "Tier":
        return Tier(EXACT, [f"={search.line}"], self._called(search.whole))

    def _prefix(self, search: Search) -> "Tier":
        keys = [*search.rare, search.first]
        return Tier(PREFIX, keys, f"{self._called(search.beginning)} AND NOT {self._called(search.whole)}")

    def _rest(self, search: Search) -> "Tier":
        return Tier(ALL, search.keys, f"NOT {self._called(search.beginning)}")

    # --- parts ---

    def begin(self, id: str, key: str | None) -> str:
        """Only what lies after one place of the order and before the other."""
        after, before = self.span.after, self.span.before
        return all_of(self._beyond(after, id, key, backwards=False), self._beyond(before, id, key, backwards=True))

    def _beyond(self, place: Place | None, id: str, key: str | None, *, backwards: bool) -> str:
        if place is None:
            return ""
        operator, order = self.asked.order.beyond(backwards=backwards), self.asked.order
        there = self.statement.put(place.id, "uuid")
        if key is None or order.kind is None:
            return f"{id} {operator} {there}"
        return f"({key}, {id}) {operator} ({self.statement.put(place.key, order.kind)}, {there})"

    def _direction(self) -> str:
        return self.asked.order.direction(backwards=self.span.backwards)

    def _stored_key(self) -> str | None:
        if self.asked.order.sort not in BY_NAME:
            return None
        return "s.sort_zh" if self.asked.language == "zh" else "s.sort_en"

    def _key(self) -> str | None:
        """What the looked up are sorted by, of a row `s` of `product_search`."""
        search = self.asked.search
        if self.asked.order.sort is not Sort.RELEVANCE or search is None:
            return self._stored_key()
        exact, prefix = self._called(search.whole), self._called(search.beginning)
        return f"CASE WHEN {exact} THEN {EXACT} WHEN {prefix} THEN {PREFIX} ELSE {ALL} END"

    def _called(self, text: str) -> str:
        return f"(strpos(s.lines, {self.statement.once(text, text, 'text')}) > 0)"

    def _seen(self, keys: Sequence[str]) -> str:
        """Of a row that is there already: not to be looked up."""
        return f"({self._keys(keys)}) IS TRUE"

    def _keys(self, keys: Sequence[str]) -> str:
        return f"s.keys @> {self.statement.put(list(keys), 'text[]')}"


@dataclass(frozen=True, slots=True)
class Tier:
    """Products of one rank, and what they have."""

    rank: int
    keys: list[str]
    condition: str
