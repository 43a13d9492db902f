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
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from confrere.story import documents, synthetic_extraction
from confrere.story.record_scenes import RecordScenes
from confrere.story.scene import must
from confrere.story.stage import Actor, Stage
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
    record: str

    def all(self) -> list[str]:
        return [getattr(self, field.name) for field in fields(self)]


def new_markers() -> Markers:
    return Markers(*(_marker() for _ in fields(Markers)))


class Story:
    def __init__(self, stage: Stage, tell: Tell) -> None:
        self.stage = stage
        self.tell = tell
        self.markers = new_markers()
        self.addresses: dict[str, str] = {}
        self.recovery: dict[str, str] = {}
        self.hospitals: list[str] = []
        self.bridge: dict[str, Any] = {}
        self.papers = stage.root / "papers"
        self.case = ""

    def actor(self, role: str) -> Actor:
        return self.stage.actors[role]

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
        await RecordScenes(self).play()

    async def _open(self) -> None:
        stage = self.stage
        self.papers.mkdir()
        extraction = self.papers / "PS_LibreAcces_Personne_activite.txt"
        synthetic_extraction.write(extraction)
        counts = await stage.operator("directory", "import", str(extraction), "--data", str(stage.data))
        published = extraction.read_text(encoding="utf-8")
        self.hospitals = [site.finess for site in synthetic_extraction.hospitals() if site.finess in published]
        self.bridge = await stage.operator(
            "invite", "--data", str(stage.data), "--structure", self.hospitals[0], "--bridge"
        )
        stage.name_bridge(self.bridge["address"])
        must(counts["rows"] >= 3000 and counts["skipped"] == 0, "directory import")
        self.tell("story-imported", rows=counts["rows"], people=counts["practitioners"])
        roles = ["gp", "cardiologist", "nurse", "pneumologist", "endocrinologist", "secretary"]
        await asyncio.gather(stage.open_service(), stage.enter(roles))
        self.tell("story-service", url=stage.url)

    async def _enrol(self, roles: list[str]) -> None:
        await asyncio.gather(*(self._enrol_one(role) for role in roles))

    async def _enrol_one(self, role: str, *invited: str) -> None:
        who = invited or ("--rpps", CAST[role].rpps)
        invitation = await self.stage.operator("invite", "--data", str(self.stage.data), *who)
        actor = self.actor(role)
        enrolled = await actor.json(
            "enroll", "--server", self.stage.url, "--profile", str(actor.profile), "--code", invitation["code"],
            "--notify", f"{role}@courriel.example",
        )  # fmt: skip
        self.addresses[role] = enrolled["address"]
        self.recovery[role] = enrolled["recovery"]
        self.tell("story-enrolled", address=enrolled["address"])

    async def _secretary(self) -> None:
        await self._enrol_one(
            "secretary", "--staff-of", self.addresses["cardiologist"], "--name", "Sophie Durand"
        )

    async def _find(self) -> None:
        found = await self.actor("gp").json(
            "directory", "search", "font", "--server", self.stage.url, "--specialty", "cardio", "--place", "Lyon"
        )
        hit = next(one for one in found if one["rpps"] == CAST["cardiologist"].rpps)
        must(hit["address"] == self.addresses["cardiologist"], "search")
        self.tell("story-found", name=hit["name"], reach=hit["reach_text"])

    def _patient(self) -> Path:
        traits = StrictTraits(
            birth_name=self.markers.patient,
            birth_given_names="JEANNE MARIE",
            birth_date=datetime.date(1979, 3, 5),
            sex=Sex.FEMALE,
            birth_place="51215",
        )
        self.patient = Patient(traits, parse_ins(TEST_INS, OID_TEST))
        path = self.papers / "patient.json"
        path.write_bytes(dump(to_fhir(self.patient)))
        return path

    async def _not_enrolled(self) -> None:
        patient = self._patient()
        question = self.papers / "dermato.txt"
        question.write_text(f"Lésion pigmentée du dos, votre avis ? {self.markers.text}", encoding="utf-8")
        waiting = await self.actor("gp").json(
            "refer", "--to", CAST["dermatologist"].rpps, "--patient", str(patient), "--question", str(question),
            "--urgency", "routine",
        )  # fmt: skip
        must(waiting["event"] is None and waiting["state"] == "waiting-enrolment", "refer to a colleague not enrolled")
        self._waiting = waiting["thread"]
        shown = await self.actor("gp").json("inbox")
        row = next(one for one in shown if one["thread"] == self._waiting)
        must(row["state"] == "waiting-enrolment" and bool(row["phone"]), "inbox shows what waits")
        async with asyncio.timeout(10):
            while not self._invitations():
                await asyncio.sleep(0.05)
        self.tell("story-waiting", phone=row["phone"])

    def _invitations(self) -> list[str]:
        """Subjects of the e-mails to the colleague's practice."""
        site = CAST["dermatologist"].sites[0]
        return [subject for recipient, subject in self.stage.mailbox.subjects() if recipient == site.email]

    async def _refer(self) -> None:
        markers = self.markers
        pdf = self.papers / f"ECG {markers.file}.pdf"
        pdf.write_bytes(documents.pdf_of_size(PDF_OCTETS, markers.attachment))
        report = self.papers / "biologie.xml"
        report.write_bytes(documents.laboratory_cda(self.patient, markers.attachment))
        question = self.papers / "question.txt"
        question.write_text(
            f"Palpitations à l'effort depuis trois semaines. {markers.text} Faut-il un Holter ?", encoding="utf-8"
        )
        opened = await self.actor("gp").json(
            "refer", "--to", self.addresses["cardiologist"], "--patient", str(self.papers / "patient.json"),
            "--question", str(question), "--urgency", "urgent", "--attach", str(pdf), "--attach", str(report),
        )  # fmt: skip
        self.case = opened["thread"]
        self.tell("story-referred", size=round(PDF_OCTETS / 1e6, 1))
        message = self.papers / "message.txt"
        message.write_text(f"Merci de votre disponibilité. {markers.text}", encoding="utf-8")
        sent = await self.actor("gp").json(
            "send", "--to", self.addresses["nurse"], "--subject", f"Soins {markers.subject}", "--body", str(message)
        )
        must(len(sent["event"]) == 64, "send")
        received = await self.actor("nurse").json("inbox")
        must(any(markers.subject in one["subject"] for one in received), "the nurse reads the subject")

    async def _mandates(self) -> None:
        cardiologist = self.actor("cardiologist")
        await cardiologist.json("delegate", "grant", "--to", self.addresses["secretary"], "--classes", "logistics")
        await cardiologist.json(
            "delegate", "grant", "--to", self.addresses["nurse"], "--classes", "logistics,clinical"
        )
        self.tell("story-mandates")

    async def _answer(self) -> None:
        gp, cardiologist = self.actor("gp"), self.actor("cardiologist")
        seen = await cardiologist.json("show", self.case, "--save", str(self.papers / "received"))
        text = json.dumps(seen, ensure_ascii=False)
        must(self.markers.text in text and self.markers.patient in text, "the cardiologist reads the question")
        attachments = [a for event in seen["events"] for a in event["attachments"]]
        saved = [Path(a["path"]) for a in attachments]
        must(any(self.markers.attachment.encode() in path.read_bytes() for path in saved), "the attachment opens")
        await cardiologist.json("accept", self.case)
        await cardiologist.json("ask", self.case, "--text", f"Traitement en cours ? {self.markers.text}")
        rows = await gp.json("inbox")
        row = next(one for one in rows if one["thread"] == self.case)
        must(row["turn"] == "yours", "the GP sees that it is his turn")
        await gp.json("answer", self.case, "--text", f"Bisoprolol 2,5 mg. {self.markers.text}")
        await cardiologist.json(
            "answer", self.case, "--text", f"Holter conseillé. {self.markers.answer}",
            "--conclusion", "Extrasystolie bénigne probable", "--what-to-do", "Holter de 24 heures",
            "--by-when", "2026-12-15", "--send-back-if", "malaise ou syncope",
        )  # fmt: skip
        answered = await gp.json("show", self.case)
        must(self.markers.answer in json.dumps(answered, ensure_ascii=False), "the GP reads the answer")
        self.tell("story-answered")

    async def _logistics(self) -> None:
        secretary = self.actor("secretary")
        rows = await secretary.json("inbox")
        row = next(one for one in rows if one["urgency"] == "urgent")
        seen = json.dumps(await secretary.json("show", row["thread"]), ensure_ascii=False)
        hidden = [self.markers.text, self.markers.patient, self.markers.answer, self.markers.file]
        must(not any(marker in seen for marker in hidden), "the secretary sees logistics only")
        refused = await secretary.run("show", self.case, "--json")
        must(refused["code"] == 3, "the clinical thread is closed to the secretary")
        follow_up = await self.actor("gp").json("ask", self.case, "--text", "Pouvez-vous la recevoir ?")
        must(bool(follow_up["thread"]), "ask again")
        await secretary.json(
            "appointment", row["thread"], "--start", "2026-12-03T09:30", "--minutes", "30", "--place", "Cabinet, Lyon"
        )
        shown = await self.actor("gp").json("show", self.case)
        offered = next(event for event in shown["events"] if event["type"] == "appointment")
        must(offered["author"].startswith("Sophie Durand") and bool(offered["on_behalf_of"]), "on behalf of")
        self.tell("story-appointment", author=offered["author"], mailbox=offered["on_behalf_of"])

    async def _doctor_only(self) -> None:
        cardiologist = self.actor("cardiologist")
        await cardiologist.json("remark", self.case, "--text", f"Entre nous : {self.markers.remark}")
        for role, may in (("gp", True), ("nurse", False), ("secretary", False)):
            rows = await self.actor(role).json("inbox")
            seen = []
            for row in rows:
                played = await self.actor(role).run("show", row["thread"], "--json")
                seen.append(played["stdout"])
            must((self.markers.remark in "".join(seen)) is may, f"doctor only: {role}")
        rows = await self.actor("gp").json("inbox")
        row = next(one for one in rows if one["thread"] == self.case)
        must(row["turn"] in ("yours", "theirs"), "a remark moves nobody's turn")
        nurse = json.dumps(await self.actor("nurse").json("show", self.case), ensure_ascii=False)
        must(self.markers.answer in nurse, "the nurse of the practice reads the clinical thread")
        self.tell("story-doctor-only")

    async def _more_colleagues(self) -> None:
        gp = self.actor("gp")
        await gp.json("add", self.case, "--to", self.addresses["pneumologist"])
        await gp.json("add", self.case, "--to", self.addresses["endocrinologist"], "--with-history")
        later = f"Je vous ajoute tous deux. {self.markers.text}"
        await gp.json("send", "--thread", self.case, "--body", str(self._written("later.txt", later)))
        for role, history in (("pneumologist", False), ("endocrinologist", True)):
            seen = json.dumps(await self.actor(role).json("show", self.case), ensure_ascii=False)
            must("Je vous ajoute" in seen, f"{role} reads from now on")
            must((self.markers.answer in seen) is history, f"{role} and the history")
        self.tell("story-colleagues")

    def _written(self, name: str, text: str) -> Path:
        path = self.papers / name
        path.write_text(text, encoding="utf-8")
        return path

    async def _late_enrolment(self) -> None:
        await self.stage.enter(["dermatologist"])
        await self._enrol_one("dermatologist")
        rows = await self.actor("gp").json("inbox")
        row = next(one for one in rows if one["thread"] == self._waiting)
        must(row["state"] != "waiting-enrolment", "what waited has left by itself")
        seen = json.dumps(await self.actor("dermatologist").json("show", self._waiting), ensure_ascii=False)
        must(self.markers.text in seen, "the new colleague reads what waited")
        self.tell("story-late")

    async def _urgent(self) -> None:
        shown = await self.actor("gp").says(
            "refer", "--to", self.addresses["pneumologist"], "--patient", str(self.papers / "patient.json"),
            "--text", "Dyspnée aiguë.", "--urgency", "stat",
        )  # fmt: skip
        must("15" in shown, "the highest urgency shows the telephone and 15")
        self.tell("story-urgent")

    async def _notices(self) -> None:
        async with asyncio.timeout(10):
            while not self.stage.mailbox.received:
                await asyncio.sleep(0.1)
        subjects = self.stage.mailbox.subjects()
        self.tell("story-notices", count=len(subjects), subject=subjects[0][1])
