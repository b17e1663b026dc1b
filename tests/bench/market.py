"""A shop that sells what suppliers 50 ms away have: two sandboxes, one web process, one worker, and buyers."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from random import Random
from uuid import uuid4

from tests.bench.click_to_code import BUY, purchase
from tests.bench.drive import drive
from tests.bench.options import Options
from tests.bench.plan import Outcome, Phase, Plan
from tests.bench.reading import Counted, ReadBackDisagrees, await_delivered, confirm_delivered, confirm_shown
from tests.bench.shop import BenchShop, Variant, bench_shop
from tests.bench.upstream import Spent, Upstream, call_back, upstream
from tests.processes import Child, Web

BUYERS = 64
WALLETS = 1_000
VARIANTS = 20
WORKER = {"worker_jobs": "100", "database_pool": "40"}

PLACE = """mutation Buy($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id number state } errors { code message path } } }"""


@dataclass
class Market:
    """The shop with its processes and its suppliers."""

    shop: BenchShop
    web: Web
    worker: Child
    upstreams: list[Upstream]
    wallets: int
    buyers: int

    def variants(self) -> list[Variant]:
        """What is bought, of each supplier equally often."""
        return [one for pair in zip(*(one.variants for one in self.upstreams), strict=True) for one in pair]

    def drive(self, phase: Phase, *, variants: Sequence[Variant] = (), pending: int = 0) -> tuple[Outcome, dict[str, float]]:
        """Buy (of every supplier, or these alone), wait for the code, see it; and read back that each was delivered once, while
        so many others go on waiting for theirs. With the computing time that each took, by process, in milliseconds."""
        url = self.shop.servers.database_url
        before, spent = Counted.of(url), self.spent()
        [outcome] = drive(plan_of(self, phase, variants or self.variants()))
        each = self.spent().each(spent, outcome.count + outcome.errors)
        await_delivered(url, pending=pending)
        confirm_delivered(url, before, seen=outcome.count, late=outcome.errors)
        confirm_shown(url, [outcome])
        return outcome, each

    def place_only(self, variants: Sequence[Variant]) -> None:
        """Place and pay one order of each, and wait for nothing."""
        [outcome] = drive(plan_of(self, Phase("placing", 600, len(variants)), variants, wait=0))
        if outcome.count != len(variants):
            raise ReadBackDisagrees(f"{outcome.count} orders placed, not {len(variants)}: {outcome.first_error}")

    def spent(self) -> Spent:
        """Computing time of every process so far."""
        return Spent.of(self.shop, {"web": self.web.child, "worker": self.worker})


@contextmanager
def market(options: Options) -> Iterator[Market]:
    """Both sandboxes, one web process, one worker."""
    wallets = options.wallets or WALLETS
    with bench_shop(wallets=wallets, private_hosts="127.0.0.1") as shop, ExitStack() as stack:
        names = ("fulu", "reloadly")
        upstreams = [stack.enter_context(upstream(shop, name, variants=options.variants or VARIANTS)) for name in names]
        web, worker = shop.perkhub.serve(), shop.perkhub.worker(**WORKER)
        # The other one delivers in its answers: a callback would only have each order looked up once more.
        call_back(shop, upstreams[0], web.port)
        yield Market(shop, web, worker, upstreams, wallets, options.buyers or BUYERS)


def plan_of(place: Market, phase: Phase, variants: Sequence[Variant], *, wait: int = 5) -> Plan:
    """Each request buys one unit; the buyer is drawn by lot."""
    drawn, run = Random(len(place.shop.tokens)), uuid4().hex[:12]
    requests = []
    for number in range(phase.most):
        given = purchase(f"{run}-{number}", variants[number % len(variants)])
        given |= {"waitSeconds": wait, "reveal": wait > 0}
        requests.append((drawn.randrange(place.wallets), json.dumps({"input": given})))
    query = BUY if wait else PLACE
    return Plan(place.web.port, query, "orderPlace", place.buyers, [phase], place.shop.tokens, requests)
