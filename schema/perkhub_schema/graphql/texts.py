"""Texts in the house's languages, as operators write them."""

import strawberry

from perkhub_schema.graphql.kept import KEPT


@strawberry.input(description="A text in the shop's languages; readers get theirs, or the other one where it is missing.")
class LocalizedTextInput:
    zh: str | None = strawberry.field(default=None, description="简体中文 (Simplified Chinese).", metadata=KEPT)
    en: str | None = strawberry.field(default=None, description="English.", metadata=KEPT)

    def to_texts(self) -> dict[str, str]:
        """By language; what says nothing is left out."""
        given = {"zh": self.zh, "en": self.en}
        return {language: text for language, text in given.items() if text and text.strip()}


def to_texts(given: LocalizedTextInput | None) -> dict[str, str]:
    """By language; nothing where nothing was given."""
    return {} if given is None else given.to_texts()


@strawberry.type(description="A text as it is kept: in every language, for whoever edits it.")
class LocalizedText:
    zh: str | None = strawberry.field(description="简体中文 (Simplified Chinese); null where it is missing.")
    en: str | None = strawberry.field(description="English; null where it is missing.")


def to_localized(texts: dict[str, str]) -> LocalizedText:
    """A text in all its languages on the wire."""
    return LocalizedText(zh=texts.get("zh"), en=texts.get("en"))
