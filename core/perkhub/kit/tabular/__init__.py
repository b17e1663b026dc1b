"""Reading tables that strangers upload (XLSX, CSV): in a limited child process, streamed, never touching the disk.

Callers use `reading.read_table`, `reading.configured_limits`, the types of `table`, and `cells.normalise_cell`. Nothing is
imported here, because the child imports this package too and must start fast.
"""
