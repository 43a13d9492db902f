"""Brings `service.db` to the newest revision before the service opens it: one linear Alembic history.

A database of a newer Confrère is left alone. Runs synchronously, under the data folder's lock. Alembic is loaded only
where there is something to migrate: it is a third of a start.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.pool import NullPool

from confrere.database.engine import url
from confrere.errors import ConfrereError

HEAD = "0002"  # the newest revision of `migrations/versions`; a test holds it there
MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(file: Path) -> None:
    """Raises ConfrereError("data-newer")."""
    engine = create_engine(url(file, "sqlite"), poolclass=NullPool)
    with engine.connect() as connection:
        # Before the first table. Three events of 2 KB fit a page of 8 KB, one a page of 4 KB.
        connection.exec_driver_sql("PRAGMA page_size=8192")
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        found = _revision(connection)
        connection.rollback()
        if found != HEAD:
            _upgrade(connection, found, file)
    file.chmod(0o600)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _upgrade(connection: Connection, found: str | None, file: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise ConfrereError("data-newer", data=str(file.parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
