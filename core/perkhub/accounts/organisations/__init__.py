"""Organisations: parties that own wallets, orders and benefits, and for which their members act by role.

A tree of departments, and budgets, come above this; nothing here knows of them.
"""
