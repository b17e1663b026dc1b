"""Hand SQL of bargains. Locked in this order: a helper's own day, the bargain, the cut."""

# Nobody has two running ones in a campaign, in however many tabs they open them.
OPEN = """
    INSERT INTO bargain (id, campaign_id, channel_id, party_id, variant_id, currency, starts_from, helpers, least, most,
                         amounts, cuts, cut_off, cuts_per_day, state, opened_at, closes_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, $12, $13, $14, $15)
    ON CONFLICT (campaign_id, party_id) WHERE state IN ('open', 'held') DO NOTHING
    RETURNING id
"""

LET_GO = """
    UPDATE bargain SET state = 'lapsed' WHERE campaign_id = $1 AND party_id = $2 AND state = 'open' AND closes_at <= $3
    RETURNING id
"""

# One statement closes every race of a cut: the helper's cap of the day, two helpers for one place, the last place, the last
# second, the owner who buys at this moment, and one helper in two tabs (who waits for the other tab's day, then is there
# already). What is missing in the answer says why; then nothing of it stays.
CUT = """
    WITH day AS (
        INSERT INTO bargain_day AS d (campaign_id, party_id, day, cuts)
        VALUES ($4::uuid, $3::uuid, $5::date, 1)
        ON CONFLICT (campaign_id, party_id, day) DO UPDATE SET cuts = d.cuts + 1 WHERE $6::int IS NULL OR d.cuts < $6
        RETURNING id
    ), cut AS (
        UPDATE bargain b SET cuts = b.cuts + 1, cut_off = b.cut_off + b.amounts[b.cuts + 1] FROM day
        WHERE b.id = $2::uuid AND b.state = 'open' AND b.closes_at > $7::timestamptz AND b.cuts < b.helpers
        RETURNING b.cuts, b.amounts[b.cuts] AS amount
    ), mine AS (
        INSERT INTO bargain_cut (id, bargain_id, campaign_id, party_id, place, amount, day, created_at)
        SELECT $1::uuid, $2, $4, $3, cut.cuts, cut.amount, $5, $7 FROM cut
        ON CONFLICT (bargain_id, party_id) DO NOTHING
        RETURNING place, amount
    )
    SELECT EXISTS (SELECT FROM day) AS in_day, EXISTS (SELECT FROM cut) AS is_open, mine.place, mine.amount
    FROM (SELECT) AS one LEFT JOIN mine ON true
"""

# By the cuts that its price was told with: one more, and the basket is priced again.
TAKE = """
    UPDATE bargain SET state = CASE WHEN $6::boolean THEN 'bought' ELSE 'held' END, order_id = $2
    WHERE id = $1 AND party_id = $3 AND state = 'open' AND closes_at > $4 AND cuts = $5 RETURNING id
"""
CONFIRM = "UPDATE bargain SET state = 'bought' WHERE order_id = $1::uuid AND state = 'held'"
GIVE_BACK = """
    UPDATE bargain SET state = CASE WHEN closes_at <= $2 THEN 'lapsed' ELSE 'open' END
    WHERE order_id = $1 AND state = 'held' RETURNING id
"""
# For money that comes late: at the price of the order, whatever was cut since, unless another order has it.
TAKE_AGAIN = """
    UPDATE bargain SET state = 'bought', order_id = $2 WHERE id = ANY($1) AND state IN ('open', 'lapsed') RETURNING id
"""
