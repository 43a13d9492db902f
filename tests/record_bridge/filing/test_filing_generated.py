"""Several hundred generated exchanges: what a request may file is filed as it was signed, and nothing else is."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from messaging.protocol import evidence
from messaging.protocol.body import Manifest
from messaging.protocol.evidence import read, write
from messaging.protocol.padding import padme
from messaging.wire.epoch import Role
from record_bridge.errors import RecordError
from record_bridge.filing import bodies, evidence_file
from record_bridge.filing.bodies import Role as FiledAs
from record_bridge.filing.preview import preview, verify_preview
from record_bridge.filing.selection import reduce
from record_bridge.filing.units import UnitKind

SEEDS = range(300)
WORDS = ("échographie", "dyspnée", "œdème", "contrôle", "à jeun\nsuivi", "12/8", "« stable »", "l'examen")


class Told:
    """One random exchange, and what a reader of it expects."""

    def __init__(self, cast, seed: int) -> None:
        self.draw = draw = random.Random(seed)
        self.cast = cast
        self.exchange = cast.exchange()
        self.items: list[tuple[bytes, FiledAs]] = []
        self.expected: list[tuple[UnitKind, str, str, str]] = []  # kind, author, text, what was asked
        self.gone: set[bytes] = set()
        self.asked = ""
        if draw.random() < 0.3:
            self.exchange.compose(joined=[(cast.colleague, Role.SEND)])
        self._ask()
        for _ in range(draw.randrange(1, 6)):
            draw.choice((self._answer, self._answer, self._question, self._message, self._retract, self._compose))()

    def words(self) -> str:
        return " ".join(self.draw.choices(WORDS, k=self.draw.randrange(1, 12))).strip()

    def _item(self, identifier: bytes, role: FiledAs, *expected: str) -> None:
        self.items.append((identifier, role))
        kind = UnitKind.REPORT if role is FiledAs.ANSWER else UnitKind.LETTER
        self.expected.append((kind, *expected))  # type: ignore[arg-type]

    def _ask(self) -> None:
        self.asked = self.words()
        self._item(self.exchange.ask(self.cast.gp, self.asked), FiledAs.REQUEST, "Dr Aubry", self.asked, "")

    def _question(self) -> None:
        by_gp = self.draw.random() < 0.5
        text = self.words()
        self.exchange.question(self.cast.gp if by_gp else self.cast.specialist, text)
        self.asked = text if by_gp else self.asked

    def _answer(self) -> None:
        text, step = self.words(), self.cast.secretary_for_specialist
        if self.draw.random() < 0.3:
            made = self.exchange.answer(self.cast.secretary, text, acting_for=step.mailbox, authority=(step,))
        else:
            made = self.exchange.answer(self.cast.specialist, text)
        self._item(made, FiledAs.ANSWER, "Dr Teissier", text, self.asked)

    def _message(self) -> None:
        files = ()
        if self.draw.random() < 0.3:
            files = (Manifest(bytes(16), bytes(32), padme(10), 10, bytes(32), "courrier.pdf", "application/pdf"),)
        text = self.words()
        made = self.exchange.message(self.cast.gp, "Objet", text, files)
        self._item(made, FiledAs.MESSAGE, "Dr Aubry", text, "")

    def _retract(self) -> None:
        identifier, role = self.items[-1]
        self.exchange.retract(self.cast.specialist if role is FiledAs.ANSWER else self.cast.gp, identifier)
        self.gone.add(identifier)
        if role is FiledAs.REQUEST:
            self.asked = ""

    def _compose(self) -> None:
        self.exchange.compose()


@pytest.fixture(scope="module")
def told(cast) -> list[Told]:
    return [Told(cast, seed) for seed in SEEDS]


def test_fi_5_generated_exchanges_are_filed_as_they_were_signed(told) -> None:
    filed = refused = 0
    for one in told:
        number = one.draw.randrange(1, len(one.items) + 1)
        chosen = sorted(one.draw.sample(range(len(one.items)), number))
        wanted = [one.items[place] for place in chosen]
        exchange, asks = one.exchange, one.cast.specialist
        request = exchange.request(*wanted)
        bundle = reduce(exchange.bundle(), exchange.id, {identifier for identifier, _ in wanted})
        bundle = read(evidence_file.unpack(evidence_file.pack(write(bundle))))
        gone = [identifier for identifier, _ in wanted if identifier in one.gone]
        if gone:
            refused += 1
            with pytest.raises(RecordError, match="filing-item-retracted"):
                exchange.verify(request, bundle, asks)
            continue
        filed += 1
        made = exchange.verify(request, bundle, asks)
        assert len(made) == len(wanted)
        for unit, place in zip(made, chosen, strict=True):
            kind, author, text, question = one.expected[place]
            assert (unit.kind, unit.responsible.name, unit.event) == (kind, author, one.items[place][0])
            assert next(s.text for s in unit.sections if s.heading != "filing-section-subject") == text
            # Only a question that was itself not taken back is a context.
            if question and not one.gone:
                assert [section.text for section in unit.context] == [question]
        shown = preview(made, request.patient, ("consent-basis-attested",), "dossier")
        again = exchange.verify(request, bundle, asks)
        request = bodies.read_request(bodies.write_request(_with_preview(request, shown.digest)))
        assert verify_preview(request, preview(again, request.patient, ("consent-basis-attested",), "dossier"))
    assert filed > 150
    assert refused > 25


def test_fi_3_2_the_bridge_gets_the_least(told) -> None:
    """What nobody chose, who else is a member elsewhere, and the logs of strangers do not travel."""
    for one in told[:60]:
        identifier, _ = one.items[-1]
        whole = one.exchange.bundle()
        bundle = reduce(whole, one.exchange.id, {identifier})
        texts = b"".join(part.body for part in bundle.events)
        for (other, other_role), (_, _, text, _) in zip(one.items[:-1], one.expected[:-1], strict=True):
            if other_role is not FiledAs.REQUEST and other != identifier and len(text) > 40:
                assert text.encode() not in texts
        assert one.cast.stranger.account not in bundle.logs
        assert one.cast.gp.account in bundle.logs
        assert len(evidence.verify(bundle)) == len(bundle.events) <= len(whole.events)


def _with_preview(request: bodies.FilingRequest, digest: bytes) -> bodies.FilingRequest:
    return replace(request, preview=digest)
