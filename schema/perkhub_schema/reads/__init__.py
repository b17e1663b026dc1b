"""Reads at speed: answers and parts of answers that are remembered, and known to be right when they are used again."""
