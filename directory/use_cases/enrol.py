"""Enrol an invited person or structure (CP1-3.11): account, bind, mailbox, address and the code's end in one command.

The code proves the invitation, the registrar's certificate says whose it is; the service adds nothing to either. It
does not issue codes (`use_cases.invite`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from directory.accounts import bind
from directory.accounts import change as changes_room
from directory.accounts.bind import Invitation, InviteeKind
from directory.accounts.change import Change
from directory.accounts.entry import (
    AccountKind,
    AddDevice,
    Bind,
    DeviceKind,
    Entry,
    Genesis,
    RotateAek,
)
from directory.accounts.grants import ORDINARY_CLASSES
from directory.errors import DirectoryError
from directory.ports import GroupCommit, Reader, Writer
from directory.primitives.digest import sha256
from directory.primitives.signature import KEY_SIZE
from directory.use_cases.append_entries import Draft, Ledger, Receipts

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class StoredInvitation:
    """An invitation as the service knows it: `used_submission_hash` is empty until it is used."""

    code_pk: bytes
    certificate: bytes
    not_after: int
    replaced: bool
    used_submission_hash: bytes

    def verify_live(self, now: int) -> StoredInvitation:
        """Raises DirectoryError: invitation-used, invitation-expired, invitation-replaced."""
        if self.used_submission_hash:
            raise DirectoryError("invitation-used")
        if self.not_after < now:
            raise DirectoryError("invitation-expired")
        if self.replaced:
            raise DirectoryError("invitation-replaced")
        return self


@dataclass(frozen=True, slots=True)
class Registration:
    """What an enrolment adds to the register of addresses; `mailbox` is empty where the invitation promises none."""

    invitation: Invitation
    person: bytes
    mailbox: bytes


class Register(Protocol):
    """Invitations, addresses and RPPS numbers, on the writer's connection."""

    def invitation(self, code_pk: bytes, connection: Connection) -> StoredInvitation | None: ...

    def address_in_use(self, address: str, connection: Connection) -> bool: ...

    def rpps_in_use(self, rpps: str, connection: Connection) -> bool: ...

    def register(self, registration: Registration, submission_hash: bytes, connection: Connection) -> None:
        """Write the address, the RPPS if any, and the code's end. Refuses nothing."""
        ...


async def look_up_invitation(code_pk: bytes, now: int, reader: Reader, register: Register) -> bytes:
    """The certificate of a live invitation. Raises DirectoryError: invitation-unknown, -used, -replaced, -expired."""
    found = await reader.read(lambda connection: register.invitation(code_pk, connection))
    if found is None:
        raise DirectoryError("invitation-unknown")
    return found.verify_live(now).certificate


async def enrol(
    raw: bytes,
    registrar_pk: bytes,
    writer: Writer,
    reader: Reader,
    ledger: Ledger,
    register: Register,
    receipts: Receipts,
) -> tuple[bytes, ...]:
    """The receipt proofs of an enrolment (code_pk, then CP1s); the same octets again give the same proofs.

    Raises DirectoryError: invitation-*, enrolment-shape-wrong, rpps-enrolled, address-taken, and what `change.parse`,
    `Draft.add` and `bind.verify_bind` raise.
    """
    code_pk, submission_hash = raw[:KEY_SIZE], sha256(raw)
    submitted = changes_room.parse(raw[KEY_SIZE:])
    shape = _Shape.of(submitted)

    def command(group: GroupCommit) -> tuple[int, ...]:
        stored = register.invitation(code_pk, group.connection)
        if stored is None:
            raise DirectoryError("invitation-unknown")
        if stored.used_submission_hash == submission_hash:
            return ledger.ticks([one.entry.hash for one in submitted], group.connection)
        stored.verify_live(group.now)
        draft = Draft(ledger, group)
        for one in submitted:
            draft.add(one)
        invitation = _verify_invited(shape, stored, draft, registrar_pk)
        if invitation.kind is InviteeKind.PROFESSIONAL and register.rpps_in_use(
            invitation.identifier, group.connection
        ):
            raise DirectoryError("rpps-enrolled", rpps=invitation.identifier)
        if shape.mailbox and register.address_in_use(invitation.address, group.connection):
            raise DirectoryError("address-taken", address=invitation.address)
        draft.keep()
        register.register(Registration(invitation, shape.person, shape.mailbox), submission_hash, group.connection)
        return ()

    written = await writer.write(command)
    if not written.result:
        return written.proofs
    return await reader.read(lambda connection: receipts.proofs(written.result, connection))


def _verify_invited(shape: _Shape, stored: StoredInvitation, draft: Draft, registrar_pk: bytes) -> Invitation:
    """The bind is by this very code, over the certificate that the registrar signed for it."""
    evidence = bind.parse_evidence(shape.bind.evidence)
    invitation = bind.verify_bind(evidence, draft.state(shape.person), registrar_pk)
    if evidence.certificate != stored.certificate or invitation.code_pk != stored.code_pk:
        raise DirectoryError("invitation-unknown")
    if invitation.not_after < draft.group.now:
        raise DirectoryError("invitation-expired")
    found = (draft.state(shape.person).kind, draft.state(shape.mailbox).kind if shape.mailbox else None)
    if found != _expected(invitation.kind):
        raise DirectoryError("enrolment-shape-wrong", what="kind")
    return invitation


def _expected(kind: InviteeKind) -> tuple[AccountKind, AccountKind | None]:
    """The accounts that an invitation opens."""
    owner = AccountKind.SERVICE if kind.is_structure else AccountKind.PERSON
    if not kind.has_mailbox:
        return owner, None
    return owner, AccountKind.ORGANISATION_MAILBOX if kind.is_structure else AccountKind.PERSONAL_MAILBOX


@dataclass(frozen=True, slots=True)
class _Shape:
    """A submission that is an enrolment and nothing else; `mailbox` is empty where it opens none."""

    person: bytes
    mailbox: bytes
    bind: Change

    @classmethod
    def of(cls, submitted: Sequence[Change]) -> _Shape:
        """Raises DirectoryError("enrolment-shape-wrong")."""
        geneses = [one.entry for one in submitted if isinstance(one.entry.payload, Genesis)]
        binds = [one for one in submitted if isinstance(one.entry.payload, Bind)]
        if len(geneses) not in (1, 2) or len(binds) != 1 or submitted[0].entry is not geneses[0]:
            raise DirectoryError("enrolment-shape-wrong", what="entries")
        person, *others = geneses
        mailbox = others[0].account if others else b""
        counted = Counter(_what(one.entry, person.account, mailbox) for one in submitted)
        papers = counted.pop("paper", 0)
        if papers > 1 or counted != (_WITH_MAILBOX if mailbox else _ALONE):
            raise DirectoryError("enrolment-shape-wrong", what="entries")
        if any(one.entry.signer.device != person.signer.device for one in submitted):
            raise DirectoryError("enrolment-shape-wrong", what="signer")
        if any(one.entry.signer.account != person.account for one in submitted):
            raise DirectoryError("enrolment-shape-wrong", what="signer")
        return cls(person.account, mailbox, binds[0])


_ALONE = Counter(["genesis", "rotation 0", "bind"])
_WITH_MAILBOX = _ALONE + Counter(["mailbox", *(f"mailbox rotation {class_}" for class_ in ORDINARY_CLASSES)])


def _what(entry: Entry, person: bytes, mailbox: bytes) -> str:
    match entry.payload:
        case Genesis(device=device):
            return "mailbox" if device is None else "genesis"
        case RotateAek(class_=class_, g=1, removed=()) if entry.account == mailbox:
            return f"mailbox rotation {class_}"
        case RotateAek(class_=class_, g=1, removed=()) if entry.account == person:
            return f"rotation {class_}"
        case AddDevice(device=device) if entry.account == person and device.kind is DeviceKind.PAPER:
            return "paper"
        case Bind() if entry.account == person:
            return "bind"
        case _:
            return "other"
