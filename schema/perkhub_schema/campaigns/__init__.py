"""Campaigns on the wire: each mechanic's own type and inputs, made from what its plugin declares."""
