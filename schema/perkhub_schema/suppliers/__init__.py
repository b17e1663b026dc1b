"""Suppliers on the wire: accounts, offers, supplier orders and their settlement, codes bought ahead."""
