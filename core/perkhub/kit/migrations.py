"""Migrations: applying them under a lock, and writing new ones with every constraint in them.

`python -m perkhub.kit.migrations make NAME` writes the next one from the models; it needs no database.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any

import asyncpg
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.fields.base import Field
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.migrations.migration import Migration
from tortoise.migrations.operations import AddConstraint, AlterModelOptions, CreateModel, Operation, RunSQL
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.writer import ImportManager, MigrationWriter, format_migration_name
from tortoise.transactions import in_transaction

from perkhub.domains import model_modules
from perkhub.kit.connecting import APP, parse_url, tortoise_config

LOCK = "perkhub.migrations"
PACKAGE = "perkhub.migrations"


async def migrate(url: str, models: Sequence[str], *, package: str = PACKAGE) -> list[str]:
    """Bring the database up to date; the names of the migrations that were applied.

    Several processes may call it at once: one works, the others wait. A migration and the record that it was applied
    are one transaction, so that a kill leaves either both or neither.
    """
    lock = await asyncpg.connect(**parse_url(url))
    try:
        # On a connection of its own: Tortoise takes no lock, and gives ours back to its pool between statements.
        await lock.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", LOCK)
        async with TortoiseContext() as context:
            config = tortoise_config(url, models=models, pool=2, application="perkhub migrate")
            config["apps"][APP]["migrations"] = package
            await context.init(config=config, init_connections=False)
            return await _apply(config["apps"])
    finally:
        await lock.close()


async def _apply(apps: dict[str, dict[str, object]]) -> list[str]:
    executor = MigrationExecutor(get_connection(APP), apps)
    await executor.recorder.ensure_schema(AsyncpgSchemaEditor(executor.connection, atomic=False))
    plan = await executor.plan()
    for step in plan:
        migration = step.migration
        if not migration.atomic:  # for what cannot run in a transaction, such as CREATE INDEX CONCURRENTLY
            await executor.migrate([MigrationTarget(APP, migration.name)], direction="forward")
            continue
        before = await executor._project_state(set(await executor.recorder.applied_migrations()))
        async with in_transaction(APP) as connection:
            await _run(migration, _State(before.models, before.apps), AsyncpgSchemaEditor(connection, atomic=True))
            await MigrationRecorder(connection).record_applied(APP, migration.name)
    return [step.migration.name for step in plan]


@dataclass
class _State(State):
    """The models as they are between two operations, rebuilt when asked.

    Tortoise rebuilds all models twice for every operation, which makes the first migration quadratic: seconds that a
    newcomer and every test run would wait.
    """

    changed: set[tuple[str, str]] = field(default_factory=set)

    def reload_model(self, app_label: str, model_name: str) -> None:
        self.changed.add((app_label, model_name))

    def reload_models(self, model_tuples: Iterable[tuple[str, str]]) -> None:
        self.changed.update(model_tuples)

    def rebuild(self) -> None:
        changed, self.changed = self.changed, set()
        super().reload_models(changed)


async def _run(migration: Migration, state: _State, editor: AsyncpgSchemaEditor) -> None:
    for adding, group in groupby(migration.operations, lambda step: isinstance(step, CreateModel | AddConstraint | RunSQL)):
        # Operations that only add need to see no state but the last one of their group.
        for batch in [list(group)] if adding else [[operation] for operation in group]:
            old = state if adding else state.clone()
            for operation in batch:
                operation.state_forward(APP, state)
            state.rebuild()
            for operation in batch:
                await operation.database_forward(APP, old, state, editor)
    state.validate_relations_initialized()


async def make_migration(models: Sequence[str], name: str, *, package: str = PACKAGE) -> Path | None:
    """Write the migration that leads from the last one to the models; None where nothing differs.

    A models module may declare `RAW_SQL: list[tuple[str, str]]`, pairs of forward and reverse SQL for what the models
    cannot say (triggers, expression indexes). A pair enters the first migration that is made after it appears.
    """
    operations, before = await missing_operations(models, package=package)
    if not operations:
        return None
    number = 1 + max((int(migration[:4]) for migration in before), default=0)
    return _Writer(
        format_migration_name(number, name),
        APP,
        operations,
        dependencies=[(APP, migration) for migration in before[-1:]],
        initial=not before,
        migrations_module=package,
    ).write()


async def missing_operations(models: Sequence[str], *, package: str = PACKAGE) -> tuple[list[Operation], list[str]]:
    """What the migrations do not yet say of the models, and the names of the migrations there are. Needs no database."""
    config = tortoise_config("postgresql://", models=models)
    config["apps"][APP]["migrations"] = package
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        if context.apps is None:
            raise RuntimeError("the models were not loaded")
        detector = MigrationAutodetector(context.apps, config["apps"])
        changes = await detector.changes()
        present = detector.loader.disk_migrations
        history = [operation for migration in present.values() for operation in migration.operations]
        operations = [*_with_constraints(changes[0].operations if changes else []), *_new_raw_sql(models, history)]
        return operations, sorted(key.name for key in present)


def _with_constraints(operations: Iterable[Operation]) -> Iterable[Operation]:
    """CreateModel keeps Meta's constraints to itself: they stand in its options and make no SQL. AddConstraint does."""
    for operation in operations:
        if isinstance(operation, AlterModelOptions):
            continue  # makes no SQL either, and is found anew for ever where the primary key is a relation
        if not isinstance(operation, CreateModel):
            yield operation
            continue
        options = dict(operation.options or {})
        constraints: Iterable[CheckConstraint | UniqueConstraint] = options.pop("constraints", ())
        yield CreateModel(name=operation.name, fields=operation.fields, options=options, bases=operation.bases)
        for constraint in constraints:
            if not constraint.name:
                raise ValueError(f"a constraint of {operation.name} has no name")
            yield AddConstraint(model_name=operation.name, constraint=constraint)


def _new_raw_sql(models: Sequence[str], history: Iterable[Operation]) -> list[Operation]:
    present = {operation.sql for operation in history if isinstance(operation, RunSQL)}
    declared = [pair for module in models for pair in getattr(import_module(module), "RAW_SQL", ())]
    return [RunSQL(forward, reverse_sql=reverse) for forward, reverse in declared if forward not in present]


class _Writer(MigrationWriter):
    """Tortoise's writer, which cannot write RunSQL, opens without a word, and forgets `generated=False`."""

    def as_string(self) -> str:
        title = self.name[5:].replace("_", " ").capitalize()
        return f'"""{title}. Generated from the models; do not edit once it was released."""\n\n{super().as_string()}'

    def _format_operation(self, operation: Operation, imports: ImportManager, *, indent: str) -> list[str]:
        if not isinstance(operation, RunSQL):
            return super()._format_operation(operation, imports, indent=indent)
        return [
            f"{indent}ops.RunSQL(",
            f"{indent}    {_literal(operation.sql)},",
            f"{indent}    reverse_sql={_literal(operation.reverse_sql)},",
            f"{indent}),",
        ]

    def _render_field(self, field: Field[Any], imports: ImportManager) -> str:
        rendered = super()._render_field(field, imports)
        if field.pk and field.allows_generated and not field.generated:  # read back without it, the key would be a serial
            return rendered.replace("primary_key=True", "primary_key=True, generated=False", 1)
        return rendered


def _literal(sql: str) -> str:
    """SQL as a person wants to read it, and exactly as it was declared: the next run compares the two."""
    plain = "\n" in sql and "\\" not in sql and '"""' not in sql and not sql.endswith('"')
    return f'"""{sql}"""' if plain else repr(sql)


def main(arguments: Sequence[str]) -> int:
    """The developer's entry."""
    if len(arguments) != 2 or arguments[0] != "make":
        sys.stderr.write("usage: python -m perkhub.kit.migrations make NAME\n")
        return 2
    written = asyncio.run(make_migration(model_modules(), arguments[1]))
    if written is None:
        sys.stdout.write("Nothing to do: the migrations say what the models say.\n")
        return 0
    if find_spec("ruff") is not None:
        for step in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
            subprocess.run([sys.executable, "-m", "ruff", *step, str(written)], check=False)
    sys.stdout.write(f"Wrote {written}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
