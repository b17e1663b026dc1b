"""Execution that takes remembered parts where it can, and remembers those that it had to make.

Everything else is graphql-core's: what is remembered here is the very object it completed, and only if nothing in it failed.
"""

from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    SelectionSetNode,
    VariableNode,
)
from graphql.language.visitor import Visitor, visit
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from perkhub.kit.clock import now
from perkhub_schema.graphql.limits import Fragments
from perkhub_schema.reads.edges import next_edge
from perkhub_schema.reads.fragments import PartKey, Place, parts
from perkhub_schema.reads.guard import guard
from perkhub_schema.reads.lasting import PARTS, lasts


@dataclass(frozen=True)
class PartPlan:
    """What is known of a place in an operation: the variables used below it; None where its objects are not remembered."""

    number: int
    variables: tuple[str, ...] | None


class PartExecutor(StrawberryGraphQLCoreExecutionContext):
    """Looks for each product and variant before it is resolved."""

    def complete_object_value(
        self, return_type: GraphQLObjectType, field_details_list: Any, info: Any, path: Path, result: Any,
        position_context: Any,
    ) -> Any:  # fmt: skip
        """The object, remembered or made."""
        if return_type.name not in PARTS:
            return super().complete_object_value(return_type, field_details_list, info, path, result, position_context)
        place = self._place(return_type, field_details_list)
        view = getattr(result, "view", None)
        if place is None or view is None:
            return super().complete_object_value(return_type, field_details_list, info, path, result, position_context)
        key, reading = PartKey(place, view.id), self.context_value.reading
        known = parts().get(key, reading.begun_at)
        if known is not None:
            return known
        failed = len(self.collected_errors.errors)
        completed = super().complete_object_value(return_type, field_details_list, info, path, result, position_context)
        product = view.id if return_type.name == "Product" else view.product_id
        if self.is_awaitable(completed):
            return self._when_made(completed, key, product, failed)
        self._made(completed, key, product, failed)
        return completed

    async def _when_made(self, completed: Awaitable[Any], key: PartKey, product: UUID, failed: int) -> Any:
        value = await completed
        self._made(value, key, product, failed)
        return value

    def _made(self, value: Any, key: PartKey, product: UUID, failed: int) -> None:
        # An error of a neighbour, meanwhile, is taken for one of ours.
        if len(self.collected_errors.errors) == failed:
            self.context_value.reading.made.append((key, product, value))

    def _place(self, kind: GraphQLObjectType, field_details_list: Any) -> int | None:
        """By what the parts of this place are found; None where they are not remembered."""
        context = self.context_value
        reading = getattr(context, "reading", None)
        if reading is None or not reading.shares_parts or context.known_channel is None:
            return None
        known = reading.places.get(id(field_details_list))
        if known is not None:
            return cast("int | None", known[1])
        place = self._find_place(kind, field_details_list)
        # The list is kept, so that its id is no other list's.
        reading.places[id(field_details_list)] = (field_details_list, place)
        return place

    def _find_place(self, kind: GraphQLObjectType, field_details_list: Any) -> int | None:
        context = self.context_value
        if any(details.fragment_variable_values or details.defer_usage for details in field_details_list):
            return None
        operation = context.reading.operation
        nodes = tuple(details.node for details in field_details_list)
        plan = plan_of(operation, self.schema, kind.name, nodes)
        if plan.variables is None:
            return None
        given = self.variable_values.coerced
        values = tuple((name, repr(given[name])) for name in plan.variables if name in given)
        place: Place = (operation.number, plan.number, kind.name, values, context.known_channel, context.language)
        return parts().place(place)


def plan_of(operation: Any, schema: GraphQLSchema, kind: str, nodes: tuple[FieldNode, ...]) -> PartPlan:
    """Found out once for each place of a remembered operation, whose nodes live as long as it does."""
    key = (kind, *map(id, nodes))
    if key not in operation.parts:
        fragments = operation.fragments
        selections = [node.selection_set for node in nodes if node.selection_set is not None]
        inside = id(nodes[0]) in operation.inside
        variables: tuple[str, ...] | None = None
        if not inside and all(lasts(schema, kind, selection, fragments) for selection in selections):
            used = [node for selection in selections for node in _below(selection, fragments, set())]
            variables = tuple(sorted({node.name.value for node in used if isinstance(node, VariableNode)}))
            # What stands within a remembered part is remembered with it.
            operation.inside.update(id(node) for node in used if isinstance(node, FieldNode))
        operation.parts[key] = PartPlan(len(operation.parts), variables)
    return cast("PartPlan", operation.parts[key])


def _below(selection: SelectionSetNode, fragments: Fragments, seen: set[str]) -> Iterator[Node]:
    """Every field and variable below, through fragments too."""
    found: list[Node] = []

    class Looking(Visitor):
        def enter(self, node: Node, *_: Any) -> None:
            found.append(node)

    visit(selection, Looking())
    yield from found
    for node in found:
        if isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            yield from _below(fragments[node.name.value].selection_set, fragments, seen)


async def remember_made(context: Any) -> None:
    """Keep what an operation made, if it still holds when it is over."""
    reading, channel = context.reading, context.known_channel
    made, reading.made = reading.made, []
    if not made or channel is None:
        return
    until = await next_edge(channel, reading.begun)
    if until <= now().timestamp():
        return
    for key, product, value in made:
        if guard().product_holds(channel, product, reading.moment):
            parts().put(key, value, product=product, channel=channel, moment=reading.moment, until=until)
