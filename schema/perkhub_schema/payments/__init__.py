"""Payments, refunds and top-ups on the wire."""
