"""Pictures of strangers: told by their first bytes, drawn anew in a limited child, kept in the forms that pages need.

Nothing is imported here: the child shall start with no more than it needs.
"""
