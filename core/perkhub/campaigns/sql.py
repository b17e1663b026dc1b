"""Hand SQL of campaigns: claims on counters, what they give back, and the parts that say so.

Lock order within the counters: those of single buyers before those that all share, which are the hottest; then by key. Buyers
of one campaign wait for each other on the shared one alone, from here to their commit.
"""

from perkhub.campaigns.models import EVERYBODY
from perkhub.kit.inserts import Given

_ORDER = "ORDER BY {0}.buyer_id = '" + str(EVERYBODY) + "', {0}.campaign_id, {0}.buyer_id, {0}.name"

# Checked and raised in one statement: parallel orders cannot pass a ceiling together. Who claims by a version of the campaign
# that is no longer the latest is refused as well, also where nothing was counted yet: its ceilings may be others by now, or it
# is paused or over. The parts of a `Claim`, the last of an order: what was refused is missing in the answer.
CLAIM = f"""
    asked AS (
        SELECT * FROM {{given}} AS w(key, campaign_id, buyer_id, name, amount, ceiling, version)
    ), raised AS (
        INSERT INTO campaign_counter AS n (campaign_id, buyer_id, name, value, ceiling, version)
        SELECT w.campaign_id, w.buyer_id, w.name, w.amount, w.ceiling, w.version FROM asked w
        WHERE (w.ceiling IS NULL OR w.amount <= w.ceiling)
          AND EXISTS (SELECT FROM campaign g WHERE g.id = w.campaign_id AND g.version = w.version)
        {_ORDER.format("w")}
        ON CONFLICT (campaign_id, buyer_id, name) DO UPDATE
        SET value = n.value + excluded.value, ceiling = excluded.ceiling, version = excluded.version
        WHERE (excluded.ceiling IS NULL OR n.value + excluded.value <= excluded.ceiling) AND n.version <= excluded.version
        RETURNING n.campaign_id, n.buyer_id, n.name
    )
"""
COUNTERS_WANTED = Given(("uuid", "uuid", "uuid", "text", "bigint", "bigint", "int"), few=2)
CLAIMED = """
    SELECT a.key, true FROM asked a
    JOIN raised r ON r.campaign_id = a.campaign_id AND r.buyer_id = a.buyer_id AND r.name = a.name
"""

# The same for an order that ended and is paid after all: by the ceilings of now, where they are lower than those of then.
CLAIM_AGAIN = f"""
    UPDATE campaign_counter n SET value = n.value + w.amount
    FROM (SELECT c.id, given.amount, given.ceiling
          FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[])
               AS given(campaign_id, buyer_id, name, amount, ceiling)
          JOIN campaign_counter c ON c.campaign_id = given.campaign_id AND c.buyer_id = given.buyer_id AND c.name = given.name
          {_ORDER.format("c")} FOR NO KEY UPDATE OF c) AS w
    WHERE n.id = w.id AND (least(n.ceiling, w.ceiling) IS NULL OR n.value + w.amount <= least(n.ceiling, w.ceiling))
    RETURNING n.campaign_id, n.buyer_id, n.name
"""

GIVE_BACK = f"""
    UPDATE campaign_counter n SET value = n.value - w.amount
    FROM (SELECT c.id, given.amount
          FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[]) AS given(campaign_id, buyer_id, name, amount)
          JOIN campaign_counter c ON c.campaign_id = given.campaign_id AND c.buyer_id = given.buyer_id AND c.name = given.name
          {_ORDER.format("c")} FOR NO KEY UPDATE OF c) AS w
    WHERE n.id = w.id
"""

LEFT = """
    SELECT w.campaign_id, w.buyer_id, w.name, coalesce(n.value, 0) AS value, g.version
    FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS w(campaign_id, buyer_id, name)
    JOIN campaign g ON g.id = w.campaign_id
    LEFT JOIN campaign_counter n ON n.campaign_id = w.campaign_id AND n.buyer_id = w.buyer_id AND n.name = w.name
"""

# What late money goes by, though nobody claims in between. Whoever is just claiming the first of all is waited for, or waits;
# a ceiling below what is claimed by then changes nothing.
SET_CEILINGS = """
    INSERT INTO campaign_counter AS n (campaign_id, buyer_id, name, value, ceiling, version)
    SELECT $1, $2, c.name, 0, c.ceiling, 0 FROM unnest($3::text[], $4::bigint[]) AS c(name, ceiling) ORDER BY c.name
    ON CONFLICT (campaign_id, buyer_id, name) DO UPDATE SET ceiling = excluded.ceiling WHERE n.value <= excluded.ceiling
"""
LOCK_SHARED = """
    SELECT name, value FROM campaign_counter WHERE campaign_id = $1 AND buyer_id = $2 ORDER BY name FOR NO KEY UPDATE
"""
FOLLOW_VERSION = "UPDATE campaign_counter SET version = $3 WHERE campaign_id = $1 AND buyer_id = $2 AND version < $3"

INSERT_PARTS = """
    INSERT INTO campaign_part (id, campaign_id, campaign_version, order_id, party_id, lines, units, returned, places, claims,
                               discount, coupon_id, bargain_id, state, paid, created_at)
    SELECT p.id, p.campaign_id, p.version, $1::uuid, $2::uuid, p.lines::int[], p.units::int[], p.returned::int[],
           p.places::int[], p.claims::jsonb, p.discount, p.coupon_id, p.bargain_id, $3::text,
           $3::text = 'taken', $4::timestamptz
    FROM {given} AS p(id, campaign_id, version, lines, units, returned, places, claims, discount, coupon_id, bargain_id)
"""
PARTS = Given(("uuid", "uuid", "int", "text", "text", "text", "text", "text", "bigint", "bigint", "uuid"))

PARTS_OF = """
    SELECT id, campaign_id, campaign_version, order_id, party_id, lines, units, returned, places, claims, discount, coupon_id,
           bargain_id, state
    FROM campaign_part WHERE order_id = $1 ORDER BY campaign_id
"""

CONFIRM = "UPDATE campaign_part SET state = 'taken', paid = true WHERE order_id = $1::uuid AND state = 'held'"

KEEP_RETURNED = """
    UPDATE campaign_part p SET returned = w.returned::int[], claims = w.claims::jsonb, paid = p.paid OR p.state = 'taken'
    FROM unnest($1::uuid[], $2::text[], $3::text[]) AS w(id, returned, claims) WHERE p.id = w.id
"""
