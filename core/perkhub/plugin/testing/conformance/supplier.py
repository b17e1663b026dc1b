"""The kit for suppliers: every rule, and the bench on which it works."""

from contextlib import ExitStack

import pytest

from perkhub.plugin.testing.conformance.amounts import Amounts
from perkhub.plugin.testing.conformance.answers import Answers
from perkhub.plugin.testing.conformance.bench import Bench
from perkhub.plugin.testing.conformance.callbacks import Callbacks
from perkhub.plugin.testing.conformance.echoes import Echoes
from perkhub.plugin.testing.conformance.limits import Limits
from perkhub.plugin.testing.conformance.lookups import Lookups
from perkhub.plugin.testing.conformance.ordering import Ordering
from perkhub.plugin.testing.conformance.questions import Questions
from perkhub.plugin.testing.conformance.repeating import Repeating
from perkhub.plugin.testing.conformance.silence import Silence
from perkhub.plugin.testing.conformance.subject import Subject
from perkhub.plugin.testing.conformance.top_ups import TopUps
from perkhub.plugin.testing.conformance.vendor import RunningSandbox, running_sandbox

RUNNING = pytest.StashKey[dict[str, RunningSandbox]]()


class SupplierConformance(
    Ordering, TopUps, Amounts, Repeating, Answers, Lookups, Echoes, Callbacks, Questions, Silence, Limits
):
    """Every rule for a supplier, over its real protocol, against its sandbox.

        class TestAcme(SupplierConformance):
            @pytest.fixture
            def subject(self) -> Subject:
                return Subject(Acme, sandbox="acme", sku="GIFT-10", refused_sku="GIFT-0")

    A rule is left out only where the capabilities do not call for it. One that the protocol makes impossible is named in
    `deviations = {rule: reason}`: it must then fail, and is printed.
    """

    @pytest.fixture
    def subject(self) -> Subject:
        """What is tested."""
        pytest.fail("say what is tested: a fixture `subject` that returns a Subject")

    @pytest.fixture
    def bench(self, subject: Subject, request: pytest.FixtureRequest) -> Bench:
        """The plugin and its sandbox, without faults."""
        bench = Bench(subject, _running(request.config, subject.sandbox))
        bench.fault()
        if bench.capabilities.callbacks:
            bench.act(notify_url="")
        return bench


def _running(config: pytest.Config, name: str) -> RunningSandbox:
    """One process for each sandbox, until pytest ends."""
    running = config.stash.setdefault(RUNNING, {})
    if name not in running:
        stack = ExitStack()
        running[name] = stack.enter_context(running_sandbox(name))
        config.add_cleanup(stack.close)
    return running[name]
