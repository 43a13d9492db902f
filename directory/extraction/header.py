"""The header of a Personne_activite extraction (Annuaire Santé): columns found by normalised name.

Spelling, order and number of columns drift from year to year, so nothing is ever found by its index. Columns
that nobody here reads are let through, whatever their name. The rows are read in `row` and `parse`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from directory.errors import DirectoryError
from directory.identity.folding import fold

SEPARATOR = "|"
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A field of `Row` and the normalised names under which its column has been published."""

    field: str
    names: tuple[str, ...]
    required: bool = False


# In the order of the fields of `row.Row`.
COLUMNS = (
    Column("id_type", ("type identifiant pp", "type identifiant"), required=True),
    Column("id_number", ("identifiant pp", "identifiant"), required=True),
    Column("civility", ("code civilite exercice",)),
    Column("family", ("nom exercice", "nom"), required=True),
    Column("given", ("prenom exercice", "prenom"), required=True),
    Column("profession_code", ("code profession",), required=True),
    Column("profession", ("libelle profession",), required=True),
    Column("specialty_code", ("code savoir faire",)),
    Column("specialty", ("libelle savoir faire",)),
    Column("siret", ("numero siret site",)),
    Column("siren", ("numero siren site",)),
    Column("finess", ("numero finess site",)),
    Column("finess_legal", ("numero finess etablissement juridique",)),
    Column("structure_id", ("identifiant technique de la structure",)),
    Column("structure", ("raison sociale site",)),
    Column("sign", ("enseigne commerciale site",)),
    Column("postal_code", ("code postal structure",)),
    Column("commune_code", ("code commune structure",)),
    Column("town", ("libelle commune structure",)),
    Column("phone", ("telephone structure",)),
    Column("email", ("adresse e mail structure",)),
    Column("department_code", ("code departement structure",)),
    Column("department", ("libelle departement structure",)),
    Column("sector_code", ("code secteur activite",)),
)


@dataclass(frozen=True, slots=True)
class Header:
    """Where each field of a row stands: `indexes` as in `COLUMNS`, `width` (out of range) for none."""

    width: int
    indexes: tuple[int, ...]


def normalise(name: str) -> str:
    """A column's name without what drifts: case, accents, apostrophes, `d'`, `coord.` before `structure`."""
    words = [word for word in _WORD.findall(fold(name)) if word != "d"]
    if words[-2:] == ["coord", "structure"]:
        del words[-2]
    return " ".join(words)


def read_header(line: str) -> Header:
    """The columns of the first line (without its end of line).

    Refuses `extraction-no-header` when no required column is there, `extraction-column-missing` with the
    names of the missing ones, `extraction-column-twice` when a column that is read could be either of two.
    """
    published = line.split(SEPARATOR)
    names = [normalise(name) for name in published]
    indexes = tuple(_find(column, names) for column in COLUMNS)
    required = [(column, index) for column, index in zip(COLUMNS, indexes, strict=True) if column.required]
    missing = [column.names[0] for column, index in required if index == len(names)]
    if len(missing) == len(required):
        raise DirectoryError("extraction-no-header")
    if missing:
        raise DirectoryError("extraction-column-missing", columns=", ".join(missing))
    return Header(len(published), indexes)


def _find(column: Column, names: list[str]) -> int:
    for name in column.names:
        if names.count(name) > 1:
            raise DirectoryError("extraction-column-twice", column=name)
        if name in names:
            return names.index(name)
    return len(names)
