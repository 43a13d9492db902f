"""A colleague asks that somebody be invited: noted for the operator, and announced at most once a day.

What is announced, and to which address, is for whoever sends e-mail; it names no patient and no content, and neither
does this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from directory.errors import DirectoryError
from directory.extraction.practitioner import Practitioner
from directory.identity import rpps
from directory.ports import GroupCommit, Session, Writer
from directory.use_cases.search import AnnuaireReader

if TYPE_CHECKING:
    from sqlalchemy import Connection

QUIET = 24 * 3600 * 1000

Announce = Callable[[Practitioner], None]


class Requests(Protocol):
    def rpps_in_use(self, rpps: str, connection: Connection) -> bool: ...

    def request(self, rpps: str, requested_by: bytes, now: int, connection: Connection) -> int:
        """Note the request; gives when the one before was made (ms), or 0."""
        ...


async def request_invitation(
    typed: str, caller: Session, writer: Writer, requests: Requests, annuaire: AnnuaireReader, announce: Announce
) -> None:
    """Raises DirectoryError: rpps-invalid, rpps-unknown, rpps-enrolled, annuaire-missing."""
    number = rpps.parse(typed)
    found = await asyncio.to_thread(annuaire.by_rpps, number)
    if found is None:
        raise DirectoryError("rpps-unknown", rpps=number)

    def command(group: GroupCommit) -> bool:
        if requests.rpps_in_use(number, group.connection):
            raise DirectoryError("rpps-enrolled", rpps=number)
        before = requests.request(number, caller.account, group.now, group.connection)
        return group.now - before >= QUIET

    written = await writer.write(command)
    if written.result:
        announce(found)
