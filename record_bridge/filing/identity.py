"""Whose record is filed into: the identity, whether it is qualified, and whether two are one person's (FI-2).

*Qualified* is what French law asks before anything is filed under an INS: the identity was validated in consultation,
the matricule stands with its authority, and all strict traits are there. Care is never blocked by it, filing waits.
Values and FHIR JSON only; no exception and no `repr` holds an identity.
"""

from __future__ import annotations

from dataclasses import dataclass

from directory.identity.ins import Sex, fold_trait
from messaging.referral.fhir_json import Node, extension
from messaging.referral.patient import Patient, from_node, to_fhir

RELIABILITY = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability"
STATUSES = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445"
VALIDATED, PROVISIONAL = "VALI", "PROV"
_STATUS = "identityStatus"


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """A patient, and whether somebody validated the identity against a document of high trust."""

    patient: Patient
    validated: bool = False

    @property
    def lacks(self) -> str:
        """The id of the reason why filing waits for this identity; empty when it is qualified."""
        traits = self.patient.traits
        if self.patient.ins is None:
            return "filing-waits-for-ins"
        if not traits.birth_place or traits.sex is Sex.UNKNOWN:
            return "filing-waits-for-traits"
        return "" if self.validated else "filing-waits-for-validation"

    def __repr__(self) -> str:
        return "<Identity>"


def differs(one: Patient, other: Patient) -> str:
    """The trait by which two identities cannot be one person's; empty if none. What one does not know tells nothing.

    Names as the INS compares them; of given names the shorter list must begin the longer.
    """
    a, b = one.traits, other.traits
    if fold_trait(a.birth_name) != fold_trait(b.birth_name):
        return "birth-name"
    given = (fold_trait(traits.birth_given_names).split() for traits in (a, b))
    shorter, longer = sorted(given, key=len)
    if longer[: len(shorter)] != shorter:
        return "birth-given-names"
    if a.birth_date != b.birth_date:
        return "birth-date"
    if a.sex is not b.sex and Sex.UNKNOWN not in (a.sex, b.sex):
        return "sex"
    if a.birth_place and b.birth_place and a.birth_place != b.birth_place:
        return "birth-place"
    if one.ins is None or other.ins is None or one.ins.oid != other.ins.oid:
        return ""  # a waiting number and the final one are two numbers of one person
    return "ins" if one.ins != other.ins else ""


def write(identity: Identity) -> dict[str, object]:
    """A FHIR R4 Patient of HL7 France's core profile, its reliability among the extensions."""
    code = VALIDATED if identity.validated else PROVISIONAL
    status = {"url": _STATUS, "valueCoding": {"system": STATUSES, "code": code}}
    resource = to_fhir(identity.patient)
    places = resource.get("extension", [])
    held = places if isinstance(places, list) else []
    return resource | {"extension": [*held, {"url": RELIABILITY, "extension": [status]}]}


def read(node: Node) -> Identity:
    """The same, back. Anything but a stated validation is none. Raises what `patient.from_node` raises."""
    patient = from_node(node)
    reliability = extension(node.children("extension"), RELIABILITY)
    status = extension(reliability.children("extension"), _STATUS) if reliability else None
    coding = status.maybe("valueCoding") if status else None
    stated = coding is not None and coding.line("system", required=False) == STATUSES
    return Identity(patient, coding is not None and stated and coding.line("code") == VALIDATED)
