"""Exchanges with everything that proves them: accounts, binds, compositions, events, receipts. Nobody in it exists."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from directory.accounts import bind, fold
from directory.accounts.authoring import Authoring, Seed
from directory.accounts.bind import InviteeKind
from directory.accounts.entry import NO_ACCOUNT, AccountKind, Authority, Device, DeviceKind, OpenedGrant, Signer
from directory.accounts.grants import FOREVER, GrantPayload, Right
from directory.accounts.state import AccountState
from directory.identity.ins import OID_TEST, Sex, StrictTraits, parse_ins
from directory.identity.luhn import luhn_sum
from directory.primitives import kem
from directory.primitives.signature import SigningKey
from directory.transparency import receipt
from directory.transparency.receipt import CHAIN_START, Receipt, ReceiptKind
from messaging.protocol import epoch_secret, event, message
from messaging.protocol.body import Body, EventType, Manifest
from messaging.protocol.event import Meta
from messaging.protocol.evidence import Bundle, OpenedEvent, Receipted
from messaging.referral import bodies as clinical
from messaging.referral.clinical import MEDIA_TYPE, Answer, Party, Question, ReferralRequest
from messaging.referral.patient import Patient
from messaging.referral.urgency import Urgency
from messaging.wire import epoch, header
from messaging.wire.epoch import NO_PARENT, EpochCommit, Member, Role, pk_hash
from record_bridge.filing import bodies, verify
from record_bridge.filing.bodies import ConsentOpened, FilingRequest, Selected
from record_bridge.filing.units import Unit
from record_bridge.filing.verify import Pinned, Requester

START = 1_750_000_000_000
PATIENT = Patient(
    StrictTraits("PAT-TROIS", "DOMINIQUE MARIE-LOUISE", datetime.date(1979, 3, 28), Sex.FEMALE, "51215"),
    parse_ins("279035121518989", OID_TEST),
    status="VALI",
)
CONSENT = b'{"resourceType":"Consent"}'
SEND = Right.READ | Right.SEND_AS


def octets(purpose: str, size: int = 32) -> bytes:
    return hashlib.shake_256(purpose.encode()).digest(size)


def rpps(number: int) -> str:
    first = f"{1000000000 + number}"
    return next(first + str(key) for key in range(10) if luhn_sum(first + str(key)) % 10 == 0)


@dataclass
class Someone:
    name: str
    device: Device
    key: SigningKey
    aek: bytes
    account: bytes = NO_ACCOUNT
    mailbox: bytes = b""
    class_seed: bytes = b""


@dataclass
class World:
    """A service with its logs and receipts; whoever is enrolled there."""

    service: SigningKey = field(default_factory=lambda: SigningKey(octets("service")))
    registrar: SigningKey = field(default_factory=lambda: SigningKey(octets("registrar")))
    states: dict[bytes, AccountState] = field(default_factory=dict)
    logs: dict[bytes, list[Receipted]] = field(default_factory=dict)
    binds: dict[bytes, bytes] = field(default_factory=dict)
    chains: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    tick: int = 0
    time: int = START
    threads: int = 0

    def place(self, *things: tuple[ReceiptKind, bytes, bytes]) -> list[bytes]:
        """Receipt proofs for (kind, scope, id), as one group."""
        made = []
        for kind, scope, identifier in things:
            self.tick += 1
            seq, chain = self.chains.get(scope, (0, CHAIN_START))
            self.chains[scope] = seq + 1, receipt.next_chain(scope, chain, identifier)
            made.append(Receipt(kind, scope, seq + 1, identifier, self.chains[scope][1], self.tick))
        self.time += 1000
        group, paths = receipt.sign_group(made, self.time, self.service)
        return [
            receipt.ReceiptProof(one, index, path, group).encode()
            for index, (one, path) in enumerate(zip(made, paths, strict=True))
        ]

    def act(self, by: Someone, do: Callable[[Authoring], bytes | None]) -> bytes:
        author = Authoring(self.states, by.account, by.device.id, by.key, self.time)
        given = do(author)
        for change in author.changes:
            account = change.entry.account
            (proof,) = self.place((ReceiptKind.ACCOUNT_ENTRY, account, change.entry.hash))
            self.states[account] = fold.append(
                self.states.get(account), change.entry, self.tick, lambda a: self.states[a], self.time
            )
            self.logs.setdefault(account, []).append(Receipted(change.entry.raw, proof))
        return given or b""

    def someone(self, name: str, kind: AccountKind = AccountKind.PERSON) -> Someone:
        key = SigningKey(octets(f"{name} sign"))
        device = Device(octets(f"{name} id", 16), DeviceKind.SDK, key.public, kem.public_key(octets(f"{name} kem")))
        made = Someone(name, device, key, octets(f"{name} aek"), class_seed=octets(f"{name} class"))
        made.account = self.act(made, lambda a: a.open_person(kind, device))
        self.act(made, lambda a: a.rotate_person(made.aek, None))
        return made

    def doctor(self, name: str, identifier: str = "") -> Someone:
        made = self.someone(name)
        self.open_mailbox(made)
        self.bind(made, InviteeKind.PROFESSIONAL, identifier or rpps(len(self.logs)))
        return made

    def open_mailbox(self, made: Someone) -> None:
        random = octets(f"{made.name} random", 16)
        made.mailbox = self.act(made, lambda a: a.open_mailbox(AccountKind.PERSONAL_MAILBOX, random))
        for class_ in (0, 1, 2):
            seed = made.class_seed if class_ == 1 else octets(f"{made.name} class {class_}")
            self.act(made, lambda a, c=class_, s=seed: a.rotate_class(made.mailbox, c, s, None, [made.account]))

    def bind(self, who: Someone, kind: InviteeKind, identifier: str) -> None:
        code = SigningKey(octets(f"{who.name} code"))
        invitation = bind.Invitation(
            code.public, kind, identifier, f"Dr {who.name}", "Médecin", "", START, START + 10**12
        )
        certificate = bind.issue(invitation, self.registrar).raw
        proof = bind.prove(certificate, code, who.account, self.states[who.account].head, octets(f"{who.name} bind"))
        self.act(who, lambda a: a.bind(proof.encode(), proof.commitment))
        self.binds[who.account] = proof.encode()

    def mandate(self, by: Someone, to: Someone) -> OpenedGrant:
        """`to` may write for the mailbox of `by`."""
        payload, blind = GrantPayload(to.account, (1,), SEND, FOREVER), octets(f"{to.name} for {by.name}")
        made = self.act(by, lambda a: a.grant(by.mailbox, payload, blind, [Seed(1, 1, by.class_seed)]))
        return OpenedGrant(by.mailbox, self.states[by.mailbox].head, made, blind, payload.encode())


@dataclass
class Exchange:
    """One clinical thread."""

    world: World
    members: list[tuple[Someone, Role]]
    class_: int = 1
    patient: Patient = PATIENT
    id: bytes = b""
    commits: list[tuple[EpochCommit, bytes]] = field(default_factory=list)
    events: list[tuple[bytes, OpenedEvent]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world.threads += 1
        self.id = octets(f"thread {self.world.threads}", 16)
        self.case = octets(f"case {self.world.threads}", 16)
        self.compose()

    def compose(self, left: Sequence[Someone] = (), joined: Sequence[tuple[Someone, Role]] = ()) -> None:
        """The next epoch."""
        world, number = self.world, len(self.commits)
        parent = self.commits[-1][0] if self.commits else None
        self.members = [(who, role) for who, role in self.members if who not in left]
        since = {m.account: m.from_epoch for m in parent.members} if parent else {}
        members = [self._member(who, role, since.get(who.mailbox, 0)) for who, role in self.members]
        members += [self._member(who, role, number) for who, role in joined]
        self.members += joined
        by = next(who for who, role in self.members if role is Role.ADMIN)
        commit = epoch.build(
            thread=self.id,
            epoch=number,
            parent=parent.id if parent else NO_PARENT,
            time=world.time,
            committer=Signer(by.account, by.device.id, world.states[by.account].head),
            acting_for=by.mailbox,
            class_=self.class_,
            authority=(),
            members=sorted(members, key=lambda member: member.account),
            tes_hash=epoch_secret.tes_hash(self.tes(number)),
            wraps_root=bytes(32),
            key=by.key,
        )
        (proof,) = world.place((ReceiptKind.EPOCH, self.id, commit.id))
        self.commits.append((commit, proof))

    def tes(self, number: int) -> bytes:
        return octets(f"{self.id.hex()} {number}")

    def _member(self, who: Someone, role: Role, from_epoch: int) -> Member:
        state = self.world.states[who.mailbox]
        current = state.current(self.class_)
        return Member(who.mailbox, self.class_, state.head, current.g, pk_hash(current.pk), role, from_epoch)

    def put(
        self, by: Someone, type_: int, body: Body, acting_for: bytes = b"", authority: Authority = ()
    ) -> bytes:
        """An event, sealed, opened again and receipted. Gives its id."""
        world, number = self.world, len(self.commits) - 1
        commit, mailbox = self.commits[-1][0], acting_for or by.mailbox
        meta = Meta(
            type_, mailbox, Signer(by.account, by.device.id, world.states[by.account].head),
            world.states[mailbox].head, authority, 1, bytes(32), 0, bytes(32), world.time,
        )  # fmt: skip
        salt = octets(f"{self.id.hex()} salt {len(self.events)}")
        raw = event.seal(
            thread=self.id, epoch_id=commit.id, tes=self.tes(number), salt=salt, intent=salt[:16], meta=meta,
            body=body.encode(), key=by.key,
        )  # fmt: skip
        sealed = header.parse(raw)
        parts = event.decrypt(sealed, self.tes(number))
        (proof,) = world.place((ReceiptKind.EVENT, self.id, sealed.id))
        opened = OpenedEvent(Receipted(raw, proof), parts.meta_raw, parts.signature, parts.blind, parts.body)
        self.events.append((sealed.id, opened))
        return sealed.id

    def ask(self, by: Someone, question: str = "Faut-il une échographie ?", patient: Patient | None = None) -> bytes:
        body = ReferralRequest(
            self.case, patient or self.patient, question, Urgency.ROUTINE, Party(by.name), Party("Dr Teissier")
        )
        return self.put(by, EventType.REFERRAL_REQUEST, Body(MEDIA_TYPE, clinical.write(body)))

    def question(self, by: Someone, text: str) -> bytes:
        body = Body(MEDIA_TYPE, clinical.write(Question(self.case, text)))
        return self.put(by, EventType.QUESTION, body)

    def answer(self, by: Someone, text: str = "Non.", case: bytes = b"", **given: object) -> bytes:
        body = Body(MEDIA_TYPE, clinical.write(Answer(case or self.case, text)))
        return self.put(by, EventType.ANSWER, body, **given)  # type: ignore[arg-type]

    def message(self, by: Someone, subject: str, text: str, manifests: tuple[Manifest, ...] = ()) -> bytes:
        body = Body(message.MEDIA_TYPE, message.write(message.Message(subject, text)), manifests)
        return self.put(by, EventType.MESSAGE, body)

    def retract(self, by: Someone, what: bytes) -> bytes:
        return self.put(by, EventType.RETRACT, Body("application/vnd.confrere.retract", what))

    def bundle(self, *only: bytes) -> Bundle:
        """Evidence of these events, or of all."""
        world = self.world
        return Bundle(
            world.service.public,
            world.registrar.public,
            tuple(part for identifier, part in self.events if not only or identifier in only),
            {self.id: tuple(Receipted(commit.raw, proof) for commit, proof in self.commits)},
            {account: tuple(log) for account, log in world.logs.items()},
            dict(world.binds),
        )

    def request(self, *items: tuple[bytes, bodies.Role], patient: Patient | None = None) -> FilingRequest:
        return FilingRequest(
            filing=octets("filing", 16),
            thread=self.id,
            case=self.case,
            record=octets("record", 16),
            class_=1,
            items=tuple(Selected(identifier, role) for identifier, role in items),
            patient=patient or self.patient,
            consents=(ConsentOpened(octets("series", 16), octets("entry"), octets("blind"), CONSENT),),
            seen_seq=self.world.chains[self.id][0],
            seen_consents=1,
            preview=bytes(32),
            requested=self.world.time,
        )

    def verify(self, request: FilingRequest, bundle: Bundle, by: Someone, **changed: object) -> tuple[Unit, ...]:
        given = {
            "requester": Requester(by.account, by.mailbox),
            "pinned": Pinned(self.world.service.public, self.world.registrar.public),
            "lookup": lambda account: self.world.states[account],
        }
        return verify.verify(request, bundle, **{**given, **changed})  # type: ignore[arg-type]


@dataclass
class Cast:
    world: World
    gp: Someone
    specialist: Someone
    colleague: Someone
    secretary: Someone
    stranger: Someone
    secretary_for_specialist: OpenedGrant

    def exchange(self, **given: object) -> Exchange:
        return Exchange(self.world, [(self.gp, Role.ADMIN), (self.specialist, Role.SEND)], **given)  # type: ignore[arg-type]


def _cast(world: World) -> Cast:
    gp, specialist, colleague = world.doctor("Aubry"), world.doctor("Teissier"), world.doctor("Maurel")
    secretary = world.someone("Sylvie")
    world.bind(secretary, InviteeKind.STAFF, "dr.teissier@confrere.localhost")
    stranger = world.someone("Personne")
    world.open_mailbox(stranger)
    return Cast(world, gp, specialist, colleague, secretary, stranger, world.mandate(specialist, secretary))


@pytest.fixture(scope="session")
def cast() -> Cast:
    """Shared: exchanges are added to it, nobody in it changes."""
    return _cast(World())


@pytest.fixture
def own_cast() -> Cast:
    """For a test that changes accounts."""
    return _cast(World())


@pytest.fixture
def patient() -> Patient:
    return PATIENT


@pytest.fixture
def other_patient() -> Patient:
    return replace(PATIENT, traits=replace(PATIENT.traits, birth_name="AUTRE"), ins=None)


@pytest.fixture
def swap() -> Callable[[Bundle, bytes, OpenedEvent], Bundle]:
    """The bundle with another content for one event."""

    def swapped(bundle: Bundle, identifier: bytes, other: OpenedEvent) -> Bundle:
        return replace(
            bundle,
            events=tuple(
                other if header.parse(part.event.raw).id == identifier else part for part in bundle.events
            ),
        )

    return swapped


