"""One line of a Personne_activite extraction (Annuaire Santé): a professional in one activity or in none.

Strings in, a `Row` or a stable reason out. Labels are kept as published. SIRET and FINESS keys are not judged
here: a structure with an odd number still has a telephone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from directory.identity.rpps import is_rpps

RPPS_TYPE = "8"
ADELI_TYPE = "0"


class Reason(StrEnum):
    """Why a line is skipped; words under `skipped-<reason>`."""

    COLUMN_COUNT = "column-count"
    LINE_TOO_LONG = "line-too-long"
    IDENTIFIER_TYPE = "identifier-type"
    RPPS_KEY = "rpps-key"
    ADELI_NUMBER = "adeli-number"
    NAME_MISSING = "name-missing"


@dataclass(frozen=True, slots=True)
class Row:
    """What is read of one line; empty strings where the extraction says nothing."""

    id_type: str
    id_number: str
    civility: str
    family: str
    given: str
    profession_code: str
    profession: str
    specialty_code: str
    specialty: str
    siret: str
    siren: str
    finess: str
    finess_legal: str
    structure_id: str
    structure: str
    sign: str
    postal_code: str
    commune_code: str
    town: str
    phone: str
    email: str
    department_code: str
    department: str
    sector_code: str

    @property
    def is_rpps(self) -> bool:
        """With an RPPS number one can be invited; with an old ADELI number only be found."""
        return self.id_type == RPPS_TYPE

    @property
    def has_activity(self) -> bool:
        """Whether the line names a place of work; a professional without any has one line all the same."""
        return bool(
            self.structure_id
            or self.structure
            or self.sign
            or self.siret
            or self.siren
            or self.finess
            or self.town
            or self.postal_code
        )


def judge(values: Sequence[str]) -> Row | Reason:
    """The row of `values` (in the order of `header.COLUMNS`, trimmed), or why it cannot be used."""
    row = Row(*values)
    if row.id_type == RPPS_TYPE:
        if not is_rpps(row.id_number):
            return Reason.RPPS_KEY
    elif row.id_type != ADELI_TYPE:
        return Reason.IDENTIFIER_TYPE
    elif not (row.id_number.isascii() and row.id_number.isalnum() and len(row.id_number) <= 9):
        return Reason.ADELI_NUMBER
    return row if row.family else Reason.NAME_MISSING


def department_of(row: Row) -> str:
    """The department's code, from the commune's INSEE code where absent; "" abroad or unknown."""
    if row.department_code:
        return row.department_code.upper().zfill(2)
    commune = row.commune_code.upper()
    if len(commune) != 5 or commune.startswith("99"):
        return ""
    return commune[:3] if commune.startswith(("97", "98")) else commune[:2]
