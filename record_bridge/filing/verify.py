"""Is this to be filed, and what exactly? The bridge's judgement over a request and its evidence (FI-5).

The bridge is no member of the exchange: it believes the two keys that it pinned, the account logs that it folded
itself, and what `protocol.evidence` proves from them. In this order, each refusal a RecordError whose id is the reason:

    1 the bundle speaks under our two keys, and shows what we know of its accounts        FI-5.1
    2 every signature, place, composition and bind holds (`evidence.verify`)              FI-5.2
    3 only the named thread, nothing twice, nothing that nobody selected                  FI-5.3
    4 every selected item is there, fit for its role, and still stands                    FI-5.4
    5 the requester had the right to see it                                               FI-5.5
    6 one case, one patient, and it is the patient of the request                         FI-5.6
    7 every author is a proven professional, or writes in the name of one                 FI-5.7

Consent is not judged here, nor whether the identity is qualified (`identity.waits_for`): that makes a filing wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from directory.accounts import bind
from directory.accounts.authority import Lookup
from directory.accounts.bind import Invitation, InviteeKind
from directory.accounts.entry import AccountKind
from directory.errors import DirectoryError, Refusal
from directory.identity.rpps import is_rpps
from directory.transparency.receipt import parse_proof
from messaging.errors import MessagingError
from messaging.protocol import event as events
from messaging.protocol import evidence, message
from messaging.protocol.body import Body, EventType
from messaging.protocol.evidence import Bundle
from messaging.referral.clinical import Answer, Kind, ReferralRequest
from messaging.wire import epoch, header
from messaging.wire.epoch import EpochCommit, Role
from record_bridge.errors import RecordError
from record_bridge.filing import asking, selection, standing, units
from record_bridge.filing.asking import Asked
from record_bridge.filing.bodies import FilingRequest, Selected
from record_bridge.filing.bodies import Role as FiledAs
from record_bridge.filing.identity import differs
from record_bridge.filing.standing import Opened
from record_bridge.filing.units import Section, Unit, UnitKind

CLINICAL = 1  # the one class of threads that is filed: "doctor only" stays there
_TYPES = {
    FiledAs.ANSWER: EventType.ANSWER,
    FiledAs.REQUEST: EventType.REFERRAL_REQUEST,
    FiledAs.MESSAGE: EventType.MESSAGE,
}


@dataclass(frozen=True, slots=True)
class Pinned:
    """The two keys that the bridge was set up with."""

    service_pk: bytes
    registrar_pk: bytes


@dataclass(frozen=True, slots=True)
class Requester:
    """Who signed the request, and for which mailbox: proven by the filing thread, where the request is an event."""

    account: bytes
    mailbox: bytes


@dataclass(frozen=True, slots=True)
class _Thread:
    """The compositions of the named thread, in order, and that of each event."""

    commits: Sequence[EpochCommit]
    of: Mapping[bytes, EpochCommit]


def verify(
    request: FilingRequest, bundle: Bundle, *, requester: Requester, pinned: Pinned, lookup: Lookup
) -> tuple[Unit, ...]:
    """The units to file, in the order of the request's items.

    `lookup` gives the caller's own fold of each account in `bundle.logs`. Raises RecordError: filing-*, and what
    `lookup` raises for an account that the caller does not know.
    """
    opened = _verify_evidence(bundle, pinned, lookup)
    _verify_extent(request, bundle, opened)
    by_id = {one.proven.id: one for one in opened}
    items = [_item(selected, by_id) for selected in request.items]
    gone = standing.refusals(opened)
    _verify_standing(request, gone)
    thread = _thread(request.thread, bundle)
    _verify_requester(requester, thread, items, lookup)
    asked = asking.asked(opened)
    bodies = [_read(selected.role, item) for selected, item in zip(request.items, items, strict=True)]
    _verify_case_and_patient(request, asked, bodies)
    live = tuple(one for one in asked if one.opened.proven.id not in gone)
    people = _People(bundle, pinned, lookup)
    return tuple(
        _unit(item, body, live, people, thread.of[item.proven.id]) for item, body in zip(items, bodies, strict=True)
    )


# 1 and 2: what the bundle proves


def _verify_evidence(bundle: Bundle, pinned: Pinned, lookup: Lookup) -> tuple[Opened, ...]:
    if (bundle.service_pk, bundle.registrar_pk) != (pinned.service_pk, pinned.registrar_pk):
        raise RecordError("filing-evidence-foreign")
    try:
        _verify_known(bundle, lookup)
        proven = evidence.verify(bundle, {account: lookup(account) for account in bundle.logs})
    except RecordError:
        raise
    except DirectoryError as refused:
        if refused.id == "account-unknown":
            raise
        raise RecordError("filing-evidence-wrong", reason=refused.id) from None
    except Refusal as refused:
        raise RecordError("filing-evidence-wrong", **refused.facts) from None
    return tuple(Opened(one, _meta(part)) for one, part in zip(proven, bundle.events, strict=True))


def _meta(part: evidence.OpenedEvent) -> events.Meta:
    sealed = header.parse(part.event.raw)
    return events.reopen(sealed, part.meta, part.signature, part.blind, part.body).meta


def _verify_known(bundle: Bundle, lookup: Lookup) -> None:
    """No log of the bundle is another than ours, or ends before what we know of it at that time: a removed device or a
    withdrawn mandate cannot be left out."""
    chains = (*bundle.commits.values(), tuple(part.event for part in bundle.events))
    last = max((parse_proof(one.proof).receipt.tick for chain in chains for one in chain), default=0)
    for account, chain in bundle.logs.items():
        own = lookup(account).entries
        shown = [parse_proof(one.proof).receipt.id for one in chain]
        if [placed.hash for placed in own[: len(shown)]] != shown[: len(own)]:
            raise RecordError("filing-evidence-foreign")
        if any(placed.tick < last for placed in own[len(shown) :]):
            raise RecordError("filing-evidence-incomplete")


# 3 and 4: what was selected


def _verify_extent(request: FilingRequest, bundle: Bundle, opened: Sequence[Opened]) -> None:
    selected = {item.event for item in request.items}
    if set(bundle.commits) - {request.thread} or any(one.proven.thread != request.thread for one in opened):
        raise RecordError("filing-item-foreign")
    if len({one.proven.id for one in opened}) != len(opened):
        raise RecordError("filing-evidence-wrong", reason="event-twice")
    if selection.needed([_seen(one) for one in opened], selected) != {one.proven.id for one in opened}:
        raise RecordError("filing-item-unselected")


def _seen(one: Opened) -> selection.Seen:
    proven = one.proven
    target = standing.target(proven.type, proven.body.content)
    return selection.Seen(proven.id, proven.type, one.meta.acting_for, proven.seq, target)


def _item(selected: Selected, by_id: Mapping[bytes, Opened]) -> Opened:
    found = by_id.get(selected.event)
    if found is None:
        raise RecordError("filing-item-missing")
    if found.proven.type not in (_TYPES[selected.role], EventType.NEW_VERSION):
        raise RecordError("filing-item-unfit")
    return found


def _verify_standing(request: FilingRequest, gone: Mapping[bytes, str]) -> None:
    """By what the thread says of each item, and by what the requester says of it."""
    for item in request.items:
        reason = gone.get(item.event)
        if reason == "filing-item-retracted":
            raise RecordError("filing-item-retracted")
        if reason is not None or item.superseded_by is not None:
            raise RecordError("filing-item-replaced")


def _read(role: FiledAs, item: Opened) -> Answer | ReferralRequest | message.Message:
    """What the item says, as what it is filed as; a new version is what the requester says it is, if it reads so."""
    proven = item.proven
    if role is FiledAs.MESSAGE:
        try:
            return message.read(Body(proven.body.media_type, standing.said(proven)))
        except MessagingError:
            raise RecordError("filing-item-unfit") from None
    body = asking.read(item, Kind.ANSWER if role is FiledAs.ANSWER else Kind.REFERRAL_REQUEST)
    if not isinstance(body, Answer | ReferralRequest):
        raise RecordError("filing-item-unfit")
    return body


# 5: who asks


def _thread(thread: bytes, bundle: Bundle) -> _Thread:
    commits = [epoch.parse(one.raw) for one in bundle.commits[thread]]
    by_id = {commit.id: commit for commit in commits}
    if commits[0].class_ != CLINICAL:
        raise RecordError("filing-item-unfit")
    sealed = [header.parse(part.event.raw) for part in bundle.events]
    return _Thread(commits, {one.id: by_id[one.header.epoch_id] for one in sealed})


def _verify_requester(requester: Requester, thread: _Thread, items: Sequence[Opened], lookup: Lookup) -> None:
    """A person's mailbox that reads the thread now, as far as the bundle shows, and could open each item."""
    refused = RecordError("filing-requester-refused")
    if lookup(requester.account).kind is not AccountKind.PERSON:
        raise refused
    member = thread.commits[-1].member(requester.mailbox)
    if member is None or not member.gen or member.role is Role.DEPOSIT:
        raise refused
    for item in items:
        within = thread.of[item.proven.id]
        if member.from_epoch > within.epoch and within.member(requester.mailbox) is None:
            raise refused


# 6: about whom


def _verify_case_and_patient(
    request: FilingRequest, asked: Sequence[Asked], bodies: Sequence[Answer | ReferralRequest | message.Message]
) -> None:
    clinical = [body for body in bodies if not isinstance(body, message.Message)]
    if any(body.case != request.case for body in (*(one.body for one in asked), *clinical)):
        raise RecordError("filing-other-case")
    named = [body for body in (*(one.body for one in asked), *clinical) if isinstance(body, ReferralRequest)]
    if clinical and not named:
        raise RecordError("filing-patient-unproven")
    for one in named:
        trait = differs(named[0].patient, one.patient)
        if trait:
            raise RecordError("filing-two-patients", trait=trait)
    for one in named:
        trait = differs(one.patient, request.patient)
        if trait:
            raise RecordError("filing-other-patient", trait=trait)


# 7: by whom, to whom


class _People:
    """Proven names behind accounts and mailboxes; the binds themselves were verified with the bundle."""

    def __init__(self, bundle: Bundle, pinned: Pinned, lookup: Lookup) -> None:
        self._lookup = lookup
        self._known = {
            account: bind.verify_certificate(bind.parse_evidence(raw).certificate, pinned.registrar_pk).invitation
            for account, raw in bundle.binds.items()
        }

    def owner(self, mailbox: bytes) -> bytes:
        state = self._lookup(mailbox)
        return state.manager if state.kind.is_mailbox else state.account

    def named(self, account: bytes) -> Invitation | None:
        return self._known.get(account)


def _authors(item: Opened, people: _People) -> tuple[Invitation, Invitation | None]:
    """Who signed, and in whose name if in another's: one of the two is a professional with a sound number."""
    signer, owner = item.meta.signer.account, people.owner(item.meta.acting_for)
    author = people.named(signer)
    on_behalf_of = people.named(owner) if owner != signer else None
    if author is None:
        raise RecordError("filing-author-unproven")
    professional = author if author.kind is InviteeKind.PROFESSIONAL else on_behalf_of
    staffed = author.kind in (InviteeKind.PROFESSIONAL, InviteeKind.STAFF)
    if professional is None or professional.kind is not InviteeKind.PROFESSIONAL or not staffed:
        raise RecordError("filing-author-unproven")
    if not is_rpps(professional.identifier):
        raise RecordError("filing-author-number-wrong")
    return author, on_behalf_of


def _recipients(item: Opened, author: Invitation, within: EpochCommit, people: _People) -> tuple[Invitation, ...]:
    """The owners of the other mailboxes that could read it, once each; never the author, who must not stand alone."""
    others = [m for m in within.members if m.account != item.meta.acting_for and m.gen]
    found = {people.named(people.owner(member.account)) for member in others}
    addressed = [one for one in found if one is not None and one.name and one.identifier != author.identifier]
    if not addressed and author in found:
        raise RecordError("filing-author-is-recipient")
    return tuple(sorted(addressed, key=lambda one: (one.kind, one.identifier, one.name)))


def _unit(
    item: Opened,
    body: Answer | ReferralRequest | message.Message,
    asked: Sequence[Asked],
    people: _People,
    within: EpochCommit,
) -> Unit:
    author, on_behalf_of = _authors(item, people)
    proven = item.proven
    context: tuple[Section, ...] = ()
    sources = [proven.id]
    match body:
        case Answer():
            kind, sections = UnitKind.REPORT, units.of_answer(body)
            answered = asking.context_of(item, asked)
            if answered is not None:
                context = (units.of_question(answered.body),)
                sources.append(answered.opened.proven.id)
        case ReferralRequest():
            kind, sections = UnitKind.LETTER, units.of_request(body)
        case message.Message():
            kind, sections = UnitKind.LETTER, units.of_message(body, proven.body.manifests)
    if not sections:
        raise RecordError("filing-item-unfit")
    unit = Unit(kind, author, on_behalf_of, sections, context, tuple(sources), proven.time, (), proven.body.manifests)
    return replace(unit, recipients=_recipients(item, unit.responsible, within, people))
