"""Prices at the edge."""
