"""A supplier made for testing the kit: a small protocol with every capability, its sandbox, and its plugins."""
