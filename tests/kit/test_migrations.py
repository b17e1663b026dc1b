"""Migrations: the database has what the models say, whoever applies them and whatever goes wrong on the way."""

import asyncio
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import asyncpg
import pytest
from tortoise.context import get_current_context
from tortoise.migrations.operations import RunSQL
from tortoise.models import Model

from perkhub.domains import model_modules
from perkhub.kit.migrations import PACKAGE, make_migration, migrate, missing_operations
from tests.fixtures.schema_check import differences
from tests.fixtures.session_servers import SessionServers, admin

Write = Callable[[str], str]

LOCKS_LEFT = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE locktype = 'advisory' AND datname = current_database()
"""

MODELS = """
    from tortoise import fields
    from tortoise.indexes import PartialIndex
    from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
    from tortoise.models import Model

    class Shelf(Model):
        id = fields.BigIntField(primary_key=True, generated=False)
        name = fields.CharField(max_length=20, unique=True)
        room = fields.CharField(max_length=20)
        open = fields.BooleanField()

        class Meta:
            table = "shelf"
            unique_together = (("room", "open"),)
            indexes = [("open",), PartialIndex(fields=("room",), condition={"open": True}, name="shelf_open")]
            constraints = [
                CheckConstraint(name="shelf_name", check="name <> ''"),
                UniqueConstraint(name="shelf_room_name", fields=("room", "name")),
                UniqueConstraint(name="shelf_one_open", fields=("room",), condition="open"),
            ]

    class Label(Model):
        shelf = fields.OneToOneField("perkhub.Shelf", primary_key=True, on_delete=fields.RESTRICT)

        class Meta:
            table = "label"

    RAW_SQL = [
        ("CREATE INDEX shelf_lower ON shelf (lower(name))", "DROP INDEX shelf_lower"),
        (
            '''
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
            CREATE TRIGGER shelf_kept BEFORE DELETE ON shelf FOR EACH ROW EXECUTE FUNCTION refuse();
            ''',
            "DROP FUNCTION refuse CASCADE",
        ),
    ]
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a models module; each call gives another name."""
    monkeypatch.syspath_prepend(tmp_path)
    names = iter(range(100))

    def module(text: str) -> str:
        name = f"sample_{tmp_path.name}_{next(names)}".replace("-", "_")
        (tmp_path / f"{name}.py").write_text(dedent(text))
        importlib.invalidate_caches()
        return name

    return module


@pytest.fixture
def package(tmp_path: Path, write: Write) -> str:
    """An empty migrations package."""
    return new_package(tmp_path, "first")


def new_package(tmp_path: Path, name: str) -> str:
    name = f"migrations_{tmp_path.name}_{name}".replace("-", "_")
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    importlib.invalidate_caches()
    return name


@pytest.fixture
async def empty_url(servers: SessionServers, database_url: str) -> str:
    """A database without tables."""
    async with admin(database_url) as connection:
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return database_url


def every_model() -> list[type[Model]]:
    context = get_current_context()
    assert context is not None
    assert context.apps is not None
    return list(context.apps.get_models_iterable())


async def test_the_database_has_every_constraint_and_index_of_the_models(database: str) -> None:
    async with admin(database) as connection:
        assert await differences(connection, every_model()) == []


async def test_the_comparison_sees_what_is_missing(database: str) -> None:
    async with admin(database) as connection:
        await connection.execute("ALTER TABLE outbox DROP CONSTRAINT outbox_kind; DROP INDEX outbox_due")
        await connection.execute("ALTER TABLE outbox ADD CONSTRAINT stranger CHECK (version > 0)")
        await connection.execute("ALTER TABLE data_key ADD CONSTRAINT another CHECK (true)")
        assert sorted(await differences(connection, every_model())) == [
            "data_key: check another is not in the models",
            "outbox: check outbox_kind is missing",
            "outbox: check stranger is not in the models",
            "outbox: index outbox_due is missing",
        ]


async def test_the_migrations_say_all_that_the_models_say() -> None:
    operations, _ = await missing_operations(model_modules())
    assert [operation.describe() for operation in operations] == []


async def test_a_new_model_brings_its_constraints(write: Write, package: str, empty_url: str) -> None:
    models = [write(MODELS)]
    written = await make_migration(models, "initial", package=package)
    assert written is not None
    assert written.name == "0001_initial.py"
    assert await migrate(empty_url, models, package=package) == ["0001_initial"]
    async with admin(empty_url) as connection:
        module = sys.modules[models[0]]
        assert await differences(connection, [module.Shelf, module.Label]) == []
        await connection.execute("INSERT INTO shelf VALUES (7, 'a', 'r', true)")  # the key is no serial, though an integer
        assert await connection.fetchval("SELECT pg_get_serial_sequence('shelf', 'id')") is None
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute("INSERT INTO shelf VALUES (8, '', 'q', true)")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO shelf VALUES (8, 'b', 'r', true)")
        with pytest.raises(asyncpg.RaiseError):
            await connection.execute("DELETE FROM shelf")


async def test_there_is_nothing_to_make_twice(write: Write, package: str) -> None:
    models = [write(MODELS)]
    assert await make_migration(models, "initial", package=package) is not None
    assert await make_migration(models, "again", package=package) is None


async def test_the_same_models_give_the_same_file(write: Write, package: str, tmp_path: Path) -> None:
    models = [write(MODELS)]
    first = await make_migration(models, "initial", package=package)
    second = await make_migration(models, "initial", package=new_package(tmp_path, "second"))
    assert first is not None
    assert second is not None
    assert first.read_text() == second.read_text()


async def test_a_change_becomes_the_next_migration(write: Write, package: str, empty_url: str) -> None:
    await make_migration([write(MODELS)], "initial", package=package)
    changed = MODELS.replace("name <> ''", "length(name) > 1").replace(
        "    RAW_SQL = [",
        '    RAW_SQL = [\n        ("CREATE INDEX shelf_upper ON shelf (upper(name))", "DROP INDEX shelf_upper"),',
    )
    models = [write(changed.replace("max_length=20, unique", "max_length=30, unique"))]
    written = await make_migration(models, "Longer names!", package=package)
    assert written is not None
    assert written.name == "0002_longer_names.py"
    assert await make_migration(models, "again", package=package) is None

    assert await migrate(empty_url, models, package=package) == ["0001_initial", "0002_longer_names"]
    async with admin(empty_url) as connection:
        module = sys.modules[models[0]]
        assert await differences(connection, [module.Shelf, module.Label]) == []
        assert await connection.fetchval("SELECT to_regclass('shelf_upper')") is not None
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute("INSERT INTO shelf VALUES (8, 'a', 'q', true)")


async def test_a_constraint_without_a_name_is_refused(write: Write, package: str) -> None:
    with pytest.raises(ValueError, match="Shelf has no name"):
        await make_migration([write(MODELS.replace('name="shelf_room_name", ', ""))], "initial", package=package)


async def test_five_migrators_at_once_apply_each_migration_once(empty_url: str) -> None:
    applied = await asyncio.gather(*(migrate(empty_url, model_modules()) for _ in range(5)))
    assert sorted(applied, key=len)[:4] == [[]] * 4
    assert [names for names in applied if names] == [_names()]


async def test_a_failing_migration_leaves_nothing_behind(write: Write, package: str, empty_url: str) -> None:
    models = [write(MODELS.replace("shelf (lower(name))", "shelf (lower(nowhere))"))]
    await make_migration(models, "initial", package=package)
    with pytest.raises(Exception, match="nowhere"):
        await migrate(empty_url, models, package=package)
    async with admin(empty_url) as connection:
        tables = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        )
        assert [row["relname"] for row in tables] == ["tortoise_migrations"]
        assert await connection.fetchval("SELECT count(*) FROM tortoise_migrations") == 0
        assert await connection.fetchval(LOCKS_LEFT) == 0


async def test_a_migration_that_is_not_atomic_runs_outside_a_transaction(write: Write, package: str, empty_url: str) -> None:
    models = [write(MODELS)]
    written = await make_migration(models, "initial", package=package)
    assert written is not None
    added = written.with_name("0002_concurrent.py")
    added.write_text(
        dedent("""
            from tortoise import migrations
            from tortoise.migrations import operations as ops

            class Migration(migrations.Migration):
                dependencies = [("perkhub", "0001_initial")]
                atomic = False
                operations = [ops.RunSQL("CREATE INDEX CONCURRENTLY later ON shelf (room)", reverse_sql="DROP INDEX later")]
        """)
    )
    assert await migrate(empty_url, models, package=package) == ["0001_initial", "0002_concurrent"]
    async with admin(empty_url) as connection:
        assert await connection.fetchval("SELECT to_regclass('later')") is not None


def _names() -> list[str]:
    folder = Path(next(iter(importlib.import_module(PACKAGE).__path__)))
    return sorted(file.stem for file in folder.glob("0*.py"))


async def test_raw_sql_is_written_as_it_was_declared(write: Write, package: str) -> None:
    models = [write(MODELS)]
    written = await make_migration(models, "initial", package=package)
    assert written is not None
    migration = importlib.import_module(f"{package}.{written.stem}").Migration
    raw = [(step.sql, step.reverse_sql) for step in migration.operations if isinstance(step, RunSQL)]
    assert raw == sys.modules[models[0]].RAW_SQL
