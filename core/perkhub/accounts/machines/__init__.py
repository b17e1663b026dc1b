"""Machine clients: programs that act by themselves, within the scopes they were given, and how they prove who they are.

Imported by module: token checks need `recognise` alone, and `write` needs them.
"""
