"""The words every part of the GraphQL edge shares: access, errors, ids, money, texts, paging, limits."""
