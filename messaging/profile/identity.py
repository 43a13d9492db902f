"""Who a profile is and what it pinned at enrolment: kept as one sealed JSON value."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from directory.primitives.signature import SigningKey
from messaging.errors import MessagingError

_OCTETS = ("account", "device", "sign_seed", "kem_seed", "mailbox", "service_pk", "registrar_pk")


@dataclass(frozen=True, slots=True)
class Identity:
    """`recovery_confirmed` says that the owner has put the recovery sheet away; `notify` is the e-mail for notices."""

    server: str
    account: bytes
    device: bytes
    sign_seed: bytes = field(repr=False)
    kem_seed: bytes = field(repr=False)
    mailbox: bytes
    address: str
    name: str
    profession: str
    service_pk: bytes
    registrar_pk: bytes
    recovery_confirmed: bool = False

    @property
    def signing(self) -> SigningKey:
        return SigningKey(self.sign_seed)

    def encode(self) -> bytes:
        plain = asdict(self)
        return json.dumps({k: v.hex() if isinstance(v, bytes) else v for k, v in plain.items()}).encode()


def decode(raw: bytes) -> Identity:
    """Raises MessagingError("profile-damaged")."""
    try:
        plain = json.loads(raw)
        known = {f.name for f in fields(Identity)}
        found: dict[str, Any] = {k: bytes.fromhex(v) if k in _OCTETS else v for k, v in plain.items() if k in known}
        return Identity(**found)
    except (ValueError, TypeError):
        raise MessagingError("profile-damaged") from None
