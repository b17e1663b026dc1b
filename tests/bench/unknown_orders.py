"""unknown-orders: new orders bought just in time, alone and beside 1,000 of which nobody knows what became of them: at another
account, and at the very one that the new ones go to."""

from functools import partial

from tests.bench.beside import in_turns
from tests.bench.crowded import another, unknowns_at
from tests.bench.just_in_time import phases_of
from tests.bench.market import WORKER, market
from tests.bench.options import Options
from tests.bench.reading import confirm_audit
from tests.bench.result import Result
from tests.bench.upstream import confirm_books

NAME = "unknown-orders"
UNKNOWNS = 1_000
SECONDS = 10.0


def run(options: Options) -> Result:
    """The figure is the first turn beside those of the same account; both comparisons stand beside it."""
    warm, phase = phases_of(options, seconds=SECONDS)
    orders = min(UNKNOWNS, 10 * phase.most)
    with market(options) as place, another(place, "elsewhere") as elsewhere:
        quick = place.upstreams[0]
        place.drive(warm, variants=quick.variants)
        at_another = in_turns(place, phase, quick.variants, partial(unknowns_at, place, elsewhere, orders))
        at_the_same = in_turns(place, phase, quick.variants, partial(unknowns_at, place, quick, orders))
        books = confirm_books(place.shop, place.upstreams)
        checked, peak = confirm_audit(place.shop.perkhub), place.web.peak_megabytes
        settings = {**place.shop.settings(), "buyers": place.buyers, "wallets": place.wallets, "workers": 1, **WORKER}
    return Result.of(
        NAME,
        at_the_same.beside.outcomes[0],
        statements=None,
        peak_mb=peak,
        settings=settings,
        orders_unknown=orders,
        at_another_account=at_another.told(),
        at_the_same_account=at_the_same.told(),
        sold=books,
        audited_rows=checked,
    )
