"""What sort of thing a line of a record is, told from its document type (record.md RD-1.3).

A kind is what a reader looks for; a document type is one of the national list's two hundred codes. The table names the
types whose kind differs from what their family says; an unknown type is `other`, never refused. No label stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from directory.identity.folding import plain
from record_bridge.errors import RecordError
from record_bridge.record.classes import RecordClass


class Kind(StrEnum):
    """In the order in which a record shows its groups; the words' id is `record-kind-<value>`."""

    SYNTHESIS = "synthesis"
    ALLERGY = "allergy"
    TREATMENT = "treatment"
    REPORT = "report"
    LETTER = "letter"
    LABORATORY = "laboratory"
    IMAGING = "imaging"
    PRESCRIPTION = "prescription"
    NOTE = "note"  # by the patient, or about him by who keeps the record
    REIMBURSEMENT = "reimbursement"
    OTHER = "other"

    @property
    def words(self) -> str:
        return f"record-kind-{self.value}"


# LOINC where the code is one; the others are the national complement's, and no code stands in both lists.
BY_TYPE: Mapping[str, Kind] = MappingProxyType(
    {
        code: kind
        for kind, codes in (
            (Kind.SYNTHESIS, ("60591-5", "34133-9", "68599-0", "SYNTH", "DOCPAT01")),
            (Kind.ALLERGY, ("48765-2",)),
            (Kind.TREATMENT, ("10160-0", "56445-0", "60593-1", "80565-5", "80820-4", "DOCPAT02")),
            (Kind.REPORT, ("85208-7", "11488-4", "34112-3", "34794-8", "10213-7")),
            (Kind.LETTER, ("96349-6", "11490-0", "18761-7", "83981-1", "88348-8")),
            (Kind.LABORATORY, ("11502-2", "51969-4")),
            (Kind.IMAGING, ("18748-4", "52040-3")),
            (Kind.PRESCRIPTION, ("57833-6", "57828-6", "55115-0")),
            (Kind.REIMBURSEMENT, ("REMB",)),
        )
        for code in codes
    }
)

_TYPED: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.SYNTHESIS: ("synthese", "syntheses", "synthesis", "summary"),
        Kind.ALLERGY: ("allergie", "allergies", "allergy"),
        Kind.TREATMENT: ("traitement", "traitements", "treatment", "treatments"),
        Kind.REPORT: ("compte rendu", "comptes rendus", "cr", "report", "reports", "avis"),
        Kind.LETTER: ("lettre", "lettres", "courrier", "letter", "letters"),
        Kind.LABORATORY: ("biologie", "analyses", "laboratoire", "laboratory", "lab"),
        Kind.IMAGING: ("imagerie", "imaging"),
        Kind.PRESCRIPTION: ("ordonnance", "ordonnances", "prescription", "prescriptions"),
        Kind.NOTE: ("note", "notes"),
        Kind.REIMBURSEMENT: ("remboursement", "remboursements", "reimbursement", "reimbursements"),
        Kind.OTHER: ("autre", "autres", "autre document", "other", "other document"),
    }
)
_BY_WORD = {word: kind for kind, typed in _TYPED.items() for word in typed}


def kind_of(type_code: str, class_: RecordClass) -> Kind:
    """The kind of a document of that type in that class: what stands among the reimbursements is one."""
    if class_ is RecordClass.REIMBURSEMENT:
        return Kind.REIMBURSEMENT
    return BY_TYPE.get(type_code, Kind.OTHER)


def parse_kind(typed: str) -> Kind:
    """The kind that a user means, in French or English, accents and case aside; else `record-kind-unknown`."""
    found = _BY_WORD.get(plain(typed))
    if found is None:
        raise RecordError("record-kind-unknown")
    return found
