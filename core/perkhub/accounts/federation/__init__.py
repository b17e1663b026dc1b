"""People whom others vouch for: identity providers that they sign in with, and issuers whose tokens are taken as they come.

Imported by module: token checks need `recognise` alone.
"""
