"""Generated exchanges: everything that the project writes as FHIR, as (name, JSON). Made by a seed, about nobody."""

from __future__ import annotations

import datetime
import random
import uuid
from collections.abc import Iterator
from decimal import Decimal

from directory.identity.ins import OID_TEST, Sex, StrictTraits, ins_key, parse_ins
from messaging.referral import bodies, patient
from messaging.referral.clinical import (
    Answer,
    Appointment,
    AppointmentStatus,
    Party,
    Question,
    Reason,
    ReferralRequest,
    Remark,
    StateChange,
)
from messaging.referral.fhir_json import dump
from messaging.referral.patient import Patient
from messaging.referral.states import BusinessStatus, Status
from messaging.referral.urgency import Urgency
from record_bridge.consent import fhir as consent_fhir
from record_bridge.consent.consent import Consent, Episode, Exchange, Limits, Purpose, Told
from record_bridge.consent.states import State
from record_bridge.fhir import document_reference, explanation_of_benefit
from record_bridge.fhir.author import Author
from record_bridge.fhir.document_reference import DocumentReference, Security, attachment
from record_bridge.fhir.elements import Code, Structure
from record_bridge.fhir.explanation_of_benefit import ExplanationOfBenefit, Reimbursed
from record_bridge.record import note
from record_bridge.record.classes import RecordClass
from record_bridge.record.items import Flag, Result
from record_bridge.record.kinds import Kind

_WORDS = (
    *("dyspnée", "œdème", "« stable »", "≥ 5 µg/L", "—", "avis", "👍", "cœur", "NFS\tK⁺", "n'a", "pas", '"été"'),
    *("<b>revu</b>", "&", "l’été", "中", "\\", "\u00a0:"),
)
_NAMES = ("ESSAI", "D'ESSAI-TEST", "ÉPREUVE", "LE TÉMOIN", "ØRSTED", "ÇELIK")
_GIVEN = ("Éléonore", "Jean-Marie", "Zoë", "Ali", "Anne Claire")
_TYPES = (
    Code(document_reference.TYPES, "85208-7", "CR de télémédecine"),
    Code(document_reference.TYPES, "11502-2", "CR d'examens biologiques"),
    Code(document_reference.NATIONAL_TYPES, "DOCPAT03"),
)
_UNITS = ("mmol/L", "g/L", "%", "10*9/L", "ng/L", "")


class Maker:
    """One seed, one world."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.case = self.random.randbytes(16)

    def text(self, most: int = 40) -> str:
        words = [self.random.choice(_WORDS) for _ in range(self.random.randint(1, most))]
        return self.random.choice((" ", "\n", "  ")).join(words)

    def label(self) -> str:
        return " ".join(self.random.choice(_WORDS).strip().replace("\t", " ") for _ in range(self.random.randint(1, 5)))

    def maybe(self) -> bool:
        return self.random.random() < 0.5

    def day(self) -> datetime.date:
        return datetime.date(1930, 1, 1) + datetime.timedelta(days=self.random.randrange(35_000))

    def ms(self) -> int:
        return self.random.randrange(0, 4_000_000_000) * 1000 + self.random.choice((0, 0, 125))

    def seconds(self) -> int:
        return self.random.randrange(0, 4_000_000_000) * 1000

    def urn(self) -> str:
        made = uuid.UUID(int=self.random.getrandbits(128), version=4)
        return self.random.choice((f"urn:uuid:{made}", f"urn:oid:2.25.{made.int}"))

    def patient(self) -> Patient:
        born, place = self.day(), self.random.choice(("75056", "2A004", "99109", ""))
        sex = self.random.choice(tuple(Sex))
        ins = None
        if self.maybe():
            number = f"{self.random.randint(1, 2)}{born:%y%m}75056{self.random.randint(1, 999):03}"
            ins = parse_ins(f"{number}{ins_key(number):02}", OID_TEST)
        usual = self.maybe()
        return Patient(
            StrictTraits(self.random.choice(_NAMES), self.random.choice(_GIVEN), born, sex, place),
            ins,
            self.random.choice(_NAMES) if usual else "",
            self.random.choice(_GIVEN) if usual and self.maybe() else "",
            self.random.choice(("", patient.PROVISIONAL, patient.VALIDATED)),
        )

    def party(self) -> Party:
        return Party(f"Dr {self.random.choice(_NAMES)}", self.random.choice(("", "10000000007")))

    def structure(self) -> Structure:
        return Structure(f"Cabinet {self.random.choice(_NAMES)}", self.random.choice(("", "1750100125")))

    def result(self) -> Result:
        number = Decimal(self.random.choice(("7.10", "0.05", "140", "1.0", "-2.5", "12345.678", "0", "0.000")))
        value = self.random.choice((number, number, number, None))
        low, high = self.random.choice(((None, None), (Decimal("3.50"), None), (Decimal("0"), Decimal("5.1"))))
        unit = self.random.choice(_UNITS) if value is not None or low is not None else ""
        return Result(
            self.random.choice(("2823-3", "718-7", "")),
            self.label(),
            value,
            unit,
            low,
            high,
            self.random.choice(tuple(Flag)),
            self.ms(),
            self.text(8) if self.maybe() else "",
        )

    def document_reference(self) -> DocumentReference:
        structure = self.structure()
        person = self.party()
        specialty = Code("https://example.test/specialites", "SM04", "Cardiologie") if self.maybe() else None
        hidden = self.random.sample(list(Security)[3:], self.random.randint(0, 3))
        start = self.ms()
        return DocumentReference(
            identifier=self.urn(),
            status=self.random.choice(tuple(document_reference.Status)),
            type=self.random.choice(_TYPES),
            category=Code(document_reference.CLASSES, "10", "Compte rendu"),
            patient=self.patient(),
            date_ms=self.ms(),
            author=self.random.choice(
                (Author(None, structure), Author(person), Author(person, structure, specialty))
            ),
            custodian=self.structure(),
            attachment=attachment(
                self.random.randbytes(20),
                url=self.random.choice(("document.xml", f"urn:uuid:{uuid.UUID(bytes=self.case)}")),
                content_type="text/xml",
                title=self.label(),
                creation_ms=self.ms(),
            ),
            period_start_ms=start,
            period_end_ms=self.random.choice((None, start + 3_600_000)),
            facility=Code(document_reference.FACILITIES, "SA07", "Cabinet individuel"),
            practice=Code(document_reference.PRACTICES, "AMBULATOIRE", "Ambulatoire"),
            security=(self.random.choice(list(Security)[:3]), *hidden),
            summary=self.text() if self.maybe() else "",
            replaces=self.urn() if self.maybe() else "",
            related=tuple(self.urn() for _ in range(self.random.randint(0, 2))),
            results=tuple(self.result() for _ in range(self.random.randint(0, 6))),
        )

    def explanation_of_benefit(self) -> ExplanationOfBenefit:
        act = Code("https://example.test/ngap", "TE2", "Téléexpertise")
        items = [
            Reimbursed(self.day(), act, amount := self.random.randrange(100_000), self.random.randint(0, amount))
            for _ in range(self.random.randint(1, 8))
        ]
        return ExplanationOfBenefit(
            self.random.randbytes(16), self.patient(), self.structure(), self.structure(), self.ms(), tuple(items)
        )

    def consent(self) -> Consent:
        start = self.ms()
        scope = self.random.choice(
            (
                Exchange(self.case),
                Exchange(self.case, (self.random.randbytes(16),), start),
                Episode(self.random.randbytes(16), self.label(), start, start + 90 * 86_400_000),
            )
        )
        state = self.random.choice(tuple(State))
        limits = Limits(
            frozenset(self.random.sample(list(Kind), 2)),
            frozenset(self.random.randbytes(16) for _ in range(2)),
            frozenset(self.random.sample(list(RecordClass), 2)),
        )
        return Consent(
            series=self.random.randbytes(16),
            state=state,
            scope=scope,
            patient=self.patient(),
            record=self.random.randbytes(16),
            recorder=self.random.choice((None, self.party())),
            recorded_ms=self.ms(),
            purposes=frozenset(self.random.sample(list(Purpose), self.random.randint(1, 2))),
            limits=limits if state is State.LIMITED else Limits(),
            told=self.random.choice(tuple(Told)),
        )

    def referral_request(self) -> ReferralRequest:
        supporting = tuple(self.label() for _ in range(self.random.randint(0, 3)))
        urgency = self.random.choice(tuple(Urgency))
        return ReferralRequest(self.case, self.patient(), self.text(), urgency, self.party(), self.party(), supporting)

    def state_change(self) -> StateChange:
        return StateChange(
            self.case,
            self.random.choice(tuple(Status)),
            self.random.choice((None, *Urgency)),
            self.random.choice((None, *BusinessStatus)),
            self.random.choice((None, self.seconds())),
            self.random.choice((None, *Reason)),
        )

    def appointment(self) -> Appointment:
        start = self.seconds()
        status = self.random.choice(tuple(AppointmentStatus))
        return Appointment(self.case, status, start, start + 1_800_000, self.label() if self.maybe() else "")

    def answer(self) -> Answer:
        return Answer(
            self.case,
            self.text(),
            *((self.text() if self.maybe() else "") for _ in range(2)),
            self.day() if self.maybe() else None,
            self.text() if self.maybe() else "",
            tuple(self.label() for _ in range(self.random.randint(0, 2))),
        )

    def exchange(self) -> Iterator[tuple[str, bytes]]:
        """Every resource of one exchange and of what is filed of it."""
        yield "Patient", dump(patient.to_fhir(self.patient()))
        for body in (
            *(self.referral_request(), self.state_change(), self.appointment(), self.answer()),
            *(Question(self.case, self.text()), Remark(self.case, self.text())),
        ):
            yield body.kind.value, bodies.write(body)
        yield "Consent", consent_fhir.write(self.consent())
        kind = self.random.choice(tuple(note.NOTE_KINDS.values()))
        yield "Note", note.write(note.Note(kind, self.text(), self.ms()))
        yield "DocumentReference", document_reference.to_fhir(self.document_reference())
        yield "ExplanationOfBenefit", explanation_of_benefit.to_fhir(self.explanation_of_benefit())
