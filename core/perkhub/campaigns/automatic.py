"""Which campaigns apply to a basket by themselves. Asked in the statement that prices it: most channels have none at most
times, and an order there must neither pay for the question nor go by an answer of a moment ago."""

from collections.abc import Mapping
from functools import lru_cache

from perkhub.plugin.mechanic import Entry
from perkhub.plugin.registry import registry

AUTOMATIC = "automatic_campaigns"
# Those that act first; a shop with more of them live at once has other worries.
MOST_AT_ONCE = 100

# $1 is the channel, $7 the moment. One that is paused, or ended, or out of its window is none.
LIVE = """ARRAY(SELECT ac.id FROM campaign_channel ah JOIN campaign ac ON ac.id = ah.campaign_id
                WHERE ah.channel_id = $1 AND ac.state = 'published' AND ac.starts_at <= $7 AND ac.ends_at > $7
                      AND ac.mechanic IN ({mechanics})
                ORDER BY ac.priority DESC, ac.starts_at, ac.id LIMIT {most})"""


def beside_prices() -> Mapping[str, str]:
    """What to ask beside the prices; nothing, where no mechanic of this process applies by itself."""
    return _asked(tuple(key for key, one in registry().mechanics.items() if one.entry is Entry.AUTOMATIC))


@lru_cache(maxsize=16)
def _asked(mechanics: tuple[str, ...]) -> Mapping[str, str]:
    # A key is letters, digits and underscores: the registry has seen to it.
    named = ", ".join(f"'{key}'" for key in sorted(mechanics))
    return {AUTOMATIC: LIVE.format(mechanics=named, most=MOST_AT_ONCE)} if mechanics else {}
