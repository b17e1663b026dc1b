"""Limits on an operation: depth, aliases, tokens, and a cost that grows with the pages it asks for.

Each fragment is measured once, however often it is used: thirty that each spread the next one twice are a billion paths.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.validation import ASTValidationContext

from perkhub.kit.settings import Environment, settings

T = TypeVar("T")

PAGE = 20
LARGEST_PAGE = 100
MOST_ALIASES = 30
MOST_TOKENS = 1000
PAGE_FIELDS = ("nodes", "edges")
SIZES = ("first", "last")

Fragments = dict[str, FragmentDefinitionNode]


@lru_cache(maxsize=1)
def validation_rules() -> list[type[ASTValidationRule]]:
    """Made once per process, with the settings it started with."""
    rules = [_shape_rule(settings().query_depth, MOST_ALIASES)]
    # In production the schema is read from schema.graphql.
    return rules if settings().environment is Environment.DEVELOPMENT else [*rules, NoSchemaIntrospectionCustomRule]


def _shape_rule(most_levels: int, most_aliases: int) -> type[ASTValidationRule]:
    class ShapeLimit(ASTValidationRule):
        def __init__(self, context: ASTValidationContext) -> None:
            super().__init__(context)
            measure = _Shapes(fragments_of(context.document))
            shapes = [measure.of(operation.selection_set) for operation in operations_of(context.document)]
            levels, aliases = max(shape.levels for shape in shapes or [NOTHING]), sum(shape.aliases for shape in shapes)
            if levels > most_levels:
                self._refuse("TOO_DEEP", f"This operation is {levels} levels deep; at most {most_levels} are allowed.")
            if aliases > most_aliases:
                found = str(aliases) if aliases < 10**6 else "more than a million"
                self._refuse("TOO_MANY_ALIASES", f"This document has {found} aliases; at most {most_aliases} are allowed.")

        def _refuse(self, code: str, message: str) -> None:
            self.report_error(GraphQLError(message, extensions={"code": code}))

    return ShapeLimit


@dataclass(frozen=True, slots=True)
class Shape:
    """How many levels of objects a selection opens, and how many aliases are in it."""

    levels: int
    aliases: int


NOTHING = Shape(0, 0)


class _Shapes:
    def __init__(self, fragments: Fragments) -> None:
        self.fragments = fragments
        self.known: dict[str, Shape] = {}

    def of(self, selection: SelectionSetNode) -> Shape:
        shapes = [self.of_one(node) for node in selection.selections]
        return Shape(max(shape.levels for shape in shapes), sum(shape.aliases for shape in shapes))

    def of_one(self, node: SelectionNode) -> Shape:
        if isinstance(node, FieldNode):
            inside = NOTHING if node.selection_set is None else self.of(node.selection_set)
            # The questions that tools ask about the schema are deep, and answered from memory.
            levels = 0 if node.selection_set is None or node.name.value.startswith("__") else inside.levels + 1
            return Shape(levels, inside.aliases + (node.alias is not None))
        if isinstance(node, InlineFragmentNode):
            return self.of(node.selection_set)
        assert isinstance(node, FragmentSpreadNode)
        return self.of_fragment(node.name.value)

    def of_fragment(self, name: str) -> Shape:
        if name not in self.known:
            self.known[name] = NOTHING  # where fragments go round in a circle, which another rule refuses
            if name in self.fragments:
                self.known[name] = self.of(self.fragments[name].selection_set)
        return self.known[name]


def operation_cost(document: DocumentNode, operation: str | None, sizes: tuple[tuple[str, int], ...]) -> int:
    """One for each object field, times the page sizes above it; a page of no said size counts as it will be read."""
    costs = _Costs(fragments_of(document), dict(sizes))
    chosen = [node for node in operations_of(document) if operation is None or (node.name and node.name.value == operation)]
    return sum(costs.of(node.selection_set) for node in chosen)


class _Costs:
    """For documents that are valid: their fragments go round in no circle."""

    def __init__(self, fragments: Fragments, sizes: dict[str, int]) -> None:
        self.fragments = fragments
        self.sizes = sizes
        self.known: dict[str, int] = {}
        self.pages: dict[str, bool] = {}

    def of(self, selection: SelectionSetNode) -> int:
        return sum(self.of_one(node) for node in selection.selections)

    def of_one(self, node: SelectionNode) -> int:
        if isinstance(node, FieldNode):
            return 0 if node.selection_set is None else 1 + self.rows(node, node.selection_set) * self.of(node.selection_set)
        if isinstance(node, InlineFragmentNode):
            return self.of(node.selection_set)
        assert isinstance(node, FragmentSpreadNode)
        return _once(node.name.value, self.known, lambda name: self.of(self.fragments[name].selection_set))

    def rows(self, node: FieldNode, selection: SelectionSetNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in SIZES:
                if isinstance(argument.value, IntValueNode):
                    return _within_page(int(argument.value.value))
                if isinstance(argument.value, VariableNode):
                    return _within_page(self.sizes.get(argument.value.name.value, PAGE))
        return PAGE if self.is_page(selection) else 1

    def is_page(self, selection: SelectionSetNode) -> bool:
        return any(self.is_page_field(node) for node in selection.selections)

    def is_page_field(self, node: SelectionNode) -> bool:
        if isinstance(node, FieldNode):
            return node.name.value in PAGE_FIELDS
        if isinstance(node, InlineFragmentNode):
            return self.is_page(node.selection_set)
        assert isinstance(node, FragmentSpreadNode)
        return _once(node.name.value, self.pages, lambda name: self.is_page(self.fragments[name].selection_set))


def _once(name: str, known: dict[str, T], find: Callable[[str], T]) -> T:
    if name not in known:
        known[name] = find(name)
    return known[name]


def fragments_of(document: DocumentNode) -> Fragments:
    """By name."""
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


def operations_of(document: DocumentNode) -> Iterable[OperationDefinitionNode]:
    """All of them, whichever is asked to run."""
    return [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]


def _within_page(asked: int) -> int:
    return min(max(asked, 1), LARGEST_PAGE)
