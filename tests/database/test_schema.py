"""One linear history, whose head makes exactly the tables that the stores name; a newer database is left alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from confrere.database import engine, schema
from confrere.database.migrations.versions.v0001_first import METADATA
from confrere.errors import ConfrereError
from messaging.mailbox.quiet import Times
from messaging.ports import DueNotice, Preference, Waiting
from messaging.store.notices import SqlNotices

FORMER = {
    "notice_preferences": ["mailbox", "email", "language"],
    "notices": ["mailbox", "tick", "kind", "due", "attempts", "settled"],
}


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


def test_notices_of_the_first_revision_keep_their_place_and_their_address(tmp_path: Path) -> None:
    file = tmp_path / engine.FILE_NAME
    made = create_engine(engine.url(file, "sqlite"))
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with made.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        former = {name: [column["name"] for column in inspect(connection).get_columns(name)] for name in FORMER}
        connection.exec_driver_sql("INSERT INTO notice_preferences VALUES (x'01', 'a@b.fr', 'en')")
        connection.exec_driver_sql("INSERT INTO notices VALUES (x'01', 7, 'new-exchange', 99, 2, 0)")
    assert former == FORMER
    schema.migrate(file)
    with made.begin() as connection:
        assert SqlNotices().preferences(connection) == {b"\1": Preference("a@b.fr", "en", Times())}
        assert SqlNotices().pending(connection) == {b"\1": Waiting(7, b"")}
        assert SqlNotices().due(connection, 99, 9) == [DueNotice(b"\1", "new-exchange", b"", 2, b"")]
        assert SqlNotices().bounces(connection) == {}
    made.dispose()
