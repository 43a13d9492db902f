"""One linear history, whose head makes exactly the tables that the stores name; a newer database is left alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from confrere.database import engine, schema
from confrere.database.migrations.versions.v0001_first import METADATA
from confrere.errors import ConfrereError


def test_the_head_named_in_the_code_is_the_only_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_the_history_makes_the_tables_of_the_stores(tmp_path: Path) -> None:
    file = tmp_path / engine.FILE_NAME
    schema.migrate(file)
    schema.migrate(file)
    found = create_engine(engine.url(file, "sqlite"))
    inspector = inspect(found)
    wanted = {table.name: table for metadata in METADATA for table in metadata.tables.values()}
    assert set(inspector.get_table_names()) == {*wanted, "alembic_version"}
    for name, table in wanted.items():
        assert [column["name"] for column in inspector.get_columns(name)] == [column.name for column in table.columns]
    found.dispose()
    assert file.stat().st_mode & 0o077 == 0


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / engine.FILE_NAME
    schema.migrate(file)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(ConfrereError) as refused:
        schema.migrate(file)
    assert refused.value.id == "data-newer"
    assert file.read_bytes() == before
