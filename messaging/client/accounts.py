"""Account logs that this endpoint has verified and pinned (CP1-3.14): fetched, folded, never forgotten.

Every entry comes with a receipt under the pinned service key. A log that is shorter than ours, or that says something
else at a place we know, is a rollback or a split view: refused with the evidence kept, never taken over.
"""

from __future__ import annotations

from collections.abc import Iterable

from directory.accounts import bind, entry, fold
from directory.accounts.bind import Invitation
from directory.accounts.entry import Entry
from directory.accounts.state import AccountState
from directory.errors import DirectoryError
from directory.transparency import receipt
from directory.transparency.receipt import ReceiptKind, ReceiptProof
from messaging.client.alone import Alone
from messaging.client.service import Service
from messaging.errors import MessagingError
from messaging.profile import keys
from messaging.profile.identity import Identity
from messaging.profile.store import Profile

_DEEPEST = 16
"""Logs under way at once: a mailbox, who signed for it, the organisations between, and who signed for those."""


class AccountCache:
    """States by account id. `lookup` is what the pure rooms take; `ensure` fetches what they will ask for.

    `offline`: the service is away, and everything is as the profile last saw it.
    """

    def __init__(self, profile: Profile, service: Service, identity: Identity) -> None:
        self._profile = profile
        self._service = service
        self._identity = identity
        self._states: dict[bytes, AccountState] = {}
        self._fresh: set[bytes] = set()
        self._fetching: set[bytes] = set()
        self._depth = 0
        self._alone = Alone()  # a log half folded by one task is no log for another
        self._invitations: dict[bytes, Invitation] = {}
        self.offline = False

    def lookup(self, account: bytes) -> AccountState:
        try:
            return self._states[account]
        except KeyError:
            raise DirectoryError("account-unknown") from None

    @property
    def states(self) -> dict[bytes, AccountState]:
        return dict(self._states)

    def outdate(self, accounts: Iterable[bytes] | None = None) -> None:
        """Fetch these again (all of them by default) before they are next used."""
        if accounts is None:
            self._fresh.clear()
        else:
            self._fresh.difference_update(accounts)

    async def ensure(self, accounts: Iterable[bytes]) -> None:
        """Fetch and verify the logs of these accounts, and of whoever signed them."""
        async with self._alone:
            await self._ensure(accounts)

    async def _ensure(self, accounts: Iterable[bytes]) -> None:
        waiting = [account for account in dict.fromkeys(accounts) if account not in self._fresh]
        if waiting and self._depth == _DEEPEST:
            raise MessagingError("service-answer-wrong")
        for account in waiting:
            if account in self._fetching:
                continue
            self._fetching.add(account)
            self._depth += 1
            try:
                await self._refresh(account)
            finally:
                self._depth -= 1
                self._fetching.discard(account)
            if not self.offline:  # as it was last seen is not as it is
                self._fresh.add(account)  # only now: what could not be verified is asked for again, not taken as it was

    async def load(self, accounts: Iterable[bytes]) -> None:
        """The same from the profile alone, for reading without the network."""
        async with self._alone:
            await self._load(accounts)

    async def _load(self, accounts: Iterable[bytes]) -> None:
        for account in accounts:
            if account in self._states:
                continue
            stored = await self._profile.run(lambda c, a=account: keys.log_of(c, a))  # type: ignore[misc]
            for raw, proof in stored:
                made = entry.parse(raw)
                if made.signer.account != account:
                    await self.load([made.signer.account, *(step.mailbox for step in made.authority)])
                self._append(account, made, receipt.parse_proof(proof))

    async def _refresh(self, account: bytes) -> None:
        await self.load([account])
        known = self._states.get(account)
        if self.offline:
            if known is None:
                raise MessagingError("service-unreachable")
            return  # as it was last seen
        start = 0 if known is None else len(known.entries)
        # One overlap entry shows a log that was cut or rewritten.
        fetched = await self._service.log(account, max(0, start - 1))
        if known is not None:
            if not fetched or entry.parse(fetched[0][0]).hash != known.head:
                raise MessagingError("account-log-rolled-back")
            fetched = fetched[1:]
        for raw, proof_raw in fetched:
            await self._take(account, raw, proof_raw)

    async def _take(self, account: bytes, raw: bytes, proof_raw: bytes) -> None:
        made = entry.parse(raw)
        proof = receipt.parse_proof(proof_raw)
        placed = receipt.verify_proof(proof, self._identity.service_pk)
        if placed.kind is not ReceiptKind.ACCOUNT_ENTRY or placed.scope != account or placed.id != made.hash:
            raise MessagingError("receipt-foreign")
        others = {made.signer.account, *(step.mailbox for step in made.authority)} - {account}
        await self.ensure(others)
        try:
            self._append(account, made, proof)
        except DirectoryError as refused:
            if refused.id != "head-unknown":
                raise
            # Who signed may have signed with keys that are newer than what we know of him.
            self.outdate(others)
            await self.ensure(others)
            self._append(account, made, proof)
        await self._profile.run(lambda c: keys.add_entry(c, account, made.seq, raw, proof_raw))

    def _append(self, account: bytes, made: Entry, proof: ReceiptProof) -> None:
        known, tick, received = self._states.get(account), proof.receipt.tick, proof.group.time
        self._states[account] = fold.append(known, made, tick, self.lookup, received)

    async def adopt(self, entries: Iterable[tuple[Entry, bytes]]) -> None:
        """Take over entries that this endpoint wrote itself, with the receipts it got for them."""
        async with self._alone:
            await self._adopt(list(entries))

    async def _adopt(self, held: list[tuple[Entry, bytes]]) -> None:
        ours = {made.account for made, _ in held} - self._fetching
        self._fetching |= ours  # what is in hand is not asked for
        try:
            for made, proof in held:
                await self.load([made.account])
                known = self._states.get(made.account)
                if known is None or len(known.entries) <= made.seq:
                    await self._take(made.account, made.raw, proof)
        finally:
            self._fetching -= ours
        self._fresh |= ours

    async def professional(self, mailbox_or_person: bytes) -> Invitation:
        """The proven professional or structure behind an account: by its bind, or its manager's.

        Raises DirectoryError("bind-unknown") when no bind verifies: then no name and no RPPS is shown.
        """
        await self.ensure([mailbox_or_person])
        state = self.lookup(mailbox_or_person)
        owner = state.manager if state.kind.is_mailbox else mailbox_or_person
        if owner in self._invitations:
            return self._invitations[owner]
        await self.ensure([owner])
        known = await self._profile.run(lambda c: self._profile.kept(c, f"bind/{owner.hex()}"))
        if known is None and self.offline:
            raise DirectoryError("bind-unknown")
        evidences = [known] if known is not None else await self._service.binds(owner)
        for raw in reversed(evidences):
            try:
                found = bind.verify_bind(
                    bind.parse_evidence(raw), self.lookup(owner), self._identity.registrar_pk
                )
            except DirectoryError:
                continue
            if known is None:
                await self._profile.run(lambda c, r=raw: self._profile.keep(c, f"bind/{owner.hex()}", r))  # type: ignore[misc]
            self._invitations[owner] = found
            return found
        raise DirectoryError("bind-unknown")


