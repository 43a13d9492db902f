"""The facts behind the patient's log (RD-5): statements, notices, consents, mandates and moves, each proven here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from directory.accounts import entry as entries
from directory.accounts.bind import InviteeKind
from directory.accounts.entry import Grant, RotateAek
from directory.errors import DirectoryError
from directory.transparency.receipt import parse_proof
from messaging.client.endpoint import Endpoint
from messaging.client.reading import ReadEvent
from messaging.profile import keys, threads
from messaging.referral.clinical import Party
from messaging.wire.access import WHOLE
from record_bridge.client import consents, statements
from record_bridge.client.consents import KnownConsent
from record_bridge.client.index import items
from record_bridge.client.statements import Access as Stated
from record_bridge.consent.states import By
from record_bridge.errors import RecordError
from record_bridge.record import log, notice
from record_bridge.record.classes import RecordClass
from record_bridge.record.items import Item
from record_bridge.record.log import Filed, LogLine, Who
from record_bridge.record.notice import About, Notice, NoticeAct, Reference

_STILL = 2**63
# Told again, and proven, by the record's own log.
_PROVEN_ELSEWHERE = frozenset(
    {
        NoticeAct.CONSENT_RECORDED,
        NoticeAct.CONSENT_WITHDRAWN,
        NoticeAct.MANDATE_GRANTED,
        NoticeAct.MANDATE_ENDED,
        NoticeAct.MOVED,
    }
)


async def lines(endpoint: Endpoint, record: bytes) -> tuple[LogLine, ...]:
    """The log of a record whose notices this endpoint reads, newest first. Its feed has been brought in before."""
    held = {item.thread: item for item in await items(endpoint, record)}
    facts: list[log.Fact] = []
    facts += await _accesses(endpoint, record, held)
    facts += await _consents(endpoint, record)
    facts += await _mandates(endpoint, record)
    facts += await _events(endpoint, record, held)
    return log.fold(facts)


async def readers(endpoint: Endpoint, record: bytes, shown: Iterable[Item]) -> Mapping[bytes, tuple[str, ...]]:
    """Who has opened each of these items, by name, the patient left out."""
    own = endpoint.accounts.lookup(record).manager
    stated = [one for one in await statements.stated(endpoint, record) if one.account != own]
    names = {account: (await who(endpoint, account)).name for account in {one.account for one in stated}}
    found = {}
    for item in shown:
        places = await _places(endpoint, item)
        read = (names[one.account] for one in stated if _opened(one, item, places))
        found[item.thread] = tuple(dict.fromkeys(read))
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an item stood from a time on (ms UTC), until the next one."""

    class_: int
    since: int
    until: int


async def _places(endpoint: Endpoint, item: Item) -> list[_Place]:
    """The classes in which an item stood: masking it later takes no reader out of what it says."""
    known = await endpoint.intake.thread(item.thread)
    epochs = [known.epochs[number] for number in sorted(known.epochs)] if known is not None else []
    times = [parse_proof(one.proof).group.time for one in epochs]
    placed = [
        _Place(one.commit.class_, since, until)
        for one, since, until in zip(epochs, times, [*times[1:], _STILL], strict=True)
    ]
    return placed or [_Place(int(item.class_), item.received_ms, _STILL)]


def _opened(access: Stated, item: Item, places: Iterable[_Place]) -> bool:
    """An access to all of a class opens what is there and what comes within its half hour."""
    if access.thread != WHOLE:
        return access.thread == item.thread
    return any(
        one.class_ in access.classes and one.since <= access.time + statements.VALID_MS and access.time <= one.until
        for one in places
    )


async def who(endpoint: Endpoint, account: bytes) -> Who:
    try:
        return Who((await endpoint.accounts.professional(account)).name, account)
    except DirectoryError:
        return Who("", account)


def _title(item: Item) -> str:
    """What a line calls an item; the id of its kind's words where it has no title of its own."""
    return item.title or item.kind.words


async def _accesses(endpoint: Endpoint, record: bytes, held: Mapping[bytes, Item]) -> list[log.Fact]:
    found: list[log.Fact] = []
    for one in await statements.stated(endpoint, record):
        item = held.get(one.thread)
        classes = tuple(map(RecordClass, one.classes))
        title = _title(item) if item is not None else ""
        found.append(log.Access(one.time, await who(endpoint, one.account), one.purpose, classes, title))
    return found


async def _consents(endpoint: Endpoint, record: bytes) -> list[log.Fact]:
    found: list[log.Fact] = []
    for one in (await consents.survey(endpoint, record)).known:
        refused = {id(version) for version, _ in one.folded.refused}
        for opened in one.opened:
            if id(opened.version) in refused:
                continue  # without effect, and so without a line
            version = opened.version
            signer = await who(endpoint, opened.signer)
            found.append(log.Consented(version.time_ms, signer, version.consent.state, one.series, version.by))
    return found


async def _mandates(endpoint: Endpoint, record: bytes) -> list[log.Fact]:
    """Grants of the record's log, as far as this endpoint ever opened them."""
    await endpoint.keyring.grants(record)
    seen = await endpoint.keyring.grants_seen(record)
    found: list[log.Fact] = []
    for raw, proof_raw in await endpoint.profile.run(lambda c: keys.log_of(c, record)):
        made, time = entries.parse(raw), parse_proof(proof_raw).group.time
        signer = await who(endpoint, made.signer.account)
        if isinstance(made.payload, Grant) and made.hash in seen:
            payload = seen[made.hash]
            to = await who(endpoint, payload.principal)
            found.append(log.Mandate(time, signer, to, tuple(map(RecordClass, payload.classes))))
        if isinstance(made.payload, RotateAek) and made.payload.removed:
            for ended in made.payload.removed:
                payload_ = seen.get(ended)
                to = Who("") if payload_ is None else await who(endpoint, payload_.principal)
                classes = () if payload_ is None else tuple(map(RecordClass, payload_.classes))
                found.append(log.Mandate(time, signer, to, classes, ended=True))
    return found


async def _events(endpoint: Endpoint, record: bytes, held: Mapping[bytes, Item]) -> list[log.Fact]:
    """Notices, deposits, and items that changed their class."""
    kept = await endpoint.profile.run(lambda c: threads.of_mailbox(endpoint.profile, c, record))
    known = {one.series: one for one in await consents.known(endpoint, record)}
    found: list[log.Fact] = []
    for thread in kept:
        item = held.get(thread.thread)
        if item is not None:
            found += await _moves(endpoint, item)
            found += await _deposited(endpoint, item)
            continue
        opened = await endpoint.reading.item(thread.thread)
        for event in opened[0] if opened is not None else ():
            if await _believed(endpoint, record, event):
                found += _noticed(event, held, known)
    return found


async def _believed(endpoint: Endpoint, record: bytes, event: ReadEvent) -> bool:
    """A notice counts from whoever speaks for the record, and that something was filed from a bridge alone, which says
    nothing else: anybody may write to a record."""
    filed = _says_filed(event)
    if event.acting_for == record:
        return not filed
    try:
        return filed and (await endpoint.accounts.professional(event.account)).kind is InviteeKind.BRIDGE
    except DirectoryError:
        return False


def _says_filed(event: ReadEvent) -> bool:
    try:
        return event.type == "record-notice" and notice.read(event.body.content).act is NoticeAct.FILED
    except RecordError:
        return False


def basis_at(consent: KnownConsent, time_ms: int) -> By:
    """Whose word a consent was at a time: what a professional attested then is not made the patient's signature by a
    later one."""
    refused = {id(version) for version, _ in consent.folded.refused}
    held = [one.version for one in consent.opened if id(one.version) not in refused and one.version.time_ms <= time_ms]
    return held[-1].by if held else consent.opened[0].version.by


def _noticed(event: ReadEvent, held: Mapping[bytes, Item], known: Mapping[bytes, KnownConsent]) -> list[log.Fact]:
    if event.type != "record-notice":
        return []
    try:
        said = notice.read(event.body.content)
    except RecordError:
        return []
    if said.act in _PROVEN_ELSEWHERE:
        return []
    named = {one.about: one.id for one in said.references}
    series, item = named.get(About.SERIES, b""), held.get(named.get(About.ITEM, b""))
    if said.act is NoticeAct.FILED and series in known and item is not None:
        basis = basis_at(known[series], event.time)
        return [log.Filing(event.time, Who(said.who.name), _title(item), Filed.ACCEPTED, series, basis)]
    return [log.Noticed(event.time, said, event.account)]


async def _deposited(endpoint: Endpoint, item: Item) -> list[log.Fact]:
    """What a laboratory or a payer put there; what a bridge filed has its own line."""
    opened = await endpoint.reading.item(item.thread)
    for event in opened[0][:1] if opened is not None else ():
        try:
            owner = await endpoint.accounts.professional(event.account)
        except DirectoryError:
            continue
        if owner.kind.deposits_only:
            about = (Reference(About.ITEM, item.thread),)
            said = Notice(NoticeAct.DEPOSITED, Party(owner.name), None, event.time, about)
            return [log.Noticed(event.time, said, event.account)]
    return []


async def _moves(endpoint: Endpoint, item: Item) -> list[log.Fact]:
    known = await endpoint.intake.thread(item.thread)
    if known is None:
        return []
    found: list[log.Fact] = []
    ordered = [known.epochs[number] for number in sorted(known.epochs)]
    for before, after in pairwise(ordered):
        if before.commit.class_ == after.commit.class_:
            continue
        signer = await who(endpoint, after.commit.committer.account)
        time = parse_proof(after.proof).group.time
        classes = RecordClass(before.commit.class_), RecordClass(after.commit.class_)
        found.append(log.Moved(time, signer, _title(item), *classes))
    return found
