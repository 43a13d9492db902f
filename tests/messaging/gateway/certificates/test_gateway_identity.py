"""The gateway's own authority (RFC 5280), its server certificate, and a real certificate in its place."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import os
import shutil
import ssl
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from messaging.errors import MessagingError
from messaging.gateway.certificates.authority import Names, Pair, make_server
from messaging.gateway.certificates.context import context, reload
from messaging.gateway.certificates.identity import ensure, given

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
NAMES = ("mail.cabinet.example", "192.168.1.20")
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


def certificate(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def authority(folder: Path) -> Pair:
    octets = (folder / "authority.pem").read_bytes()
    key = serialization.load_pem_private_key(octets, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Pair(x509.load_pem_x509_certificate(octets), key)


def openssl_verifies(folder: Path, leaf: Path, *more: str, at: dt.datetime = NOW) -> bool:
    command = ["openssl", "verify", "-x509_strict", "-attime", str(int(at.timestamp()))]
    result = subprocess.run([*command, *more, "-CAfile", folder / "ca.pem", leaf], capture_output=True)
    return result.returncode == 0


def signed_by(pair: Pair, *alternative: x509.GeneralName, ca: bool = False) -> tuple[x509.Certificate, Pair]:
    """What a thief of the authority's key would sign."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stolen")])
    builder = x509.CertificateBuilder(pair.certificate.subject, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
    builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(pair.key.public_key()), False)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    if alternative:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternative), critical=False)
    made = builder.sign(pair.key, hashes.SHA256())
    return made, Pair(made, key)


def test_rfc5280_4_2_the_authority_says_the_least_that_it_may(tmp_path: Path) -> None:
    ensure(tmp_path, NAMES, NOW)
    ca = certificate(tmp_path / "ca.pem")
    basic = ca.extensions.get_extension_for_class(x509.BasicConstraints)
    constraints = ca.extensions.get_extension_for_class(x509.NameConstraints)
    usage = ca.extensions.get_extension_for_class(x509.KeyUsage)
    permitted = constraints.value.permitted_subtrees or []
    assert basic.critical
    assert (basic.value.ca, basic.value.path_length) == (True, 0)
    assert constraints.critical
    assert [one.value for one in permitted if isinstance(one, x509.DNSName)] == ["localhost", "mail.cabinet.example"]
    assert {str(one.value) for one in permitted if isinstance(one, x509.IPAddress)} == {
        "127.0.0.1/32",
        "192.168.1.20/32",
        "::1/128",
    }
    assert usage.critical
    assert usage.value.key_cert_sign
    assert not usage.value.digital_signature
    assert isinstance(ca.public_key(), ec.EllipticCurvePublicKey)
    assert 3640 < (ca.not_valid_after_utc - NOW).days < 3660


def test_rfc5280_4_2_1_6_the_server_has_its_names_and_no_more_than_397_days(tmp_path: Path) -> None:
    identity = ensure(tmp_path, NAMES, NOW)
    leaf = certificate(identity.chain)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    purpose = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "mail.cabinet.example"]
    assert ipaddress.ip_address("192.168.1.20") in names.get_values_for_type(x509.IPAddress)
    assert list(purpose) == [x509.ExtendedKeyUsageOID.SERVER_AUTH]
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= 397 * DAY
    assert leaf.not_valid_before_utc == NOW - DAY
    assert identity.until == leaf.not_valid_after_utc


@needs_openssl
def test_openssl_believes_the_server_under_each_of_its_names(tmp_path: Path) -> None:
    leaf = ensure(tmp_path, NAMES, NOW).chain
    for host in ("localhost", "mail.cabinet.example"):
        assert openssl_verifies(tmp_path, leaf, "-purpose", "sslserver", "-verify_hostname", host)
    for address in ("127.0.0.1", "::1", "192.168.1.20"):
        assert openssl_verifies(tmp_path, leaf, "-purpose", "sslserver", "-verify_ip", address)
    assert not openssl_verifies(tmp_path, leaf, "-verify_hostname", "bank.example")


@needs_openssl
@pytest.mark.parametrize(
    "name",
    [
        x509.DNSName("bank.example"),
        x509.DNSName("cabinet.example"),
        x509.IPAddress(ipaddress.ip_address("192.168.1.21")),
        x509.RFC822Name("dr@cabinet.example"),
        x509.UniformResourceIdentifier("https://bank.example/"),
    ],
)
def test_a_stolen_authority_key_vouches_for_no_other_name(tmp_path: Path, name: x509.GeneralName) -> None:
    ensure(tmp_path, NAMES, NOW)
    file = tmp_path / "stolen.pem"
    own, _ = signed_by(authority(tmp_path), x509.DNSName("localhost"))
    file.write_bytes(own.public_bytes(serialization.Encoding.PEM))
    assert openssl_verifies(tmp_path, file)  # so that what follows is refused for its name
    made, _ = signed_by(authority(tmp_path), name)
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    assert not openssl_verifies(tmp_path, file)


@needs_openssl
def test_a_stolen_authority_key_makes_no_authority_below_it(tmp_path: Path) -> None:
    ensure(tmp_path, NAMES, NOW)
    below, pair = signed_by(authority(tmp_path), ca=True)
    leaf = make_server(pair, Names.of(()), NOW)
    (tmp_path / "below.pem").write_bytes(below.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "leaf.pem").write_bytes(leaf.certificate.public_bytes(serialization.Encoding.PEM))
    assert not openssl_verifies(tmp_path, tmp_path / "leaf.pem", "-untrusted", str(tmp_path / "below.pem"))


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_private_keys_are_their_owners_and_no_draft_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "identity"
    ensure(folder, NAMES, NOW)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert modes.keys() == {"authority.pem", "server.pem", "ca.pem", "ca.cer"}
    assert modes["authority.pem"] == modes["server.pem"] == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert b"PRIVATE" not in (folder / "ca.pem").read_bytes() + (folder / "ca.cer").read_bytes()


def test_the_der_export_is_the_same_certificate(tmp_path: Path) -> None:
    ensure(tmp_path, NAMES, NOW)
    assert x509.load_der_x509_certificate((tmp_path / "ca.cer").read_bytes()) == certificate(tmp_path / "ca.pem")


def test_asked_again_nothing_changes(tmp_path: Path) -> None:
    first = ensure(tmp_path, NAMES, NOW)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    again = ensure(tmp_path, tuple(reversed(NAMES)), NOW + 300 * DAY)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before
    assert (first.renewed, first.to_import) == (True, True)
    assert (again.renewed, again.to_import) == (False, False)


def test_thirty_days_before_its_end_the_server_certificate_is_renewed_under_the_same_authority(tmp_path: Path) -> None:
    first = ensure(tmp_path, NAMES, NOW)
    ca = (tmp_path / "ca.pem").read_bytes()
    assert not ensure(tmp_path, NAMES, first.until - 31 * DAY).renewed
    late = ensure(tmp_path, NAMES, first.until - 29 * DAY)
    assert late.renewed
    assert not late.to_import
    assert late.until > first.until + 300 * DAY
    assert (tmp_path / "ca.pem").read_bytes() == ca


def test_fewer_names_renew_the_server_alone_and_a_new_name_needs_a_new_import(tmp_path: Path) -> None:
    ensure(tmp_path, NAMES, NOW)
    key = certificate(tmp_path / "ca.pem").public_key()
    fewer = ensure(tmp_path, NAMES[:1], NOW)
    assert (fewer.renewed, fewer.to_import) == (True, False)
    other = ensure(tmp_path, (*NAMES, "autre.example"), NOW)
    assert (other.renewed, other.to_import) == (True, True)
    assert certificate(tmp_path / "ca.pem").public_key() == key


def test_an_authority_near_its_end_is_made_again(tmp_path: Path) -> None:
    ensure(tmp_path, NAMES, NOW)
    later = NOW + 9.5 * 365 * DAY
    assert ensure(tmp_path, NAMES, later).to_import
    assert certificate(tmp_path / "ca.pem").not_valid_after_utc > later + 3600 * DAY


@needs_openssl
def test_a_clock_set_back_renews_the_server_and_keeps_what_was_imported(tmp_path: Path) -> None:
    ensure(tmp_path, NAMES, NOW)
    imported = (tmp_path / "ca.pem").read_bytes()
    back = ensure(tmp_path, NAMES, NOW - 2000 * DAY)
    assert (back.renewed, back.to_import) == (True, False)
    right = ensure(tmp_path, NAMES, NOW)  # and when it is right again, all is well
    assert right.renewed
    assert (tmp_path / "ca.pem").read_bytes() == imported
    assert openssl_verifies(tmp_path, right.chain, at=NOW - 0.9 * DAY)


def test_a_spoiled_server_file_is_made_again_and_a_spoiled_authority_is_not(tmp_path: Path) -> None:
    ensure(tmp_path, NAMES, NOW)
    (tmp_path / "server.pem").write_bytes(b"half")
    assert ensure(tmp_path, NAMES, NOW).renewed
    ca = (tmp_path / "ca.pem").read_bytes()
    (tmp_path / "authority.pem").write_bytes((tmp_path / "authority.pem").read_bytes()[:200])
    with pytest.raises(MessagingError) as refused:
        ensure(tmp_path, NAMES, NOW)
    assert refused.value.id == "certificate-unreadable"
    assert (tmp_path / "ca.pem").read_bytes() == ca


@pytest.mark.parametrize("name", ["", "a b", "x@y", "*.cabinet.example", "a\nb", "é" * 80])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError):
        ensure(tmp_path, [name], NOW)


# --- a real certificate ---


def real(tmp_path: Path, until: dt.datetime = NOW + DAY, password: bytes = b"") -> tuple[Path, Path]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.cabinet.example")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(until - 90 * DAY).not_valid_after(until).sign(key, hashes.SHA256())
    (tmp_path / "chain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    octets = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    (tmp_path / "key.pem").write_bytes(octets)
    return tmp_path / "chain.pem", tmp_path / "key.pem"


def test_a_given_certificate_is_served_as_it_is(tmp_path: Path) -> None:
    chain, key = real(tmp_path)
    identity = given(chain, key, NOW)
    assert (identity.chain, identity.key, identity.trusted) == (chain, key, None)
    context(identity)


def test_a_given_certificate_that_ended_is_named_with_its_day(tmp_path: Path) -> None:
    with pytest.raises(MessagingError) as refused:
        given(*real(tmp_path, until=NOW), NOW)
    assert (refused.value.id, refused.value.facts) == ("certificate-expired", {"date": "2026-11-22"})


def test_a_given_key_of_another_certificate_a_locked_one_and_rubbish_are_unreadable(tmp_path: Path) -> None:
    chain, key = real(tmp_path)
    ensure(tmp_path / "own", NAMES, NOW)
    (tmp_path / "rubbish.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (tmp_path / "huge.pem").write_bytes(b"#" * (1 << 21) + chain.read_bytes())
    (tmp_path / "locked").mkdir()
    pairs = (
        (chain, tmp_path / "own" / "server.pem"),
        (chain, tmp_path / "missing.pem"),
        (tmp_path / "rubbish.pem", key),
        (tmp_path / "huge.pem", key),
        (chain, chain),
        real(tmp_path / "locked", password=b"secret"),
    )
    for one, other in pairs:
        with pytest.raises(MessagingError) as refused:
            given(one, other, NOW)
        assert refused.value.id == "certificate-unreadable"


# --- TLS ---


async def shown(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> bytes:
    """The certificate that a client is shown, in DER."""

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    listening = await asyncio.start_server(silent, "127.0.0.1", 0, ssl=server)
    port = listening.sockets[0].getsockname()[1]
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=name)
        found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        await reader.read()
        writer.close()
        return found
    finally:
        listening.close()


@pytest.mark.asyncio
async def test_a_renewed_certificate_is_served_without_a_restart(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    first = ensure(tmp_path, NAMES, now)
    live = context(first)
    client = ssl.create_default_context(cafile=first.trusted)
    before = await shown(live, client, "mail.cabinet.example")
    second = ensure(tmp_path, NAMES[:1], now)
    reload(live, second)
    after = await shown(live, client, "127.0.0.1")
    assert before != after
    assert x509.load_der_x509_certificate(after) == certificate(second.chain)


def test_rfc9325_3_no_old_version_no_compression_no_renegotiation(tmp_path: Path) -> None:
    live = context(ensure(tmp_path, NAMES, NOW))
    assert live.minimum_version == ssl.TLSVersion.TLSv1_2
    assert live.options & ssl.OP_NO_COMPRESSION
    assert live.options & ssl.OP_NO_RENEGOTIATION


@pytest.mark.asyncio
async def test_a_reload_that_fails_leaves_what_was_served(tmp_path: Path) -> None:
    identity = ensure(tmp_path, NAMES, dt.datetime.now(dt.UTC))
    live = context(identity)
    client = ssl.create_default_context(cafile=identity.trusted)
    before = await shown(live, client, "localhost")
    identity.chain.write_bytes(b"spoiled")
    with pytest.raises(MessagingError):
        reload(live, identity)
    assert await shown(live, client, "localhost") == before


def elliptic(folder: Path) -> tuple[Path, Path]:
    """Another real one, of another kind of key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.cabinet.example")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + DAY).sign(key, hashes.SHA256())
    file = folder / "elliptic.pem"
    file.write_bytes(Pair(made, key).pem())
    return file, file


@pytest.mark.asyncio
@pytest.mark.parametrize("kinds", [(real, elliptic), (elliptic, real)], ids=["from RSA", "to RSA"])
async def test_of_two_certificates_with_keys_of_two_kinds_the_later_is_served(tmp_path: Path, kinds) -> None:
    before, after = (given(*kind(tmp_path), NOW - DAY / 2) for kind in kinds)
    live = context(before)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    assert x509.load_der_x509_certificate(await shown(live, client, "localhost")) == certificate(before.chain)
    reload(live, after)
    assert x509.load_der_x509_certificate(await shown(live, client, "localhost")) == certificate(after.chain)


def test_whoever_imported_the_authority_believes_it_when_a_clock_is_set_back_by_months(tmp_path: Path) -> None:
    ensure(tmp_path, NAMES, NOW)
    earlier = NOW - 300 * DAY
    leaf = ensure(tmp_path, NAMES, earlier).chain
    assert all(certificate(file).not_valid_before_utc <= earlier for file in (tmp_path / "ca.pem", leaf))
