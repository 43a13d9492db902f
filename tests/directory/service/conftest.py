"""A directory service without HTTP: the real writer and tables in a temporary folder, and endpoints to attack it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import create_engine

from confrere.database import engine
from confrere.database import tables as writer_tables
from confrere.database.receipts import StoredReceipts
from confrere.database.writer import GroupWriter
from directory.accounts import bind, invitation_code
from directory.accounts import change as changes
from directory.accounts.authoring import Authoring, Seed
from directory.accounts.bind import InviteeKind
from directory.accounts.change import Change
from directory.accounts.entry import NO_ACCOUNT, NO_SHEET, AccountKind, Device, DeviceKind
from directory.accounts.grants import FOREVER, RECORD_CLASSES, GrantPayload, Right
from directory.accounts.state import AccountState
from directory.errors import DirectoryError
from directory.extraction.practitioner import Activity, Practitioner, Structure, hit
from directory.identity import rpps
from directory.identity.rpps import Rpps
from directory.ports import Session
from directory.primitives import kem
from directory.primitives.signature import SigningKey
from directory.store import tables
from directory.store.accounts import StoredAccounts
from directory.store.invitations import InvitationCounter, StoredRegister
from directory.store.library import StoredLibrary
from directory.use_cases.append_entries import append_entries
from directory.use_cases.enrol import enrol
from directory.use_cases.invite import Issued, Registrar
from directory.use_cases.log_in import Logins

NOW = 1_800_000_000_000
DAY = 24 * 3600 * 1000
SERVICE = SigningKey(bytes([7]) * 32)
REGISTRAR = SigningKey(bytes([9]) * 32)
ALL = Right.READ | Right.SEND_AS | Right.MANAGE


def rpps_number(at: int) -> Rpps:
    """A well-formed number that nobody holds."""
    stem = f"1000{at:06d}"
    return next(Rpps(stem + key) for key in "0123456789" if rpps.is_rpps(stem + key))


class FakeAnnuaire:
    """Everybody the tests name, without a file; fills `search.AnnuaireReader`."""

    def __init__(self) -> None:
        self.people: dict[str, Practitioner] = {}

    def person(self, number: Rpps, given: str, family: str, *, active: bool = True) -> Rpps:
        activity = Activity("Médecin", "Cardiologie", "Cabinet", "69003", "Lyon", "69", "04 00 00 00 00", "", "", "")
        self.people[number] = Practitioner(
            number, "DR", family, given, "Médecin", "Cardiologie", (activity,) if active else ()
        )
        return number

    def search(self, text: str, specialty: str | None = None, place: str | None = None, limit: int = 20) -> list:
        found = [one for one in self.people.values() if text.lower() in one.name.lower()]
        return [hit(one, one.activities[0] if one.activities else None) for one in found[:limit]]

    def by_rpps(self, number: str) -> Practitioner | None:
        return self.people.get(number)

    def by_structure(self, identifier: str) -> Structure | None:
        return Structure(identifier, "Laboratoire des Tilleuls", "Lyon", "") if identifier == "690000005" else None


@dataclass
class Endpoint:
    """Somebody's keys: what a client would keep."""

    account: bytes
    device: bytes
    key: SigningKey
    mailbox: bytes
    address: str
    submission: bytes
    paper: tuple[Device, SigningKey]
    seeds: dict[tuple[bytes, int], list[bytes]] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        return Session(self.account, self.device)

    def newest(self, owner: bytes, class_: int) -> Seed:
        chain = self.seeds[owner, class_]
        return Seed(class_, len(chain), chain[-1])

    def fresh(self, owner: bytes, class_: int) -> bytes:
        seed = secrets.token_bytes(32)
        self.seeds.setdefault((owner, class_), []).append(seed)
        return seed


def new_device(kind: DeviceKind = DeviceKind.SDK) -> tuple[Device, SigningKey]:
    key = SigningKey(secrets.token_bytes(32))
    return Device(secrets.token_bytes(16), kind, key.public, kem.public_key(secrets.token_bytes(32))), key


@dataclass
class Office:
    """The service's parts, and the shortest ways to use them."""

    file: Path
    writer: GroupWriter
    reader: engine.ReadPool
    book: StoredAccounts
    register: StoredRegister
    library: StoredLibrary
    receipts: StoredReceipts
    annuaire: FakeAnnuaire
    registrar: Registrar
    clock: list[int]

    @property
    def counter(self) -> InvitationCounter:
        return InvitationCounter(self.file)

    @property
    def now(self) -> int:
        return self.clock[0]

    def invite(self, number: Rpps, given: str = "Claire", family: str = "Fontaine") -> Issued:
        self.annuaire.person(number, given, family)
        return self.registrar.professional(
            number, self.annuaire, self.counter, self.now, secrets.token_bytes(invitation_code.ENTROPY_SIZE)
        )

    def prepare(
        self, issued: Issued, *, signed_by: SigningKey = REGISTRAR, paper: bool = True, certificate: bytes = b""
    ) -> Endpoint:
        """An enrolment as an endpoint authors it; nothing is sent. `certificate` is another than the code's own."""
        code = invitation_code.signing_key(issued.code)
        certificate = certificate or bind.issue(issued.invitation, signed_by).raw
        structure = issued.invitation.kind.is_structure
        device, key = new_device()
        author = Authoring({}, NO_ACCOUNT, device.id, key, self.now)
        account = author.open_person(AccountKind.SERVICE if structure else AccountKind.PERSON, device)
        on_paper = new_device(DeviceKind.PAPER)
        if paper:
            author.add_device(*on_paper, [])
        made = Endpoint(account, device.id, key, b"", issued.invitation.address, b"", on_paper)
        author.rotate_person(made.fresh(account, 0), None)
        evidence = bind.prove(certificate, code, account, author.lookup(account).head, secrets.token_bytes(32))
        author.bind(evidence.encode(), evidence.commitment)
        if not issued.invitation.kind.has_mailbox:
            made.submission = code.public + author.octets
            return made
        kind = AccountKind.ORGANISATION_MAILBOX if structure else AccountKind.PERSONAL_MAILBOX
        made.mailbox = author.open_mailbox(kind, secrets.token_bytes(16))
        for class_ in (0, 1, 2):
            author.rotate_class(made.mailbox, class_, made.fresh(made.mailbox, class_), None, [account])
        made.submission = code.public + author.octets
        return made

    async def enrol(self, raw: bytes) -> tuple[bytes, ...]:
        return await enrol(
            raw, REGISTRAR.public, self.writer, self.reader, self.book, self.register, self.receipts
        )

    async def enrolled(self, at: int, given: str = "Claire", family: str = "Fontaine") -> Endpoint:
        made = self.prepare(self.invite(rpps_number(at), given, family))
        await self.enrol(made.submission)
        return made

    def invite_structure(self, kind: InviteeKind = InviteeKind.STRUCTURE) -> Issued:
        entropy = secrets.token_bytes(invitation_code.ENTROPY_SIZE)
        return self.registrar.structure("690000005", self.annuaire, self.counter, self.now, entropy, kind)

    async def structure(self, kind: InviteeKind = InviteeKind.STRUCTURE) -> Endpoint:
        made = self.prepare(self.invite_structure(kind))
        await self.enrol(made.submission)
        return made

    def invite_patient(self) -> Issued:
        return self.registrar.patient(self.counter, self.now, secrets.token_bytes(invitation_code.ENTROPY_SIZE))

    async def patient(self) -> Endpoint:
        made = self.prepare(self.invite_patient())
        await self.enrol(made.submission)
        return made

    async def opening(self, who: Endpoint, sheet_pk: bytes = NO_SHEET) -> Authoring:
        """A record with all its classes in the making; `who.mailbox` is it from then on."""
        author = await self.author(who)
        who.mailbox = author.open_mailbox(AccountKind.RECORD, secrets.token_bytes(16), sheet_pk)
        for class_ in RECORD_CLASSES:
            author.rotate_class(who.mailbox, class_, who.fresh(who.mailbox, class_), None, [who.account])
        return author

    async def record(self, who: Endpoint, sheet_pk: bytes = NO_SHEET) -> bytes:
        await self.append(who, (await self.opening(who, sheet_pk)).octets)
        return who.mailbox

    async def state(self, account: bytes) -> AccountState:
        return await self.reader.read(lambda connection: self.book.state(account, connection))

    async def author(self, who: Endpoint, *others: bytes, device: bytes | None = None, key: SigningKey | None = None):
        accounts = {account for account in (who.account, who.mailbox, *others) if account}
        states = {account: await self.state(account) for account in accounts}
        return Authoring(states, who.account, device or who.device, key or who.key, self.now)

    async def append(self, who: Endpoint | Session, submitted: bytes | tuple[Change, ...]) -> tuple[bytes, ...]:
        raw = submitted if isinstance(submitted, bytes) else changes.encode(submitted)
        session = who if isinstance(who, Session) else who.session
        return await append_entries(raw, session, self.writer, self.reader, self.book, self.receipts)

    async def holdings(self, who: Endpoint, now: int | None = None) -> dict[bytes, tuple[int, ...]]:
        found = await self.reader.read(lambda c: self.book.holdings(who.account, c, now or self.now))
        return {held.mailbox: held.classes for held in found}

    async def grant(
        self,
        of: Endpoint,
        principal: bytes,
        classes: tuple[int, ...] = (0,),
        role: Right = Right.READ | Right.SEND_AS,
        not_after: int = FOREVER,
    ) -> bytes:
        """Grant with history; gives the grant entry's hash."""
        author = await self.author(of, principal)
        payload = GrantPayload(principal, classes, role, not_after)
        seeds = [of.newest(of.mailbox, class_) for class_ in classes]
        entry_hash = author.grant(of.mailbox, payload, secrets.token_bytes(32), seeds)
        await self.append(of, author.octets)
        return entry_hash

    def logins(self, **settings: object) -> Logins:
        logins = Logins(SERVICE.public, self.book, self.reader, lambda: self.clock[0], **settings)  # type: ignore[arg-type]
        self.book.on_change(lambda account, _: logins.account_changed(account, self.book.state(account, None)))  # type: ignore[arg-type]
        return logins


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Office]:
    file = folder / engine.FILE_NAME
    made = create_engine(engine.url(file, "sqlite"))
    for metadata in (writer_tables.metadata, tables.metadata):
        metadata.create_all(made)
    with made.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    made.dispose()
    clock = [NOW]
    writer = GroupWriter(engine.write_engine(file), SERVICE, clock=lambda: clock[0])
    reader = engine.ReadPool(engine.read_engine(file))
    await writer.start()
    try:
        yield Office(
            file,
            writer,
            reader,
            StoredAccounts(),
            StoredRegister(),
            StoredLibrary(),
            StoredReceipts(),
            FakeAnnuaire(),
            Registrar(REGISTRAR, "confrere.localhost", 30),
            clock,
        )
    finally:
        await writer.close()
        await reader.close()


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as made:
        yield made


@pytest.fixture
def refused():
    """`with refused("id"):` the block raises exactly that DirectoryError."""
    from contextlib import contextmanager

    @contextmanager
    def expecting(error_id: str):
        with pytest.raises(DirectoryError) as caught:
            yield caught
        assert caught.value.id == error_id, caught.value

    return expecting
