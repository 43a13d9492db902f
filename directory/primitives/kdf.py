"""HKDF-SHA256 (RFC 5869) with a purpose label in front of `info` (CP1-1.6)."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from directory.primitives.labels import Label


def derive(secret: bytes, salt: bytes, label: Label, info: bytes, size: int) -> bytes:
    """`size` octets from a uniformly random `secret` (32 octets everywhere in CP1)."""
    return HKDF(algorithm=hashes.SHA256(), length=size, salt=salt, info=label + info).derive(secret)
