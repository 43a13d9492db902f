"""SHA-256 with a purpose label (CP1-1.6). The unlabelled form is for the exempt inputs only."""

from __future__ import annotations

import hashlib

from directory.primitives.labels import Label

SIZE = 32
ZERO = bytes(SIZE)


def labelled(label: Label, *parts: bytes) -> bytes:
    """SHA-256(label || parts...): 32 octets. The caller's parts must parse unambiguously when joined."""
    state = hashlib.sha256(label)
    for part in parts:
        state.update(part)
    return state.digest()


def sha256(data: bytes) -> bytes:
    """Plain SHA-256, for inputs that CP1-1.6 exempts from labels (a ciphertext, an RFC 6962 node)."""
    return hashlib.sha256(data).digest()
