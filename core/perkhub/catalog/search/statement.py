"""A statement that is put together from the parts a caller asks for: its text has no values in it, so that one shape is
prepared once."""

from typing import Any


class Statement:
    """Collects values; `put` gives each its $n."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._known: dict[tuple[str, str], str] = {}

    def put(self, value: Any, kind: str) -> str:
        """A new parameter of this SQL type."""
        self.values.append(value)
        return f"${len(self.values)}::{kind}"

    def bare(self, value: Any) -> str:
        """A new parameter whose type its place tells."""
        self.values.append(value)
        return f"${len(self.values)}"

    def once(self, name: str, value: Any, kind: str) -> str:
        """The same parameter wherever the same name is put."""
        if (name, kind) not in self._known:
            self._known[name, kind] = self.put(value, kind)
        return self._known[name, kind]


def all_of(*conditions: str) -> str:
    """Every condition that says something."""
    said = [condition for condition in conditions if condition]
    return " AND ".join(said) if said else "true"
