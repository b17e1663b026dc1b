"""slow-supplier: orders bought just in time at a quick supplier, alone and beside a crowd at one that answers in 30 s."""

from functools import partial

from tests.bench.beside import in_turns
from tests.bench.crowded import SLOW_SECONDS, a_crowd_at, another
from tests.bench.just_in_time import phases_of
from tests.bench.market import WORKER, market
from tests.bench.options import Options
from tests.bench.reading import confirm_audit
from tests.bench.result import Result
from tests.bench.upstream import confirm_books

NAME = "slow-supplier"
CROWD = 200
SECONDS = 10.0


def run(options: Options) -> Result:
    """The figure is the first turn beside the crowd; the comparison stands beside it."""
    warm, phase = phases_of(options, seconds=SECONDS)
    orders = min(CROWD, 10 * phase.most)
    with market(options) as place, another(place, "slow") as slow:
        quick = place.upstreams[0]
        place.drive(warm, variants=quick.variants)
        halves = in_turns(place, phase, quick.variants, partial(a_crowd_at, place, slow, orders))
        books = confirm_books(place.shop, place.upstreams)
        checked, peak = confirm_audit(place.shop.perkhub), place.web.peak_megabytes
        settings = {**place.shop.settings(), "buyers": place.buyers, "wallets": place.wallets, "workers": 1, **WORKER}
    return Result.of(
        NAME,
        halves.beside.outcomes[0],
        statements=None,
        peak_mb=peak,
        settings=settings,
        crowd={"orders": orders, "seconds_to_answer": SLOW_SECONDS},
        at_the_quick_one=halves.told(),
        sold=books,
        audited_rows=checked,
    )
