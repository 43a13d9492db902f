"""A colleague asks that somebody be invited: noted durably, and announced by e-mail at most once a day.

Who carries the e-mail is not known here; it names no patient and no content, and neither does this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from directory.errors import DirectoryError
from directory.identity import address, rpps
from directory.identity.address import Address
from directory.ports import GroupCommit, Reader, Session, Writer
from directory.use_cases.search import AnnuaireReader

if TYPE_CHECKING:
    from sqlalchemy import Connection

QUIET = 24 * 3600 * 1000
AT_ONCE = 50


class Requests(Protocol):
    def rpps_in_use(self, rpps: str, connection: Connection) -> bool: ...

    def request(self, rpps: str, requested_by: bytes, now: int, connection: Connection) -> None: ...

    def unannounced(self, before: int, most: int, connection: Connection) -> list[str]: ...

    def announced(self, rpps: str, now: int, connection: Connection) -> None: ...


async def request_invitation(
    typed: str,
    caller: Session,
    writer: Writer,
    requests: Requests,
    annuaire: AnnuaireReader,
    wake: Callable[[], None],
) -> None:
    """Raises DirectoryError: rpps-invalid, rpps-unknown, rpps-enrolled, annuaire-missing."""
    number = rpps.parse(typed)
    if await asyncio.to_thread(annuaire.by_rpps, number) is None:
        raise DirectoryError("rpps-unknown", rpps=number)

    def command(group: GroupCommit) -> None:
        if requests.rpps_in_use(number, group.connection):
            raise DirectoryError("rpps-enrolled", rpps=number)
        requests.request(number, caller.account, group.now, group.connection)

    await writer.write(command)
    wake()


@dataclass(frozen=True, slots=True)
class Announcement:
    """Somebody to be told: at the e-mail that the directory publishes, about the mailbox that would be theirs."""

    rpps: str
    recipient: str
    mailbox: str


@dataclass(frozen=True, slots=True)
class Announcements:
    """The requests that are due an e-mail."""

    writer: Writer
    reader: Reader
    requests: Requests
    annuaire: AnnuaireReader
    domain: str

    async def due(self, now: int) -> list[Announcement]:
        """At most AT_ONCE; one without a published e-mail is settled here, for the operator to call."""
        numbers = await self.reader.read(lambda c: self.requests.unannounced(now - QUIET, AT_ONCE, c))
        found = []
        for number in numbers:
            person = await asyncio.to_thread(self.annuaire.by_rpps, rpps.parse(number))
            if person is None or not person.email:
                await self.settle(number)
                continue
            local, *_ = address.local_parts(person.given, person.family, rpps.parse(number))
            found.append(Announcement(number, person.email, str(Address(local, self.domain))))
        return found

    async def settle(self, number: str) -> None:
        await self.writer.write(lambda group: self.requests.announced(number, group.now, group.connection))
