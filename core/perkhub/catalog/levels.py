"""How much is little: the levels of stock that buyers are told instead of numbers."""

LOW_STOCK = 10
