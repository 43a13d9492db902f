"""The directory's half of the service, composed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confrere.compose.openapi import RouteRow
from confrere.database.receipts import StoredReceipts
from confrere.settings import ServiceSettings
from directory.http.service import DirectoryService
from directory.http.table import table
from directory.ports import Reader, Writer
from directory.store.accounts import StoredAccounts
from directory.store.annuaire import Annuaire
from directory.store.invitations import StoredRegister
from directory.store.library import StoredLibrary
from directory.store.registrar import registrar_public
from directory.use_cases.attempts import Attempts
from directory.use_cases.log_in import Durations, Logins
from directory.use_cases.request_invitation import Announcements

# A state that was just published is in memory: no statement is made.
_NO_CONNECTION: Any = None


@dataclass(frozen=True, slots=True)
class House:
    """What messaging and the door need of it."""

    accounts: StoredAccounts
    logins: Logins
    register: StoredRegister
    registrar_pk: bytes
    rows: tuple[RouteRow, ...]
    reader: Reader
    announcements: Announcements

    async def address_of(self, mailbox: bytes) -> str:
        """The mailbox's address, "" for one without."""
        return await self.reader.read(lambda connection: self.register.address_of(mailbox, connection))


def build(
    data: Path,
    settings: ServiceSettings,
    service_pk: bytes,
    writer: Writer,
    reader: Reader,
    clock: Callable[[], int],
    wake: Callable[[], None],
) -> House:
    accounts, register = StoredAccounts(), StoredRegister()
    durations = Durations(settings.access.challenge_seconds * 1000, settings.access.token_seconds * 1000)
    logins = Logins(
        service_pk, accounts, reader, clock, durations=durations, attempts_a_minute=settings.rates.logins
    )
    accounts.on_change(lambda account, _seq: logins.account_changed(account, accounts.state(account, _NO_CONNECTION)))
    registrar_pk = registrar_public(data)
    annuaire = Annuaire(data)
    announcements = Announcements(writer, reader, register, annuaire, settings.service.domain)
    service = DirectoryService(
        registrar_pk,
        writer,
        reader,
        accounts,
        register,
        StoredLibrary(),
        StoredReceipts(),
        logins,
        annuaire,
        clock,
        wake,
        searches=Attempts(settings.rates.searches),
        enrolments=Attempts(settings.rates.enrolments),
    )
    return House(accounts, logins, register, registrar_pk, table(service), reader, announcements)
