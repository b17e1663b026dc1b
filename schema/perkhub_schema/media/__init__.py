"""Pictures on the wire: of products, of brands, and how those who keep the catalog show them."""
