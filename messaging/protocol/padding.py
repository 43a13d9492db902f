"""Padmé lengths (Nikitin et al., PURBs, 2019): at most 12 % larger, and few distinct sizes (CP1-5.4, CP1-6.3)."""

from __future__ import annotations

from messaging.errors import MessagingError

TAG = 16
SMALLEST = 64
_MARK = b"\x80"


def padme(length: int) -> int:
    """The Padmé length for `length` >= 0."""
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1
    return (length + mask) & ~mask


def plaintext_size(content: int) -> int:
    """Octets of an event's padded plaintext for `content` octets of meta || sig || body."""
    return max(SMALLEST, padme(content + 1 + TAG)) - TAG


def pad(content: bytes) -> bytes:
    return content + _MARK + bytes(plaintext_size(len(content)) - len(content) - 1)


def unpad(padded: bytes) -> bytes:
    """The content of exactly the size that `pad` gives it. Raises MessagingError("padding-wrong")."""
    content = padded.rstrip(b"\x00")
    if not content.endswith(_MARK):
        raise MessagingError("padding-wrong")
    content = content[:-1]
    if plaintext_size(len(content)) != len(padded):
        raise MessagingError("padding-wrong")
    return content
