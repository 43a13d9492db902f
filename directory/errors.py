"""Every way the directory refuses, with a stable id; the words live in `confrere/words`, never here.

An error carries *facts* (numbers, column names, clause ids) for the words; it never carries patient data,
a subject, a body or a key. `Refusal` is the shape that the other houses' roots share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Category(StrEnum):
    """Whose fault and what sort: the one thing that HTTP status, exit code and vectors are derived from."""

    MALFORMED = "malformed"  # bytes or a file that do not parse, or break a shape rule
    AUTHENTICITY = "authenticity"  # a signature, tag, commitment or key does not hold: never shown
    CONTINUITY = "continuity"  # authentic, but out of order, repeated or with a gap: shown with a notice
    RIGHTS = "rights"  # the signer or caller may not do this
    STALE = "stale"  # built on a state that has moved on; read again and retry
    CONFLICT = "conflict"  # exists already with other content, or is ambiguous
    UNKNOWN = "unknown"  # names something that does not exist
    LIMIT = "limit"  # too large, too many, too often
    UNSUPPORTED = "unsupported"  # a newer protocol, suite or reserved kind: update the client
    USAGE = "usage"  # a wrong command line, setting or file of the caller's
    UNREACHABLE = "unreachable"  # the network or the service is away; nothing is lost
    INTERNAL = "internal"  # ours


@dataclass(frozen=True, slots=True)
class Kind:
    """What the catalogue knows of an error id."""

    category: Category
    temporary: bool = False


class Refusal(Exception):
    """An error with a stable id. `facts` are safe to print, log and translate."""

    CATALOGUE: ClassVar[Mapping[str, Kind]] = {}

    def __init__(self, error_id: str, **facts: str | int) -> None:
        super().__init__(error_id)
        self.id = error_id
        self.kind = self.CATALOGUE[error_id]
        self.facts = facts

    def __reduce__(self) -> tuple[object, ...]:
        """From another process as it was, with its facts."""
        return _again, (type(self), self.id, self.facts)

    @property
    def category(self) -> Category:
        return self.kind.category

    def __str__(self) -> str:
        return self.id if not self.facts else f"{self.id} {self.facts}"


def _again(kind: type[Refusal], error_id: str, facts: Mapping[str, str | int]) -> Refusal:
    return kind(error_id, **facts)


class DirectoryError(Refusal):
    """Root of what the directory refuses."""

    CATALOGUE = {
        # octets and primitives
        "octets-malformed": Kind(Category.MALFORMED),
        "protocol-newer": Kind(Category.UNSUPPORTED),
        "tree-path-wrong": Kind(Category.AUTHENTICITY),
        "key-unsafe": Kind(Category.AUTHENTICITY),
        "signature-wrong": Kind(Category.AUTHENTICITY),
        "tag-wrong": Kind(Category.AUTHENTICITY),
        "wrap-wrong": Kind(Category.AUTHENTICITY),
        "sealing-unsupported": Kind(Category.UNSUPPORTED),
        "passphrase-cost-unsafe": Kind(Category.AUTHENTICITY),
        "selftest-failed": Kind(Category.INTERNAL),
        # account logs
        "entry-type-reserved": Kind(Category.UNSUPPORTED),
        "entry-foreign": Kind(Category.AUTHENTICITY),
        "entry-out-of-chain": Kind(Category.STALE),
        "entry-backdated": Kind(Category.CONTINUITY),
        "entry-not-for-this-account": Kind(Category.RIGHTS),
        "account-closed": Kind(Category.RIGHTS),
        "account-unknown": Kind(Category.UNKNOWN),
        "log-empty": Kind(Category.MALFORMED),
        "head-unknown": Kind(Category.AUTHENTICITY),
        "device-unknown": Kind(Category.AUTHENTICITY),
        "device-not-live": Kind(Category.RIGHTS),
        "device-kind-refused": Kind(Category.RIGHTS),
        "device-repeated": Kind(Category.CONFLICT),
        "class-unknown": Kind(Category.UNKNOWN),
        "generation-out-of-order": Kind(Category.STALE),
        "generation-key-wrong": Kind(Category.AUTHENTICITY),
        "rotations-too-many": Kind(Category.LIMIT),
        "key-reused": Kind(Category.AUTHENTICITY),
        "removal-unknown": Kind(Category.STALE),
        "removal-of-last": Kind(Category.RIGHTS),
        "paper-removal-too-early": Kind(Category.RIGHTS),
        "paper-objection-refused": Kind(Category.RIGHTS),
        "suite-lowered": Kind(Category.AUTHENTICITY),
        "claim-used": Kind(Category.CONFLICT),
        "record-opener-refused": Kind(Category.RIGHTS),
        "authority-missing": Kind(Category.RIGHTS),
        "authority-broken": Kind(Category.AUTHENTICITY),
        "authority-insufficient": Kind(Category.RIGHTS),
        "grant-not-live": Kind(Category.RIGHTS),
        "opening-wrong": Kind(Category.AUTHENTICITY),
        "wraps-root-wrong": Kind(Category.AUTHENTICITY),
        "receipt-tick-wrong": Kind(Category.AUTHENTICITY),
        "recovery-code-wrong": Kind(Category.MALFORMED),
        "bind-unknown": Kind(Category.AUTHENTICITY),
        # identity
        "rpps-invalid": Kind(Category.MALFORMED),
        "finess-invalid": Kind(Category.MALFORMED),
        "siren-invalid": Kind(Category.MALFORMED),
        "siret-invalid": Kind(Category.MALFORMED),
        "address-invalid": Kind(Category.MALFORMED),
        "patient-ins-malformed": Kind(Category.MALFORMED),
        "patient-ins-key-wrong": Kind(Category.MALFORMED),
        # extraction
        "extraction-no-header": Kind(Category.MALFORMED),
        "extraction-column-missing": Kind(Category.MALFORMED),
        "extraction-column-twice": Kind(Category.MALFORMED),
        "extraction-not-utf8": Kind(Category.MALFORMED),
        "extraction-unterminated": Kind(Category.MALFORMED),
        "extraction-empty": Kind(Category.MALFORMED),
        "extraction-too-many-bad-lines": Kind(Category.MALFORMED),
        "extraction-shrunk": Kind(Category.CONFLICT),
        "extraction-unreadable": Kind(Category.USAGE),
        "annuaire-missing": Kind(Category.UNKNOWN),
        "annuaire-outdated": Kind(Category.UNSUPPORTED),
        "annuaire-busy": Kind(Category.CONFLICT, temporary=True),
        # account submissions
        "entry-time-wrong": Kind(Category.CONTINUITY),
        "signer-not-caller": Kind(Category.RIGHTS),
        "wraps-recipients-wrong": Kind(Category.STALE),
        "grant-principal-refused": Kind(Category.RIGHTS),
        "grant-too-deep": Kind(Category.RIGHTS),
        "rotation-not-due": Kind(Category.RIGHTS),
        "removal-incomplete": Kind(Category.RIGHTS),
        "invitation-needed": Kind(Category.RIGHTS),
        # invitations and enrolment
        "registrar-key-missing": Kind(Category.USAGE),
        "register-busy": Kind(Category.CONFLICT, temporary=True),
        "invitation-code-malformed": Kind(Category.MALFORMED),
        "invitation-unknown": Kind(Category.UNKNOWN),
        "invitation-expired": Kind(Category.RIGHTS),
        "invitation-used": Kind(Category.CONFLICT),
        "invitation-replaced": Kind(Category.CONFLICT),
        "invitation-name-unusable": Kind(Category.USAGE),
        "rpps-unknown": Kind(Category.UNKNOWN),
        "rpps-enrolled": Kind(Category.CONFLICT),
        "structure-unknown": Kind(Category.UNKNOWN),
        "address-taken": Kind(Category.CONFLICT),
        "address-unknown": Kind(Category.UNKNOWN),
        "address-closed": Kind(Category.RIGHTS),
        "enrolment-shape-wrong": Kind(Category.MALFORMED),
        # access
        "login-refused": Kind(Category.AUTHENTICITY),
        "login-expired": Kind(Category.STALE),
        "token-missing": Kind(Category.AUTHENTICITY),
        "token-expired": Kind(Category.AUTHENTICITY, temporary=True),
        "session-recovery-only": Kind(Category.RIGHTS),
        "access-refused": Kind(Category.RIGHTS),
        "too-many-requests": Kind(Category.LIMIT, temporary=True),
    }
