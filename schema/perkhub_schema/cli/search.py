"""Commands for the search: what it knows of each product is kept in step by itself, and can be made anew."""

import asyncio

import typer
from rich.progress import Progress

from perkhub.catalog import rebuild_search
from perkhub_schema.runtime import running

search = typer.Typer(help="The search over products.", no_args_is_help=True)


@search.command("rebuild")
def rebuild() -> None:
    """Make anew what the search knows of every product, while the shop goes on."""
    asyncio.run(_rebuild())


async def _rebuild() -> None:
    async with running(application="perkhub search", queue=False):
        with Progress() as progress:
            task = progress.add_task("products", total=None)
            async for many in rebuild_search():
                progress.advance(task, many)
