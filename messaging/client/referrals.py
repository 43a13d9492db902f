"""Referral verbs on the endpoint (docs/spec/referral.md): each writes the clinical part and the logistics part of one
act to the outbox, the clinical part first, so that nobody's turn changes before there is something to read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from directory.accounts.grants import Right
from directory.errors import Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.messages import Enclosed, File, spool, uploads
from messaging.client.reading import TYPE_OF, Exchange
from messaging.errors import MessagingError
from messaging.profile.outbox import Outgoing
from messaging.protocol.body import Body, Manifest
from messaging.referral import bodies, laboratory, states, urgency
from messaging.referral import case as cases
from messaging.referral.case import CaseEvent
from messaging.referral.clinical import (
    MEDIA_TYPE,
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
from messaging.referral.clinical import Body as ClinicalBody
from messaging.referral.patient import Patient
from messaging.referral.states import Act, BusinessStatus, Side, Status
from messaging.referral.urgency import Urgency, UrgencyPolicy

LOGISTICS, CLINICAL, DOCTOR_ONLY = 0, 1, 2
Put = Callable[[Sequence[Outgoing]], Awaitable[None]]
"""Makes what was written durable; the endpoint's own unless whoever asks has more to write with it."""


@dataclass(frozen=True, slots=True)
class Referral:
    """A case just written: its clinical thread names it."""

    case: bytes
    thread: bytes
    outgoing: tuple[Outgoing, ...]


def _outgoing(
    endpoint: Endpoint,
    body: ClinicalBody,
    thread: bytes,
    class_: int,
    mailbox: bytes,
    *,
    to: Sequence[str] = (),
    waiting_for: str = "",
    manifests: Sequence[Manifest] = (),
) -> Outgoing:
    return Outgoing(
        intent=endpoint.intent(),
        thread=thread,
        class_=class_,
        acting_for=mailbox,
        type=TYPE_OF[body.kind],
        body=Body(MEDIA_TYPE, bodies.write(body), tuple(manifests)).encode(),
        to=tuple(to),
        waiting_for=waiting_for,
        uploads=uploads(manifests),
    )


def verify_documents(files: Sequence[File], patient: Patient) -> list[str]:
    """Names of the laboratory documents among the files, each of which must be this patient's.

    Raises MessagingError: document-other-patient, attachment-unreadable.
    """
    found = []
    for file in files:
        if not file.name.lower().endswith(".xml"):
            continue
        document = laboratory.recognise(_octets(file))
        if document is not None:
            laboratory.verify_patient(document, patient)
            found.append(file.name)
    return found


def _octets(file: File) -> bytes:
    if isinstance(file, Enclosed):
        return file.octets
    try:
        return file.read_bytes()
    except OSError:
        raise MessagingError("attachment-unreadable") from None


async def refer(
    endpoint: Endpoint,
    *,
    to: Sequence[str],
    waiting_for: str,
    performer: Party,
    patient: Patient,
    question: str,
    level: Urgency,
    policy: UrgencyPolicy,
    files: Sequence[File],
    put: Put | None = None,
    mailbox: bytes | None = None,
) -> Referral:
    """Open a case: the question with its documents in the clinical thread, then the request in the logistics thread.
    Whose `mailbox` it leaves from asks, one's own where none is given."""
    me = endpoint.identity
    asking = mailbox or me.mailbox
    verify_documents(files, patient)
    manifests = await spool(endpoint, files)
    case, clinical, logistics = endpoint.new_id(), endpoint.new_id(), endpoint.new_id()
    try:
        own = await endpoint.accounts.professional(me.account if asking == me.mailbox else asking)
        requester = Party(own.name, own.identifier if own.identifier.isdigit() else "")
    except Refusal:  # away from the service, before it was ever asked
        if asking != me.mailbox:
            raise
        requester = Party(me.name)
    request = ReferralRequest(
        case=case,
        patient=patient,
        question=question,
        urgency=level,
        requester=requester,
        performer=performer,
        supporting=tuple(manifest.name for manifest in manifests),
    )
    due = urgency.due(policy, level, endpoint.environment.now()) // 1000 * 1000
    state = StateChange(case=case, status=Status.REQUESTED, urgency=level, due_ms=due)
    outgoing = (
        _outgoing(endpoint, request, clinical, CLINICAL, asking, to=to, waiting_for=waiting_for, manifests=manifests),
        _outgoing(endpoint, state, logistics, LOGISTICS, asking, to=to, waiting_for=waiting_for),
    )
    await (put or endpoint.put)(outgoing)
    return Referral(case, clinical, outgoing)


class Step:
    """One act in an open case: judged by the transition table first, then written."""

    def __init__(self, endpoint: Endpoint, exchange: Exchange, put: Put | None = None) -> None:
        if exchange.case is None:
            raise MessagingError("thread-is-no-referral")
        self._write = put or endpoint.put
        self._endpoint = endpoint
        self._exchange = exchange
        self._case = exchange.case

    @property
    def side(self) -> Side:
        """Raises MessagingError("referral-not-your-turn") for a colleague who was only added."""
        if self._exchange.own_side is None:
            raise MessagingError("referral-not-your-turn")
        return self._exchange.own_side

    async def _part(self, body: ClinicalBody, class_: int, manifests: Sequence[Manifest] = ()) -> Outgoing:
        kept = self._exchange.thread_of_class(class_)
        if kept is None or not self._endpoint.keyring.may(kept.mailbox, Right.SEND_AS, class_):
            raise MessagingError("mailbox-not-held")
        if not await self._endpoint.may_write(kept):
            raise MessagingError("thread-read-only")
        return _outgoing(self._endpoint, body, kept.thread, class_, kept.mailbox, manifests=manifests)

    async def _moved(self, act: Act, business: BusinessStatus | None = None, reason: Reason | None = None) -> Outgoing:
        status = states.step(self._case.status, self.side, act)
        change = StateChange(case=self._case.case, status=status, business=business, reason=reason)
        return await self._part(change, LOGISTICS)

    async def _put(self, *parts: Outgoing) -> tuple[Outgoing, ...]:
        await self._write(parts)
        return parts

    async def accept(self) -> tuple[Outgoing, ...]:
        return await self._put(await self._moved(Act.ACCEPT))

    async def decline(self, reason: Reason, text: str) -> tuple[Outgoing, ...]:
        moved = await self._moved(Act.DECLINE, reason=reason)
        if not text:
            return await self._put(moved)
        return await self._put(await self._part(Question(self._case.case, text), CLINICAL), moved)

    async def ask(self, text: str) -> tuple[Outgoing, ...]:
        """Ask for one more thing; the turn goes to the other side."""
        question = await self._part(Question(self._case.case, text), CLINICAL)
        if self.side is Side.REQUESTER:
            return await self._put(question, await self._moved(Act.ASK_AGAIN, BusinessStatus.INFO_REQUESTED))
        return await self._put(question, await self._moved(Act.ASK, BusinessStatus.INFO_REQUESTED))

    async def answer(self, fields: Mapping[str, object], files: Sequence[File]) -> tuple[Outgoing, ...]:
        """The specialist's answer ends the question; the requester's gives what was asked for.

        `fields` are those of `Answer` but case and attached. Raises MessagingError: referral-illegal-transition.
        """
        asked = self._exchange.case
        moved = (
            await self._moved(Act.PROVIDE, BusinessStatus.INFO_PROVIDED)
            if self.side is Side.REQUESTER
            else await self._moved(Act.ANSWER)
        )
        if asked is not None and asked.request is not None:
            verify_documents(files, asked.request.patient)
        manifests = await spool(self._endpoint, files)
        attached = tuple(manifest.name for manifest in manifests)
        body = Answer(case=self._case.case, attached=attached, **fields)  # type: ignore[arg-type]
        return await self._put(await self._part(body, CLINICAL, manifests), moved)

    async def note(self) -> tuple[Outgoing, ...]:
        """The requester has read the answer and takes over the follow-up."""
        return await self._put(await self._moved(Act.NOTE, BusinessStatus.NOTED))

    async def cancel(self, reason: Reason) -> tuple[Outgoing, ...]:
        return await self._put(await self._moved(Act.CANCEL, reason=reason))

    async def appointment(
        self, status: AppointmentStatus, start_ms: int, end_ms: int, place: str
    ) -> tuple[Outgoing, ...]:
        body = Appointment(self._case.case, status, start_ms, end_ms, place)
        after = cases.advance(self._case, CaseEvent(self.side, "", body, start_ms, 0))
        if len(after.refused) > len(self._case.refused):
            raise MessagingError(after.refused[-1].reason, act=after.refused[-1].act)
        return await self._put(await self._part(body, LOGISTICS))

    async def remark(self, text: str, colleagues: Sequence[str]) -> tuple[Outgoing, ...]:
        """Between doctors only: opens the case's doctor-only thread when there is none yet."""
        body = Remark(self._case.case, text)
        kept = self._exchange.thread_of_class(DOCTOR_ONLY)
        if kept is not None:
            return await self._put(await self._part(body, DOCTOR_ONLY))
        mailbox = self._exchange.main.mailbox
        if not self._endpoint.keyring.may(mailbox, Right.SEND_AS, DOCTOR_ONLY):
            raise MessagingError("mailbox-not-held")
        opened = _outgoing(self._endpoint, body, self._endpoint.new_id(), DOCTOR_ONLY, mailbox, to=colleagues)
        return await self._put(opened)
