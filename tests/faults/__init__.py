"""Faults: real processes, killed at any moment under load, and what clients were told compared with what is there.

`test_kills` is the long run, `test_interruptions` the few faults that every run of the suite can afford, and
`test_planted_secrets` looks for plain secrets in everything that a run leaves behind. `suppliers` is the long run over both
suppliers' sandboxes, whose own books are compared with ours.
"""
