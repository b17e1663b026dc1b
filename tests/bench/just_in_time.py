"""just-in-time: orderPlace of what lies in no stock, bought from a supplier 50 ms away while the buyer waits, and shown."""

from tests.bench.market import WORKER, Market, market
from tests.bench.options import Options
from tests.bench.plan import Phase
from tests.bench.reading import confirm_audit, statements_of
from tests.bench.result import Result, Told
from tests.bench.upstream import confirm_books

NAME = "just-in-time"
SECONDS = 20.0
WARM = 200
FASTEST = 600
COUNTED = 100


def run(options: Options) -> Result:
    """The figure; what trouble beside it costs, `unknown-orders` and `slow-supplier` tell."""
    with market(options) as place:
        warm, phase = phases_of(options, seconds=SECONDS)
        place.drive(warm)
        measured, spent = place.drive(phase)
        statements = count_statements(place, min(COUNTED, phase.most))
        books = confirm_books(place.shop, place.upstreams)
        checked, peak = confirm_audit(place.shop.perkhub), place.web.peak_megabytes
        settings = {**place.shop.settings(), "buyers": place.buyers, "wallets": place.wallets, "workers": 1, **WORKER}
    return Result.of(
        NAME,
        measured,
        statements=sum(statements.values()),
        peak_mb=peak,
        settings=settings,
        statements_of=statements,
        cpu_ms=spent,
        sold=books,
        generator_cpu=measured.generator_cpu,
        audited_rows=checked,
    )


def phases_of(options: Options, *, seconds: float) -> tuple[Phase, Phase]:
    """Warm-up and measured. Rows make the measured part so many orders, however long it takes."""
    lasts = options.seconds or seconds
    most = options.rows or int(lasts * FASTEST)
    return Phase("warm-up", lasts, min(WARM, most)), Phase("measured", 3600 if options.rows else lasts, most)


def count_statements(place: Market, orders: int) -> Told:
    """Statements of one purchase, of the web process and of the worker, by PostgreSQL's own log: what goes on besides is in
    it."""
    with statements_of(place.shop.servers) as counted:
        outcome, _ = place.drive(Phase("counted", 60, orders))
    return {name: many / max(1, outcome.count + outcome.errors) for name, many in counted.items()}
