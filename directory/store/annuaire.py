"""Reading `DATA/annuaire.db`: search by name part, specialty and place, and look-ups by number.

Synchronous, short and thread-safe: an event loop calls it through a thread. The file is opened read-only and
opened again when an import has put another one in its place. Writing is in `annuaire_writer`.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool

from directory.errors import DirectoryError
from directory.extraction.practitioner import Practitioner, PractitionerHit, Structure
from directory.identity.folding import query_parts
from directory.identity.rpps import is_rpps
from directory.store import annuaire_queries as queries
from directory.store import annuaire_tables as tables


@dataclass(frozen=True, slots=True)
class _Opened:
    """One file of the directory, open: `identity` tells it from the next one of the same name."""

    identity: tuple[int, ...]
    engine: Engine
    qualifications: Mapping[int, queries.Qualification]


class Annuaire:
    """The directory of a data folder, from the reader's side; fills `search.AnnuaireReader`."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / tables.FILE_NAME
        self._opened: _Opened | None = None
        self._lock = threading.Lock()

    def search(
        self, text: str, specialty: str | None = None, place: str | None = None, limit: int = 20
    ) -> list[PractitionerHit]:
        """The best `limit` professionals: whole name parts before beginnings of them, then by name.

        `text` is parts of family and given names in any order, or an RPPS number, or "" for everybody of a
        specialty or place. Raises `annuaire-missing`, `annuaire-outdated`.
        """
        number = "".join(text.split())
        parts = query_parts(text)
        with self._reading() as (connection, opened):
            wanted = queries.answering(opened.qualifications, specialty)
            places = queries.places(connection, place)
            nothing = not parts and wanted is None and places is None
            if nothing or wanted == set() or places == set():
                return []
            known = is_rpps(number)
            ids = [int(number)] if known else queries.candidates(connection, parts, wanted, places, limit)
            return [found.hit(wanted, places) for found in queries.found(connection, opened.qualifications, ids)]

    def by_rpps(self, rpps: str) -> Practitioner | None:
        """The professional who holds this number, with or without an activity."""
        if not is_rpps(rpps):
            return None
        with self._reading() as (connection, opened):
            found = queries.found(connection, opened.qualifications, [int(rpps)])
        return found[0].practitioner if found else None

    def by_structure(self, identifier: str) -> Structure | None:
        """The structure with this FINESS (of the site, else of the legal entity) or SIREN number."""
        identifier = "".join(identifier.split()).upper()
        with self._reading() as (connection, _):
            return queries.structure(connection, identifier)

    def close(self) -> None:
        """Give the file back; the next call opens it again."""
        with self._lock:
            if self._opened is not None:
                self._opened.engine.dispose()
                self._opened = None

    @contextmanager
    def _reading(self) -> Iterator[tuple[Connection, _Opened]]:
        opened = self._current()
        with opened.engine.connect() as connection:
            yield connection, opened

    def _current(self) -> _Opened:
        with self._lock:
            try:
                status = os.stat(self._path)
            except FileNotFoundError:
                raise DirectoryError("annuaire-missing") from None
            identity = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)
            if self._opened is None or self._opened.identity != identity:
                fresh = _open(self._path, identity)
                if self._opened is not None:
                    self._opened.engine.dispose()  # searches under way keep the old file until they end
                self._opened = fresh
            return self._opened


def _open(path: Path, identity: tuple[int, ...]) -> _Opened:
    # immutable: a directory file is never written after its rename, so no lock and no side file is needed.
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(uri, uri=True, check_same_thread=False),
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=16,
    )
    try:
        with engine.connect() as connection:
            if connection.exec_driver_sql("PRAGMA user_version").scalar_one() != tables.VERSION:
                raise DirectoryError("annuaire-outdated")
            found = connection.execute(select(tables.qualification)).all()
    except (DatabaseError, DirectoryError):
        engine.dispose()
        raise DirectoryError("annuaire-outdated") from None
    known = {
        row.id: queries.Qualification(
            row.id,
            row.profession or row.profession_code,
            row.specialty or row.specialty_code,
            tuple(filter(None, (row.profession_code, row.specialty_code))),
        )
        for row in found
    }
    return _Opened(identity, engine, known)
