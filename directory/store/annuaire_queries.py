"""The queries over the tables of `annuaire_tables`, on a connection that the caller holds.

Values in, values out; which file is read and when it is opened again is for `annuaire`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select

from directory.extraction.practitioner import (
    Activity,
    Practitioner,
    PractitionerHit,
    Structure,
    display_phone,
    hit,
)
from directory.identity import matching
from directory.identity.rpps import Rpps
from directory.store import annuaire_tables as tables

_CANDIDATES = 500  # read at most before ranking; exact name parts come first in the index
_LAST = "\U0010ffff"  # sorts after every continuation of a prefix

key, person, doing, where = (
    tables.name_key.c,
    tables.practitioner.c,
    tables.activity.c,
    tables.place.c,
)


@dataclass(frozen=True, slots=True)
class Qualification:
    """A profession with a specialty or none, and the codes that it answers to."""

    id: int
    profession: str
    specialty: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A professional with the keys by which a search tells which activity answers it."""

    practitioner: Practitioner
    keys: tuple[tuple[int, int], ...]  # (qualification, place) of each activity, in their order

    def hit(self, wanted: Collection[int] | None, places: Collection[int] | None) -> PractitionerHit:
        """The search result, showing the first activity that answers most of the filters."""

        def misses(at: int) -> int:
            qualification, place = self.keys[at]
            return (wanted is not None and qualification not in wanted) + (places is not None and place not in places)

        best = min(range(len(self.keys)), key=misses, default=None)
        return hit(self.practitioner, None if best is None else self.practitioner.activities[best])


def answering(known: Mapping[int, Qualification], specialty: str | None) -> set[int] | None:
    """The qualifications that answer, None for all."""
    if not specialty or not specialty.strip():
        return None
    return {
        one.id
        for one in known.values()
        if matching.answers_specialty(specialty, f"{one.profession} {one.specialty}", one.codes)
    }


def places(connection: Connection, place: str | None) -> set[int] | None:
    """The places that answer, None for all.

    A postal code and a department's code narrow; of the names an exact one goes before a beginning, and that before
    one that holds the words somewhere.
    """
    words = matching.place_words(place or "")
    if not words:
        return None
    postal_code, words = matching.postal_code_in(words)
    here = [where.postal_code == postal_code] if postal_code else []
    department, town = matching.department_in(words)
    if words and (town or not department) and (found := _named(connection, words, here)):
        return found  # before the department's code is looked at: Paris 12 is an arrondissement
    if department:
        here.append(where.department_code == department)
    elif words:
        return set()
    return _named(connection, town, here) if town else _ids(connection, and_(*here))


def _named(connection: Connection, name: str, here: Sequence[ColumnElement[bool]]) -> set[int]:
    named = select(where.department_code).where(where.department_folded == name, where.department_code != "")
    for condition in (
        or_(
            where.town_folded == name,
            where.town_folded.op("GLOB")(f"{name} [0-9]*"),  # Lyon 3e Arrondissement
            where.department_code.in_(named),
        ),
        where.town_folded.between(f"{name} ", f"{name} {_LAST}"),
        where.town_folded.between(name, f"{name}{_LAST}"),
        where.town_folded.contains(f" {name}", autoescape=True),
    ):
        if found := _ids(connection, and_(*here, condition)):
            return found
    return set()


def _ids(connection: Connection, condition: ColumnElement[bool]) -> set[int]:
    return set(connection.execute(select(where.id).where(condition)).scalars())


def candidates(
    connection: Connection,
    parts: Sequence[str],
    wanted: Collection[int] | None,
    places: Collection[int] | None,
    limit: int,
) -> list[int]:
    """The keys of the professionals that answer, best first."""
    table = tables.name_key if parts else tables.activity
    query: Select[tuple[int, str, str, str]] = select(person.id, person.parts, person.family, person.given).distinct()
    query = query.join_from(table, tables.practitioner, person.id == table.c.practitioner)
    if wanted is not None:
        query = query.where(table.c.qualification.in_(wanted))
    if places is not None:
        query = query.where(table.c.place.in_(places))
    if parts:
        longest = max(parts, key=len)
        query = query.where(key.part.between(longest, longest + _LAST))
        for part in parts:
            if part != longest:
                query = query.where(person.parts.contains(f" {part}", autoescape=True))
    found = connection.execute(query.limit(max(_CANDIDATES, limit))).all()

    def rank(row: Row[tuple[int, str, str, str]]) -> tuple[int, str, int]:
        whole = row.parts.split()
        return -sum(part in whole for part in parts), row.parts, row.id

    return [row.id for row in sorted(found, key=rank)[:limit]]


def found(connection: Connection, known: Mapping[int, Qualification], ids: Sequence[int]) -> list[Found]:
    """The professionals with these keys, in this order, with their activities; unknown keys are left out."""
    people = connection.execute(select(tables.practitioner).where(person.id.in_(ids))).all()
    by_id = {row.id: row for row in people}
    activities: dict[int, list[tuple[tuple[int, int], Activity]]] = {row.id: [] for row in people}
    query = (
        select(tables.activity, where.postal_code, where.town, where.department)
        .join_from(tables.activity, tables.place, where.id == doing.place, isouter=True)
        .where(doing.practitioner.in_(ids), doing.present == 1)
        .order_by(doing.id)
    )
    for row in connection.execute(query):
        keys = (row.qualification, row.place)
        activities[row.practitioner].append((keys, _activity(row, known[row.qualification])))
    return [_found(by_id[number], known, activities[number]) for number in ids if number in by_id]


def structure(connection: Connection, identifier: str) -> Structure | None:
    """The structure with this FINESS number (of the site, else of the legal entity) or SIREN number."""
    for column in (doing.finess, doing.finess_legal, doing.siren):
        query = (
            select(doing.structure, where.town, doing.phone)
            .join_from(tables.activity, tables.place, where.id == doing.place, isouter=True)
            .where(column == identifier)
            .order_by(doing.phone == "", doing.id)
            .limit(1)
        )
        row = connection.execute(query).first()
        if row:
            return Structure(identifier, row.structure, row.town or "", display_phone(row.phone))
    return None


def _found(
    row: Row[tuple[object, ...]],
    known: Mapping[int, Qualification],
    activities: Sequence[tuple[tuple[int, int], Activity]],
) -> Found:
    qualification = known[row.qualification]
    practitioner = Practitioner(
        rpps=Rpps(f"{row.id:011d}") if row.id > 0 else None,
        civility=row.civility,
        family=row.family,
        given=row.given,
        profession=qualification.profession,
        specialty=qualification.specialty,
        codes=qualification.codes,
        activities=tuple(activity for _, activity in activities),
    )
    return Found(practitioner, tuple(keys for keys, _ in activities))


def _activity(row: Row[tuple[object, ...]], qualification: Qualification) -> Activity:
    return Activity(
        profession=qualification.profession,
        specialty=qualification.specialty,
        structure=row.structure,
        postal_code=row.postal_code or "",
        town=row.town or "",
        department=row.department or "",
        phone=display_phone(row.phone),
        email=row.email,
        finess=row.finess or "",
        siren=row.siren or "",
        sector=row.sector or "",
    )
