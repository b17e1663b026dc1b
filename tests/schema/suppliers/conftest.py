"""The vendors' sandboxes for this folder, without faults at the start of each test."""

from tests.fulfilment.conftest import clock_set_back, fulu, fulu_process, reloadly, reloadly_process, sourcing, wide_pool

__all__ = ["clock_set_back", "fulu", "fulu_process", "reloadly", "reloadly_process", "sourcing", "wide_pool"]
