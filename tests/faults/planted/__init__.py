"""Secrets planted through the front doors, and the search for them in everything that a house leaves behind."""
