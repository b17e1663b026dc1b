"""Hand SQL of the catalog: what is offered, and claims on quotas and limits."""

from perkhub.kit.inserts import Given

OFFERS = """
    SELECT l.id AS listing_id, l.unit_price, l.published_from, l.published_until, l.quota, l.taken, l.limit_per_customer,
           l.reference_price,
           v.id AS variant_id, v.sku, v.name AS variant_name, v.face_value, v.face_least, v.face_most, v.face_step,
           v.face_currency, p.id AS product_id, p.kind, p.name AS product_name, p.minimum_validity_days,
           p.validity, p.validity_days, p.valid_until, p.refund, p.refund_days,
           coalesce(p.archived_at, v.archived_at) AS archived_at
    FROM listing l JOIN variant v ON v.id = l.variant_id JOIN product p ON p.id = v.product_id
    WHERE l.channel_id = $1 AND l.variant_id = ANY($2)
"""

# Limits, then quotas: the parts of a `Claim`. Parallel orders of one party wait for each other on its row; then listings are
# locked in the order of their keys, and never go above their quota. What one of the two refused is missing in the answer.
CLAIM_LISTINGS = """
    wanted AS (
        SELECT w.id, w.listing_id, w.quantity FROM {given} AS w(id, listing_id, quantity, most)
        WHERE w.most IS NULL OR w.quantity <= w.most
    ), counted AS (
        INSERT INTO listing_buyer AS b (id, listing_id, party_id, taken)
        SELECT w.id, w.listing_id, $1::uuid, w.quantity FROM wanted w ORDER BY w.listing_id
        ON CONFLICT (listing_id, party_id) DO UPDATE SET taken = b.taken + excluded.taken
        WHERE (SELECT l.limit_per_customer IS NULL OR b.taken + excluded.taken <= l.limit_per_customer
               FROM listing l WHERE l.id = excluded.listing_id)
        RETURNING b.listing_id
    ), locked AS (
        SELECT li.id, w.quantity FROM listing li JOIN wanted w ON w.listing_id = li.id
        WHERE li.id IN (SELECT listing_id FROM counted) ORDER BY li.id FOR NO KEY UPDATE OF li
    ), taken AS (
        UPDATE listing l SET taken = l.taken + k.quantity FROM locked k
        WHERE l.id = k.id AND (l.quota IS NULL OR l.taken + k.quantity <= l.quota)
        RETURNING l.id
    )
"""
WANTED_LISTINGS = Given(("uuid", "uuid", "int", "int"))
LISTINGS_CLAIMED = "SELECT c.listing_id, t.id IS NOT NULL FROM counted c LEFT JOIN taken t ON t.id = c.listing_id"

TAKEN_BY = "SELECT taken FROM listing_buyer WHERE listing_id = $1 AND party_id = $2"

RELEASE_LIMITS = """
    UPDATE listing_buyer b SET taken = b.taken - w.quantity
    FROM (SELECT lb.id, given.quantity
          FROM listing_buyer lb JOIN unnest($2::uuid[], $3::int[]) AS given(listing_id, quantity)
               ON lb.listing_id = given.listing_id AND lb.party_id = $1
          ORDER BY lb.listing_id FOR NO KEY UPDATE OF lb) AS w
    WHERE b.id = w.id
"""

RELEASE_QUOTAS = """
    UPDATE listing l SET taken = l.taken - w.quantity
    FROM (SELECT li.id, given.quantity
          FROM listing li JOIN unnest($1::uuid[], $2::int[]) AS given(id, quantity) ON li.id = given.id
          ORDER BY li.id FOR NO KEY UPDATE OF li) AS w
    WHERE l.id = w.id
"""
