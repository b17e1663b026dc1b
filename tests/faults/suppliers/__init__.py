"""Both suppliers' sandboxes, with every fault of theirs, under a shop whose web and worker are killed: in the end the vendors'
own books and ours agree to the cent and to the code.

    PERKHUB_SOAK_ORDERS=1000 PERKHUB_SOAK_SEED=7 .venv/bin/pytest tests/faults/suppliers -m soak -s
"""
