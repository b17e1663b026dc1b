"""What products ask of their buyers, on the wire: a form that any front end can render, and how operators write it."""

from collections.abc import Sequence

import strawberry

from perkhub.catalog import BuyerInput, BuyerInputKind, InputOption
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.kept import KEPT
from perkhub_schema.graphql.texts import LocalizedText, LocalizedTextInput, to_localized, to_texts

described(
    BuyerInputKind,
    "What a buyer is asked for; it says which keyboard, and how the answer is checked.",
    {
        BuyerInputKind.PHONE: "A mobile number; outside China it begins with + and the country's code.",
        BuyerInputKind.EMAIL: "An e-mail address.",
        BuyerInputKind.ACCOUNT: "The name or number of an account, as its provider writes it.",
        BuyerInputKind.TEXT: "Any text in one line.",
        BuyerInputKind.NUMBER: "A number, in digits.",
        BuyerInputKind.SELECT: "One of the options.",
        BuyerInputKind.REGION: "A region or server: one of the options.",
        BuyerInputKind.DATE: "A day, as 2027-01-31.",
    },
)
PATTERN = (
    "What the whole text must look like, in a part of what browsers understand: characters, classes such as [a-z0-9] "
    "or [^@], `.`, `\\d`, `\\w`, how often ({3}, {3,}, {3,5}, ?, *, +), and alternatives between `|`; no groups. In a "
    "browser: new RegExp(`^(?:${pattern})$`)."
)


@strawberry.type(name="BuyerInputOption", description="An answer that can be chosen.")
class BuyerInputOptionType:
    option: strawberry.Private[InputOption]

    @strawberry.field(description="What is sent.")
    def value(self) -> str:
        return self.option.value

    @strawberry.field(description="For people, in the request's language.")
    def label(self, info: Info) -> str:
        return info.context.say(self.option.label)

    @strawberry.field(description="In every language.")
    def label_texts(self) -> LocalizedText:
        return to_localized(self.option.label)


@strawberry.type(name="BuyerInput", description="A field of the form that a buyer fills in: what a line of an order needs.")
class BuyerInputType:
    asked: strawberry.Private[BuyerInput]

    @strawberry.field(description="For programs: what the answer is sent by.")
    def key(self) -> str:
        return self.asked.key

    @strawberry.field(description="What is asked for.")
    def kind(self) -> BuyerInputKind:
        return self.asked.kind

    @strawberry.field(description="For people, in the request's language.")
    def label(self, info: Info) -> str:
        return info.context.say(self.asked.label)

    @strawberry.field(description="In every language.")
    def label_texts(self) -> LocalizedText:
        return to_localized(self.asked.label)

    @strawberry.field(description="Where to find it, or what it is for, in the request's language; null where nothing is said.")
    def help(self, info: Info) -> str | None:
        return info.context.say(self.asked.help) or None

    @strawberry.field(description="In every language.")
    def help_texts(self) -> LocalizedText:
        return to_localized(self.asked.help)

    @strawberry.field(description="Whether nothing can be ordered without it.")
    def required(self) -> bool:
        return self.asked.required

    @strawberry.field(description=f"Of ACCOUNT, TEXT and NUMBER. {PATTERN}")
    def pattern(self) -> str | None:
        return self.asked.pattern

    @strawberry.field(description="Of ACCOUNT, TEXT and NUMBER: so many characters at least.")
    def min_length(self) -> int | None:
        return self.asked.min_length

    @strawberry.field(description="So many characters at most; 500 where nothing is said.")
    def max_length(self) -> int | None:
        return self.asked.max_length

    @strawberry.field(description="Of SELECT and REGION, in their order; else empty.")
    def options(self) -> list[BuyerInputOptionType]:
        return [BuyerInputOptionType(option=option) for option in self.asked.options]

    @strawberry.field(description="Whether it is typed like a password; nobody is shown it again, not even masked.")
    def secret(self) -> bool:
        return self.asked.hidden


def to_buyer_inputs(asked: Sequence[BuyerInput]) -> list[BuyerInputType]:
    """A product's form on the wire."""
    return [BuyerInputType(asked=one) for one in asked]


@strawberry.input(description="An answer that can be chosen.")
class BuyerInputOptionInput:
    value: str = strawberry.field(description="Up to 60 of A-Z, a-z, 0-9, '_', '.' and '-'; each once.", metadata=KEPT)
    label: LocalizedTextInput = strawberry.field(description="For people, in at least one language; up to 100 characters.")


@strawberry.input(description="A field of the form that a product's buyers fill in.")
class BuyerInputFieldInput:
    key: str = strawberry.field(
        description="Up to 40 of A-Z, a-z, 0-9 and '_', a small letter first; each once.", metadata=KEPT
    )
    kind: BuyerInputKind = strawberry.field(description="What is asked for.")
    label: LocalizedTextInput = strawberry.field(description="For people, in at least one language; up to 100 characters.")
    help: LocalizedTextInput | None = strawberry.field(
        default=None, description="Where to find it, or what it is for; up to 500 characters."
    )
    required: bool = strawberry.field(default=True, description="Whether nothing can be ordered without it.")
    pattern: str | None = strawberry.field(
        default=None, description=f"Of ACCOUNT, TEXT and NUMBER; up to 200 characters. {PATTERN}", metadata=KEPT
    )
    min_length: int | None = strawberry.field(default=None, description="Of ACCOUNT, TEXT and NUMBER, in characters.")
    max_length: int | None = strawberry.field(default=None, description="Of ACCOUNT, TEXT and NUMBER; 1 to 500.")
    options: list[BuyerInputOptionInput] | None = strawberry.field(
        default=None, description="Of SELECT and REGION, and only of these; 1 to 300, in the order they are shown."
    )
    secret: bool = strawberry.field(
        default=False, description="Typed like a password, and shown to nobody again: not to its buyer, not to staff."
    )

    def to_asked(self) -> BuyerInput:
        """The domain's field."""
        return BuyerInput(
            key=self.key,
            kind=BuyerInputKind(self.kind),
            label=self.label.to_texts(),
            help=to_texts(self.help),
            required=self.required,
            pattern=self.pattern,
            min_length=self.min_length,
            max_length=self.max_length,
            options=tuple(InputOption(option.value, option.label.to_texts()) for option in self.options or ()),
            hidden=self.secret,
        )


def to_asked(given: Sequence[BuyerInputFieldInput] | None) -> tuple[BuyerInput, ...]:
    """A form as the domain takes it."""
    return tuple(one.to_asked() for one in given or ())
