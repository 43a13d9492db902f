"""Mandates over a mailbox (CP1-3.7, CP1-3.10): grant classes to a colleague or secretary, and take them back by
keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from directory.accounts import change
from directory.accounts.authoring import Authoring, Seed
from directory.accounts.entry import AccountKind
from directory.accounts.grants import FOREVER, GrantPayload, Right
from directory.accounts.state import NOW
from directory.primitives import kem
from messaging.client.accounts import AccountCache
from messaging.client.environment import Environment
from messaging.client.keyring import Keyring, OpenGrant
from messaging.client.service import Service
from messaging.errors import MessagingError
from messaging.profile.identity import Identity


@dataclass(frozen=True, slots=True)
class Mandate:
    """A live grant in a person's words."""

    name: str
    address: str
    classes: tuple[int, ...]
    rights: Right
    not_after: int


class Delegation:
    def __init__(
        self, service: Service, identity: Identity, environment: Environment, accounts: AccountCache, keyring: Keyring
    ) -> None:
        self._service = service
        self._identity = identity
        self._environment = environment
        self._accounts = accounts
        self._keyring = keyring

    def author(self) -> Authoring:
        me = self._identity
        return Authoring(self._accounts.states, me.account, me.device, me.signing, self._environment.now())

    async def publish(self, author: Authoring) -> None:
        """Submit what was authored, all or nothing, and take it over with its receipts."""
        proofs = await self._service.change_accounts(author.octets)
        entries = [made.entry for made in change.parse(author.octets)]
        if len(entries) != len(proofs):
            raise MessagingError("service-answer-wrong")
        await self._accounts.adopt(zip(entries, proofs, strict=True))

    async def grant(
        self,
        mailbox: bytes,
        to_mailbox: bytes,
        classes: tuple[int, ...],
        rights: Right,
        *,
        history: bool,
        not_after: int = FOREVER,
    ) -> None:
        """Let the owner of `to_mailbox` (or that organisation) act for `mailbox` in some classes.

        Without history the classes rotate first, so that what is older stays closed. Raises MessagingError:
        mailbox-not-held, mandate-repeated; ServiceRefusal.
        """
        self._demand(mailbox, Right.MANAGE)
        await self._accounts.ensure([to_mailbox])
        target = self._accounts.lookup(to_mailbox)
        principal = to_mailbox if target.kind is AccountKind.ORGANISATION_MAILBOX else target.manager
        await self._accounts.ensure([principal, mailbox])
        live = await self._keyring.open_grants(mailbox)
        if any(grant.payload.principal == principal for grant in live):
            raise MessagingError("mandate-repeated")
        await self._accounts.ensure(grant.payload.principal for grant in live)
        author = self.author()
        authority = self._keyring.authority(mailbox)
        seeds: list[Seed] = []
        made: list[Seed] = []
        for class_ in classes:
            if history:
                seeds += self._keyring.seeds_with_history(mailbox, class_)
                continue
            g = self._accounts.lookup(mailbox).current(class_).g + 1
            fresh = Seed(class_, g, self._environment.entropy(kem.SEED_SIZE))
            author.rotate_class(
                mailbox, class_, fresh.seed, None, self._holders(mailbox, class_, live), authority
            )
            made.append(fresh)
        payload = GrantPayload(principal, tuple(sorted(classes)), rights | Right.READ, not_after)
        author.grant(mailbox, payload, self._environment.entropy(32), [*seeds, *made], authority)
        await self.publish(author)
        await self._keyring.adopt(mailbox, made)

    async def revoke(self, mailbox: bytes, to_mailbox: bytes) -> None:
        """End a mandate: its classes rotate without it, in one submission.

        A grant that nobody can open ends too: who reads by it is unknown. Raises MessagingError("mandate-unknown").
        """
        self._demand(mailbox, Right.MANAGE)
        await self._accounts.ensure([to_mailbox])
        target = self._accounts.lookup(to_mailbox)
        author = self.author()
        made = await self.revoke_within(author, mailbox, {to_mailbox, target.manager})
        await self.publish(author)
        await self._keyring.adopt(mailbox, made)

    async def revoke_within(self, author: Authoring, mailbox: bytes, principals: Collection[bytes]) -> list[Seed]:
        """The same, added to what else `author` submits: the seeds to adopt once that is published."""
        live, unreadable = await self._keyring.grants(mailbox)
        ended = [grant for grant in live if grant.payload.principal in principals]
        if not ended:
            raise MessagingError("mandate-unknown")
        stay = [grant for grant in live if grant not in ended]
        await self._accounts.ensure(grant.payload.principal for grant in stay)
        made = []
        removed = [*(grant.entry_hash for grant in ended), *unreadable]
        state = self._accounts.lookup(mailbox)
        rotated = {class_ for grant in ended for class_ in grant.payload.classes}
        rotated |= {class_ for entry_hash in unreadable for class_ in state.grants[entry_hash].ceiling}
        for class_ in sorted(rotated):
            made.append(self.rotate(author, mailbox, class_, stay, removed))
            removed = []
        return made

    async def mandates(self, mailbox: bytes) -> list[Mandate]:
        found = []
        for grant in await self._keyring.open_grants(mailbox):
            person = await self._accounts.professional(grant.payload.principal)
            found.append(
                Mandate(
                    person.name, person.address, grant.payload.classes, grant.payload.role, grant.payload.not_after
                )
            )
        return found

    def rotate(
        self, author: Authoring, mailbox: bytes, class_: int, stay: Iterable[OpenGrant], removed: Iterable[bytes] = ()
    ) -> Seed:
        """Rotate one class, keeping its past open to whoever stays."""
        current = author.lookup(mailbox).current(class_)
        previous = self._keyring.seed(mailbox, class_, current.g)
        fresh = Seed(class_, current.g + 1, self._environment.entropy(kem.SEED_SIZE))
        author.rotate_class(
            mailbox,
            class_,
            fresh.seed,
            previous,
            self._holders(mailbox, class_, stay),
            self._keyring.authority(mailbox),
            removed,
        )
        return fresh

    def _holders(self, mailbox: bytes, class_: int, grants: Iterable[OpenGrant]) -> list[bytes]:
        state = self._accounts.lookup(mailbox)
        now = self._environment.now()
        holders = [
            grant.payload.principal
            for grant in grants
            if class_ in grant.payload.classes and grant.payload.live_at_time(now)
        ]
        implicit = state.grants.get(state.managing)
        if implicit is not None and implicit.live_at(NOW):
            holders.append(state.manager)
        return holders

    def _demand(self, mailbox: bytes, right: Right) -> None:
        held = self._keyring.held.get(mailbox)
        if held is None or not held.rights & right:
            raise MessagingError("mailbox-not-held")
