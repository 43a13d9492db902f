"""Which events of an exchange become a mail in this mailbox, in which folder, under which keywords, with which values.

What was verified is taken from `client.reading`; how it looks is the mail room's. Files and Message-IDs are given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from messaging.client.reading import Exchange, ReadEvent
from messaging.gateway.mail.heading import Person
from messaging.gateway.mail.rendered import Clinical, File, Rendered, Say, Standing, Travelled, Written
from messaging.gateway.mailstore.fixed import Role
from messaging.protocol.message import Message
from messaging.referral import urgency
from messaging.referral.clinical import Answer, Appointment, Question, ReferralRequest, StateChange
from messaging.referral.states import OPEN, BusinessStatus, Side, Status
from messaging.referral.turn import Phase
from messaging.referral.urgency import Urgency, UrgencyPolicy

SEEN: Final = "\\Seen"
REFERRAL: Final = "$Referral"
URGENT: Final = "$Urgent"
PHASE: Final = "$Referral-"  # with the phase after it: one of a case's mails has one at a time
DELIVERED: Final = "$Delivered"
READ: Final = "$Read"
_WITH_STATE: Final = ReferralRequest | Answer | Question
_SAID_BY_TEXT: Final = frozenset({BusinessStatus.INFO_REQUESTED, BusinessStatus.INFO_PROVIDED})
_SHOWING: Final = "record-share"
# Of the record bridge's own events a colleague is told that something was shown; the others are nobody's mail.
_SAID_IN_WORDS: Final = frozenset({"unknown", _SHOWING})


def is_mail(event: ReadEvent, exchange: Exchange) -> bool:
    """Whether a person is told of it by a mail of its own. A state that comes beside the text that says it is not."""
    body = event.content
    if body is None:
        return event.type in _SAID_IN_WORDS or "body-malformed" in event.notices
    if isinstance(body, Appointment):
        return not is_sent(event, exchange)
    if not isinstance(body, StateChange):
        return True
    if is_sent(event, exchange):
        return False
    if exchange.thread_of_class(1) is None:  # who reads the appointments and not the letters
        return True
    return body.status not in (Status.REQUESTED, Status.COMPLETED) and body.business not in _SAID_BY_TEXT


def is_sent(event: ReadEvent, exchange: Exchange) -> bool:
    """Whether it left from the mailbox that holds the thread, whoever of those to whom it is entrusted wrote it."""
    return any(kept.thread == event.thread and kept.mailbox == event.acting_for for kept in exchange.threads)


def role_of(event: ReadEvent, exchange: Exchange, *, apart: bool) -> Role:
    """The one folder in which the mail arrives; `apart` puts referrals into folders of their own."""
    if apart and exchange.case is not None:
        return Role.REFERRALS_SENT if is_sent(event, exchange) else Role.REFERRALS_RECEIVED
    return Role.SENT if is_sent(event, exchange) else Role.INBOX


def flags_of(event: ReadEvent, exchange: Exchange) -> frozenset[str]:
    """System flags and keywords with which it arrives."""
    read = next((kept.read_seq for kept in exchange.threads if kept.thread == event.thread), 0)
    flags = {SEEN} if is_sent(event, exchange) or event.seq <= read else set()
    return frozenset(flags | keywords_of(exchange))


def keywords_of(exchange: Exchange) -> set[str]:
    """What a mail program may sort and colour by: a referral, where it stands, that it is urgent while it is open."""
    case = exchange.case
    if case is None:
        return set()
    urgent = case.status in OPEN and case.urgency in (Urgency.STAT, Urgency.ASAP, Urgency.URGENT)
    return {REFERRAL, PHASE + case.phase.value} | ({URGENT} if urgent else set())


def others(keywords: set[str]) -> set[str]:
    """The keywords of this room that no longer hold."""
    return {URGENT, *(PHASE + phase.value for phase in Phase)} - keywords


def rendered(
    event: ReadEvent,
    exchange: Exchange,
    files: Sequence[bytes | None],
    people: Mapping[bytes, Person],
    parents: Sequence[str],
    say: Say,
    policy: UrgencyPolicy,
    *,
    id_used: bool,
) -> Rendered:
    """The event as the mail room takes it. `files` are its attachments in order, `people` who is behind a mailbox."""
    return Rendered(
        event=event.id,
        thread=exchange.main.thread,
        class_=event.class_,
        time=event.time,
        kind=event.type,
        author=Person(event.author.name, _address(event, people), event.author.profession),
        on_behalf_of=event.author.on_behalf_of,
        recipients=tuple(
            people.get(member.account, Person("", ""))
            for member in exchange.members
            if member.account != event.acting_for
        ),
        content=_content(event, exchange, say),
        files=tuple(
            File(manifest.name, manifest.media_type, manifest.size, octets)
            for manifest, octets in zip(event.manifests, files, strict=True)
        ),
        parents=tuple(parents),
        standing=_standing(event, exchange, say, policy),
        notices=tuple(say(f"notice-{notice}") for notice in event.notices),
        id_used=id_used,
    )


def _address(event: ReadEvent, people: Mapping[bytes, Person]) -> str:
    """That of the mailbox which wrote: an answer goes there, whoever held the pen."""
    behind = people.get(event.acting_for)
    return behind.address if behind is not None and behind.address else event.author.address


def _content(event: ReadEvent, exchange: Exchange, say: Say) -> Written | Travelled | Clinical | None:
    if event.type == _SHOWING:
        return Written(say("event-record-share"), say("event-record-share-text"))
    if event.content is None:
        return None
    if not isinstance(event.content, Message):
        return Clinical(event.content, exchange.sides.get(event.acting_for))
    if event.body.content.lstrip()[:11].lower().startswith(b"message-id:"):
        return Travelled(event.body.content)
    return Written(event.content.subject, event.content.text)


def beside(event: ReadEvent, exchange: Exchange) -> ReadEvent | None:
    """The state that the same author set with these words: the next one of the case, before anybody wrote more."""
    for later in exchange.events:
        if later.tick <= event.tick or not isinstance(later.content, _WITH_STATE | StateChange):
            continue
        same = later.acting_for == event.acting_for and isinstance(later.content, StateChange)
        return later if same else None
    return None


def is_alone(event: ReadEvent, exchange: Exchange) -> bool:
    """Whether words have come whose state has not, which leaves just after them."""
    return (
        isinstance(event.content, _WITH_STATE)
        and exchange.thread_of_class(0) is not None
        and beside(event, exchange) is None
        and event is exchange.events[-1]
    ) or (isinstance(event.content, ReferralRequest) and exchange.thread_of_class(0) is None)


def _standing(event: ReadEvent, exchange: Exchange, say: Say, policy: UrgencyPolicy) -> Standing | None:
    state = beside(event, exchange) if isinstance(event.content, _WITH_STATE) else None
    case = exchange.case_at(state.tick if state is not None else event.tick)
    if case is None:
        return None
    request = event.content if isinstance(event.content, ReferralRequest) else case.request
    level = case.urgency or (request.urgency if request is not None else None)
    return Standing(
        case=case.case,
        phase=case.phase,
        patient=request.patient if request is not None else None,
        urgency=level,
        due_ms=case.due_ms,
        own=exchange.own_side,
        advice=_advice(level, case.status in (*OPEN, None), exchange.own_side, say, policy),
    )


def _advice(level: Urgency | None, is_open: bool, side: Side | None, say: Say, policy: UrgencyPolicy) -> str:
    if level is None or side is None or not is_open or not policy.level(level).call_first:
        return ""
    told = urgency.advice(policy, level, "")
    return say(told.words, **told.facts)
