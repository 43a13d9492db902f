"""The story, scene by scene (docs/guide/demo.md): what `make demo` plays and what the last scene looks for.

Every scene is command lines that people type; what they must show is checked, so a story that ends has happened.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from confrere.story import documents, synthetic_extraction
from confrere.story.stage import Actor, Stage, StoryFailed
from confrere.story.synthetic_extraction import CAST
from directory.identity.ins import OID_TEST, Sex, StrictTraits, parse_ins
from messaging.referral.fhir_json import dump
from messaging.referral.patient import Patient, to_fhir

PDF_OCTETS = 4 * 1024 * 1024
TEST_INS = "279035121518989"  # the published test patient's matricule, under the test OID

Tell = Callable[..., None]


def _marker(letters: int = 14) -> str:
    return "".join(secrets.choice(string.ascii_uppercase) for _ in range(letters))


@dataclass(frozen=True, slots=True)
class Markers:
    """Strings that exist nowhere else: one for each sort of content."""

    subject: str
    text: str
    answer: str
    remark: str
    patient: str
    file: str
    attachment: str

    def all(self) -> list[str]:
        return [self.subject, self.text, self.answer, self.remark, self.patient, self.file, self.attachment]


def new_markers() -> Markers:
    return Markers(*(_marker() for _ in range(7)))


def _must(held: bool, scene: str) -> None:
    if not held:
        raise StoryFailed(scene)


class Story:
    def __init__(self, stage: Stage, tell: Tell) -> None:
        self._stage = stage
        self._tell = tell
        self.markers = new_markers()
        self.addresses: dict[str, str] = {}
        self.recovery: dict[str, str] = {}
        self._papers = stage.root / "papers"
        self._case = ""

    def _actor(self, role: str) -> Actor:
        return self._stage.actors[role]

    async def play(self) -> None:
        await self._open()
        await self._enrol(["gp", "cardiologist", "nurse", "pneumologist", "endocrinologist"])
        await self._secretary()
        await self._find()
        await self._not_enrolled()
        await self._refer()
        await self._mandates()
        await self._answer()
        await self._logistics()
        await self._doctor_only()
        await self._more_colleagues()
        await self._late_enrolment()
        await self._urgent()
        await self._notices()

    async def _open(self) -> None:
        stage = self._stage
        self._papers.mkdir()
        extraction = self._papers / "PS_LibreAcces_Personne_activite.txt"
        synthetic_extraction.write(extraction)
        counts = await stage.operator("directory", "import", str(extraction), "--data", str(stage.data))
        _must(counts["rows"] >= 3000 and counts["skipped"] == 0, "directory import")
        self._tell("story-imported", rows=counts["rows"], people=counts["practitioners"])
        roles = ["gp", "cardiologist", "nurse", "pneumologist", "endocrinologist", "secretary"]
        await asyncio.gather(stage.open_service(), stage.enter(roles))
        self._tell("story-service", url=stage.url)

    async def _enrol(self, roles: list[str]) -> None:
        await asyncio.gather(*(self._enrol_one(role) for role in roles))

    async def _enrol_one(self, role: str, *invited: str) -> None:
        who = invited or ("--rpps", CAST[role].rpps)
        invitation = await self._stage.operator("invite", "--data", str(self._stage.data), *who)
        actor = self._actor(role)
        enrolled = await actor.json(
            "enroll", "--server", self._stage.url, "--profile", str(actor.profile), "--code", invitation["code"],
            "--notify", f"{role}@courriel.example",
        )  # fmt: skip
        self.addresses[role] = enrolled["address"]
        self.recovery[role] = enrolled["recovery"]
        self._tell("story-enrolled", address=enrolled["address"])

    async def _secretary(self) -> None:
        await self._enrol_one(
            "secretary", "--staff-of", self.addresses["cardiologist"], "--name", "Sophie Durand"
        )

    async def _find(self) -> None:
        found = await self._actor("gp").json(
            "directory", "search", "font", "--server", self._stage.url, "--specialty", "cardio", "--place", "Lyon"
        )
        hit = next(one for one in found if one["rpps"] == CAST["cardiologist"].rpps)
        _must(hit["address"] == self.addresses["cardiologist"], "search")
        self._tell("story-found", name=hit["name"], reach=hit["reach_text"])

    def _patient(self) -> Path:
        traits = StrictTraits(
            birth_name=self.markers.patient,
            birth_given_names="JEANNE MARIE",
            birth_date=datetime.date(1979, 3, 5),
            sex=Sex.FEMALE,
            birth_place="51215",
        )
        self.patient = Patient(traits, parse_ins(TEST_INS, OID_TEST))
        path = self._papers / "patient.json"
        path.write_bytes(dump(to_fhir(self.patient)))
        return path

    async def _not_enrolled(self) -> None:
        patient = self._patient()
        question = self._papers / "dermato.txt"
        question.write_text(f"Lésion pigmentée du dos, votre avis ? {self.markers.text}", encoding="utf-8")
        waiting = await self._actor("gp").json(
            "refer", "--to", CAST["dermatologist"].rpps, "--patient", str(patient), "--question", str(question),
            "--urgency", "routine",
        )  # fmt: skip
        _must(waiting["event"] is None and waiting["state"] == "waiting-enrolment", "refer to a colleague not enrolled")
        self._waiting = waiting["thread"]
        shown = await self._actor("gp").json("inbox")
        row = next(one for one in shown if one["thread"] == self._waiting)
        _must(row["state"] == "waiting-enrolment" and bool(row["phone"]), "inbox shows what waits")
        async with asyncio.timeout(10):
            while not self._invitations():
                await asyncio.sleep(0.05)
        self._tell("story-waiting", phone=row["phone"])

    def _invitations(self) -> list[str]:
        """Subjects of the e-mails to the colleague's practice."""
        site = CAST["dermatologist"].sites[0]
        return [subject for recipient, subject in self._stage.mailbox.subjects() if recipient == site.email]

    async def _refer(self) -> None:
        markers = self.markers
        pdf = self._papers / f"ECG {markers.file}.pdf"
        pdf.write_bytes(documents.pdf_of_size(PDF_OCTETS, markers.attachment))
        report = self._papers / "biologie.xml"
        report.write_bytes(documents.laboratory_cda(self.patient, markers.attachment))
        question = self._papers / "question.txt"
        question.write_text(
            f"Palpitations à l'effort depuis trois semaines. {markers.text} Faut-il un Holter ?", encoding="utf-8"
        )
        opened = await self._actor("gp").json(
            "refer", "--to", self.addresses["cardiologist"], "--patient", str(self._papers / "patient.json"),
            "--question", str(question), "--urgency", "urgent", "--attach", str(pdf), "--attach", str(report),
        )  # fmt: skip
        self._case = opened["thread"]
        self._tell("story-referred", size=round(PDF_OCTETS / 1e6, 1))
        message = self._papers / "message.txt"
        message.write_text(f"Merci de votre disponibilité. {markers.text}", encoding="utf-8")
        sent = await self._actor("gp").json(
            "send", "--to", self.addresses["nurse"], "--subject", f"Soins {markers.subject}", "--body", str(message)
        )
        _must(len(sent["event"]) == 64, "send")
        received = await self._actor("nurse").json("inbox")
        _must(any(markers.subject in one["subject"] for one in received), "the nurse reads the subject")

    async def _mandates(self) -> None:
        cardiologist = self._actor("cardiologist")
        await cardiologist.json("delegate", "grant", "--to", self.addresses["secretary"], "--classes", "logistics")
        await cardiologist.json(
            "delegate", "grant", "--to", self.addresses["nurse"], "--classes", "logistics,clinical"
        )
        self._tell("story-mandates")

    async def _answer(self) -> None:
        gp, cardiologist = self._actor("gp"), self._actor("cardiologist")
        seen = await cardiologist.json("show", self._case, "--save", str(self._papers / "received"))
        text = json.dumps(seen, ensure_ascii=False)
        _must(self.markers.text in text and self.markers.patient in text, "the cardiologist reads the question")
        attachments = [a for event in seen["events"] for a in event["attachments"]]
        saved = [Path(a["path"]) for a in attachments]
        _must(any(self.markers.attachment.encode() in path.read_bytes() for path in saved), "the attachment opens")
        await cardiologist.json("accept", self._case)
        await cardiologist.json("ask", self._case, "--text", f"Traitement en cours ? {self.markers.text}")
        rows = await gp.json("inbox")
        row = next(one for one in rows if one["thread"] == self._case)
        _must(row["turn"] == "yours", "the GP sees that it is his turn")
        await gp.json("answer", self._case, "--text", f"Bisoprolol 2,5 mg. {self.markers.text}")
        await cardiologist.json(
            "answer", self._case, "--text", f"Holter conseillé. {self.markers.answer}",
            "--conclusion", "Extrasystolie bénigne probable", "--what-to-do", "Holter de 24 heures",
            "--by-when", "2026-12-15", "--send-back-if", "malaise ou syncope",
        )  # fmt: skip
        answered = await gp.json("show", self._case)
        _must(self.markers.answer in json.dumps(answered, ensure_ascii=False), "the GP reads the answer")
        self._tell("story-answered")

    async def _logistics(self) -> None:
        secretary = self._actor("secretary")
        rows = await secretary.json("inbox")
        row = next(one for one in rows if one["urgency"] == "urgent")
        seen = json.dumps(await secretary.json("show", row["thread"]), ensure_ascii=False)
        hidden = [self.markers.text, self.markers.patient, self.markers.answer, self.markers.file]
        _must(not any(marker in seen for marker in hidden), "the secretary sees logistics only")
        refused = await secretary.run("show", self._case, "--json")
        _must(refused["code"] == 3, "the clinical thread is closed to the secretary")
        follow_up = await self._actor("gp").json("ask", self._case, "--text", "Pouvez-vous la recevoir ?")
        _must(bool(follow_up["thread"]), "ask again")
        await secretary.json(
            "appointment", row["thread"], "--start", "2026-12-03T09:30", "--minutes", "30", "--place", "Cabinet, Lyon"
        )
        shown = await self._actor("gp").json("show", self._case)
        offered = next(event for event in shown["events"] if event["type"] == "appointment")
        _must(offered["author"].startswith("Sophie Durand") and bool(offered["on_behalf_of"]), "on behalf of")
        self._tell("story-appointment", author=offered["author"], mailbox=offered["on_behalf_of"])

    async def _doctor_only(self) -> None:
        cardiologist = self._actor("cardiologist")
        await cardiologist.json("remark", self._case, "--text", f"Entre nous : {self.markers.remark}")
        for role, may in (("gp", True), ("nurse", False), ("secretary", False)):
            rows = await self._actor(role).json("inbox")
            seen = []
            for row in rows:
                played = await self._actor(role).run("show", row["thread"], "--json")
                seen.append(played["stdout"])
            _must((self.markers.remark in "".join(seen)) is may, f"doctor only: {role}")
        rows = await self._actor("gp").json("inbox")
        row = next(one for one in rows if one["thread"] == self._case)
        _must(row["turn"] in ("yours", "theirs"), "a remark moves nobody's turn")
        nurse = json.dumps(await self._actor("nurse").json("show", self._case), ensure_ascii=False)
        _must(self.markers.answer in nurse, "the nurse of the practice reads the clinical thread")
        self._tell("story-doctor-only")

    async def _more_colleagues(self) -> None:
        gp = self._actor("gp")
        await gp.json("add", self._case, "--to", self.addresses["pneumologist"])
        await gp.json("add", self._case, "--to", self.addresses["endocrinologist"], "--with-history")
        later = f"Je vous ajoute tous deux. {self.markers.text}"
        await gp.json("send", "--thread", self._case, "--body", str(self._written("later.txt", later)))
        for role, history in (("pneumologist", False), ("endocrinologist", True)):
            seen = json.dumps(await self._actor(role).json("show", self._case), ensure_ascii=False)
            _must("Je vous ajoute" in seen, f"{role} reads from now on")
            _must((self.markers.answer in seen) is history, f"{role} and the history")
        self._tell("story-colleagues")

    def _written(self, name: str, text: str) -> Path:
        path = self._papers / name
        path.write_text(text, encoding="utf-8")
        return path

    async def _late_enrolment(self) -> None:
        await self._stage.enter(["dermatologist"])
        await self._enrol_one("dermatologist")
        rows = await self._actor("gp").json("inbox")
        row = next(one for one in rows if one["thread"] == self._waiting)
        _must(row["state"] != "waiting-enrolment", "what waited has left by itself")
        seen = json.dumps(await self._actor("dermatologist").json("show", self._waiting), ensure_ascii=False)
        _must(self.markers.text in seen, "the new colleague reads what waited")
        self._tell("story-late")

    async def _urgent(self) -> None:
        shown = await self._actor("gp").says(
            "refer", "--to", self.addresses["pneumologist"], "--patient", str(self._papers / "patient.json"),
            "--text", "Dyspnée aiguë.", "--urgency", "stat",
        )  # fmt: skip
        _must("15" in shown, "the highest urgency shows the telephone and 15")
        self._tell("story-urgent")

    async def _notices(self) -> None:
        async with asyncio.timeout(10):
            while not self._stage.mailbox.received:
                await asyncio.sleep(0.1)
        subjects = self._stage.mailbox.subjects()
        self._tell("story-notices", count=len(subjects), subject=subjects[0][1])
