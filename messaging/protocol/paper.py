"""The paper device (CP1-8.2): a 160-bit recovery code is a device of kind `paper`, all of whose keys follow from it.

The code is written in Crockford's base32 (no I, L, O, U), eight groups of four; reading forgives case, spaces, hyphens
and the usual confusions.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from directory.accounts.entry import Device, DeviceKind
from directory.errors import DirectoryError
from directory.primitives import crockford, kdf, kem
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey

CODE_SIZE = 20
_LENGTH = 32
_GROUP = 4
_NO_SALT = bytes(32)


@dataclass(frozen=True, slots=True)
class PaperDevice:
    device: Device
    signing: SigningKey
    kem_seed: bytes = field(repr=False)


def write_code(code: bytes) -> str:
    """32 letters in groups of four for 20 octets."""
    return crockford.grouped(crockford.write(int.from_bytes(code, "big"), _LENGTH), _GROUP)


def read_code(text: str) -> bytes:
    """Raises DirectoryError("recovery-code-wrong")."""
    letters = crockford.canonical(text, _LENGTH)
    if letters is None:
        raise DirectoryError("recovery-code-wrong")
    return crockford.number_of(letters).to_bytes(CODE_SIZE, "big")


def paper_device(code: bytes) -> PaperDevice:
    """The same device from the same 20 octets, for ever."""
    derived = kdf.derive(code, _NO_SALT, Label.PAPER, b"", 16 + 32 + 32)
    identifier, sign_seed, kem_seed = derived[:16], derived[16:48], derived[48:]
    signing = SigningKey(sign_seed)
    device = Device(identifier, DeviceKind.PAPER, signing.public, kem.public_key(kem_seed))
    return PaperDevice(device, signing, kem_seed)
