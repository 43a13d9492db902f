"""Exactly what will be written, before it is: the requester's preview and its digest (docs/spec/filing.md FI-6).

A preview is lines of a word's id and a value, the same for whoever makes it from the same verified units: the front
door says it in words, the PDF is built from it, and the bridge refuses a request whose preview was another. No clock:
dates are those of receipts. Values stand indented line by line, so that no text can look like a line of ours.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from directory.accounts.bind import Invitation
from directory.primitives import digest
from messaging.referral.patient import Patient
from record_bridge.errors import RecordError
from record_bridge.filing.bodies import FilingRequest
from record_bridge.filing.units import Unit

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """`word` is the id of its label; `value` is text, or the id of words where `said` is true."""

    word: str
    value: str
    said: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class PreviewedDocument:
    """One document: its header lines, then its sections (context first)."""

    header: tuple[Line, ...]
    sections: tuple[Line, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """Of a whole filing: where to, about whom, on whose word; then each document."""

    header: tuple[Line, ...]
    documents: tuple[PreviewedDocument, ...]

    @property
    def text(self) -> str:
        """The one canonical text: what the digest is of."""
        blocks = [self.header, *((*document.header, *document.sections) for document in self.documents)]
        return "\n".join("".join(_written(line) for line in block) for block in blocks)

    @property
    def digest(self) -> bytes:
        return digest.sha256(self.text.encode("utf-8", "surrogatepass"))


def preview(units: Sequence[Unit], patient: Patient, consent: Sequence[str], target: str) -> Preview:
    """The preview of these units. `consent` are ids of words (who agreed, how); `target` names the record."""
    traits = patient.traits
    header = [
        Line("filing-preview-target", target),
        Line("filing-preview-patient", f"{traits.birth_name} {traits.birth_given_names}"),
        Line("filing-preview-birth", traits.birth_date.isoformat()),
        Line("filing-preview-sex", f"filing-sex-{traits.sex.value}", said=True),
        *((Line("filing-preview-ins", patient.ins.matricule),) if patient.ins else ()),
        *(Line("filing-preview-consent", word, said=True) for word in consent),
    ]
    return Preview(tuple(header), tuple(_document(unit) for unit in units))


def verify_preview(request: FilingRequest, made: Preview) -> Preview:
    """The preview, if it is the one that the requester saw. Raises RecordError("filing-preview-differs")."""
    if made.digest != request.preview:
        raise RecordError("filing-preview-differs")
    return made


def _document(unit: Unit) -> PreviewedDocument:
    behalf = unit.on_behalf_of
    header = [
        Line("filing-preview-document", unit.title, said=True),
        Line("filing-preview-author", _named(unit.author)),
        *((Line("filing-preview-on-behalf-of", _named(behalf)),) if behalf is not None else ()),
        Line("filing-preview-date", _instant(unit.time)),
        *(Line("filing-preview-recipients", _named(recipient)) for recipient in unit.recipients),
    ]
    sections = (Line(section.heading, section.text) for section in (*unit.context, *unit.sections))
    return PreviewedDocument(tuple(header), tuple(sections))


def _named(person: Invitation) -> str:
    parts = (person.name, person.profession, person.identifier)
    return ", ".join(part for part in parts if part)


def _instant(ms: int) -> str:
    return (_EPOCH + datetime.timedelta(seconds=ms // 1000)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _written(line: Line) -> str:
    mark = "=" if line.said else ":"
    return f"{line.word}{mark}\n" + "".join(f"  {part}\n" for part in line.value.splitlines() or [""])
