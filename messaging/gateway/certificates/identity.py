"""Under which certificate the gateway serves TLS: its own, made and renewed by itself, or a real one that was given.

The folder of the gateway's own holds `authority.pem` and `server.pem` (each a key with its certificate, readable by the
gateway's user alone) and what is handed out: `ca.pem`, and `ca.cer` (DER) for Windows and macOS. Asking again is cheap
and changes nothing that still serves; a gateway asks each minute. Whether clients imported the authority is not
known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from messaging.errors import MessagingError
from messaging.gateway.certificates.authority import (
    Names,
    Pair,
    authority_serves,
    make_authority,
    make_server,
    server_serves,
)
from messaging.gateway.certificates.files import PRIVATE, PUBLIC, read, write

AUTHORITY: Final = "authority.pem"
SERVER: Final = "server.pem"
TRUSTED_PEM: Final = "ca.pem"
TRUSTED_DER: Final = "ca.cer"


@dataclass(frozen=True, slots=True)
class Identity:
    """`chain` and `key` are PEM files, the server's certificate first in `chain`; they may be one file. `trusted` is
    what mail programs must be given to believe it, None for a real certificate. `until` is its end."""

    chain: Path
    key: Path
    until: datetime
    trusted: Path | None
    renewed: bool  # the certificate is another one than before: contexts load it again
    to_import: bool  # the authority is another one than before: mail programs must be given it


def ensure(folder: Path, names: Sequence[str], now: datetime) -> Identity:
    """The gateway's own identity for `names` (host names and IP addresses; this machine's own are always among them).

    The authority is kept as long as it may vouch for these names and lives long enough; where not, it is made again
    with the same key. The server certificate is made again 30 days before its end, when the names change, and when the
    clock stands before its beginning. `now` has a time zone.

    MessagingError certificate-unreadable where the authority is spoiled (what somebody imported is never replaced in
    silence) or a file cannot be written. ValueError for a name that is none."""
    wanted = Names.of(names)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = _kept(folder / AUTHORITY)
        authority = before
        if authority is None or not authority_serves(authority, wanted, now):
            authority = make_authority(wanted, now, before.key if before else None)
            write(folder / AUTHORITY, authority.pem(), PRIVATE)
        _hand_out(folder, authority.certificate)
        server = _server(folder / SERVER, authority, wanted, now)
        renewed = server is None
        if server is None:
            server = make_server(authority, wanted, now)
            write(folder / SERVER, server.pem(), PRIVATE)
    except (OSError, ValueError, x509.ExtensionNotFound):
        raise MessagingError("certificate-unreadable") from None
    file = folder / SERVER
    until = server.certificate.not_valid_after_utc
    return Identity(file, file, until, folder / TRUSTED_PEM, renewed, authority is not before)


def given(chain: Path, key: Path, now: datetime) -> Identity:
    """A real certificate, with its chain, as the practice got it. One that is not valid yet is taken: it is more often
    the clock that is wrong.

    MessagingError certificate-unreadable (no PEM, a key that is locked or belongs to another certificate),
    certificate-expired with its `date`."""
    try:
        certificate = x509.load_pem_x509_certificates(read(chain))[0]
        secret = serialization.load_pem_private_key(read(key), password=None)
        fits = secret.public_key() == certificate.public_key()
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise MessagingError("certificate-unreadable") from None
    if not fits:
        raise MessagingError("certificate-unreadable")
    until = certificate.not_valid_after_utc
    if until <= now:
        raise MessagingError("certificate-expired", date=until.astimezone(UTC).date().isoformat())
    return Identity(chain, key, until, trusted=None, renewed=False, to_import=False)


@dataclass(frozen=True, slots=True)
class Looked:
    """A server certificate as it lies in a file: its end, the names and addresses that it is for, in lower case."""

    until: datetime
    names: frozenset[str]


def looked_at(chain: Path) -> Looked:
    """The first certificate of a PEM file. MessagingError certificate-unreadable."""
    try:
        certificate = x509.load_pem_x509_certificates(read(chain))[0]
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = alternative.get_values_for_type(x509.DNSName)
        addresses = alternative.get_values_for_type(x509.IPAddress)
    except (OSError, ValueError, x509.ExtensionNotFound):
        raise MessagingError("certificate-unreadable") from None
    return Looked(certificate.not_valid_after_utc, frozenset([*map(str.lower, names), *map(str, addresses)]))


def _kept(file: Path) -> Pair | None:
    """ValueError where it holds no key with its certificate."""
    try:
        octets = read(file)
    except FileNotFoundError:
        return None
    certificate = x509.load_pem_x509_certificate(octets)
    key = serialization.load_pem_private_key(octets, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise ValueError("the key of another certificate")
    return Pair(certificate, key)


def _server(file: Path, authority: Pair, wanted: Names, now: datetime) -> Pair | None:
    """The one of before where it still serves. Nobody imports it, so a spoiled one is simply made again."""
    try:
        server = _kept(file)
        return server if server and server_serves(server, authority, wanted, now) else None
    except (ValueError, x509.ExtensionNotFound):
        return None


def _hand_out(folder: Path, certificate: x509.Certificate) -> None:
    encodings = {TRUSTED_PEM: serialization.Encoding.PEM, TRUSTED_DER: serialization.Encoding.DER}
    for name, encoding in encodings.items():
        file, octets = folder / name, certificate.public_bytes(encoding)
        if not file.exists() or read(file) != octets:
            write(file, octets, PUBLIC)
