"""Which fields may be remembered: those that depend on nothing but what `perkhub.reactions.seen` watches, the channel,
the language, the arguments, and the next edge of the channel.

Default deny: a field that stands in neither list is read anew each time, and a test asks its author where it belongs.
"""

from collections.abc import Iterator
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_composite_type,
    visit,
)

from perkhub_schema.graphql.limits import Fragments

# Root fields whose answers may be remembered, for whoever may ask them without signing in.
ROOTS: Final = frozenset(
    {"shop", "product", "products", "brand", "brands", "category", "categories"}
    | {"attribute", "attributes", "collection", "collections"}
)

# Objects that are remembered by themselves, within whatever answer.
PARTS: Final = frozenset({"Product", "Variant"})

PAGED: Final = ("Product", "Brand", "Attribute", "Collection")

LASTING: Final[dict[str, frozenset[str]]] = {
    kind: frozenset(fields.split())
    for kind, fields in {
        "Shop": "channel name currency zone audience access locales regions paymentMethods unpaidOrderMinutes deliveryMinutes",
        "Product": """id slug name nameTexts description descriptionTexts howToUse howToUseTexts kind brand categories
                      attributes tags validity refundPolicy minimumValidityDays buyerInputs externalReference metadata version
                      archivedAt variants media""",
        "Variant": """id name nameTexts sku faceValue faceRange product price availability limit externalReference metadata
                      version archivedAt attributes""",
        "Collection": """id slug name nameTexts description descriptionTexts products externalReference metadata version
                         archivedAt""",
        "Brand": """id slug name nameTexts description descriptionTexts logoUrl logo externalReference metadata version
                    archivedAt""",
        "Category": """id slug name nameTexts description descriptionTexts level position parent ancestors children
                       externalReference metadata version archivedAt""",
        "Attribute": "id code type name nameTexts options unit filterable version archivedAt",
        "AttributeOption": "value label labelTexts",
        "AttributeValue": "attribute formatted text number boolean date options",
        "Media": "id position alt altTexts url image",
        "Image": "id url compatibleUrl width height moving renditions",
        "ImageRendition": "url width height type",
        "Validity": "kind days until",
        "RefundPolicy": "kind days",
        "LocalizedText": "zh en",
        "MetadataEntry": "key value",
        "Price": "unit strikethrough breaks trace",
        "PriceBreak": "minimumQuantity unit",
        "PriceStep": "source label effect onTotal",
        "PurchaseLimit": "perCustomer",
        "FaceValue": "amount currency",
        "FaceRange": "least most step currency",
        "BuyerInput": "key kind label labelTexts help helpTexts required pattern minLength maxLength options secret",
        "BuyerInputOption": "value label labelTexts",
        "Money": "amount currency formatted",
        **{f"{kind}Connection": "nodes edges pageInfo" for kind in PAGED},
        **{f"{kind}Edge": "cursor node" for kind in PAGED},
        "ProductConnection": "nodes edges pageInfo totalCount",
        "CollectionProductConnection": "nodes edges pageInfo",
        "ProductEdge": "cursor node",
        "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
    }.items()
}

# What must be read anew: because it is of the moment, or because not everybody may see it.
MOMENTARY: Final[dict[str, frozenset[str]]] = {
    kind: frozenset(fields.split())
    for kind, fields in {
        "Shop": "serverTime",
        # What is left of a campaign moves with each sale, and its state with the clock.
        "Product": "privateMetadata campaigns",
        "PriceStep": "campaign",
        "Variant": "stock listings privateMetadata",
        "Brand": "privateMetadata",
        "Category": "privateMetadata",
        "Collection": "privateMetadata rule productIds",
    }.items()
}


def lasts(schema: GraphQLSchema, kind: str, selection: SelectionSetNode, fragments: Fragments) -> bool:
    """Whether every field below an object of this type may be remembered."""
    return _Lasting(schema, fragments).all(kind, selection)


class _Lasting:
    """For documents that are valid: their fragments go round in no circle."""

    def __init__(self, schema: GraphQLSchema, fragments: Fragments) -> None:
        self.schema = schema
        self.fragments = fragments
        self.known: dict[tuple[str, str], bool] = {}

    def all(self, kind: str, selection: SelectionSetNode) -> bool:
        return all(self.one(kind, node) for node in selection.selections)

    def one(self, kind: str, node: object) -> bool:
        if isinstance(node, FieldNode):
            return self.field(kind, node)
        if isinstance(node, InlineFragmentNode):
            narrowed = kind if node.type_condition is None else node.type_condition.name.value
            return self.all(narrowed, node.selection_set)
        assert isinstance(node, FragmentSpreadNode)
        key = (kind, node.name.value)
        if key not in self.known:
            fragment = self.fragments[node.name.value]
            self.known[key] = self.all(fragment.type_condition.name.value, fragment.selection_set)
        return self.known[key]

    def field(self, kind: str, node: FieldNode) -> bool:
        name = node.name.value
        if name == "__typename":
            return True
        if name not in (ROOTS if kind == "Query" else LASTING.get(kind, ())):
            return False
        return node.selection_set is None or self.all(self.below(kind, name), node.selection_set)

    def below(self, kind: str, name: str) -> str:
        holder = self.schema.type_map[kind]
        assert isinstance(holder, GraphQLObjectType | GraphQLInterfaceType)
        return str(get_named_type(holder.fields[name].type))


def meets_lasting(schema: GraphQLSchema, document: DocumentNode) -> bool:
    """Whether an object stands somewhere in the document whose parts may be remembered."""
    found = False
    types = TypeInfo(schema)

    class Looking(Visitor):
        def enter_field(self, *_: Any) -> None:
            nonlocal found
            kind = types.get_type()
            found = found or (kind is not None and str(get_named_type(kind)) in PARTS)

    visit(document, TypeInfoVisitor(types, Looking()))
    return found


def undecided(schema: GraphQLSchema) -> Iterator[str]:
    """Fields that can be reached from a root whose answers are remembered, and that stand in neither list."""
    query = schema.query_type
    assert query is not None
    reached = {get_named_type(query.fields[name].type) for name in ROOTS}
    waiting = list(reached)
    while waiting:
        kind = waiting.pop()
        if not isinstance(kind, GraphQLObjectType):
            continue
        for name, field in kind.fields.items():
            if name in MOMENTARY.get(kind.name, ()):
                continue
            if name not in LASTING.get(kind.name, ()):
                yield f"{kind.name}.{name}"
                continue
            below = get_named_type(field.type)
            if is_composite_type(below) and below not in reached:
                reached.add(below)
                waiting.append(below)
