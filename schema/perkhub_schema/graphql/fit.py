"""What GraphQL itself says against an operation, without the values it was given: one of them may be a password."""

import re

from graphql import GraphQLError, GraphQLSyntaxError

from perkhub.kit.settings import Environment, settings

PARSE, VALIDATION = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"

# Each shape in which graphql-core repeats a value, and what is left of it. Names of types and fields stay.
SHAPES = (
    (re.compile(r"\? found: .*", re.DOTALL | re.IGNORECASE), "?"),
    (re.compile(r"[,;.] ?found: .*", re.DOTALL | re.IGNORECASE), "."),
    (re.compile(r"( cannot represent [^:]*): .*", re.DOTALL), r"\1."),
    (re.compile(r"Value '.*' does not exist in '(\w+)' enum\..*", re.DOTALL), r"No such value in the enum '\1'."),
    (re.compile(r"\b(found|Unexpected) (\w+) '.*'\.", re.DOTALL), r"\1 \2."),
    (re.compile(r"(Invalid (?:character escape|Unicode escape) sequence): .*", re.DOTALL), r"\1."),
)

# Where introspection is off, the schema is not to be read out of our good advice either.
ADVICE = re.compile(r" Did you mean .*", re.DOTALL)


def is_of_graphql(error: GraphQLError) -> bool:
    """Whether GraphQL refused the operation or its variables, and nobody of ours was asked."""
    raised = error.original_error
    # An odd scalar is told in words of GraphQL's own; what broke down while running is told in its own words.
    return raised is None or isinstance(raised, GraphQLError) or (error.path is None and error.message != str(raised))


def without_values(error: GraphQLError) -> GraphQLError:
    """The same error as it may be told and logged."""
    message = error.message
    for shape, kept in SHAPES:
        message = shape.sub(kept, message)
    if settings().environment is not Environment.DEVELOPMENT:
        message = ADVICE.sub("", message)
    code = PARSE if isinstance(error, GraphQLSyntaxError) else VALIDATION
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code, **(error.extensions or {})},
    )
