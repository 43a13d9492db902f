"""Write account changes on the endpoint (CP1-3): every method adds one entry and folds it at once, so that nothing
leaves that this very code would refuse. Endpoint only: it seals wraps. Entropy and `now` come from the caller; only
HPKE draws its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from directory.accounts import change, entry, fold, generation, grants, wraps
from directory.accounts.change import Change
from directory.accounts.entry import (
    NO_ACCOUNT,
    NO_SHEET,
    AccountKind,
    AddDevice,
    Authority,
    Bind,
    Claim,
    Consent,
    Device,
    Genesis,
    Grant,
    PaperObjection,
    PaperRemoval,
    Payload,
    RotateAek,
    Signer,
)
from directory.accounts.grants import GrantPayload
from directory.accounts.state import AccountState
from directory.accounts.wraps import NO_DEVICE, Wrap
from directory.errors import DirectoryError
from directory.primitives import digest, kem
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey

# Entries not yet receipted are folded after everything receipted; their order among themselves is kept.
_UNRECEIPTED = 2**63


@dataclass(frozen=True, slots=True)
class Seed:
    """One AEK generation that the author can open."""

    class_: int
    g: int
    seed: bytes


class Authoring:
    """Changes in the making, by one device of one account. `states` holds every log that is touched or consulted."""

    def __init__(
        self, states: Mapping[bytes, AccountState], account: bytes, device: bytes, key: SigningKey, now: int
    ) -> None:
        self.states = dict(states)
        self.changes: list[Change] = []
        self._account = account
        self._device = device
        self._key = key
        self._now = now
        self._tick = _UNRECEIPTED

    def lookup(self, account: bytes) -> AccountState:
        try:
            return self.states[account]
        except KeyError:
            raise DirectoryError("account-unknown") from None

    @property
    def octets(self) -> bytes:
        """The submission (CP1-3.13)."""
        return change.encode(tuple(self.changes))

    def _add(
        self,
        account: bytes,
        payload: Payload,
        authority: Authority = (),
        wraps_: Iterable[Wrap] = (),
        evidence: bytes = b"",
    ) -> Change:
        state = self.states.get(account)
        own = self.states.get(self._account)
        head = digest.ZERO if own is None else own.head
        made = entry.build(
            account=account,
            seq=0 if state is None else state.seq + 1,
            prev=digest.ZERO if state is None else state.head,
            time=max(self._now, state.entries[-1].time if state else 0),
            payload=payload,
            signer=Signer(self._account, self._device, head),
            authority=authority,
            key=self._key,
        )
        self._tick += 1
        self.states[account] = fold.append(state, made, self._tick, self.lookup)
        added = Change(made, tuple(sorted(wraps_)), evidence=evidence)
        self.changes.append(added)
        return added

    def open_person(self, kind: AccountKind, device: Device) -> bytes:
        """Genesis of a person or service whose first device is this author's. Gives the account id."""
        possession = self._key.sign(Label.DEVICE, NO_ACCOUNT, digest.ZERO, device.encode())
        payload = Genesis(kind, device, possession, NO_ACCOUNT, b"")
        self._account = entry.account_id(entry.encode_payload(payload))
        self._add(self._account, payload)
        return self._account

    def add_device(self, device: Device, device_key: SigningKey, seeds: Iterable[Seed]) -> None:
        """Add a device that holds `device_key`, wrapping the given generations (the last of each segment) to it."""
        prev = self.states[self._account].head
        possession = device_key.sign(Label.DEVICE, self._account, prev, device.encode())
        made = [
            generation.wrap_to(
                seed=held.seed,
                owner=self._account,
                class_=held.class_,
                g=held.g,
                recipient=self._account,
                device=device.id,
                recipient_generation=0,
                recipient_pk=device.kem_pk,
            )
            for held in seeds
        ]
        self._add(self._account, AddDevice(device, wraps.root(made), possession), wraps_=made)

    def rotate_person(self, seed: bytes, previous: bytes | None, removed: Iterable[bytes] = ()) -> None:
        """The person's next AEK, wrapped to every device that stays."""
        gone = tuple(sorted(removed))
        state = self.states[self._account]
        g = len(state.generations.get(0, ())) + 1
        made = [
            generation.wrap_to(
                seed=seed,
                owner=self._account,
                class_=0,
                g=g,
                recipient=self._account,
                device=device.id,
                recipient_generation=0,
                recipient_pk=device.kem_pk,
            )
            for device in state.live_devices()
            if device.id not in gone
        ]
        chain_ct = b"" if previous is None else generation.chain(seed, self._account, 0, g, previous)
        payload = RotateAek(0, g, kem.public_key(seed), wraps.root(made), chain_ct, gone)
        self._add(self._account, payload, wraps_=made)

    def bind(self, evidence: bytes, commitment: bytes) -> None:
        self._add(self._account, Bind(commitment), evidence=evidence)

    def warn_paper(self, device: bytes) -> None:
        """Announce that a paper device goes; it may be removed 72 hours later (CP1-3.12)."""
        self._add(self._account, PaperRemoval(device))

    def object_paper(self, device: bytes) -> None:
        self._add(self._account, PaperObjection(device))

    def open_mailbox(self, kind: AccountKind, random: bytes, sheet_pk: bytes = NO_SHEET) -> bytes:
        """Genesis of a mailbox managed by this author's account. Gives the mailbox's account id.

        `sheet_pk` is the key of a record's printed sheet, which may later claim it.
        """
        payload = Genesis(kind, None, b"", self._account, random, sheet_pk if kind is AccountKind.RECORD else b"")
        mailbox = entry.account_id(entry.encode_payload(payload))
        self._add(mailbox, payload)
        return mailbox

    def rotate_class(
        self,
        mailbox: bytes,
        class_: int,
        seed: bytes,
        previous: bytes | None,
        holders: Iterable[bytes],
        authority: Authority = (),
        removed: Iterable[bytes] = (),
    ) -> None:
        """A mailbox class's next AEK, wrapped to its holders (accounts that hold this class and stay).

        `previous` None starts a new segment: holders see nothing older (CP1-3.5).
        """
        state = self.states[mailbox]
        g = len(state.generations.get(class_, ())) + 1
        made = [self._wrap_to_account(mailbox, class_, g, seed, holder) for holder in sorted(set(holders))]
        chain_ct = b"" if previous is None else generation.chain(seed, mailbox, class_, g, previous)
        payload = RotateAek(
            class_, g, kem.public_key(seed), wraps.root(made), chain_ct, tuple(sorted(removed))
        )
        self._add(mailbox, payload, authority, made)

    def consent(self, record: bytes, series: bytes, blind: bytes, said: bytes, authority: Authority = ()) -> bytes:
        """The next entry of a consent's series; `said` is what only holders of class 0 read. Gives its hash."""
        added = self._add(record, Consent(series, grants.blinded(blind, said)), authority)
        self.changes[-1] = Change(added.entry, sealed_opening=self._sealed(record, added.entry.hash, blind + said))
        return added.entry.hash

    def claim(self, record: bytes, sheet: SigningKey) -> None:
        """Take a custodial record over for this author's account; every class must rotate in the same submission."""
        self._add(record, Claim(sheet.sign(Label.CLAIM, record, self._account)))

    def _sealed(self, mailbox: bytes, entry_hash: bytes, opening: bytes) -> bytes:
        class_0 = self.states[mailbox].current(0)
        return kem.seal(class_0.pk, opening, Label.OPENING, mailbox + entry_hash)

    def _wrap_to_account(self, owner: bytes, class_: int, g: int, seed: bytes, recipient: bytes) -> Wrap:
        holder = self.lookup(recipient)
        current = holder.current(grants.reading_class(class_) if holder.kind.is_mailbox else 0)
        return generation.wrap_to(
            seed=seed,
            owner=owner,
            class_=class_,
            g=g,
            recipient=recipient,
            device=NO_DEVICE,
            recipient_generation=current.g,
            recipient_pk=current.pk,
        )

    def grant(
        self,
        mailbox: bytes,
        granted: GrantPayload,
        blind: bytes,
        seeds: Iterable[Seed],
        authority: Authority = (),
    ) -> bytes:
        """Grant classes of a mailbox, wrapping the given generations to the principal. Gives the entry's hash.

        With history: the last generation of each segment. From now on: rotate first with an empty chain, then give
        the current generation only.
        """
        payload = granted.encode()
        made = [
            self._wrap_to_account(mailbox, held.class_, held.g, held.seed, granted.principal) for held in seeds
        ]
        added = self._add(
            mailbox, Grant(grants.blinded(blind, payload), wraps.root(made)), authority, made
        )
        entry_hash = added.entry.hash
        opening = blind + payload
        sealed = self._sealed(mailbox, entry_hash, opening)
        self.changes[-1] = Change(added.entry, added.wraps, opening, sealed)
        return entry_hash


def open_opening(sealed: bytes, mailbox: bytes, entry_hash: bytes, class_0_seed: bytes) -> tuple[bytes, bytes]:
    """(blind, payload) of a grant from the opening that holders get. Raises DirectoryError("wrap-wrong")."""
    opening = kem.open_sealed(class_0_seed, sealed, Label.OPENING, mailbox + entry_hash)
    return opening[:32], opening[32:]
