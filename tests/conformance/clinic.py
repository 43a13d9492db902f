"""The world of the vectors: three persons, a laboratory, four mailboxes and their grants, from a seeded expander.

Only HPKE draws entropy of its own; what it sealed once is kept in `tests/vectors/sealed.json` by what was sealed to
whom, so a second run gives the same octets. Nobody in it exists.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from directory.accounts import authoring, bind, fold
from directory.accounts import entry as entries
from directory.accounts.authoring import Authoring, Seed
from directory.accounts.entry import (
    NO_ACCOUNT,
    NO_SHEET,
    AccountKind,
    Authority,
    Device,
    DeviceKind,
    OpenedGrant,
    Payload,
    Signer,
)
from directory.accounts.grants import FOREVER, GrantPayload, Right
from directory.accounts.state import AccountState
from directory.errors import DirectoryError
from directory.primitives import digest, kem
from directory.primitives.signature import SigningKey

VECTORS = Path(__file__).parents[1] / "vectors"
START = 1_750_000_000_000
SEALED = VECTORS / "sealed.json"
_seal = kem.seal


def octets(purpose: str, size: int = 32) -> bytes:
    """Entropy by name: the same name, the same octets."""
    return hashlib.shake_256(b"confrere vectors\0" + purpose.encode()).digest(size)


class SealOnce:
    """`kem.seal` with a memory, so that the generator is deterministic although HPKE is not."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = json.loads(SEALED.read_text()) if SEALED.exists() else {}
        self.used: dict[str, str] = {}

    def __call__(self, public: bytes, plaintext: bytes, label: bytes, info: bytes) -> bytes:
        parts = (public, plaintext, bytes(label), info)
        name = hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()[:32]
        if name not in self.kept:
            self.kept[name] = _seal(public, plaintext, label, info).hex()  # type: ignore[arg-type]
        self.used[name] = self.kept[name]
        return bytes.fromhex(self.kept[name])


@dataclass
class Actor:
    """A person or machine with its first device."""

    name: str
    device: Device
    key: SigningKey
    kem_seed: bytes
    account: bytes = NO_ACCOUNT
    aek: list[bytes] = field(default_factory=list)


@dataclass
class Granted:
    entry: bytes
    blind: bytes
    payload: GrantPayload
    sealed: bytes


def device(name: str, kind: DeviceKind = DeviceKind.SDK) -> tuple[Device, SigningKey, bytes]:
    key, kem_seed = SigningKey(octets(f"{name} sign")), octets(f"{name} kem")
    return Device(octets(f"{name} id", 16), kind, key.public, kem.public_key(kem_seed)), key, kem_seed


class Clinic:
    def __init__(self) -> None:
        self.states: dict[bytes, AccountState] = {}
        self.log: list[dict[str, Any]] = []
        self.tick = 0
        self.time = START
        self.actors: dict[str, Actor] = {}
        self.mailboxes: dict[str, bytes] = {}
        self.seeds: dict[tuple[str, int], list[bytes]] = {}
        self.grants: dict[str, Granted] = {}
        self.submissions: dict[str, bytes] = {}

    def lookup(self, account: bytes) -> AccountState:
        try:
            return self.states[account]
        except KeyError:
            raise DirectoryError("account-unknown") from None

    def act(self, actor: Actor, do: Callable[[Authoring], Any], kept_as: str = "") -> Any:
        made = Authoring(self.states, actor.account, actor.device.id, actor.key, self.time)
        result = do(made)
        for part in made.changes:
            self.tick += 1
            self.time += 1000
            account = part.entry.account
            self.states[account] = fold.append(self.states.get(account), part.entry, self.tick, self.lookup)
            self.log.append({"tick": self.tick, "entry": part.entry.raw.hex()})
        if kept_as:
            self.submissions[kept_as] = made.octets
        self.last = made.changes[-1]
        return result

    def person(self, name: str, kind: AccountKind = AccountKind.PERSON) -> Actor:
        own, key, kem_seed = device(name)
        actor = Actor(name, own, key, kem_seed)
        actor.account = self.act(actor, lambda a: a.open_person(kind, own))
        self.actors[name] = actor
        self.rotate_person(actor)
        return actor

    def rotate_person(self, actor: Actor, removed: tuple[bytes, ...] = ()) -> None:
        seed = octets(f"{actor.name} aek {len(actor.aek) + 1}")
        previous = actor.aek[-1] if actor.aek else None
        self.act(actor, lambda a: a.rotate_person(seed, previous, removed))
        actor.aek.append(seed)

    def mailbox(
        self,
        name: str,
        manager: Actor,
        kind: AccountKind,
        classes: tuple[int, ...] = (0, 1, 2),
        sheet_pk: bytes = NO_SHEET,
    ) -> bytes:
        self.mailboxes[name] = self.act(manager, lambda a: a.open_mailbox(kind, octets(f"{name} random", 16), sheet_pk))
        for class_ in classes:
            self.rotate(name, class_, manager, [manager.account])
        return self.mailboxes[name]

    def rotate(
        self,
        name: str,
        class_: int,
        by: Actor,
        holders: list[bytes],
        removed: tuple[bytes, ...] = (),
        authority: Authority = (),
        fresh: bool = False,
    ) -> None:
        chain = self.seeds.setdefault((name, class_), [])
        seed, previous = octets(f"{name} {class_} {len(chain) + 1}"), chain[-1] if chain and not fresh else None
        mailbox = self.mailboxes[name]
        self.act(by, lambda a: a.rotate_class(mailbox, class_, seed, previous, holders, authority, removed))
        chain.append(seed)

    def grant(
        self,
        name: str,
        mailbox: str,
        by: Actor,
        principal: bytes,
        classes: tuple[int, ...],
        role: Right,
        not_after: int = FOREVER,
        authority: Authority = (),
    ) -> Granted:
        payload, blind = GrantPayload(principal, classes, role, not_after), octets(f"grant {name}")
        held = [Seed(c, len(self.seeds[mailbox, c]), self.seeds[mailbox, c][-1]) for c in classes]
        if self.lookup(principal).kind is AccountKind.SERVICE or authority:
            held = held[:1]
        target = self.mailboxes[mailbox]
        entry = self.act(by, lambda a: a.grant(target, payload, blind, held, authority))
        self.grants[name] = Granted(entry, blind, payload, self.last.sealed_opening)
        return self.grants[name]

    def step(self, mailbox: str, grant: str, **changed: Any) -> OpenedGrant:
        """An authority's step by this grant, as seen at the mailbox's head."""
        held, account = self.grants[grant], self.mailboxes[mailbox]
        fields = {"head": self.states[account].head, "grant_entry": held.entry, "blind": held.blind}
        return OpenedGrant(**{"mailbox": account, **fields, "payload": held.payload.encode(), **changed})

    def entry(self, account: bytes, payload: Payload, by: Actor, authority: Authority = (), **changed: Any) -> bytes:
        """The octets of the next entry of a log, any field of which may be made wrong."""
        state, own = self.states.get(account), self.states.get(by.account)
        signer = Signer(
            changed.pop("signer", by.account),
            changed.pop("device", by.device.id),
            changed.pop("head", own.head if own else digest.ZERO),
        )
        fields: dict[str, Any] = {
            "account": account,
            "seq": state.seq + 1 if state else 0,
            "prev": state.head if state else digest.ZERO,
            "time": self.time,
            "key": by.key,
        }
        return entries.build(**{**fields, **changed}, payload=payload, signer=signer, authority=authority).raw


def build() -> Clinic:
    """The world, its name `clinic`."""
    c = Clinic()
    alice, sara, bob = c.person("alice"), c.person("sara"), c.person("bob")
    c.person("lab", AccountKind.SERVICE)
    second, second_key, _ = device("alice second", DeviceKind.BROWSER)
    c.act(alice, lambda a: a.add_device(second, second_key, [Seed(0, 1, alice.aek[0])]), "add-device")
    paper, paper_key, _ = device("alice paper", DeviceKind.PAPER)
    c.act(alice, lambda a: a.add_device(paper, paper_key, [Seed(0, 1, alice.aek[0])]))
    c.rotate_person(alice, (second.id,))
    registrar = SigningKey(octets("registrar"))
    for name, kind, identifier in (
        ("alice", bind.InviteeKind.PROFESSIONAL, "10100000017"),
        ("lab", bind.InviteeKind.PROFESSIONAL, "10100000025"),
        ("lab structure", bind.InviteeKind.STRUCTURE, "750000005"),
    ):
        actor, code = c.actors[name.split()[0]], SigningKey(octets(f"{name} code"))
        certificate = bind.issue(
            bind.Invitation(code.public, kind, identifier, f"Dr {name}", "médecin", "", START, START + 10**9), registrar
        )
        head = c.states[actor.account].head
        evidence = bind.prove(certificate.raw, code, actor.account, head, octets(f"{name} bind"))
        c.act(actor, lambda a, e=evidence: a.bind(e.encode(), e.commitment))
        c.submissions[f"bind {name}"] = evidence.encode()
    personal, shared = AccountKind.PERSONAL_MAILBOX, AccountKind.ORGANISATION_MAILBOX
    c.mailbox("A", alice, personal)
    c.mailbox("B", bob, personal)
    o = c.mailbox("O", alice, shared)
    c.mailbox("C", bob, personal, (1,))
    send = Right.READ | Right.SEND_AS
    c.grant("sara on O", "O", alice, sara.account, (0, 1), send)
    c.grant("bob on O", "O", alice, bob.account, (0,), Right.READ | Right.MANAGE)
    c.grant("lab on O", "O", alice, c.actors["lab"].account, (0, 1), send)
    c.grant("O on A", "A", alice, o, (0, 1), send)
    c.grant("O on O", "O", alice, o, (0, 1), send)
    c.grant("B on A", "A", alice, c.mailboxes["B"], (0, 1), send)
    c.grant("bob on A", "A", alice, bob.account, (0, 1), send, not_after=START + 60_000)
    c.grant("sara on B", "B", bob, sara.account, (0, 1), Right.READ)
    c.grant("alice on B", "B", bob, alice.account, (0, 1, 2), send)
    gone = c.grants["alice on B"].entry
    c.tick += 5  # acts were receipted meanwhile
    for class_, removed in ((0, (gone,)), (1, ()), (2, ())):
        c.rotate("B", class_, bob, [bob.account, *([sara.account] if class_ < 2 else [])], removed)
    c.grant("bob by bob", "O", bob, bob.account, (0, 1, 2), send, authority=(c.step("O", "bob on O"),))
    c.act(bob, lambda a: a._add(c.mailboxes["C"], entries.Close()))
    c.time += 120_000
    return c


def install() -> SealOnce:
    """Route every HPKE seal of the generator through the memory."""
    once = SealOnce()
    authoring.kem.seal = once  # type: ignore[assignment]
    return once
