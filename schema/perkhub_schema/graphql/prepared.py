"""Operations parsed, validated and priced once, by their text: clients send the same few again and again.

Strawberry's own caches for this are keyed by the document, whose hash walks the whole tree each time.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, specified_rules, validate
from starlette.responses import Response
from strawberry.extensions import SchemaExtension

from perkhub.kit.errors import AccessError, TooCostly
from perkhub.kit.settings import settings
from perkhub_schema.graphql.context import Context
from perkhub_schema.graphql.limits import (
    MOST_TOKENS,
    Fragments,
    fragments_of,
    operation_cost,
    operations_of,
    validation_rules,
)
from perkhub_schema.reads.execution import remember_made
from perkhub_schema.reads.lasting import lasts, meets_lasting

REMEMBERED = 1000
LONGEST_REMEMBERED = 20_000  # characters; what is longer has its values written into it, and comes once
MOST_COSTS = 100

Sizes = tuple[tuple[str, int], ...]

_serials = count(1)


@dataclass
class Operation:
    """A document and all that is found out about it once. Its number is never another's, its nodes live as long as it."""

    document: DocumentNode
    number: int = field(default_factory=lambda: next(_serials))
    errors: list[GraphQLError] | None = None
    costs: dict[tuple[str | None, Sizes], int] = field(default_factory=dict)
    whole: dict[str | None, tuple[bool, bool]] = field(default_factory=dict)
    # What `reads.execution` finds out.
    parts: dict[Any, Any] = field(default_factory=dict)
    inside: set[int] = field(default_factory=set)
    _fragments: Fragments | None = None

    @property
    def fragments(self) -> Fragments:
        """By name."""
        if self._fragments is None:
            self._fragments = fragments_of(self.document)
        return self._fragments

    def lasting(self, schema: GraphQLSchema, name: str | None) -> tuple[bool, bool]:
        """Whether the whole answer may be remembered, and whether any part of it may; for valid documents."""
        if name not in self.whole:
            if len(self.whole) >= MOST_COSTS:
                self.whole.clear()
            self.whole[name] = self._find_lasting(schema, name)
        return self.whole[name]

    def _find_lasting(self, schema: GraphQLSchema, name: str | None) -> tuple[bool, bool]:
        chosen = [node for node in operations_of(self.document) if name is None or (node.name and node.name.value == name)]
        if len(chosen) != 1:
            return False, False
        [node] = chosen
        root = {"query": schema.query_type, "mutation": schema.mutation_type}.get(node.operation.value)
        if root is None:
            return False, False
        whole = root is schema.query_type and lasts(schema, root.name, node.selection_set, self.fragments)
        return whole, whole or (root is schema.query_type and meets_lasting(schema, self.document))


_operations: dict[str, Operation] = {}


def prepared_operation(text: str) -> Operation | None:
    """The operation of this text, remembered unless it is long; None where it is none."""
    known = _operations.get(text)
    return known if known is not None else _parsed(text)


def validated(operation: Operation, schema: GraphQLSchema) -> list[GraphQLError]:
    """What is wrong with it."""
    if operation.errors is None:
        operation.errors = validate(schema, operation.document, [*specified_rules, *validation_rules()])
    return operation.errors


class PreparedOperations(SchemaExtension):
    """Limits every operation (tokens, depth, aliases, cost) and tells its cost in `extensions`."""

    _operation: Operation | None = None
    _cost = 0

    def on_parse(self) -> Iterator[None]:
        """Parse, or take what was parsed before."""
        given = self.execution_context
        self._operation = known = prepared_operation(given.query or "")
        if known is None:
            # Strawberry parses it again, and tells what is wrong in the way that fits the transport.
            given.parse_options = {"max_tokens": MOST_TOKENS}
        else:
            given.graphql_document = known.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Validate, or take the verdict of before."""
        operation = self._operation
        if operation is not None:
            errors = validated(operation, self.execution_context.schema._schema)
            self.execution_context.pre_execution_errors = errors or self._unsaid(operation.document)
        yield

    async def on_execute(self) -> AsyncIterator[None]:
        """Refuse what is too costly before it runs; pages may be sized by variables. What may be remembered looks first
        whether it still holds."""
        operation, context = self._operation, self.execution_context.context
        if operation is not None:
            self._cost = self._price(operation)
            limit = settings().query_cost
            if self._cost > limit:
                self._refuse(TooCostly(self._cost, limit))
            if isinstance(context, Context):
                try:
                    await context.pay(self._cost)
                except AccessError as refused:
                    self._refuse(refused)
                await self._begin_reading(operation, context)
        yield
        if isinstance(context, Context) and context.reading.made:
            await remember_made(context)

    async def _begin_reading(self, operation: Operation, context: Context) -> None:
        whole, part = operation.lasting(self.execution_context.schema._schema, self.execution_context.operation_name)
        if part:
            context.reading.operation = operation
            await context.reading.begin(lasting=whole)

    def _refuse(self, refused: AccessError) -> None:
        """What is raised here never meets `ToldErrors`."""
        context = self.execution_context.context
        language = getattr(context, "language", "en")
        if "retry_after" in refused.data and isinstance(getattr(context, "response", None), Response):
            context.response.status_code = 429
            context.response.headers["Retry-After"] = str(refused.data["retry_after"])
        raise GraphQLError(refused.message(language), extensions={"code": refused.code, **refused.data})

    def get_results(self) -> dict[str, Any]:
        """For the response's `extensions`."""
        return {"cost": self._cost}

    def _unsaid(self, document: DocumentNode) -> list[GraphQLError]:
        """Of several operations the client says which: nobody guesses whether the first is meant."""
        several = sum(isinstance(node, OperationDefinitionNode) for node in document.definitions) > 1
        if several and self.execution_context._provided_operation_name is None:
            return [GraphQLError("This document has several operations: say which by `operationName`.")]
        return []

    def _price(self, operation: Operation) -> int:
        given = self.execution_context
        variables = given.variables or {}
        sizes = tuple(sorted((name, value) for name, value in variables.items() if type(value) is int))
        key = (given.operation_name, sizes)
        if key not in operation.costs:
            if len(operation.costs) >= MOST_COSTS:
                operation.costs.clear()
            operation.costs[key] = operation_cost(operation.document, given.operation_name, sizes)
        return operation.costs[key]


def _parsed(text: str) -> Operation | None:
    try:
        parsed = Operation(parse(text, max_tokens=MOST_TOKENS, no_location=False))
    except GraphQLError:
        return None
    if len(text) <= LONGEST_REMEMBERED:
        if len(_operations) >= REMEMBERED:
            del _operations[next(iter(_operations))]
        _operations[text] = parsed
    return parsed
