"""What a condition names is looked up: brands and categories by their slugs, and collections, which stand in a list's
conditions as what they consist of."""

from collections import defaultdict
from dataclasses import replace
from uuid import UUID

import orjson

from perkhub.catalog.rule_data import rule_from_data
from perkhub.catalog.rule_where import rule_where
from perkhub.catalog.search.said import Collections, SaidWhere
from perkhub.catalog.search.where import Where
from perkhub.kit import db

# A slug that brands and categories share is asked of both: there is an index for each.
NAMED = """
    SELECT 'collection' AS kind, id, slug, rule FROM collection
    WHERE (id = ANY($1) OR slug = ANY($2)) AND ($3 OR archived_at IS NULL)
    UNION ALL SELECT 'brand', id, slug, NULL FROM brand WHERE slug = ANY($4)
    UNION ALL SELECT 'category', id, slug, NULL FROM category WHERE slug = ANY($4)
"""
Found = defaultdict[str, list[db.Row]]


async def resolve_names(said: SaidWhere, *, archived: bool = False) -> Where:
    """The same condition with ids in the place of names, and picks and rules in the place of collections: read in one
    statement where there are any.

    An archived collection shows nothing; but to operators, where `archived` is said.
    """
    collections, slugs, found = list(said.named_collections()), list(said.named_slugs()), Found(list)
    if not collections and not slugs:
        return _resolved(said, found)
    ids = {id for one in collections for id in one.ids or ()}
    named = {slug for one in collections for slug in one.slugs or ()}
    for row in await db.rows(NAMED, list(ids), list(named), archived, [slug for names in slugs for slug in names]):
        found[row["kind"]].append(row)
    return _resolved(said, found)


def _resolved(said: SaidWhere, found: Found) -> Where:
    every = [_resolved(one, found) for one in said.every]
    if said.collections is not None:
        every.append(_shown(said.collections, found["collection"]))
    brands, categories = said.own.brands, said.own.categories
    if said.brand_slugs is not None:
        named = _ids(found["brand"], said.brand_slugs)
        brands = named if brands is None else tuple(one for one in brands if one in named)
    if said.category_slugs is not None:
        # Of two conditions on categories each must hold, which is not to be in what both name: one may lie in the other.
        named = _ids(found["category"], said.category_slugs)
        every += [] if categories is None else [Where(categories=named)]
        categories = named if categories is None else categories
    return replace(
        said.own,
        brands=brands,
        categories=categories,
        every=tuple(every),
        some=None if said.some is None else tuple(_resolved(one, found) for one in said.some),
        none=None if said.none is None else _resolved(said.none, found),
    )


def _ids(rows: list[db.Row], slugs: tuple[str, ...]) -> tuple[UUID, ...]:
    return tuple(row["id"] for row in rows if row["slug"] in slugs)


def _shown(named: Collections, rows: list[db.Row]) -> Where:
    """Whatever one of them shows."""
    meant = [row for row in rows if _is(row, named)]
    picked = Where(picked=tuple(row["id"] for row in meant))
    rules = [rule_where(rule_from_data(orjson.loads(row["rule"]))) for row in meant if row["rule"] is not None]
    return Where(some=(picked, *rules)) if rules else picked


def _is(row: db.Row, named: Collections) -> bool:
    id: UUID = row["id"]
    return (named.ids is None or id in named.ids) and (named.slugs is None or row["slug"] in named.slugs)
