"""Invite somebody (CP1-3.11): the operator's verb, with the registrar's key, in a process of its own.

An RPPS of the directory, somebody who works for an address, or a structure. The certificate fixes the address, so that
no two people are ever promised one. The service learns the certificate and the public half of the code, never the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain, count
from typing import Protocol

from directory.accounts import bind, invitation_code
from directory.accounts.bind import Invitation, InviteeKind
from directory.accounts.invitation_code import Code
from directory.errors import DirectoryError
from directory.extraction.practitioner import Practitioner
from directory.identity import address, finess, rpps
from directory.identity.rpps import Rpps
from directory.primitives.signature import SigningKey
from directory.use_cases.search import AnnuaireReader

DAY = 24 * 3600 * 1000
_NAME_LENGTH = 120
_NOBODY = Rpps("00000000000")


@dataclass(frozen=True, slots=True)
class Issued:
    """What the operator hands on: the code, and the invitation it opens."""

    code: Code
    invitation: Invitation


class Desk(Protocol):
    """The register during one write transaction, which is short: a running service waits for it."""

    def is_enrolled(self, number: str) -> bool: ...

    def replace(self, kind: InviteeKind, identifier: str) -> str:
        """End the live invitations of an identifier; gives the address that they promised, or ""."""
        ...

    def free_expired(self, now: int) -> None:
        """End the invitations that nobody took up, so that their addresses are free again."""
        ...

    def is_taken(self, address: str) -> bool:
        """Whether the address has a mailbox, or a live invitation promises it."""
        ...

    def add(self, certificate: bytes, invitation: Invitation) -> None: ...


class Counter(Protocol):
    """Where desks are: each `transaction` is one write transaction of `service.db`."""

    def transaction(self) -> AbstractContextManager[Desk]: ...


@dataclass(frozen=True, slots=True)
class Registrar:
    """Who invites: the key, the domain of new addresses, how long a code lives (days)."""

    key: SigningKey
    domain: str
    days: int

    def professional(
        self, typed_rpps: str, annuaire: AnnuaireReader, counter: Counter, now: int, entropy: bytes
    ) -> Issued:
        """A later invitation of an RPPS replaces the earlier one.

        Raises DirectoryError: rpps-invalid, rpps-unknown, rpps-enrolled, annuaire-missing.
        """
        number = rpps.parse(typed_rpps)
        found = annuaire.by_rpps(number)
        if found is None:
            raise DirectoryError("rpps-unknown", rpps=number)
        locals_ = iter(address.local_parts(found.given, found.family, number))
        code = invitation_code.make(entropy)
        with counter.transaction() as desk:
            if desk.is_enrolled(number):
                raise DirectoryError("rpps-enrolled", rpps=number)
            desk.free_expired(now)
            promised = desk.replace(InviteeKind.PROFESSIONAL, number)
            where = promised or self._free(locals_, desk)
            return self._issue(
                desk, code, InviteeKind.PROFESSIONAL, number, found.name, profession_of(found), where, now
            )

    def staff(self, works_for: str, name: str, counter: Counter, now: int, entropy: bytes) -> Issued:
        """Raises DirectoryError: address-invalid, address-unknown, invitation-name-unusable."""
        whom = str(address.parse_address(works_for))
        words = name.split()
        plain = self._local(" ".join(words[:-1]), "".join(words[-1:]))
        code = invitation_code.make(entropy)
        with counter.transaction() as desk:
            desk.free_expired(now)
            if not desk.is_taken(whom):
                raise DirectoryError("address-unknown", address=whom)
            where = self._free(_numbered(plain), desk)
            return self._issue(desk, code, InviteeKind.STAFF, whom, " ".join(words), "", where, now)

    def patient(self, counter: Counter, now: int, entropy: bytes) -> Issued:
        """A code for a patient: the certificate, which the service keeps, names nobody."""
        code = invitation_code.make(entropy)
        with counter.transaction() as desk:
            desk.free_expired(now)
            return self._issue(desk, code, InviteeKind.PATIENT, "", "", "", "", now)

    def structure(
        self,
        typed: str,
        annuaire: AnnuaireReader,
        counter: Counter,
        now: int,
        entropy: bytes,
        kind: InviteeKind = InviteeKind.STRUCTURE,
    ) -> Issued:
        """Raises DirectoryError: finess-invalid, structure-unknown, annuaire-missing."""
        number = _structure_number(typed)
        found = annuaire.by_structure(number)
        if found is None:
            raise DirectoryError("structure-unknown", number=number)
        plain = self._local("", found.name)
        code = invitation_code.make(entropy)
        with counter.transaction() as desk:
            desk.free_expired(now)
            where = self._free(_numbered(plain), desk) if kind.has_mailbox else ""
            name = found.name[:_NAME_LENGTH]
            return self._issue(desk, code, kind, number, name, "", where, now)

    def _issue(
        self,
        desk: Desk,
        code: Code,
        kind: InviteeKind,
        identifier: str,
        name: str,
        profession: str,
        where: str,
        now: int,
    ) -> Issued:
        code_pk = invitation_code.signing_key(code).public
        not_after = now + self.days * DAY
        invitation = Invitation(code_pk, kind, identifier, name, profession, where, now, not_after)
        desk.add(bind.issue(invitation, self.key).raw, invitation)
        return Issued(code, invitation)

    def _free(self, locals_: Iterator[str], desk: Desk) -> str:
        for local in locals_:
            candidate = f"{local}@{self.domain}"
            if not desk.is_taken(candidate):
                return candidate
        raise DirectoryError("address-taken", address=candidate)

    @staticmethod
    def _local(given: str, family: str) -> str:
        plain = address.local_parts(given, family, _NOBODY)[0]
        if plain == _NOBODY or len(given) + len(family) > _NAME_LENGTH:
            raise DirectoryError("invitation-name-unusable")
        return plain


def profession_of(found: Practitioner) -> str:
    """Profession and specialty in one line: Médecin, Cardiologie."""
    return ", ".join(filter(None, (found.profession, found.specialty)))[:_NAME_LENGTH]


def _numbered(plain: str) -> Iterator[str]:
    return chain((plain,), (f"{plain}.{number}" for number in count(2)))


def _structure_number(typed: str) -> str:
    """Nine characters of either kind: the two share their length and, Corsica apart, their key."""
    try:
        return finess.parse_finess(typed)
    except DirectoryError:
        return finess.parse_siren(typed)
