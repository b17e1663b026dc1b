"""Channels at the edge."""
