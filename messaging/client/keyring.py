"""The AEK seeds that this endpoint may open, and the mailboxes it may act for (CP1-3.4, CP1-3.5, CP1-3.9).

A wrap that does not give the logged key is an alarm that names who made it: the signer when the wrap lies under the
root that the signer committed to, the service otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from directory.accounts import entry, generation, wraps
from directory.accounts.authoring import Seed, open_opening
from directory.accounts.authority import verify_authority
from directory.accounts.entry import AccountKind, AddDevice, Authority, Grant, OpenedGrant, RotateAek
from directory.accounts.grants import GrantPayload, Right, reading_class, verify_opening
from directory.accounts.grants import parse as parse_grant
from directory.accounts.state import NOW, AccountState
from directory.accounts.wraps import Wrap
from directory.errors import DirectoryError, Refusal
from directory.primitives import tree
from directory.primitives.codec import Reader
from messaging.client.accounts import AccountCache
from messaging.client.environment import Environment
from messaging.client.service import Service, b64, passes, unb64
from messaging.errors import MessagingError
from messaging.profile import keys, threads
from messaging.profile.identity import Identity
from messaging.profile.store import Profile

_DEPTH = 2
_HOLDINGS = "holdings"


@dataclass(frozen=True, slots=True)
class Held:
    """A mailbox this endpoint may act for. `grant_entry`, `blind`, `payload` open its grant; a genesis manager has
    none."""

    mailbox: bytes
    address: str
    classes: tuple[int, ...]
    rights: Right
    grant_entry: bytes
    blind: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class OpenGrant:
    """A live grant of a mailbox as its holders see it."""

    entry_hash: bytes
    payload: GrantPayload


class Keyring:
    def __init__(
        self,
        profile: Profile,
        service: Service,
        identity: Identity,
        environment: Environment,
        accounts: AccountCache,
    ) -> None:
        self._profile = profile
        self._environment = environment
        self._service = service
        self._identity = identity
        self._accounts = accounts
        self._seeds: dict[tuple[bytes, int, int], bytes] = {}
        self.held: dict[bytes, Held] = {}

    async def load(self) -> None:
        """Seeds and holdings as the profile last saw them."""
        self._seeds = await self._profile.run(lambda c: keys.seeds(self._profile, c))
        kept = await self._profile.run(lambda c: self._profile.kept(c, _HOLDINGS))
        self.held = _by_mailbox(json.loads(kept or b"[]"))

    async def refresh(self) -> None:
        """Ask which mailboxes are held now, and open every wrap that is new."""
        await self.load()
        listed = _by_mailbox(await self._service.holdings())
        # Another device may have changed keys since: what is known of these logs says nothing of now. Of records there
        # may be thousands, and one is looked at when somebody opens it.
        self._accounts.outdate([self._identity.account, *(one for one in listed if not self._is_record(one))])
        await self._accounts.ensure([self._identity.account, *listed])
        self.held = await self._proven(listed)  # others may ask meanwhile: never by what is not proven
        kept = json.dumps([_plain(held) for held in self.held.values()]).encode()
        await self._profile.run(lambda c: self._profile.keep(c, _HOLDINGS, kept))
        await self._open_all(self._identity.account)
        # An organisation mailbox's seeds open what was granted to it, so twice reaches depth 2.
        for _ in range(_DEPTH):
            for mailbox in list(self.held):
                await self._open_held(mailbox)

    async def _proven(self, listed: Mapping[bytes, Held]) -> dict[bytes, Held]:
        """What the mailboxes' own logs and their managers' certificates say of the service's list: anything else in it,
        a right, a class, an address, is dropped."""
        found = {}
        for mailbox, held in listed.items():
            state, me = self._accounts.lookup(mailbox), self._identity.account
            try:
                authority = self._steps(mailbox, _DEPTH, listed)
                power = verify_authority(
                    authority, me, state, NOW, self._environment.now(), self._accounts.lookup
                )
            except DirectoryError:
                continue
            try:
                owner = await self._accounts.professional(mailbox)
                address = held.address if held.address == owner.address else ""
            except DirectoryError:
                address = ""
            classes = tuple(class_ for class_ in held.classes if class_ in power.classes)
            found[mailbox] = replace(held, address=address, classes=classes, rights=held.rights & power.rights)
        return found

    def ordinary(self) -> list[bytes]:
        """The held mailboxes that are read as they come; a patient's record is opened when somebody wants it."""
        return [held for held in self.held if self._accounts.lookup(held).kind is not AccountKind.RECORD]

    def records(self) -> list[bytes]:
        return [held for held in self.held if self._accounts.lookup(held).kind is AccountKind.RECORD]

    def _is_record(self, mailbox: bytes) -> bool:
        """As far as it is known."""
        try:
            return self._accounts.lookup(mailbox).kind is AccountKind.RECORD
        except DirectoryError:
            return False

    async def _open_held(self, mailbox: bytes) -> None:
        """Somebody else's mailbox whose keys were spoiled is not held, and stops nothing else: anybody may give anybody
        a mandate."""
        try:
            await self._open_all(mailbox)
        except Refusal as refused:
            failure = refused.id
            if passes(refused) or mailbox == self._identity.mailbox:
                raise
            del self.held[mailbox]
            await self._profile.run(lambda c: threads.save_evidence(c, mailbox, 0, b"", b"", failure))

    def seed(self, owner: bytes, class_: int, g: int) -> bytes | None:
        return self._seeds.get((owner, class_, g))

    def seeds_with_history(self, owner: bytes, class_: int) -> list[Seed]:
        """The last held generation of each segment: what "with history" hands over."""
        last: dict[int, Seed] = {}
        for made in self._accounts.lookup(owner).generations.get(class_, ()):
            held = self.seed(owner, class_, made.g)
            if held is not None:
                last[made.segment] = Seed(class_, made.g, held)
        return list(last.values())

    async def _open_all(self, owner: bytes) -> None:
        state = self._accounts.lookup(owner)
        missing = [
            made
            for chain in state.generations.values()
            for made in chain
            if (owner, made.class_, made.g) not in self._seeds
        ]
        if not missing:
            return
        for raw in await self._service.wraps(owner):
            wrap, index, size, path = _parse_listed(raw)
            if (owner, wrap.class_, wrap.g) in self._seeds:
                continue
            recipient_seed = self._recipient_seed(wrap)
            if recipient_seed is None:
                continue
            expected = state.generation(wrap.class_, wrap.g)
            try:
                seed = generation.open_wrap(wrap, owner, recipient_seed, expected.pk)
            except DirectoryError:
                raise await self._alarm(owner, wrap, index, size, path) from None
            await self._keep(owner, wrap.class_, wrap.g, seed)
        for class_ in state.generations:
            await self._walk_back(state, class_)

    def _recipient_seed(self, wrap: Wrap) -> bytes | None:
        if wrap.recipient == self._identity.account:
            if wrap.device == self._identity.device:
                return self._identity.kem_seed
            if wrap.device == wraps.NO_DEVICE:
                return self.seed(wrap.recipient, 0, wrap.recipient_generation)
            return None
        return self.seed(wrap.recipient, reading_class(wrap.class_), wrap.recipient_generation)

    async def _walk_back(self, state: AccountState, class_: int) -> None:
        """Open the past of each segment from its newest held generation."""
        for made in reversed(state.generations[class_]):
            seed = self.seed(state.account, class_, made.g)
            if seed is None or not made.chain_ct or self.seed(state.account, class_, made.g - 1) is not None:
                continue
            previous = state.generation(class_, made.g - 1)
            opened = generation.open_chain(seed, state.account, class_, made.g, made.chain_ct, previous.pk)
            await self._keep(state.account, class_, made.g - 1, opened)

    async def _alarm(
        self, owner: bytes, wrap: Wrap, index: int, size: int, path: tuple[bytes, ...]
    ) -> MessagingError:
        """Who is to blame for a wrap that does not give the logged key (CP1-3.4)."""
        log = await self._profile.run(lambda c: keys.log_of(c, owner))
        for raw, _ in log:
            payload = entry.parse(raw).payload
            if isinstance(payload, AddDevice | RotateAek | Grant):
                try:
                    tree.verify_path(wrap.encode(), index, size, path, payload.wraps_root)
                except DirectoryError:
                    continue
                return MessagingError("wrap-spoiled-by-signer")
        return MessagingError("wrap-forged-by-service")

    async def _keep(self, owner: bytes, class_: int, g: int, seed: bytes) -> None:
        self._seeds[owner, class_, g] = seed
        await self._profile.run(lambda c: keys.save_seed(self._profile, c, owner, class_, g, seed))

    async def adopt(self, owner: bytes, seeds: Iterable[Seed]) -> None:
        """Keep seeds that this endpoint made itself."""
        for held in seeds:
            await self._keep(owner, held.class_, held.g, held.seed)

    def may(self, mailbox: bytes, right: Right, class_: int) -> bool:
        held = self.held.get(mailbox)
        return held is not None and bool(held.rights & right) and class_ in held.classes

    def authority(self, mailbox: bytes) -> Authority:
        """How this endpoint proves that it speaks for a mailbox. Raises DirectoryError("authority-missing")."""
        return self._steps(mailbox, _DEPTH, self.held)

    def _steps(self, mailbox: bytes, left: int, among: Mapping[bytes, Held]) -> Authority:
        held = among.get(mailbox)
        if held is None or (held.payload and not left):
            raise DirectoryError("authority-missing")
        if not held.payload:
            return ()
        state = self._accounts.lookup(mailbox)
        own = OpenedGrant(mailbox, state.head, held.grant_entry, held.blind, held.payload)
        principal = parse_grant(held.payload).principal
        if principal == self._identity.account:
            return (own,)
        return (*self._steps(principal, left - 1, among), own)

    async def open_grants(self, mailbox: bytes) -> list[OpenGrant]:
        """Every live grant of a mailbox whose class 0 this endpoint holds, verified against the log.

        Raises MessagingError("openings-wrong") where the service hides one or a signer sealed one to nobody.
        """
        found, unreadable = await self.grants(mailbox)
        if unreadable:
            raise MessagingError("openings-wrong")
        return found

    async def grants(self, mailbox: bytes) -> tuple[list[OpenGrant], list[bytes]]:
        """The same, with the entries of those that cannot be opened: the service cannot see what was sealed to holders,
        so whoever may manage could hide a reader there."""
        await self._accounts.ensure([mailbox])
        state = self._accounts.lookup(mailbox)
        found: list[OpenGrant] = []
        unreadable: list[bytes] = []
        for entry_hash, sealed in await self._service.openings(mailbox):
            life = state.grants.get(entry_hash)
            if life is None or not life.live_at(NOW):
                raise MessagingError("openings-wrong")
            at = state.place_of(entry_hash).tick
            seed = self.seed(mailbox, 0, state.generation_at(0, at).g)
            if seed is None:
                raise DirectoryError("authority-insufficient")
            try:
                blind, payload = open_opening(sealed, mailbox, entry_hash, seed)
                found.append(OpenGrant(entry_hash, verify_opening(life.blinded, blind, payload)))
            except DirectoryError:
                unreadable.append(entry_hash)
        live = {life.entry_hash for life in state.grants.values() if life.live_at(NOW) and life.blinded}
        if live != {grant.entry_hash for grant in found} | set(unreadable):
            raise MessagingError("openings-wrong")
        await self._remember(mailbox, found)
        return found, unreadable

    async def grants_seen(self, mailbox: bytes) -> dict[bytes, GrantPayload]:
        """Every grant that this endpoint ever opened, by entry: once one has ended, no opening says whose it was."""
        raw = await self._profile.run(lambda c: self._profile.kept(c, _seen(mailbox)))
        plain = {} if raw is None else json.loads(raw)
        return {bytes.fromhex(entry_hash): parse_grant(bytes.fromhex(payload)) for entry_hash, payload in plain.items()}

    async def _remember(self, mailbox: bytes, found: Iterable[OpenGrant]) -> None:
        before = await self.grants_seen(mailbox)
        seen = before | {grant.entry_hash: grant.payload for grant in found}
        if seen != before:
            plain = {entry_hash.hex(): payload.encode().hex() for entry_hash, payload in seen.items()}
            raw = json.dumps(plain).encode()
            await self._profile.run(lambda c: self._profile.keep(c, _seen(mailbox), raw))


def _seen(mailbox: bytes) -> str:
    return f"grants-seen/{mailbox.hex()}"


def _plain(held: Held) -> dict[str, object]:
    return {
        "mailbox": held.mailbox.hex(),
        "address": held.address,
        "classes": list(held.classes),
        "rights": int(held.rights),
        "grant_entry": held.grant_entry.hex(),
        "blind": b64(held.blind),
        "payload": b64(held.payload),
    }


def _by_mailbox(listed: Iterable[dict[str, object]]) -> dict[bytes, Held]:
    return {held.mailbox: held for held in map(_held, listed)}


def _held(plain: dict[str, object]) -> Held:
    try:
        return Held(
            bytes.fromhex(str(plain["mailbox"])),
            str(plain.get("address") or ""),
            tuple(int(c) for c in plain["classes"]),  # type: ignore[attr-defined]
            Right(int(str(plain["rights"]))),
            bytes.fromhex(str(plain["grant_entry"])),
            unb64(str(plain["blind"] or "")),
            unb64(str(plain["payload"] or "")),
        )
    except (KeyError, ValueError, TypeError):
        raise MessagingError("service-answer-wrong") from None


def _parse_listed(raw: bytes) -> tuple[Wrap, int, int, tuple[bytes, ...]]:
    reader = Reader(raw, "listed wrap")
    wrap = wraps.parse(reader.var("wrap", entry.MAX_PAYLOAD))
    index, size = reader.u32("index"), reader.u32("size")
    path = tuple(reader.take(32, "path") for _ in range(reader.count("path", 16)))
    reader.end()
    return wrap, index, size, path
