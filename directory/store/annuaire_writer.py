"""Building `DATA/annuaire.db` beside the one that stands, and renaming it over: an import is all or nothing.

Works before the first `serve`, never opens `service.db`, and holds no lock that a reader waits for. Readers
are in `annuaire`; they see the old file until the rename, and the new one from then on.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Insert, Table, create_engine, func, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable

from directory.errors import DirectoryError
from directory.extraction.row import Row, department_of
from directory.identity.folding import plain, search_parts
from directory.store import annuaire_tables as tables

_DRAFT_NAME = "annuaire.importing.db"
_LOCK_NAME = "annuaire.lock"
_CACHE_KIB = 65_536


class Draft:
    """A new directory file on its way. Not for several threads."""

    def __init__(self, connection: Connection, path: Path, target: Path) -> None:
        self._connection = connection
        self._path = path
        self._target = target
        self._rows = 0
        self._qualifications: dict[tuple[str, ...], int] = {}
        self._places: dict[tuple[str, ...], int] = {}
        self._insert_person = _sql(insert(tables.practitioner).prefix_with("OR IGNORE"), tables.practitioner)
        self._insert_activity = _sql(insert(tables.activity), tables.activity)
        self._insert_key = _sql(insert(tables.name_key), tables.name_key)

    def add(self, rows: Sequence[Row]) -> None:
        """Take a batch; the first line of a professional gives the name that is shown."""
        people: list[tuple[object, ...]] = []
        activities: list[tuple[object, ...]] = []
        keys: list[tuple[object, ...]] = []
        for row in rows:
            self._rows += 1
            person = person_id(row.is_rpps, row.id_number)
            qualification = _number(
                self._qualifications,
                (row.profession_code, row.profession, row.specialty_code, row.specialty),
            )
            place = self._place(row)
            parts = search_parts(row.family, row.given)
            people.append((person, row.civility, row.family, row.given, qualification, f" {' '.join(parts)}"))
            activities.append(
                (
                    self._rows,
                    person,
                    qualification,
                    place,
                    int(row.has_activity),
                    row.structure or row.sign,
                    row.phone,
                    row.email if "@" in row.email else "",
                    row.finess or None,
                    row.finess_legal or None,
                    row.siren or row.siret[:9] or None,
                    row.sector_code or None,
                )
            )
            keys.extend((part, qualification, place, person) for part in parts)
        for statement, values in (
            (self._insert_person, people),
            (self._insert_activity, activities),
            (self._insert_key, keys),
        ):
            if values:
                self._connection.exec_driver_sql(statement, values)

    def finish(self) -> int:
        """Write the small tables and the indexes; returns how many practitioners there are."""
        for table, known in (
            (tables.qualification, self._qualifications),
            (tables.place, self._places),
        ):
            if known:
                values = [(number, *key) for key, number in known.items()]
                self._connection.exec_driver_sql(_sql(insert(table), table), values)
        people = self._connection.execute(select(func.count()).select_from(tables.practitioner)).scalar_one()
        self._connection.execute(insert(tables.extraction).values(rows=self._rows, practitioners=people))
        for index in tables.INDEXES:
            self._connection.execute(CreateIndex(index))
        self._connection.exec_driver_sql("ANALYZE")
        return int(people)

    def publish(self) -> None:
        """Bring the file to the disk, then over the one that stands, then the folder to the disk."""
        self._connection.commit()
        self._connection.close()
        _fsync(self._path)
        os.replace(self._path, self._target)
        _fsync(self._target.parent)

    def _place(self, row: Row) -> int:
        if not (row.town or row.postal_code or row.department_code):
            return 0
        code = department_of(row)
        key = (row.postal_code, row.town, code, row.department, plain(row.town), plain(row.department))
        return _number(self._places, key)


class AnnuaireFile:
    """The directory file of a data folder, for the importer; fills `import_extraction.AnnuaireShelf`."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._target = data_dir / tables.FILE_NAME

    def standing_rows(self) -> int | None:
        """How many rows the present directory was made of; None when there is none that can be read."""
        if not self._target.exists():
            return None
        try:
            with closing(sqlite3.connect(f"{self._target.resolve().as_uri()}?mode=ro", uri=True)) as connection:
                found = connection.execute('SELECT "rows" FROM extraction').fetchone()
        except sqlite3.Error:
            return None
        return int(found[0]) if found else None

    @contextmanager
    def draft(self) -> Iterator[Draft]:
        """An empty draft, alone in its folder (else `annuaire-busy`), gone afterwards unless published."""
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._data_dir / _DRAFT_NAME
        with _alone(self._data_dir / _LOCK_NAME):
            path.unlink(missing_ok=True)  # what a killed import left
            engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(path), poolclass=NullPool)
            try:
                with engine.connect() as connection:
                    _prepare(connection)
                    yield Draft(connection, path, self._target)
            finally:
                path.unlink(missing_ok=True)


def person_id(is_rpps: bool, number: str) -> int:
    """The key of a professional: an RPPS number is itself; an ADELI number counts below zero, base 36."""
    return int(number) if is_rpps else -1 - int(number or "0", 36)


def _prepare(connection: Connection) -> None:
    # A crash may ruin the draft as it likes: it is thrown away. Its bytes are synced once, before the rename.
    connection.exec_driver_sql("PRAGMA journal_mode = OFF")
    connection.exec_driver_sql("PRAGMA synchronous = OFF")
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.exec_driver_sql("PRAGMA temp_store = FILE")
    connection.exec_driver_sql(f"PRAGMA user_version = {tables.VERSION}")
    for table in tables.metadata.sorted_tables:
        connection.execute(CreateTable(table))


def _sql(statement: Insert, table: Table) -> str:
    """The statement as the driver takes it, positional: compiled once, not for each of millions of rows."""
    return str(statement.compile(dialect=sqlite.dialect(), column_keys=[column.name for column in table.c]))


def _number(known: dict[tuple[str, ...], int], key: tuple[str, ...]) -> int:
    return known.setdefault(key, len(known) + 1)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the import lock of a folder; it goes with the process, however that ends."""
    with path.open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryError("annuaire-busy") from None
        yield
