"""Suppliers: where benefits are bought."""
