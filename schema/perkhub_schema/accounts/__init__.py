"""Customers and staff on the wire: who they are, how they sign in, and what staff may do about them."""
