"""The door of a campaign as one step in Redis, for all processes together: who is inside, and who waits, in which order.

A place inside is a lease, so that a process that dies gives its places back; who waits is a person, once, however many tabs and
devices they have. A ticket serves one order: whoever was let in after they waited is remembered with that order, and it alone,
sent again, is let in by the same ticket. Times are those of Redis, whose clock is the same for everybody.
"""

# In: how many may be inside; for how long a place is leased, a person who waits may be away, and a variant counts as sold out,
# in ms. Then, each with their number before them, the places that are given back and the variants that are sold out. Then
# whoever asks, in fives: the person, the place they want or nothing where they only look, since when they wait by their ticket
# or 0, their order or nothing, and the variants they want.
#
# Out: for each who asked what becomes of them, how many are before them, and since when they wait.
#
# With f places free, the first f of the queue are let in when they come; whoever comes new stands behind all others. Of what is
# sold out, whoever wants to order leaves the queue, and whoever only looks stays in it: something may come back.
SERVE = """
local inside, waiting, seen, served, served_at, gone = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local most, lease, patience, memory = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local clock = redis.call('TIME')
local since_now = clock[1] * 1000000 + clock[2]
local at = math.floor(since_now / 1000)
local cursor = 5
local function take()
    cursor = cursor + 1
    return ARGV[cursor - 1]
end

redis.call('ZREMRANGEBYSCORE', inside, '-inf', at)
redis.call('ZREMRANGEBYSCORE', gone, '-inf', at)
for _, lost in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', at - patience)) do
    redis.call('ZREM', waiting, lost)
    redis.call('ZREM', seen, lost)
end
for _, past in ipairs(redis.call('ZRANGEBYSCORE', served_at, '-inf', at - 2 * patience)) do
    redis.call('HDEL', served, past)
    redis.call('ZREM', served_at, past)
end
for _ = 1, tonumber(take()) do redis.call('ZREM', inside, take()) end
for _ = 1, tonumber(take()) do redis.call('ZADD', gone, at + memory, take()) end

local function is_gone(wanted)
    for variant in wanted:gmatch('%x+') do
        if redis.call('ZSCORE', gone, variant) then return true end
    end
    return false
end

local function has_served(person, ticket, order)
    local before = redis.call('HGET', served, person)
    if not before then return false end
    local since, by = before:match('^(%d+) (.*)$')
    return ticket <= tonumber(since) and (order == '' or by ~= order)
end

local free = most - redis.call('ZCARD', inside)
local answers = {}
while cursor <= #ARGV do
    local person, place, ticket, order, sold_out = take(), take(), tonumber(take()), take(), is_gone(take())
    local ahead = redis.call('ZRANK', waiting, person)
    if not ahead and ticket > 0 and not has_served(person, ticket, order) then
        redis.call('ZADD', waiting, string.format('%.0f', ticket), person)
        ahead = redis.call('ZRANK', waiting, person)
    end
    local waits = ahead and true or false
    ahead = ahead or redis.call('ZCARD', waiting)
    if sold_out and (place ~= '' or not waits) then
        redis.call('ZREM', waiting, person)
        redis.call('ZREM', seen, person)
        answers[#answers + 1] = {'gone', 0, '0'}
    elseif place ~= '' and ahead < free then
        local since = redis.call('ZSCORE', waiting, person)
        if since then
            redis.call('HSET', served, person, string.format('%.0f %s', since, order))
            redis.call('ZADD', served_at, at, person)
        end
        redis.call('ZREM', waiting, person)
        redis.call('ZREM', seen, person)
        redis.call('ZADD', inside, at + lease, place)
        free = free - 1
        answers[#answers + 1] = {'in', 0, '0'}
    else
        if not waits then
            since_now = since_now + 1
            redis.call('ZADD', waiting, string.format('%.0f', since_now), person)
        end
        redis.call('ZADD', seen, at, person)
        local state = sold_out and 'gone' or ahead < free and 'turn' or 'wait'
        answers[#answers + 1] = {state, ahead, redis.call('ZSCORE', waiting, person)}
    end
end
redis.call('PEXPIRE', inside, lease)
redis.call('PEXPIRE', waiting, 2 * patience)
redis.call('PEXPIRE', seen, 2 * patience)
redis.call('PEXPIRE', served, 3 * patience)
redis.call('PEXPIRE', served_at, 3 * patience)
redis.call('PEXPIRE', gone, memory)
return answers
"""

PREFIX = "rush:"


def keys_of(campaign: str) -> list[str]:
    """The script's keys; in a cluster they live together."""
    return [f"{PREFIX}{{{campaign}}}:{part}" for part in ("inside", "waiting", "seen", "served", "served-at", "gone")]
