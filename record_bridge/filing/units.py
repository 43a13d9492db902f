"""What is filed: one authored unit per selected event, in sections (docs/spec/filing.md FI-5). Values only.

A section's heading is the id of words, so that a document, a page and a terminal say it each in its own way. The
texts are those that were signed, untouched.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from directory.accounts.bind import Invitation, InviteeKind
from messaging.protocol.body import Manifest
from messaging.protocol.message import Message
from messaging.referral.clinical import Answer, Question, ReferralRequest


class UnitKind(StrEnum):
    """LOINC 85208-7 and 96349-6 of the French document types."""

    REPORT = "report"
    LETTER = "letter"


@dataclass(frozen=True, slots=True, repr=False)
class Section:
    heading: str
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Unit:
    """A document to be. `author` signed; `on_behalf_of` owns the mailbox written for, if somebody else does.

    `context` is what was asked, in a report. `events` are the id of the item, then those of its context; `time` is
    the receipt of the item (ms UTC). `recipients` are the proven owners of the other mailboxes.
    """

    kind: UnitKind
    author: Invitation
    on_behalf_of: Invitation | None
    sections: tuple[Section, ...]
    context: tuple[Section, ...]
    events: tuple[bytes, ...]
    time: int
    recipients: tuple[Invitation, ...]
    manifests: tuple[Manifest, ...] = ()

    @property
    def event(self) -> bytes:
        return self.events[0]

    @property
    def title(self) -> str:
        return f"filing-title-{self.kind.value}"

    @property
    def responsible(self) -> Invitation:
        """The professional whose document it is: the author, or the doctor in whose name the secretary wrote."""
        if self.on_behalf_of is None or self.author.kind is InviteeKind.PROFESSIONAL:
            return self.author
        return self.on_behalf_of


def of_answer(body: Answer) -> tuple[Section, ...]:
    return _sections(
        ("answer", body.text),
        ("conclusion", body.conclusion),
        ("what-to-do", body.what_to_do),
        ("by-when", body.by_when.isoformat() if body.by_when else ""),
        ("send-back-if", body.send_back_if),
        ("attachments", "\n".join(body.attached)),
    )


def of_request(body: ReferralRequest) -> tuple[Section, ...]:
    return _sections(("request", body.question), ("supporting", "\n".join(body.supporting)))


def of_message(body: Message, manifests: tuple[Manifest, ...]) -> tuple[Section, ...]:
    names = "\n".join(manifest.name for manifest in manifests)
    return _sections(("subject", body.subject), ("message", body.text), ("attachments", names))


def of_question(body: Question | ReferralRequest) -> Section:
    return Section("filing-section-question", body.text if isinstance(body, Question) else body.question)


def _sections(*parts: tuple[str, str]) -> tuple[Section, ...]:
    return tuple(Section(f"filing-section-{name}", text) for name, text in parts if text.strip())
