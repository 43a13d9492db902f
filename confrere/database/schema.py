"""Brings `service.db` to the newest revision before the service opens it: one linear Alembic history.

A database of a newer Confrère is left alone. Runs synchronously, under the data folder's lock.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from confrere.database.engine import url
from confrere.errors import ConfrereError

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(file: Path) -> None:
    """Raises ConfrereError("data-newer")."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    engine = create_engine(url(file, "sqlite"), poolclass=NullPool)
    with engine.connect() as connection:
        # Before the first table: it cannot be changed once there are pages.
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        found = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
        if found is not None and found not in known:
            raise ConfrereError("data-newer", data=str(file.parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    file.chmod(0o600)
