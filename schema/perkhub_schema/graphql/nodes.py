"""The Node interface: whatever has a global id."""

import strawberry


@strawberry.interface(description="Whatever has a global id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Global id: names the type, and is stable for ever.")
