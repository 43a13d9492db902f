"""A patient's invitation as one file (CP1-3.11): the code, and the registrar's attestation of who the patient is.

It goes from the registrar's hand to the patient's. The service has neither: its certificate names nobody.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from confrere.commands import given
from confrere.errors import ConfrereError
from confrere.output import Output

if TYPE_CHECKING:
    from directory.use_cases.invite import Issued, Registrar

LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Target:
    """A file that does not exist yet, outside the service's folder."""

    path: Path

    @classmethod
    def of(cls, typed: str, data: Path, output: Output) -> Target:
        """Raises ConfrereError("usage")."""
        path = Path(typed)
        if path.resolve().is_relative_to(data.resolve()):
            raise given.wrong(output, "invite", "invite-to-outside-data")
        return cls(path)

    def open(self) -> int:
        """Its owner's alone, and never over another file. Raises ConfrereError("file-unwritable")."""
        try:
            return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            raise ConfrereError("file-unwritable", file=str(self.path)) from None


@dataclass(frozen=True, slots=True, repr=False)
class InvitationFile:
    code: str
    attestation: bytes


def issue(source: str, target: Target, registrar: Registrar, invite: Callable[[], Issued]) -> tuple[Issued, str]:
    """Read the Patient in `source`, invite, and write the file; gives its name too. No code is left without its file.

    Raises ConfrereError: file-unreadable, file-unwritable; MessagingError: patient-*; what `invite` raises.
    """
    from directory.accounts.invitation_code import grouped
    from messaging.referral.fhir_json import dump
    from messaging.referral.patient import from_fhir, to_fhir
    from record_bridge.record import attestation

    # The traits and the INS alone: an export of practice software holds more than an identity.
    fhir = dump(to_fhir(from_fhir(given.octets(source))))
    descriptor = target.open()
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            issued = invite()
            invitation = issued.invitation
            raw = attestation.build(invitation.code_pk, invitation.issued, fhir, registrar.key)
            document = {"code": grouped(issued.code), "attestation": base64.b64encode(raw).decode()}
            file.write(json.dumps(document) + "\n")
    except BaseException:
        target.path.unlink(missing_ok=True)
        raise
    return issued, str(target.path)


def read(source: str) -> InvitationFile:
    """Raises ConfrereError: file-unreadable, invitation-file-wrong."""
    raw = given.octets(source)
    try:
        if len(raw) > LARGEST:
            raise ValueError
        document = json.loads(raw)
        return InvitationFile(str(document["code"]), base64.b64decode(document["attestation"], validate=True))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ConfrereError("invitation-file-wrong", file=source) from None


def verify(found: InvitationFile, registrar_pk: bytes) -> str:
    """The patient's name; the attestation is the registrar's and for this very code.

    Raises RecordError: attestation-*; DirectoryError("invitation-code-malformed").
    """
    from directory.accounts import invitation_code
    from record_bridge.errors import RecordError
    from record_bridge.record import attestation

    code_pk, patient = attestation.verify(found.attestation, registrar_pk)
    if code_pk != invitation_code.signing_key(invitation_code.parse(found.code)).public:
        raise RecordError("attestation-foreign")
    return patient.display_name
