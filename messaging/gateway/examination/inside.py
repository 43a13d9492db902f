"""What only the passphrase shows: app passwords that nobody uses, and, while no gateway holds the profile, whether this
device may still log in and what waits. Changes nothing of a mail; an older mail file is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from directory.errors import Category, Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.environment import Environment
from messaging.gateway.access import lock
from messaging.gateway.access.app_passwords import AppPasswords
from messaging.gateway.database.mail_database import MailDatabase
from messaging.gateway.examination.finding import Finding, found
from messaging.gateway.serving.record import Records


@dataclass(frozen=True, slots=True)
class Passwords:
    """`address` is whose mailbox it is, as far as the mail file tells."""

    address: str
    findings: Sequence[Finding]


async def passwords(profile: Path, secret: str, environment: Environment) -> Passwords:
    """Of a mail file of this version, whether the gateway runs or not. Raises as `lock.open_vault`."""
    database = await MailDatabase.open(profile)
    try:
        vault = await lock.open_vault(database, profile, secret, environment.entropy)
        listed = await AppPasswords(database, vault, environment.entropy, environment.now).names()
        address = await lock.owner(database, vault) or ""
    finally:
        await database.close()
    unused = [found("password-unused", name=one.name) for one in listed if one.last_used is None]
    return Passwords(address, unused if listed else [found("passwords-none")])


@dataclass(frozen=True, slots=True)
class Outbox:
    """Mails that a gateway accepted and that have not left, and since when (ms UTC); what was refused for good."""

    waiting: int
    since: int
    failed: int


@dataclass(frozen=True, slots=True)
class Inside:
    """Of a profile that nobody holds: its service's URL, what waits, whether the device may log in."""

    server: str
    outbox: Outbox
    findings: Sequence[Finding]


async def look(profile: Path, secret: str, environment: Environment) -> Inside:
    """Raises as `Endpoint`."""
    async with Endpoint(profile, secret, environment) as endpoint:
        records = await Records(endpoint.profile).still_open()
        outgoing = await endpoint.reading.waiting()
        outbox = Outbox(
            waiting=len(records),
            since=min((record.arrived for record in records), default=0),
            failed=sum(bool(one.failure) for one in outgoing),
        )
        me = endpoint.identity
        findings = []
        try:
            await endpoint.service.log_in(me.account, me.device, me.signing, me.service_pk)
            findings.append(found("device-well"))
        except Refusal as refused:
            if refused.id == "login-refused":
                findings.append(found("device-refused"))
            elif refused.category is not Category.UNREACHABLE:  # that it is away is said already
                findings.append(found("service-failing", failure=refused.id))
        return Inside(me.server, outbox, findings)
