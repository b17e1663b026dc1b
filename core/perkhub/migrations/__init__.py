"""Every change of the tables, in order. Written by `python -m perkhub.kit.migrations make NAME`, read by the house alone."""
