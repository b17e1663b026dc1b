"""New plugins: an installable package written from templates, which passes the conformance kit before a line is changed.

A kind of plugin is a folder beside this file, of templates that end in `.in`: `$key`, `$name`, `$package` and their like are
replaced in them, PACKAGE and KEY in their paths.
"""

import keyword
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from perkhub.plugin.discovery import CONTRACT
from perkhub.plugin.offers import KEY

KINDS = ("supplier", "mechanic")


class CannotScaffold(ValueError):
    """The name is none, or there is something already; says what would be right."""


def new_plugin(kind: str, key: str, *, into: Path) -> Path:
    """Write the package of a new plugin into a folder of its own, which is returned.

    Raises:
        CannotScaffold.
    """
    if kind not in KINDS:
        raise CannotScaffold(f"No kind {kind!r} of plugins can be made; there are: {', '.join(KINDS)}")
    if not KEY.fullmatch(key) or keyword.iskeyword(key):
        raise CannotScaffold(f"{key!r} is no key: 2 to 40 lower-case letters, digits and underscores, a letter first")
    words = words_for(key)
    folder = into / words["distribution"]
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotScaffold(f"{folder} exists and is not empty")
    for path, template in _templates(files(__name__) / kind):
        written = folder / path.replace("PACKAGE", words["package"]).replace("KEY", key)
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(Template(template).substitute(words), encoding="utf-8")
    return folder


def words_for(key: str) -> dict[str, str]:
    """What the templates say of a plugin."""
    name = "".join(word.capitalize() for word in key.split("_"))
    return {
        "key": key,
        "name": name,
        "title": " ".join(word.capitalize() for word in key.split("_") if word),
        "package": f"perkhub_{key}",
        "distribution": f"perkhub-{key.replace('_', '-').strip('-')}",
        "contract": ".".join(str(part) for part in CONTRACT),
        "version": version("perkhub"),
    }


def _templates(folder: Traversable, under: str = "") -> list[tuple[str, str]]:
    """Path and text of every template, without its `.in`."""
    found: list[tuple[str, str]] = []
    for one in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if one.is_dir():
            found += _templates(one, f"{under}{one.name}/")
        elif one.name.endswith(".in"):
            found.append((under + one.name.removesuffix(".in"), one.read_text(encoding="utf-8")))
    return found
