"""The gateway's own authority and the server certificate that it vouches for (X.509, RFC 5280), as values.

A clinician imports the authority into a mail program or a system. What it could vouch for is therefore the least that
works: servers only, under the gateway's own names and addresses (name constraints, section 4.2.1.10), and no authority
below it. Files and clocks are other modules' business; nothing here revokes: a certificate lives for about a year.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE: Final = timedelta(days=3652)
SERVER_LIFE: Final = timedelta(days=396)  # with the day before: 397, the most that systems take
BACKDATED: Final = timedelta(days=1)  # for clients whose clock is behind
AUTHORITY_BACKDATED: Final = timedelta(days=366)  # for a clock that is set back: nobody imports it anew
RENEWED_BEFORE: Final = timedelta(days=30)
ALWAYS: Final = ("localhost", "127.0.0.1", "::1")
_AUTHORITY: Final = "Confrère mail gateway"
_NOWHERE: Final = "invalid"  # RFC 2606: permits no mail address and no URI that exists

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True, repr=False)
class Pair:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        """Both in one file, so that no crash leaves one without the other."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + self.certificate.public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True, slots=True)
class Names:
    """What the gateway is reached as; always this machine too."""

    dns: frozenset[str]
    addresses: frozenset[Address]

    @classmethod
    def of(cls, names: Sequence[str]) -> Names:
        """Host names (Unicode ones in their IDNA form) and IP addresses, in any order. ValueError for anything else."""
        dns, addresses = set(), set()
        for name in (*ALWAYS, *names):
            try:
                addresses.add(ipaddress.ip_address(name.strip("[]")))
            except ValueError:
                host = name.rstrip(".").encode("idna").decode("ascii").lower()
                if not host or any(not (c.isalnum() or c in "-.") for c in host):
                    raise
                dns.add(host)
        return cls(frozenset(dns), frozenset(addresses))

    def general(self) -> list[x509.GeneralName]:
        return [*map(x509.DNSName, sorted(self.dns)), *map(x509.IPAddress, sorted(self.addresses, key=_order))]


def _order(address: Address) -> tuple[int, int]:
    return address.version, int(address)


def make_authority(names: Names, now: datetime, key: ec.EllipticCurvePrivateKey | None = None) -> Pair:
    """An authority for these names alone. With the `key` of the one before, who imported that one still believes this
    one, within what it was imported for."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _AUTHORITY)])
    permitted: list[x509.GeneralName] = [
        *map(x509.DNSName, sorted(names.dns)),
        *(x509.IPAddress(ipaddress.ip_network(address)) for address in sorted(names.addresses, key=_order)),
        x509.RFC822Name(_NOWHERE),
        x509.UniformResourceIdentifier(_NOWHERE),
    ]
    builder = (
        _builder(subject, subject, key, now - AUTHORITY_BACKDATED, now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
    )
    return Pair(builder.sign(key, hashes.SHA256()), key)


def make_server(authority: Pair, names: Names, now: datetime) -> Pair:
    """A server certificate with a key of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    vouching = authority.key.public_key()
    builder = (
        _builder(subject, authority.certificate.subject, key, now - BACKDATED, now + SERVER_LIFE)
        .add_extension(x509.SubjectAlternativeName(names.general()), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(vouching), critical=False)
    )
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def authority_serves(authority: Pair, names: Names, now: datetime) -> bool:
    """Whether every name lies within what it may vouch for, and a server certificate made now ends before it does.

    One that is not valid yet still serves: a clock that was set back must not have everybody import anew."""
    constraints = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = constraints.permitted_subtrees or []
    dns = {one.value for one in permitted if isinstance(one, x509.DNSName)}
    networks = {one.value for one in permitted if isinstance(one, x509.IPAddress)}
    return (
        names.dns <= dns
        and all(ipaddress.ip_network(address) in networks for address in names.addresses)
        and now + SERVER_LIFE < authority.certificate.not_valid_after_utc
    )


def server_serves(server: Pair, authority: Pair, names: Names, now: datetime) -> bool:
    """Whether this certificate is the authority's, has exactly these names, is valid and is so for a while yet."""
    certificate = server.certificate
    alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    try:
        certificate.verify_directly_issued_by(authority.certificate)
    except Exception:  # a key of another sort, or a signature that does not hold: in both cases it is not ours
        return False
    return (
        list(alternative) == names.general()
        and certificate.not_valid_before_utc <= now
        and now < certificate.not_valid_after_utc - RENEWED_BEFORE
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
