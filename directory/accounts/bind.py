"""Which professional an account is: the operator's invitation as proof (CP1-3.11).

The weaker of two proofs, and shown as such (OIDC comes later). The registrar, a key apart from the service's, signs an
*invitation certificate* over the public half of a one-time code; whoever holds the code signs the account's name and
head with it. So the service, which sees certificates and never a code, cannot bind an account to a professional.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from directory.accounts.entry import AccountKind
from directory.accounts.grants import blinded
from directory.accounts.state import AccountState
from directory.errors import DirectoryError
from directory.primitives import digest, signature
from directory.primitives.codec import Reader, text, u8, u16, u64, var
from directory.primitives.labels import Label
from directory.primitives.signature import SIZE as SIGNATURE_SIZE
from directory.primitives.signature import SigningKey

MAGIC = b"CP1i"
SUITE = 0x0001
MAX_EVIDENCE = 4096


class InviteeKind(IntEnum):
    PROFESSIONAL = 1  # identifier: RPPS
    STAFF = 2  # identifier: the address worked for
    STRUCTURE = 3  # identifier: FINESS or SIREN
    PATIENT = 4  # nothing that names anybody: who it is stands in an attestation that the service never sees
    DEPOSITOR = 5  # a structure that deposits into records and reads nothing; no address
    PAYER = 6  # the same for who pays: reimbursements only
    BRIDGE = 7  # a structure that files into records

    @property
    def is_structure(self) -> bool:
        """A machine of a structure, never shown as a clinician."""
        return self in (InviteeKind.STRUCTURE, InviteeKind.DEPOSITOR, InviteeKind.PAYER, InviteeKind.BRIDGE)

    @property
    def has_mailbox(self) -> bool:
        return self not in _WITHOUT_MAILBOX

    @property
    def deposits_only(self) -> bool:
        return self in (InviteeKind.DEPOSITOR, InviteeKind.PAYER)


_WITHOUT_MAILBOX = frozenset({InviteeKind.PATIENT, InviteeKind.DEPOSITOR, InviteeKind.PAYER})


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the registrar vouches for. `name` is the display name; times are ms UTC."""

    code_pk: bytes
    kind: InviteeKind
    identifier: str
    name: str
    profession: str
    address: str
    issued: int
    not_after: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """An invitation with the registrar's signature, as received."""

    raw: bytes
    invitation: Invitation


def issue(invitation: Invitation, registrar: SigningKey) -> Certificate:
    unsigned = b"".join(
        (
            MAGIC,
            u16(SUITE),
            invitation.code_pk,
            u8(invitation.kind),
            text(invitation.identifier),
            text(invitation.name),
            text(invitation.profession),
            text(invitation.address),
            u64(invitation.issued),
            u64(invitation.not_after),
        )
    )
    return Certificate(unsigned + registrar.sign(Label.INVITATION, unsigned), invitation)


def verify_certificate(raw: bytes, registrar_pk: bytes) -> Certificate:
    """Raises DirectoryError: octets-malformed, protocol-newer, signature-wrong, key-unsafe."""
    reader = Reader(raw, "invitation certificate")
    reader.magic(MAGIC)
    if reader.u16("suite") != SUITE:
        raise DirectoryError("protocol-newer", what="invitation certificate")
    code_pk = reader.take(32, "code_pk")
    try:
        kind = InviteeKind(reader.u8("kind"))
    except ValueError:
        raise reader.fail("kind") from None
    invitation = Invitation(
        code_pk,
        kind,
        reader.text("identifier", 128),
        reader.text("name", 256),
        reader.text("profession", 256),
        reader.text("address", 320),
        reader.u64("issued"),
        reader.u64("not_after"),
    )
    signed_by = reader.take(SIGNATURE_SIZE, "signature")
    reader.end()
    signature.verify(registrar_pk, signed_by, Label.INVITATION, raw[:-SIGNATURE_SIZE])
    signature.verify_key(code_pk)
    return Certificate(raw, invitation)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A bind's opening: the certificate and the code's signature over account and head."""

    blind: bytes
    certificate: bytes
    proof: bytes

    def encode(self) -> bytes:
        return self.blind + var(self.certificate) + self.proof

    @property
    def commitment(self) -> bytes:
        """What the bind entry shows (CP1-3.8)."""
        return blinded(self.blind, var(self.certificate) + self.proof)


def prove(certificate: bytes, code: SigningKey, account: bytes, head: bytes, blind: bytes) -> Evidence:
    """Name the account (as it stands at `head`) with the code's key."""
    proof = code.sign(Label.BIND, account, head, digest.labelled(Label.INVITATION_ID, certificate))
    return Evidence(blind, certificate, proof)


def parse_evidence(raw: bytes) -> Evidence:
    reader = Reader(raw, "bind evidence")
    evidence = Evidence(
        reader.take(32, "blind"),
        reader.var("certificate", MAX_EVIDENCE),
        reader.take(SIGNATURE_SIZE, "proof"),
    )
    reader.end()
    return evidence


def verify_bind(evidence: Evidence, state: AccountState, registrar_pk: bytes) -> Invitation:
    """The professional behind `state`: the certificate's words, proven for this very account.

    Raises DirectoryError: bind-unknown, and what `verify_certificate` raises. No verified bind, no RPPS shown.
    """
    for bind in state.binds:
        if bind.blinded == evidence.commitment:
            break
    else:
        raise DirectoryError("bind-unknown")
    certificate = verify_certificate(evidence.certificate, registrar_pk)
    # A machine is bound to a structure and is never shown as a clinician.
    if (state.kind is AccountKind.SERVICE) is not certificate.invitation.kind.is_structure:
        raise DirectoryError("bind-unknown")
    signature.verify(
        certificate.invitation.code_pk,
        evidence.proof,
        Label.BIND,
        state.account,
        bind.head_before,
        digest.labelled(Label.INVITATION_ID, evidence.certificate),
    )
    return certificate.invitation
