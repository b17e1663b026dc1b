"""Fulu's sandbox for this folder, without faults at the start of each test."""

from tests.fulfilment.conftest import clock_set_back, fulu, fulu_process, sourcing, wide_pool

__all__ = ["clock_set_back", "fulu", "fulu_process", "sourcing", "wide_pool"]
