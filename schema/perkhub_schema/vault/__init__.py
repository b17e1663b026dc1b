"""Imports of codes, lots and recalls on the wire. Never a code."""
