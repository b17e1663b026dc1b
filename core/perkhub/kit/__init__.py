"""Technical words with no commerce in them. Imports no domain."""
