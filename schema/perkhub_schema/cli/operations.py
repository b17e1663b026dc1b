"""Commands of published operations: what clients may name by a hash, or may run at all."""

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import orjson
import typer

from perkhub.kit.db import transact
from perkhub.kit.operations import publish_operations
from perkhub_schema.graphql.prepared import prepared_operation, validated
from perkhub_schema.runtime import running
from perkhub_schema.schema import schema

operations = typer.Typer(help="Operations that clients name by their hash.", no_args_is_help=True)


@operations.command()
def publish(
    files: list[Path],
    only: Annotated[bool, typer.Option(help="Withdraw those that were published before and are not among these.")] = False,
) -> None:
    """Publish operations: a document each (.graphql), or a manifest (.json: by hash, or with `operations`)."""
    texts = texts_in(files)
    for text in texts:
        operation = prepared_operation(text)
        wrong = (
            ["it cannot be parsed"] if operation is None else [error.message for error in validated(operation, schema._schema)]
        )
        if wrong:
            sys.stderr.write(f"Nothing was published: {wrong[0]}\n{text}\n")
            raise typer.Exit(1)
    asyncio.run(_publish(texts, only=only))


def _wrong_with(text: str) -> str | None:
    operation = prepared_operation(text)
    if operation is None:
        return "it cannot be parsed"
    return next((error.message for error in validated(operation, schema._schema)), None)


async def _publish(texts: list[str], *, only: bool) -> None:
    async with running(application="perkhub operations", queue=False):
        many = await transact(lambda tx: publish_operations(tx, texts, only=only))
    sys.stdout.write(f"{many} operations are published. Processes that run learn of it within a minute.\n")


def texts_in(files: Iterable[Path]) -> list[str]:
    """The operations of these files; their texts as they stand, for a hash is of every space."""
    texts: list[str] = []
    for file in files:
        content = file.read_text(encoding="utf-8")
        if file.suffix != ".json":
            texts.append(content)
            continue
        told = orjson.loads(content)
        listed = told.get("operations") if isinstance(told, dict) else None
        texts += [one["body"] for one in listed] if isinstance(listed, list) else list(told.values())
    return texts
