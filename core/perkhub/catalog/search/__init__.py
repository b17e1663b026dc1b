"""Finding products: by what was typed, by conditions, in an order, page by page; and how many of each kind there are."""
