"""Products by the hundred, with their variants and listings: a handful of statements, each row answered for itself."""
