"""Benchmarks over HTTP against real processes: `python -m tests.bench NAME`. Measurements, never tests of time."""
