"""Sheets of products: one row for each variant in each channel, in and out, in the words of operators."""
