"""What a submitted mail means in Confrère (ML-5): a new message, a reply in the thread that it names, an answer, a
question, a referral, a receipt. Decides from identifiers and the envelope, never from a subject; sends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from messaging.errors import MessagingError
from messaging.gateway.mail import disposition, quotation, referral_fields
from messaging.gateway.mail.content import Attached
from messaging.gateway.mail.submitted import Submitted
from messaging.referral.patient import Patient
from messaging.referral.states import Act, Side, Status, permitted
from messaging.referral.urgency import Urgency

MAX_TEXT = 60_000  # characters of a clinical text (RF-2.2)
DOCTOR_ONLY = 2
ACT = "x-confrere-act"
_QUESTION = re.compile(r"\s*(?:question|complément|complement)\s?:", re.IGNORECASE)
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Known:
    """What a Message-ID names here. `into` is the thread that a reply goes to (for a case's logistics the clinical
    one), `class_` and `members` (addresses, one's own among them) are that thread's. `side` and `status` are of the
    case, in which `info_awaited` says that the requester was asked for something."""

    into: bytes
    class_: int
    members: frozenset[str]
    writable: bool = True
    case: bytes | None = None
    side: Side | None = None
    status: Status | None = None
    info_awaited: bool = False
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NewMessage:
    """Opens a thread. `detached`: it answers one whose members are others, which its author is told."""

    to: tuple[str, ...]
    detached: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    thread: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Worded:
    """An act of a case in words: `act` is ANSWER or PROVIDE (the clinical body Answer), ASK or ASK_AGAIN (Question), or
    None for a Remark between doctors; only an Answer has attachments. The text is whole, what it quotes included;
    readers fold it."""

    act: Act | None
    case: bytes
    thread: bytes
    text: str
    attachments: tuple[Attached, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Referral:
    """All that a request needs; who performs it is resolved from `to`."""

    to: tuple[str, ...]
    specialty: str
    urgency: Urgency
    patient: Patient
    question: str
    attachments: tuple[Attached, ...]


@dataclass(frozen=True, slots=True)
class ReferralDraft:
    """A request that is not sent: its author is told what is missing (`notices.draft`)."""

    to: tuple[str, ...]
    specialty: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadReceipt:
    """A mail program says that its user saw the mail of this id: an acknowledgement, never a message. Where `displayed`
    is false there is nothing to tell."""

    original: str
    displayed: bool


Meaning = NewMessage | Reply | Worded | Referral | ReferralDraft | ReadReceipt


def meaning(
    submitted: Submitted,
    recipients: Sequence[str],
    known: Callable[[str], Known | None],
    own: Collection[str],
) -> tuple[Meaning, ...]:
    """What to do, in order: the mail itself, then one message for each blind recipient, in a thread of their own so
    that no member learns of them. `recipients` are the envelope's, `own` the addresses that the author writes as,
    `known` tells what an id names.

    Raises MessagingError: mail-thread-ended; mail-malformed where there is nobody to write to.
    """
    report = disposition.read(submitted.octets, submitted.root)
    if report is not None:
        return (ReadReceipt(report.original, report.displayed),)
    mine = {address.lower() for address in own}
    asked = referral_fields.read(submitted, recipients, own)
    addressed = [one for one in dict.fromkeys(recipients) if referral_fields.alias(one, own) is None]
    named = {address.lower() for address in (*submitted.to, *submitted.cc)}
    # A mailbox that is entrusted to the author is somebody's: written to like any other.
    author = submitted.author.lower()
    visible = tuple(one for one in addressed if one.lower() in named and one.lower() != author)
    blind = tuple(one for one in addressed if one.lower() not in named and one.lower() != author)
    alone = tuple(NewMessage((one,)) for one in blind)
    if asked is not None:
        if asked.missing or asked.patient is None:
            return (ReferralDraft((*visible, *blind), asked.specialty, asked.missing),)
        text, files = _words(submitted, asked.attachments)
        whom = visible or blind
        referral = Referral(whom, asked.specialty, asked.urgency, asked.patient, text, files)
        return (referral, *(alone if visible else ()))
    found = next(filter(None, map(known, submitted.parents)), None)
    if found is None:
        to = visible or tuple(one for one in addressed if not blind)
        if not to and not alone:
            raise MessagingError("mail-malformed", clause="RFC 5321 3.3: RCPT")
        return (*((NewMessage(to),) if to else ()), *alone)
    if not visible and alone:  # only blind copies of what one had written in a thread
        return alone
    members = {one.lower() for one in found.members}
    hers = {author} | (mine & members)
    if not _is_among(visible, found, hers):
        to = visible or tuple(addressed)
        # To others alone it is forwarded: nobody thinks that those of the thread would get it.
        detached = any(one.lower() in members for one in to)
        return (NewMessage(to, detached), *alone)
    if not found.writable:
        raise MessagingError("mail-thread-ended")
    return (*_reply(submitted, found), *alone)


def _is_among(visible: Sequence[str], found: Known, mine: set[str]) -> bool:
    """Whether a reply is to all of its thread: to those who are in it, or to those who were when the mail that it
    answers was made and still are. Who was added since reads it by the thread's rules, whatever the To line says."""
    to = {one.lower() for one in visible} | mine
    members, named = ({one.lower() for one in some} | mine for some in (found.members, found.named))
    return to == members or (bool(found.named) and to == named and to <= members)


def _reply(submitted: Submitted, found: Known) -> tuple[Meaning, ...]:
    """In a case the table of its states says what a reply can be; what a program wrote is never an act."""
    text, files = _words(submitted, submitted.attachments)
    plain = (Reply(found.into),)
    if found.case is None or submitted.automatic or not (text.strip() or files):
        return plain
    act = None if found.class_ == DOCTOR_ONLY else _act(submitted, found)
    if act in (Act.ANSWER, Act.PROVIDE):
        return (Worded(act, found.case, found.into, text, files),)
    if (act is None and found.class_ != DOCTOR_ONLY) or not text.strip():
        return plain
    # A question and a remark hold no files: the mail goes beside them, with all of its own.
    return (Worded(act, found.case, found.into, text, ()), *(plain if files else ()))


def _act(submitted: Submitted, found: Known) -> Act | None:
    if found.side is None:
        return None
    stated = submitted.own_fields.get(ACT, "").lower()
    question = stated == "question" or (not stated and _QUESTION.match(quotation.fold(submitted.text).new) is not None)
    possible = permitted(found.status, found.side)
    if stated == "message":
        return None
    if question:
        wanted = Act.ASK if found.side is Side.PERFORMER else Act.ASK_AGAIN
    elif found.side is Side.PERFORMER:
        wanted = Act.ANSWER
    else:
        wanted = Act.PROVIDE if found.info_awaited else Act.ASK_AGAIN
    return wanted if wanted in possible else None


def _words(submitted: Submitted, attachments: tuple[Attached, ...]) -> tuple[str, tuple[Attached, ...]]:
    """The text as a clinical body can hold it. One that is too long goes whole into a file, and what was written now
    stands in the body."""
    text = _STEERING.sub("\N{REPLACEMENT CHARACTER}", submitted.text)
    if len(text) <= MAX_TEXT:
        return text, attachments
    whole = Attached("message.txt", "text/plain", submitted.text.encode("utf-8", "replace"))
    return quotation.fold(text).new[:MAX_TEXT], (*attachments, whole)
