"""Relay connections over keysets: a page begins after the last row seen, however many rows came in before it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

import strawberry

from perkhub.kit.errors import InvalidInput
from perkhub_schema.graphql.limits import LARGEST_PAGE

Node = TypeVar("Node")
Found = TypeVar("Found")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more after `endCursor`.")
    has_previous_page: bool = strawberry.field(description="Whether the page began after another one.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first node.")
    end_cursor: str | None = strawberry.field(description="Give it as `after` to read on.")


@strawberry.type(description="A node and its place in the list.")
class Edge(Generic[Node]):
    cursor: str = strawberry.field(description="The node's place.")
    node: Node = strawberry.field(description="The object.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[Node]):
    edges: list[Edge[Node]] = strawberry.field(description="The nodes with their cursors.")
    nodes: list[Node] = strawberry.field(description="The nodes alone.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")


def page_size(first: int | None, argument: str = "first") -> int:
    """The asked page size, at most 100; `argument` is what asks for it.

    Raises:
        InvalidInput.
    """
    if first is None:
        return 20
    if not 1 <= first <= LARGEST_PAGE:
        reason_zh = f"须在 1 到 {LARGEST_PAGE} 之间。"
        raise InvalidInput(path=(argument,), reason=f"Between 1 and {LARGEST_PAGE}.", reason_zh=reason_zh)
    return first


def cursor_id(after: str | None) -> UUID | None:
    """The place that a cursor of ours stands for.

    Raises:
        InvalidInput: it is not one.
    """
    if after is None:
        return None
    try:
        return UUID(hex=after)
    except ValueError:
        raise InvalidInput(path=("after",), reason="Not a cursor of this list.", reason_zh="游标无效。") from None


def moment_cursor(at: datetime, id: UUID) -> str:
    """The place of something in a list by moment."""
    return f"{(at - EPOCH) // MICROSECOND:x}-{id.hex}"


def cursor_moment(after: str | None) -> tuple[datetime, UUID] | None:
    """The place that such a cursor of ours stands for.

    Raises:
        InvalidInput: it is not one.
    """
    if after is None:
        return None
    micros, _, key = after.partition("-")
    try:
        return EPOCH + int(micros, 16) * MICROSECOND, UUID(hex=key)
    except (ValueError, OverflowError):
        raise InvalidInput(path=("after",), reason="Not a cursor of this list.", reason_zh="游标无效。") from None


async def connect(
    first: int | None,
    after: str | None,
    *,
    read: Callable[[int], Awaitable[Sequence[Found]]],
    to_node: Callable[[Found], Node],
    to_cursor: Callable[[Found], str],
) -> Connection[Node]:
    """Read one row more than the page holds, to know whether there is a next one."""
    size = page_size(first)
    found = await read(size + 1)
    shown = found[:size]
    edges = [Edge(cursor=to_cursor(one), node=to_node(one)) for one in shown]
    info = PageInfo(
        has_next_page=len(found) > size,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, nodes=[edge.node for edge in edges], page_info=info)
