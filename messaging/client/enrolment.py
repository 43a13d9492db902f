"""From an invitation code to a person, a first device, a paper device and a mailbox (CP1-3.11, CP1-8.2).

The profile is written before anything is sent, and the same octets are sent again after an interruption, so that a
code is never spent on keys that were lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from directory.accounts import bind, change, invitation_code
from directory.accounts.authoring import Authoring, Seed
from directory.accounts.bind import Invitation
from directory.accounts.entry import NO_ACCOUNT, AccountKind, Device, DeviceKind
from directory.accounts.grants import ORDINARY_CLASSES
from directory.primitives import kem, selftest_sealing, signature
from directory.primitives.passphrase import Cost
from directory.primitives.signature import SigningKey
from messaging.client.accounts import AccountCache
from messaging.client.environment import Environment
from messaging.client.service import Service, b64, octet_list, octets_field, unb64
from messaging.errors import MessagingError
from messaging.profile import identity as identities
from messaging.profile import keys
from messaging.profile.identity import Identity
from messaging.profile.store import Profile
from messaging.protocol import paper

if TYPE_CHECKING:
    from sqlalchemy import Connection

IDENTITY = "identity"
RECOVERY = "recovery-code"
_PENDING = "pending-enrolment"


@dataclass(frozen=True, slots=True)
class Enrolled:
    identity: Identity
    recovery: str


@dataclass(frozen=True, slots=True)
class _Pending:
    identity: Identity
    octets: bytes
    seeds: tuple[tuple[str, int, int, str], ...]

    def encode(self) -> bytes:
        plain = {
            "identity": self.identity.encode().decode(),
            "octets": b64(self.octets),
            "seeds": self.seeds,
        }
        return json.dumps(plain).encode()


def _decode(raw: bytes) -> _Pending:
    plain = json.loads(raw)
    return _Pending(
        identities.decode(plain["identity"].encode()),
        unb64(plain["octets"]),
        tuple((owner, class_, g, seed) for owner, class_, g, seed in plain["seeds"]),
    )


def verify_server(url: str) -> str:
    """The server's base URL. Raises MessagingError("server-url-wrong"): http is for loopback only."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # which is read only now, and may be no port
    except ValueError:
        raise MessagingError("server-url-wrong") from None
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme not in ("https", "http") or not parts.hostname or (parts.scheme == "http" and not local):
        raise MessagingError("server-url-wrong")
    return url.rstrip("/")


async def enrol(
    server: str,
    folder: Path,
    passphrase: str,
    typed_code: str,
    cost: Cost,
    environment: Environment,
    kept: Mapping[str, bytes] = MappingProxyType({}),
) -> Enrolled:
    """Enrol with a code, or finish an enrolment that was interrupted in this very profile.

    `kept` is put into the new profile with its keys, by name, before anything is sent.
    Raises DirectoryError("invitation-code-malformed"), MessagingError: profile-exists, server-url-wrong,
    service-unreachable, protocol-newer; ServiceRefusal: invitation-unknown, -expired, -used.
    """
    selftest_sealing.run()
    code = invitation_code.signing_key(invitation_code.parse(typed_code))
    server = verify_server(server)
    async with Service(server, environment) as service:
        if Profile.exists(folder):
            profile = await Profile.open(folder, passphrase, environment.entropy)
            try:
                raw = await profile.run(lambda c: profile.kept(c, _PENDING))
                if raw is None:
                    raise MessagingError("profile-exists")
                return await _finish(profile, service, code.public, _decode(raw))
            finally:
                await profile.close()
        pending, recovery = await _prepare(service, server, code, environment)
        profile = await Profile.create(folder, passphrase, cost, environment.entropy)
        try:

            def keep(connection: Connection) -> None:
                profile.keep(connection, _PENDING, pending.encode())
                profile.keep(connection, RECOVERY, recovery.encode())
                for name, octets in kept.items():
                    profile.keep(connection, name, octets)

            await profile.run(keep)
            return await _finish(profile, service, code.public, pending)
        finally:
            await profile.close()


async def pins_of(service: Service) -> tuple[bytes, bytes]:
    """The keys that a new profile pins, the service's and its registrar's. Raises MessagingError("suite-newer")."""
    policy = await service.json("GET", "/api/policy")
    if not isinstance(policy, dict) or policy.get("protocol") != "CP1" or policy.get("suite") != 1:
        raise MessagingError("suite-newer", what="service")
    service_pk = signature.verify_key(octets_field(policy, "service_pk"))
    return service_pk, signature.verify_key(octets_field(policy, "registrar_pk"))


async def _prepare(
    service: Service, server: str, code: SigningKey, environment: Environment
) -> tuple[_Pending, str]:
    service_pk, registrar_pk = await pins_of(service)
    answer = await service.json(
        "POST", "/api/invitations/look-up", document={"code_pk": b64(code.public)}
    )
    certificate = bind.verify_certificate(octets_field(answer, "certificate"), registrar_pk)
    invitation = certificate.invitation
    if invitation.code_pk != code.public:
        raise MessagingError("service-answer-wrong")
    return _author(server, certificate.raw, invitation, code, service_pk, registrar_pk, environment)


def _author(
    server: str,
    certificate: bytes,
    invitation: Invitation,
    code: SigningKey,
    service_pk: bytes,
    registrar_pk: bytes,
    environment: Environment,
) -> tuple[_Pending, str]:
    structure = invitation.kind.is_structure
    entropy = environment.entropy
    signing, kem_seed = SigningKey(entropy(32)), entropy(kem.SEED_SIZE)
    device = Device(entropy(16), DeviceKind.SDK, signing.public, kem.public_key(kem_seed))
    recovery = entropy(paper.CODE_SIZE)
    on_paper = paper.paper_device(recovery)
    author = Authoring({}, NO_ACCOUNT, device.id, signing, environment.now())
    account = author.open_person(AccountKind.SERVICE if structure else AccountKind.PERSON, device)
    author.add_device(on_paper.device, on_paper.signing, [])
    seeds = [(account, Seed(0, 1, entropy(kem.SEED_SIZE)))]
    author.rotate_person(seeds[0][1].seed, None)
    evidence = bind.prove(certificate, code, account, author.lookup(account).head, entropy(32))
    author.bind(evidence.encode(), evidence.commitment)
    mailbox = account  # a patient and a depositor have no mailbox of their own
    if invitation.kind.has_mailbox:
        kind = AccountKind.ORGANISATION_MAILBOX if structure else AccountKind.PERSONAL_MAILBOX
        mailbox = author.open_mailbox(kind, entropy(16))
        for class_ in ORDINARY_CLASSES:
            held = Seed(class_, 1, entropy(kem.SEED_SIZE))
            author.rotate_class(mailbox, class_, held.seed, None, [account])
            seeds.append((mailbox, held))
    identity = Identity(
        server=server,
        account=account,
        device=device.id,
        sign_seed=signing.seed,
        kem_seed=kem_seed,
        mailbox=mailbox,
        address=invitation.address,
        name=invitation.name,
        profession=invitation.profession,
        service_pk=service_pk,
        registrar_pk=registrar_pk,
    )
    listed = tuple((owner.hex(), held.class_, held.g, held.seed.hex()) for owner, held in seeds)
    return _Pending(identity, author.octets, listed), paper.write_code(recovery)


async def _finish(profile: Profile, service: Service, code_pk: bytes, pending: _Pending) -> Enrolled:
    answer = await service.request("POST", "/api/enrolments", octets=code_pk + pending.octets)
    proofs = octet_list(answer)
    entries = [made.entry for made in change.parse(pending.octets)]
    if len(entries) != len(proofs):
        raise MessagingError("service-answer-wrong")
    identity = pending.identity
    accounts = AccountCache(profile, service, identity)
    await accounts.adopt(zip(entries, proofs, strict=True))

    def keep(connection: Connection) -> None:
        for owner, class_, g, seed in pending.seeds:
            keys.save_seed(profile, connection, bytes.fromhex(owner), class_, g, bytes.fromhex(seed))
        profile.keep(connection, IDENTITY, identity.encode())
        profile.forget(connection, _PENDING)

    await profile.run(keep)
    recovery = await profile.run(lambda c: profile.kept(c, RECOVERY))
    return Enrolled(identity, (recovery or b"").decode())


async def confirm_recovery(profile: Profile, identity: Identity, typed: str) -> Identity:
    """The owner has the sheet: its code is typed back, then forgotten here.

    Raises MessagingError("recovery-not-confirmed") when it is another code.
    """
    kept = await profile.run(lambda c: profile.kept(c, RECOVERY))
    if kept is None:
        return replace(identity, recovery_confirmed=True)
    if paper.read_code(typed) != paper.read_code(kept.decode()):
        raise MessagingError("recovery-not-confirmed")
    confirmed = replace(identity, recovery_confirmed=True)

    def keep(connection: Connection) -> None:
        profile.keep(connection, IDENTITY, confirmed.encode())
        profile.forget(connection, RECOVERY)

    await profile.run(keep)
    return confirmed
