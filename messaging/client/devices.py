"""A person's devices (CP1-3.3, CP1-8): list, revoke a lost one everywhere at once, come back from the recovery
sheet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from directory.accounts.authoring import Authoring, Seed
from directory.accounts.entry import Device, DeviceKind
from directory.accounts.state import NEVER
from directory.primitives import kem, selftest_sealing, signature
from directory.primitives.passphrase import Cost
from directory.primitives.signature import SigningKey
from messaging.client.accounts import AccountCache
from messaging.client.delegation import Delegation
from messaging.client.enrolment import IDENTITY, verify_server
from messaging.client.environment import Environment
from messaging.client.intake import RENEWAL_DUE
from messaging.client.keyring import Keyring, OpenGrant
from messaging.client.service import Service, octets_field
from messaging.errors import MessagingError
from messaging.profile import identity as identities
from messaging.profile.identity import Identity
from messaging.profile.store import Profile
from messaging.protocol import paper

if TYPE_CHECKING:
    from sqlalchemy import Connection

_RENEWAL = "renewal"


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """`id` is hex; `since` and `until` are ms UTC, `until` None while the device is live."""

    id: str
    kind: str
    since: int
    until: int | None
    this: bool


def list_devices(accounts: AccountCache, identity: Identity) -> list[KnownDevice]:
    state = accounts.lookup(identity.account)
    times = {placed.tick: placed.time for placed in state.entries}
    return [
        KnownDevice(
            life.device.id.hex(),
            life.device.kind.name.lower(),
            times[life.added],
            None if life.removed == NEVER else times[life.removed],
            life.device.id == identity.device,
        )
        for life in state.devices.values()
    ]


async def revoke(
    typed: str,
    identity: Identity,
    environment: Environment,
    accounts: AccountCache,
    keyring: Keyring,
    delegation: Delegation,
) -> str:
    """Remove a device: the person's own key first, then every class she holds directly, in one submission (CP1-3.10).

    Gives the removed id (hex). Raises MessagingError: device-not-found, device-is-this-one; ServiceRefusal (a paper
    device goes only after its 72 hours' warning).
    """
    found = [
        device
        for device in list_devices(accounts, identity)
        if device.until is None and device.id.startswith(typed.strip().lower())
    ]
    if len(found) != 1 or len(typed.strip()) < 4:
        raise MessagingError("device-not-found")
    if found[0].this:
        raise MessagingError("device-is-this-one")
    state = accounts.lookup(identity.account)
    current = state.current(0)
    author = delegation.author()
    fresh = Seed(0, current.g + 1, environment.entropy(kem.SEED_SIZE))
    author.rotate_person(fresh.seed, keyring.seed(identity.account, 0, current.g), [bytes.fromhex(found[0].id)])
    made: list[tuple[bytes, Seed]] = [(identity.account, fresh)]
    for mailbox, held in keyring.held.items():
        grants: list[OpenGrant] = []
        if 0 in held.classes:
            grants = await keyring.open_grants(mailbox)
            await accounts.ensure(grant.payload.principal for grant in grants)
            author.states.update({k: v for k, v in accounts.states.items() if k not in author.states})
        for class_ in held.classes:
            made.append((mailbox, delegation.rotate(author, mailbox, class_, grants)))
    await delegation.publish(author)
    for owner, seed in made:
        await keyring.adopt(owner, [seed])
    return found[0].id


async def renew(
    profile: Profile,
    identity: Identity,
    environment: Environment,
    accounts: AccountCache,
    keyring: Keyring,
    delegation: Delegation,
) -> Identity:
    """A profile that was copied goes on as a device of its own (CP1-5.7), so that neither copy disturbs the other's
    order.

    The new keys are kept before they are announced, so an interruption is taken up where it was. The old device stays
    until its owner revokes it.
    """
    raw = await profile.run(lambda c: profile.kept(c, _RENEWAL))
    if raw is None:
        entropy = environment.entropy
        renewed = replace(
            identity, device=entropy(16), sign_seed=entropy(32), kem_seed=entropy(kem.SEED_SIZE)
        )
        await profile.run(lambda c: profile.keep(c, _RENEWAL, renewed.encode()))
    else:
        renewed = identities.decode(raw)
    if renewed.device not in accounts.lookup(identity.account).devices:
        signing = renewed.signing
        device = Device(renewed.device, DeviceKind.SDK, signing.public, kem.public_key(renewed.kem_seed))
        author = delegation.author()
        author.add_device(device, signing, keyring.seeds_with_history(identity.account, 0))
        await delegation.publish(author)

    def settle(connection: Connection) -> None:
        profile.keep(connection, IDENTITY, renewed.encode())
        profile.forget(connection, _RENEWAL)
        profile.forget(connection, RENEWAL_DUE)

    await profile.run(settle)
    return renewed


def _own_mailbox(account: bytes, address: str, accounts: AccountCache, keyring: Keyring) -> bytes:
    """The mailbox that this account opened itself: one that was only granted to it is somebody else's, whatever address
    the service gives it. Raises MessagingError("recovery-unknown")."""
    for held in keyring.held.values():
        if held.address == address and accounts.lookup(held.mailbox).manager == account and not held.payload:
            return held.mailbox
    raise MessagingError("recovery-unknown")


async def recover(
    server: str, folder: Path, passphrase: str, typed_code: str, cost: Cost, environment: Environment
) -> Identity:
    """A new device from the recovery sheet: the paper device signs it in, and everything is readable again.

    Raises DirectoryError("recovery-code-wrong"), MessagingError: profile-exists, recovery-unknown, service-unreachable.
    """
    if Profile.exists(folder):
        raise MessagingError("profile-exists")
    selftest_sealing.run()
    on_paper = paper.paper_device(paper.read_code(typed_code))
    server = verify_server(server)
    async with Service(server, environment) as service:
        policy = await service.json("GET", "/api/policy")
        service_pk = signature.verify_key(octets_field(policy, "service_pk"))
        registrar_pk = signature.verify_key(octets_field(policy, "registrar_pk"))
        try:
            account = await service.log_in(None, on_paper.device.id, on_paper.signing, service_pk)
        except MessagingError as refused:
            if refused.id == "service-unreachable":
                raise
            raise MessagingError("recovery-unknown") from None
        entropy = environment.entropy
        signing, kem_seed = SigningKey(entropy(32)), entropy(kem.SEED_SIZE)
        device = Device(entropy(16), DeviceKind.SDK, signing.public, kem.public_key(kem_seed))
        profile = await Profile.create(folder, passphrase, cost, entropy)
        try:
            as_paper = Identity(
                server, account, on_paper.device.id, on_paper.signing.seed, on_paper.kem_seed, b"", "", "", "",
                service_pk, registrar_pk, True,
            )  # fmt: skip
            accounts = AccountCache(profile, service, as_paper)
            keyring = Keyring(profile, service, as_paper, environment, accounts)
            await keyring.refresh()
            delegation = Delegation(service, as_paper, environment, accounts, keyring)
            author: Authoring = delegation.author()
            author.add_device(device, signing, keyring.seeds_with_history(account, 0))
            await delegation.publish(author)
            professional = await accounts.professional(account)
            own = account  # a patient and a depositor have no mailbox of their own; a record is not one
            if professional.kind.has_mailbox:
                own = _own_mailbox(account, professional.address, accounts, keyring)
            identity = Identity(
                server, account, device.id, signing.seed, kem_seed, own, professional.address, professional.name,
                professional.profession, service_pk, registrar_pk, True,
            )  # fmt: skip
            await profile.run(lambda c: profile.keep(c, IDENTITY, identity.encode()))
        finally:
            await profile.close()
    return identity
