"""The second half of the story: what was agreed is filed, and the patient sees it (docs/guide/demo.md).

The GP opens the record of a patient without a device, notes that she does not oppose, has the answer filed; a
laboratory and an insurer deposit; a colleague reads what he is shown; the patient takes her record over, looks who
read it, masks a line, withdraws. Every scene is command lines that people type.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from confrere.story import documents
from confrere.story.scene import must
from confrere.story.stage import Actor
from messaging.referral.fhir_json import dump
from messaging.referral.patient import to_fhir

if TYPE_CHECKING:
    from confrere.story.play import Story

_ROLES = ("bridge", "laboratory", "insurer", "patient")


class RecordScenes:
    def __init__(self, story: Story) -> None:
        self._story = story
        self._papers = story.papers
        self._sheet = ""
        self._record = ""
        self._card = self._papers / "carte-dossier.txt"

    async def play(self) -> None:
        await self._enter()
        await self._open()
        await self._preview_and_file()
        await self._identity()
        await self._laboratory()
        await self._insurer()
        await self._share()
        await self._page()
        await self._claim()
        await self._masks()
        await self._withdraws()

    def _actor(self, role: str) -> Actor:
        return self._story.actor(role)

    def _says(self, answer: object) -> str:
        return json.dumps(answer, ensure_ascii=False)

    async def _read(self, actor: Actor) -> str:
        """Every line of the record that the actor may see, opened one by one."""
        listed = await actor.json("record", "show", self._record, "--all")
        opened = [await actor.json("record", "show", self._record, "--item", one["item"]) for one in listed["lines"]]
        return self._says(opened)

    async def _enter(self) -> None:
        story = self._story
        await story.stage.enter(_ROLES)
        await self._enrol("bridge", story.bridge["code"])
        invited = [("laboratory", "--deposit-only"), ("insurer", "--payer")]
        for (role, what), finess in zip(invited, story.hospitals[1:3], strict=True):
            issued = await story.stage.operator("invite", "--data", str(story.stage.data), "--structure", finess, what)
            await self._enrol(role, issued["code"])
        story.tell("story-machines", address=story.bridge["address"])

    async def _enrol(self, role: str, code: str) -> None:
        actor = self._actor(role)
        server = self._story.stage.url
        await actor.json("enroll", "--server", server, "--profile", str(actor.profile), "--code", code)

    async def _bridge(self) -> dict[str, Any]:
        done: dict[str, Any] = await self._actor("bridge").json("bridge", "--once")
        return done

    async def _open(self) -> None:
        story, gp = self._story, self._actor("gp")
        patient = str(self._papers / "patient.json")
        opened = await gp.json("record", "open", "--patient", patient, "--sheet", str(self._papers / "feuille.html"))
        self._sheet = opened["sheet"]
        self._record = opened["record"]
        must(opened["custodial"], "a record opened by a professional is custodial")
        note = f"Hypertension traitée. {story.markers.record}"
        await gp.json("record", "add", "--kind", "synthesis", "--text", note)
        consent = await gp.says("consent", "record", story.case)
        must("oppose" in consent, "the words that the patient was told")
        story.tell("story-record", record=opened["record"][:8])

    async def _preview_and_file(self) -> None:
        story, gp = self._story, self._actor("gp")
        preview = await gp.says("file", story.case, "--events", "answer", "--preview")
        must(story.markers.answer in preview and story.markers.remark not in preview, "what will be written")
        asked = await gp.json("file", story.case, "--events", "answer")
        self._documents = asked["documents"]
        states = (await self._bridge())["states"]
        must(states["waiting-identity"] == self._documents, "an identity that is not qualified waits")
        waiting = await gp.says("file", story.case, "--status")
        must("identité" in waiting or "identity" in waiting, "what to do is said")
        story.tell("story-filing-waits")

    async def _identity(self) -> None:
        """The identity is checked at the desk; what waited goes by itself."""
        story, gp = self._story, self._actor("gp")
        qualified = self._papers / "patient-verifie.json"
        qualified.write_bytes(dump(to_fhir(replace(story.patient, status="VALI"))))
        await gp.json("record", "open", "--patient", str(qualified))
        await gp.json("inbox")  # any touch of the device sends what became known
        states = (await self._bridge())["states"]
        must(states["accepted"] == self._documents, "what waited is filed by itself")
        shown = await self._read(gp)
        must(story.markers.answer in shown, "the answer stands in the record")
        for role in ("gp", "cardiologist"):
            filed = await self._actor(role).json("file", story.case, "--status")
            must(filed[0]["state"] == "accepted", f"{role}: receipt")
            must(filed[0]["documents"][0]["basis"] == "attested", f"{role}: on whose word")
        story.tell("story-filed", documents=self._documents)

    async def _laboratory(self) -> None:
        story, gp, laboratory = self._story, self._actor("gp"), self._actor("laboratory")
        await gp.json("record", "show", self._record, "--card", str(self._card))
        for number, report in enumerate(documents.laboratory_history(story.patient, story.markers.attachment), 1):
            path = self._papers / f"laboratoire-{number}.xml"
            path.write_bytes(report)
            await laboratory.json("deposit", str(path), "--record", str(self._card))
        over_time = await gp.json("record", "show", self._record, "--over-time")
        must(len(over_time) > 0, "results over time")
        refused = await laboratory.run("record", "show", "--json")
        must(refused["code"] != 0 or json.loads(refused["stdout"]) == [], "a laboratory reads nothing")
        story.tell("story-laboratory", analyses=len(over_time))

    async def _insurer(self) -> None:
        story, insurer = self._story, self._actor("insurer")
        path = self._papers / "remboursements.json"
        path.write_bytes(documents.reimbursements(story.patient, story.hospitals[2]))
        await insurer.json("deposit", str(path), "--record", str(self._card))
        elsewhere = await insurer.run("deposit", str(path), "--record", str(self._card), "--class", "common", "--json")
        must(elsewhere["code"] != 0, "who pays deposits reimbursements and nothing else")
        story.tell("story-insurer")

    async def _share(self) -> None:
        """A colleague reads, inside the exchange, what he is shown."""
        story, gp, colleague = self._story, self._actor("gp"), self._actor("pneumologist")
        opened = await gp.json(
            "refer", "--to", story.addresses["pneumologist"], "--patient", str(self._papers / "patient.json"),
            "--text", f"Dyspnée d'effort. {story.markers.text}", "--urgency", "routine", "--share", "synthesis",
        )  # fmt: skip
        seen = await colleague.json("show", opened["thread"])
        item = seen["shared"][0]["item"]
        read = await colleague.json("show", opened["thread"], "--item", item)
        must(story.markers.record in self._says(read), "the colleague reads what he is shown")
        await colleague.json("answer", opened["thread"], "--text", "Explorations fonctionnelles à prévoir.")
        await gp.json("note", opened["thread"])
        await gp.json("inbox")
        closed = await colleague.run("show", opened["thread"], "--item", item, "--json")
        must(closed["code"] != 0, "the access ends with the case")
        story.tell("story-shared")

    async def _page(self) -> None:
        page = self._papers / "page-patient"
        await self._actor("gp").json("patient", self._story.markers.patient.lower(), "--to", str(page))
        text = (page / "patient.html").read_text(encoding="utf-8")
        must(self._story.markers.answer in text and self._story.markers.record in text, "one page per patient")
        self._story.tell("story-page")

    async def _claim(self) -> None:
        """The patient has a device at last: her sheet gives her the record, and the past comes by itself."""
        story, gp, patient = self._story, self._actor("gp"), self._actor("patient")
        invitation = self._papers / "invitation-patient.json"
        await story.stage.operator(
            "invite", "--data", str(story.stage.data), "--patient", str(self._papers / "patient-verifie.json"),
            "--to", str(invitation),
        )  # fmt: skip
        await patient.json(
            "enroll", "--server", story.stage.url, "--profile", str(patient.profile), "--invitation", str(invitation)
        )
        await patient.json("record", "claim", "--sheet", self._sheet)
        again = await patient.run("record", "claim", "--sheet", self._sheet, "--json")
        must(again["code"] != 0, "a sheet is good for one claim")
        await gp.json("inbox")  # the doctor's device hands the past over
        shown = await self._read(patient)
        must(story.markers.answer in shown and story.markers.record in shown, "the patient reads the past")
        await patient.json(
            "delegate", "grant", "--to", story.addresses["gp"], "--record", self._record, "--rights", "read,send"
        )
        log = await patient.says("record", "log")
        must("Lambert" in log and "Morel" in log, "who asked whom, by name")
        story.tell("story-claimed", lines=len(log.splitlines()))

    async def _masks(self) -> None:
        story, gp, patient = self._story, self._actor("gp"), self._actor("patient")
        added = await patient.json("record", "add", "--text", f"Je préfère les appels le soir. {story.markers.record}")
        before = await self._read(gp)
        must("appels le soir" in before, "the doctor reads the patient's note")
        await patient.json("record", "mask", added["item"])
        after = await self._read(gp)
        must("appels le soir" not in after, "a masked line is gone from the doctor's view")
        story.tell("story-masked")

    async def _withdraws(self) -> None:
        """In one action: the next filing fails aloud, and the next document is closed to the one withdrawn."""
        story, gp, patient = self._story, self._actor("gp"), self._actor("patient")
        consent = await gp.json("consent", "record", story.case)
        await gp.json("file", story.case, "--events", "request", "--again")
        await patient.json("consent", "withdraw", consent["series"])
        states = (await self._bridge())["states"]
        must(states["rejected"] >= 1, "a withdrawn consent stops what was asked")
        refused = await gp.says("file", story.case, "--status")
        await patient.json("record", "add", "--text", f"Après le retrait. {story.markers.record}")
        closed = await gp.run("record", "show", self._record, "--json")
        must("Après le retrait" not in closed["stdout"], "the next document is closed")
        story.tell("story-withdrawn", said=refused.strip().splitlines()[-1].strip())

