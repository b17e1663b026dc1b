"""Tools of strangers let loose on a running server: generated operations, and checkers of GraphQL's known weaknesses."""
