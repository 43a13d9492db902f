"""Who a referral is about: a FHIR R4 Patient of HL7 France's core profile (referral.md RF-1).

Reads and writes bytes; types nothing by hand and looks nobody up. No exception and no `repr` holds an
identity. Names, birth date and sex are required. A care request is not blocked by a missing INS or birth
place: those are warnings, and what files into the national record will ask for them.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from directory.errors import Refusal
from directory.identity.ins import OIDS, Ins, Sex, StrictTraits, is_birth_place, parse_ins
from messaging.errors import MessagingError
from messaging.referral.fhir_json import LINE, Node, extension, parse

MAX_PATIENT = 64 * 1024  # bytes of a Patient resource

_FR_CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
INSEE_CODE = _FR_CORE + "fr-core-address-insee-code"
BIRTH_GIVEN_NAMES = _FR_CORE + "fr-core-patient-birth-list-given-name"
RELIABILITY = _FR_CORE + "fr-core-identity-reliability"
STATUSES = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445"
COMMUNES = "https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM"

# Statuses of the national framework (RNIV). A matricule may stand beside the last two only: "validated" with a
# matricule is how core 2.1 says "qualified", which 2.2 has a code for.
PROVISIONAL, RETRIEVED, VALIDATED, QUALIFIED = "PROV", "RECUP", "VALI", "QUAL"
_STATUS = 10  # characters of a code


@dataclass(frozen=True, slots=True, repr=False)
class Patient:
    """An identity to show and to compare. `usual_*` is what the person is called, when that differs.

    `status` is how far the identity was checked, a code of `STATUSES`; empty where its source does not say.
    """

    traits: StrictTraits
    ins: Ins | None = None
    usual_name: str = ""
    usual_given_name: str = ""
    status: str = ""

    @property
    def qualified(self) -> bool:
        """Whether health data may be filed under the INS: checked, with its authority, and with all strict traits."""
        checked = self.status in (VALIDATED, QUALIFIED)
        return checked and self.ins is not None and bool(self.traits.birth_place) and self.traits.sex is not Sex.UNKNOWN

    @property
    def display_name(self) -> str:
        """Name used, or birth name, in the order French documents print it."""
        given = self.usual_given_name or self.traits.birth_given_names.split()[0]
        return f"{(self.usual_name or self.traits.birth_name).upper()} {given}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Ids of words to show beside the patient before anything leaves."""
        found = self.ins.warnings if self.ins else ("patient-without-ins",)
        return found if self.traits.birth_place else (*found, "patient-birth-place-missing")

    def __repr__(self) -> str:
        return "<Patient>"


def from_fhir(data: bytes) -> Patient:
    """Read a Patient resource.

    Raises `patient-unreadable` (shape), `patient-traits-missing` (which, never what), `patient-ins-malformed`
    and `patient-ins-key-wrong`.
    """
    return from_node(parse(data, "Patient", MAX_PATIENT, _unreadable))


def from_node(node: Node) -> Patient:
    """The same, from a resource that stands inside another."""
    node.resource("Patient")
    names = node.children("name")
    birth = _birth_name(names)
    usual = next((name for name in names if name.value.get("use") == "usual"), None)
    return Patient(
        strict_traits(
            birth_name=birth.line("family", required=False) if birth else "",
            birth_given_names=_birth_given_names(birth) if birth else "",
            birth_date=node.line("birthDate", required=False),
            sex=node.line("gender", required=False),
            birth_place=_birth_place(node),
        ),
        _ins(node),
        usual.line("family", required=False) if usual else "",
        _given(usual) if usual else "",
        _status(node),
    )


def to_fhir(patient: Patient) -> dict[str, object]:
    """The resource of this patient, with `id` "patient" so that a container can refer to it."""
    traits = patient.traits
    resource: dict[str, object] = {"resourceType": "Patient", "id": "patient"}
    extensions: list[dict[str, object]] = []
    if traits.birth_place:
        code = {"url": INSEE_CODE, "valueCoding": {"system": COMMUNES, "code": traits.birth_place}}
        extensions.append({"url": BIRTH_PLACE, "valueAddress": {"extension": [code]}})
    if patient.status:
        status = {"url": "identityStatus", "valueCoding": {"system": STATUSES, "code": patient.status}}
        extensions.append({"url": RELIABILITY, "extension": [status]})
    if extensions:
        resource["extension"] = extensions
    if patient.ins:
        resource["identifier"] = [
            {"use": "official", "system": f"urn:oid:{patient.ins.oid}", "value": patient.ins.matricule}
        ]
    names: list[dict[str, object]] = [
        {
            "extension": [{"url": BIRTH_GIVEN_NAMES, "valueString": traits.birth_given_names}],
            "use": "official",
            "family": traits.birth_name,
            "given": [traits.birth_given_names.split()[0]],
        }
    ]
    if patient.usual_name or patient.usual_given_name:
        usual: dict[str, object] = {"use": "usual"}
        if patient.usual_name:
            usual["family"] = patient.usual_name
        if patient.usual_given_name:
            usual["given"] = [patient.usual_given_name]
        names.append(usual)
    return resource | {"name": names, "gender": traits.sex.value, "birthDate": traits.birth_date.isoformat()}


def strict_traits(
    *, birth_name: str, birth_given_names: str, birth_date: str, sex: str, birth_place: str
) -> StrictTraits:
    """Traits from strings (date as YYYY-MM-DD, sex as FHIR writes it), or `patient-traits-missing`."""
    day = _day(birth_date)
    known = {choice.value: choice for choice in Sex}.get(sex)
    lacking = [
        trait
        for trait, present in (
            ("birth-name", bool(birth_name.strip())),
            ("birth-given-names", bool(birth_given_names.strip())),
            ("birth-date", day is not None),
            ("sex", known is not None),
            ("birth-place", not birth_place or is_birth_place(birth_place)),
        )
        if not present
    ]
    if lacking or day is None or known is None:
        raise traits_missing(*lacking)
    return StrictTraits(birth_name.strip(), " ".join(birth_given_names.split()), day, known, birth_place)


def traits_missing(*traits: str) -> MessagingError:
    """The refusal that names what is missing: the first for a sentence, all of them for a script."""
    return MessagingError("patient-traits-missing", trait=traits[0], others=len(traits) - 1, traits=" ".join(traits))


def contained_patient(container: Node) -> Patient:
    """The only Patient among a resource's `contained`; any fault is the container's own refusal."""
    held = [node for node in container.children("contained") if node.value.get("resourceType") == "Patient"]
    try:
        patient = from_node(held[0]) if len(held) == 1 else None
    except Refusal:
        patient = None
    if patient is None:
        raise container.refuse(container.at("contained.Patient"))
    return patient


def _birth_name(names: tuple[Node, ...]) -> Node | None:
    """The official name; failing it the maiden name, or a name without a stated use. Never the usual one."""
    by_use = {str(name.value.get("use", "")): name for name in reversed(names)}
    return by_use.get("official") or by_use.get("maiden") or by_use.get("")


def _birth_given_names(name: Node) -> str:
    listed = extension(name.children("extension"), BIRTH_GIVEN_NAMES)
    return listed.line("valueString") if listed else _given(name)


def _given(name: Node) -> str:
    given = name.value.get("given", [])
    if not isinstance(given, list) or len(given) > 20 or not all(isinstance(part, str) for part in given):
        raise name.refuse(name.at("given"))
    joined = Node({"given": " ".join(given) or None}, name.clause, name.refuse)
    return joined.line("given", required=False, limit=LINE)


def _birth_place(node: Node) -> str:
    place = extension(node.children("extension"), BIRTH_PLACE)
    address = place.maybe("valueAddress") if place else None
    if address is None:
        return ""
    coded = extension(address.children("extension"), INSEE_CODE)
    coding = coded.maybe("valueCoding") if coded else None
    return coding.line("code").upper() if coding else ""


def _status(node: Node) -> str:
    """The stated status; a code of another system says nothing."""
    reliability = extension(node.children("extension"), RELIABILITY)
    stated = extension(reliability.children("extension"), "identityStatus") if reliability else None
    coding = stated.maybe("valueCoding") if stated else None
    return coding.line("code", limit=_STATUS) if coding and coding.value.get("system") == STATUSES else ""


def _ins(node: Node) -> Ins | None:
    found = [
        parse_ins(identifier.line("value"), str(identifier.value["system"]))
        for identifier in node.children("identifier")
        if str(identifier.value.get("system", "")).removeprefix("urn:oid:") in OIDS
    ]
    if len(found) > 1:
        raise node.refuse(node.at("identifier"))  # two national identities: which one is meant is not ours to say
    return found[0] if found else None


def _day(value: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(value) if len(value) == len("YYYY-MM-DD") else None
    except ValueError:
        return None


def _unreadable(clause: str) -> MessagingError:
    return MessagingError("patient-unreadable", clause=clause)
