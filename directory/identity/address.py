"""Addresses of the exchange, `local@domain` (CP1 section 2): how one is made from a name, and read.

ASCII lower case only, so that one mailbox has one spelling; the domain is in A-label form (RFC 5890). No plus
tags, quoting or comments (RFC 5321 allows them, and each is a second spelling). Whether anybody answers is
not known here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from directory.errors import DirectoryError
from directory.identity.folding import fold
from directory.identity.rpps import Rpps

_LOCAL = re.compile(r"[a-z0-9._-]{1,64}", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_UNUSABLE = re.compile(r"[^a-z0-9]+")
_LOCAL_LENGTH = 64
_DOMAIN_LENGTH = 253
_RPPS_SUFFIX = 12  # a dot and eleven digits: what the longest candidate adds


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A mailbox's address; `str()` gives the one way to write it."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def parse_address(text: str) -> Address:
    """The address that `text` spells exactly, without folding anything; else `address-invalid`."""
    local, at, domain = text.partition("@")
    if not at or not _LOCAL.fullmatch(local):
        raise DirectoryError("address-invalid")
    return Address(local, parse_domain(domain))


def parse_domain(text: str) -> str:
    """A domain of A-labels, lower case, no trailing dot, not an IP address; else `address-invalid`."""
    labels = text.split(".")
    if len(text) > _DOMAIN_LENGTH or not all(map(_is_a_label, labels)) or labels[-1].isdigit():
        raise DirectoryError("address-invalid")
    return text


def _is_a_label(label: str) -> bool:
    if not _LABEL.fullmatch(label):
        return False
    if not label.startswith("xn--"):
        return label[2:4] != "--"  # reserved for encodings that do not exist (RFC 5890 section 2.3.1)
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
        again = decoded.encode("punycode").decode("ascii")
        return again == label[4:] and not decoded.isascii() and decoded.isprintable()
    except UnicodeError:
        return False


def local_parts(given: str, family: str, rpps: Rpps) -> tuple[str, str, str]:
    """The local parts to try in order: given.family, with the RPPS's last four digits, with all eleven.

    The third is taken by nobody else, since no two people share an RPPS. A name without a Latin letter gives
    the RPPS alone.
    """
    words = ".".join(filter(None, (_local_word(given), _local_word(family))))
    plain = words[: _LOCAL_LENGTH - _RPPS_SUFFIX].rstrip(".-") or str(rpps)
    return plain, f"{plain}.{rpps[-4:]}", f"{plain}.{rpps}"


def _local_word(name: str) -> str:
    folded = unicodedata.normalize("NFKD", fold(name)).encode("ascii", "ignore").decode("ascii")
    return _UNUSABLE.sub("-", folded).strip("-")
