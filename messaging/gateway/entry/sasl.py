"""What a mail program says of itself when it logs in: SASL PLAIN (RFC 4616), LOGIN's two halves, XOAUTH2.

Base64 is RFC 4422's, strict. Whether the user is known and the password right is a porter's business.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Final

MECHANISMS: Final = ("PLAIN", "LOGIN", "XOAUTH2")
LONGEST_LINE: Final = 12_288  # octets, RFC 4954 section 4
REFUSED_TOKEN: Final = b'{"status":"401","schemes":"bearer","scope":""}'  # what XOAUTH2 is told before its failure


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """`secret` is an app password, or a bearer token."""

    user: str
    secret: str
    bearer: bool = False


def decoded(line: bytes) -> bytes:
    """The octets of a base64 response; a lone `=` is an empty one (RFC 4954 section 4). ValueError."""
    if line == b"=":
        return b""
    try:
        return b64decode(line, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None


def encoded(challenge: bytes) -> bytes:
    return b64encode(challenge)


def plain(octets: bytes) -> Credentials:
    """RFC 4616 section 2. Nobody acts for somebody else: an authorization identity is empty or the user's own.
    ValueError."""
    identity, user, password = _texts(octets.split(b"\0"), 3)
    if identity and identity.casefold() != user.casefold():
        raise ValueError("another authorization identity")
    return Credentials(user, password)


def login(user: bytes, password: bytes) -> Credentials:
    """The two answers of LOGIN. ValueError."""
    name, secret = _texts([user, password], 2)
    return Credentials(name, secret)


def xoauth2(octets: bytes) -> Credentials:
    """`user=` and `auth=Bearer ` between ^A, closed by two. ValueError."""
    user, bearer, *end = _texts(octets.split(b"\1"), 4)
    scheme, _, token = bearer.partition(" ")
    if end != ["", ""] or not user.startswith("user=") or scheme.casefold() != "auth=bearer" or not token:
        raise ValueError("not XOAUTH2")
    return Credentials(user.removeprefix("user="), token, bearer=True)


def _texts(parts: list[bytes], count: int) -> list[str]:
    if len(parts) != count:
        raise ValueError("too many or too few fields")
    try:
        return [part.decode("utf-8") for part in parts]
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
