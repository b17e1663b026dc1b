"""Which tables readers of the catalog look at, and the triggers that tell every process when one of them changes.

Triggers, and no call in each verb: whoever writes a table, an import or a hand at the database too, cannot forget them,
and what they tell is committed with the change itself. They decide nothing.
"""

from dataclasses import dataclass

from perkhub.catalog import LOW_STOCK

SLOTS = 64
# Of so many products a transaction tells each; of more only the channel.
TOLD_ONE_BY_ONE = 500
# What a process that does not look for a while may still catch up with, by slot.
KEPT_VERSIONS = 500


def _level_moved(before: str, after: str) -> str:
    """Whether a count went from one of the levels that readers are told to another."""
    return " OR ".join(f"(({before}) <= {level}) IS DISTINCT FROM (({after}) <= {level})" for level in (0, LOW_STOCK))


@dataclass(frozen=True)
class Seen:
    """A table, and what a changed row `c` of it touches: (channel, product), null for every one.

    `counts`: the condition under which an update is told, for a table whose counters every sale moves.
    """

    table: str
    touches: str
    counts: str | None = None


SEEN = (
    Seen("channel", "SELECT c.id, NULL::uuid FROM {changed} c"),
    Seen("attribute", "SELECT NULL::uuid, NULL::uuid FROM {changed} c"),
    Seen("brand", "SELECT NULL::uuid, NULL::uuid FROM {changed} c"),
    Seen("collection", "SELECT NULL::uuid, NULL::uuid FROM {changed} c"),
    Seen("collection_product", "SELECT NULL::uuid, c.product_id FROM {changed} c"),
    Seen("category", "SELECT NULL::uuid, NULL::uuid FROM {changed} c"),
    Seen("product", "SELECT NULL::uuid, c.id FROM {changed} c"),
    Seen("product_category", "SELECT NULL::uuid, c.product_id FROM {changed} c"),
    Seen("product_media", "SELECT NULL::uuid, c.product_id FROM {changed} c"),
    Seen("brand_logo", "SELECT NULL::uuid, NULL::uuid FROM {changed} c"),
    # Of pictures only those that are shown somewhere.
    Seen(
        "image",
        "SELECT NULL::uuid, m.product_id FROM {changed} c JOIN product_media m ON m.image_id = c.id "
        "UNION ALL SELECT NULL::uuid, NULL::uuid FROM {changed} c JOIN brand_logo b ON b.image_id = c.id",
    ),
    Seen(
        "image_rendition",
        "SELECT NULL::uuid, m.product_id FROM {changed} c JOIN product_media m ON m.image_id = c.image_id "
        "UNION ALL SELECT NULL::uuid, NULL::uuid FROM {changed} c JOIN brand_logo b ON b.image_id = c.image_id",
    ),
    Seen("product_search", "SELECT NULL::uuid, c.product_id FROM {changed} c"),
    Seen("variant", "SELECT NULL::uuid, c.product_id FROM {changed} c"),
    Seen(
        "listing",
        "SELECT c.channel_id, c.product_id FROM {changed} c",
        counts=f"OLD.taken = NEW.taken OR {_level_moved('OLD.quota - OLD.taken', 'NEW.quota - NEW.taken')}",
    ),
    # What lists for groups and parties say is nothing to those whose answers are remembered, only that there are some. That
    # its rows changed raises a list's version, and they tell it themselves, product by product.
    Seen(
        "price_list",
        "SELECT c.channel_id, NULL::uuid FROM {changed} c",
        counts="(OLD.name, OLD.priority, OLD.starts_at, OLD.ends_at, OLD.archived_at) IS DISTINCT FROM "
        "(NEW.name, NEW.priority, NEW.starts_at, NEW.ends_at, NEW.archived_at)",
    ),
    Seen(
        "price_list_price",
        "SELECT pl.channel_id, v.product_id FROM {changed} c JOIN price_list pl ON pl.id = c.list_id "
        "JOIN variant v ON v.id = c.variant_id WHERE pl.scope_kind = 'channel'",
    ),
    Seen("public_price", "SELECT l.channel_id, l.product_id FROM {changed} c JOIN listing l ON l.id = c.listing_id"),
    Seen(
        "stock",
        "SELECT NULL::uuid, v.product_id FROM {changed} c JOIN variant v ON v.id = c.variant_id",
        counts=_level_moved("OLD.available - OLD.held", "NEW.available - NEW.held"),
    ),
    # What suppliers would sell us can be had although the pool is empty.
    Seen("supplier_offer", "SELECT NULL::uuid, v.product_id FROM {changed} c JOIN variant v ON v.id = c.variant_id"),
    Seen(
        "supplier_account",
        "SELECT NULL::uuid, v.product_id FROM {changed} c JOIN supplier_offer o ON o.account_id = c.id "
        "JOIN variant v ON v.id = o.variant_id",
        counts="OLD.state IS DISTINCT FROM NEW.state",
    ),
)

# One version for a whole transaction. The slot stays locked until its end, so that the versions of a slot become visible
# in their order and without a gap: a sequence would let a later number be seen before an earlier one. A taken slot is
# skipped, and nobody waits for it; only where all are taken does one, as for any row.
TELL = f"""
CREATE FUNCTION tell_readers(channels uuid[], products uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    mark text[] := string_to_array(nullif(current_setting('perkhub.told', true), ''), ':');
    mine int := mark[1]::int;
    at bigint := mark[2]::bigint;
    many int := coalesce(mark[3]::int, 0) + cardinality(products);
BEGIN
    IF mine IS NULL THEN
        SELECT s.slot INTO mine FROM reader_slot s ORDER BY s.slot LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
        mine := coalesce(mine, pg_backend_pid() % {SLOTS});
        UPDATE reader_slot s SET version = s.version + 1 WHERE s.slot = mine RETURNING s.version INTO at;
    END IF;
    PERFORM set_config('perkhub.told', mine || ':' || at || ':' || many, true);
    INSERT INTO reader_change (slot, version, channel_id, product_id)
    SELECT DISTINCT mine, at, t.channel, CASE WHEN many <= {TOLD_ONE_BY_ONE} THEN t.product END
    FROM unnest(channels, products) AS t(channel, product)
    ON CONFLICT DO NOTHING;
END $$
"""

FEED_SQL = [
    (
        f"INSERT INTO reader_slot (slot, version) SELECT n, 0 FROM generate_series(0, {SLOTS - 1}) AS n",
        "DELETE FROM reader_slot",
    ),
    (
        "CREATE UNIQUE INDEX reader_change_once ON reader_change (slot, version, channel_id, product_id) NULLS NOT DISTINCT",
        "DROP INDEX reader_change_once",
    ),
    (TELL, "DROP FUNCTION tell_readers"),
]


def told_by_triggers(seen: Seen) -> tuple[str, str]:
    """The SQL that makes a table's changes known, and its reverse."""
    table, name = seen.table, f"tell_readers_of_{seen.table}"
    every = f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    both = "(SELECT * FROM changed UNION ALL SELECT * FROM before)"
    if seen.counts is None:
        updated = f"REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {name}_update()"
    else:
        updated = f"FOR EACH ROW WHEN ({seen.counts}) EXECUTE FUNCTION {name}_update()"
        both = "(SELECT NEW.*)"
    forward = (
        f"{_function(name, seen.touches.format(changed='changed'))};\n"
        f"{_function(f'{name}_update', seen.touches.format(changed=both))};\n"
        f"CREATE TRIGGER readers_inserted AFTER INSERT ON {table} REFERENCING NEW TABLE AS changed {every};\n"
        f"CREATE TRIGGER readers_deleted AFTER DELETE ON {table} REFERENCING OLD TABLE AS changed {every};\n"
        f"CREATE TRIGGER readers_updated AFTER UPDATE ON {table} {updated}\n"
    )
    dropped = "".join(f"DROP TRIGGER readers_{when} ON {table};\n" for when in ("inserted", "deleted", "updated"))
    return forward, f"{dropped}DROP FUNCTION {name};\nDROP FUNCTION {name}_update\n"


def _function(name: str, touches: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n"
        "    PERFORM tell_readers(array_agg(t.channel), array_agg(t.product))\n"
        f"    FROM (SELECT DISTINCT * FROM ({touches}) AS found(channel, product)) AS t HAVING count(*) > 0;\n"
        "    RETURN NULL;\nEND $$"
    )
