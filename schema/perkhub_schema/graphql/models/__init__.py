"""GraphQL forms of the models that plugins bring: what they take as input, and what they are shown as.

A plugin's class is only read. Strawberry's own support for pydantic makes the class itself a GraphQL type, and refuses while
arguments are coerced: we show global ids and money where a model has UUIDs and decimals, leave what is hidden to the staff,
name types after their plugin, and let the domain ask the model, so that a refusal stands in the payload with its path.
"""

from perkhub_schema.graphql.models.forms import Forms, Shown, camel
from perkhub_schema.graphql.models.shapes import Around, Reference, Shape

__all__ = ["Around", "Forms", "Reference", "Shape", "Shown", "camel"]
