"""Errors that end a request: access errors keep their code; what nobody expected becomes an id that stands in the log."""

from graphql import GraphQLError
from starlette.responses import Response
from strawberry.extensions import MaskErrors

from perkhub.kit.errors import AccessError, DomainError, TooFast
from perkhub.kit.ids import new_id
from perkhub.kit.logging import get_logger
from perkhub_schema.graphql.fit import is_of_graphql, without_values

log = get_logger(__name__)


class ToldErrors(MaskErrors):
    """Tells access errors and a query's refusals by code, GraphQL's own without values, hides every other exception."""

    def _process_result(self, result: object) -> None:
        # To ask whether it may have errors takes longer than to look.
        if getattr(result, "errors", None):
            super()._process_result(result)

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """The error as the caller may see it."""
        if is_of_graphql(error):
            return without_values(error)
        raised = error.original_error
        if isinstance(raised, AccessError | DomainError):
            context = self.execution_context.context
            language = getattr(context, "language", "en")
            if isinstance(raised, TooFast) and isinstance(getattr(context, "response", None), Response):
                context.response.headers["Retry-After"] = str(raised.data["retry_after"])
            data: dict[str, object] = {key: value for key, value in raised.data.items() if isinstance(value, int)}
            if raised.path:  # where in the arguments; the error's own path leads to the field
                data["path"] = list(raised.path)
            return self._again(error, raised.message(language), {"code": raised.code, **data})
        incident = str(new_id())
        log.error("unexpected", incident=incident, path=error.path, exc_info=raised)
        return self._again(error, "Something went wrong on our side.", {"code": "INTERNAL", "incident": incident})

    def _again(self, error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
        return GraphQLError(message, nodes=error.nodes, path=error.path, extensions=extensions)
