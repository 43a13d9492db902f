"""An endpoint in use: a profile opened, a service reached, and the rooms of this house put together once.

`sync` is the one way in (keys, feeds, acks), `Dispatch.flush` the one way out; verbs are in `messages`, `referrals`,
`delegation` and `devices`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from directory.accounts.grants import Right
from directory.primitives import selftest_sealing
from messaging.client import devices
from messaging.client.accounts import AccountCache
from messaging.client.addresses import AddressBook
from messaging.client.attachments import Attachments, Progress, no_progress
from messaging.client.delegation import Delegation
from messaging.client.dispatch import Dispatch, Sent
from messaging.client.enrolment import IDENTITY, RECOVERY
from messaging.client.environment import Environment
from messaging.client.intake import RENEWAL_DUE, Intake
from messaging.client.keyring import Keyring
from messaging.client.live import Line
from messaging.client.reading import Exchange, Reading
from messaging.client.service import Service
from messaging.errors import MessagingError
from messaging.profile import identity as identities
from messaging.profile import outbox, threads
from messaging.profile.identity import Identity
from messaging.profile.outbox import Outgoing
from messaging.profile.store import Profile
from messaging.profile.threads import KeptThread
from messaging.protocol.acks import AckBody, AckKind
from messaging.protocol.body import EventType
from messaging.wire.epoch import Role

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Synced:
    """`online` is False when the service could not be reached and the profile is shown as it was."""

    online: bool
    sent: tuple[Sent, ...] = ()


class Endpoint:
    """Use as an async context manager; raises what `Profile.open` raises."""

    def __init__(
        self, folder: Path, passphrase: str, environment: Environment, progress: Progress = no_progress
    ) -> None:
        self._folder = folder
        self._passphrase = passphrase
        self._environment = environment
        self._progress = progress
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        environment = self._environment
        selftest_sealing.run()
        self.profile = await Profile.open(self._folder, self._passphrase, environment.entropy)
        self._stack.push_async_callback(self.profile.close)
        try:
            raw = await self.profile.run(lambda c: self.profile.kept(c, IDENTITY))
            if raw is None:
                raise MessagingError("profile-not-enrolled")
            me = identities.decode(raw)
            self.service = await self._stack.enter_async_context(Service(me.server, environment))
            self._assemble(me)
            await self.attachments.sweep()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    def _assemble(self, me: Identity) -> None:
        """The rooms of this house, for this device."""
        environment = self._environment
        self.identity = me
        self.accounts = AccountCache(self.profile, self.service, me)
        self.keyring = Keyring(self.profile, self.service, me, environment, self.accounts)
        self.intake = Intake(self.profile, self.service, me, self.accounts, self.keyring)
        self.addresses = AddressBook(self.service, self.accounts)
        self.attachments = Attachments(self.profile, self.service, environment, self._progress)
        self.dispatch = Dispatch(
            self.profile,
            self.service,
            me,
            environment,
            self.accounts,
            self.keyring,
            self.intake,
            self.addresses,
            self.attachments,
        )
        self.delegation = Delegation(self.service, me, environment, self.accounts, self.keyring)
        self.reading = Reading(self.profile, me, self.accounts, self.keyring)

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, value, trace)

    @property
    def environment(self) -> Environment:
        return self._environment

    async def connect(self) -> None:
        """Log in and learn which mailboxes are held. Raises MessagingError("service-unreachable"), ServiceRefusal."""
        me = self.identity
        await self.service.log_in(me.account, me.device, me.signing, me.service_pk)
        await self.keyring.refresh()

    async def sync(self, *, send: bool = True) -> Synced:
        """Bring everything in, acknowledge it, and let what waits leave."""
        await self.connect()
        await self.bring_in()
        await self.acknowledge()
        await self.renew_where_due()
        return Synced(True, tuple(await self.dispatch.flush()) if send else ())

    async def bring_in(self) -> None:
        """Take what the mailboxes' feeds have, once connected; acknowledges nothing."""
        for mailbox in self.keyring.ordinary():
            after = await self._cursor(mailbox)
            async for page in self.service.pages(partial(self.service.items, mailbox), after):
                await self.intake.take_page(page, mailbox)

    async def renew_where_due(self) -> None:
        """Become a device of its own where this profile turned out to be a copy; the rooms of this endpoint are others
        after that."""
        if await self.profile.run(lambda c: self.profile.kept(c, RENEWAL_DUE)) is None:
            return
        renewed = await devices.renew(
            self.profile, self.identity, self._environment, self.accounts, self.keyring, self.delegation
        )
        arrived = self.intake.arrivals()
        self._assemble(renewed)
        self.intake.take_over(arrived)
        await self.connect()

    async def _cursor(self, mailbox: bytes) -> int:
        """Where to go on in a mailbox's feed: from the start again when more of its classes are held than before, since
        the feed brings only what may be read."""
        name, classes = f"classes/{mailbox.hex()}", bytes(self.keyring.held[mailbox].classes)

        def look(connection: Connection) -> int:
            known = self.profile.kept(connection, name)
            if known == classes:
                return threads.cursor_of(connection, mailbox)
            self.profile.keep(connection, name, classes)
            if known is not None and set(classes) <= set(known):
                return threads.cursor_of(connection, mailbox)
            threads.save_cursor(connection, mailbox, 0)
            return 0

        return await self.profile.run(look)

    async def sync_if_reachable(self) -> Synced:
        """The same, or the profile as it is when the service is away."""
        try:
            return await self.sync()
        except MessagingError as refused:
            if refused.id != "service-unreachable":
                raise
            await self.go_offline()
            return Synced(False)

    async def go_offline(self) -> None:
        """Go on with the profile as it was: nothing more is asked of the service."""
        self.accounts.offline = True
        await self.keyring.load()
        await self.accounts.load([self.identity.account, self.identity.mailbox, *self.keyring.held])

    async def line(self) -> Line:
        """Where to wait for pushes, after a `sync`."""
        cursors = [
            (mailbox, await self.profile.run(lambda c, m=mailbox: threads.cursor_of(c, m)))  # type: ignore[misc]
            for mailbox in self.keyring.ordinary()
        ]
        return Line(self.identity.server, self.service.token, tuple(cursors))

    async def may_write(self, kept: KeptThread) -> bool:
        """Whether this endpoint may send in a thread: a right over the mailbox, and a role beyond reading."""
        known = await self.intake.thread(kept.thread)
        member = known.latest.commit.member(kept.mailbox) if known is not None and known.epochs else None
        if member is not None and member.role is Role.READ:
            return False
        return self.keyring.may(kept.mailbox, Right.SEND_AS, kept.class_)

    async def put(self, outgoing: Iterable[Outgoing]) -> None:
        """Durably in the outbox: from here on nothing is lost and nothing is retyped."""
        held = list(outgoing)

        def keep(connection: Connection) -> None:
            for one in held:
                outbox.put(self.profile, connection, one)

        await self.profile.run(keep)

    async def withdraw(self, outgoing: Iterable[Outgoing]) -> None:
        """Take back what was refused, with the attachments that wait for it: its author was told and has the files."""
        gone = list(outgoing)

        def remove(connection: Connection) -> None:
            for one in gone:
                outbox.remove(connection, one.intent)

        await self.profile.run(remove)
        for one in gone:
            await self.attachments.discard(one.uploads)

    def intent(self) -> bytes:
        return self._environment.entropy(16)

    def new_id(self) -> bytes:
        return self._environment.entropy(16)

    async def read_acknowledged(self, exchange: Exchange, until: Mapping[bytes, int] | None = None) -> None:
        """A person has looked at it, or in each thread at what stands up to a place: remember, and tell the senders."""
        seen = [(kept, kept.shown_seq if until is None else until.get(kept.thread, 0)) for kept in exchange.threads]
        unread = [(kept, min(seq, kept.shown_seq)) for kept, seq in seen]
        unread = [(kept, seq) for kept, seq in unread if seq > kept.read_seq]
        await self.put([self._ack(kept, AckKind.READ, seq) for kept, seq in unread if await self.may_write(kept)])
        for kept, seq in unread:
            await self._move(kept.thread, read_seq=seq)
        await self.intake.flush()

    async def acknowledge(self) -> None:
        """One cumulative ack for each thread in which there is something new to read (CP1-5.11); acks are not.

        What stands in a record is acknowledged to nobody: who opened it, and why, is in its accesses.
        """
        records = self.keyring.records()
        arrived = await self.profile.run(lambda c: threads.unacknowledged(self.profile, c, records))
        await self.put(
            [self._ack(kept, AckKind.DELIVERED, kept.shown_seq) for kept in arrived if await self.may_write(kept)]
        )
        for kept in arrived:
            await self._move(kept.thread, delivered_seq=kept.shown_seq)
        await self.intake.flush()

    async def _move(self, thread: bytes, **seqs: int) -> None:
        """Through the intake's copy of the thread, which later saves would otherwise put back."""
        known = await self.intake.thread(thread)
        if known is not None:
            known.kept = replace(known.kept, **seqs)  # type: ignore[arg-type]
            self.intake.save(known)

    def _ack(self, kept: KeptThread, kind: AckKind, seq: int) -> Outgoing:
        body = AckBody(kind, seq).body().encode()
        return Outgoing(self.intent(), kept.thread, kept.class_, kept.mailbox, EventType.ACK, body)

    async def recovery_code(self) -> str:
        """The recovery code while its sheet has not been confirmed, else empty."""
        raw = await self.profile.run(lambda c: self.profile.kept(c, RECOVERY))
        return (raw or b"").decode()
