"""What every export says of its file: its name, where it is, and until when. How far it is and what it counts is its own."""

from datetime import datetime
from typing import Protocol

import strawberry

from perkhub_schema.graphql.nodes import Node


class Exported(Protocol):
    """An export as its domain tells it."""

    @property
    def filename(self) -> str: ...
    @property
    def fetchable(self) -> bool: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def finished_at(self) -> datetime | None: ...


@strawberry.type
class ExportNode(Node):
    view: strawberry.Private[Exported]

    @strawberry.field(description="What its file is called.")
    def filename(self) -> str:
        return self.view.filename

    @strawberry.field(description="Where its file is, for GET with your own token; null before it is there, and after a day.")
    def path(self) -> str | None:
        return f"/exports/{self.id}" if self.view.fetchable else None

    @strawberry.field(description="Until when its file is there.")
    def expires_at(self) -> datetime | None:
        return self.view.expires_at

    @strawberry.field(description="When it was asked for.")
    def created_at(self) -> datetime:
        return self.view.created_at

    @strawberry.field(description="When it was done.")
    def finished_at(self) -> datetime | None:
        return self.view.finished_at
