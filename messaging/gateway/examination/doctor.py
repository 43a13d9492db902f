"""The doctor: looks at one mailbox's gateway from all sides, running or not, and says what it found. Mends nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from directory.errors import Refusal
from messaging.client.environment import Environment
from messaging.errors import MessagingError
from messaging.gateway.certificates import identity as identities
from messaging.gateway.certificates.identity import SERVER
from messaging.gateway.examination import doors, folder, inside, running, service
from messaging.gateway.examination.finding import Finding, Grade, found
from messaging.gateway.examination.holder import Holder, holder_of
from messaging.gateway.examination.inside import Outbox
from messaging.gateway.examination.running import Said
from messaging.gateway.setup import posted
from messaging.gateway.setup.posted import FOLDER, Posted

_ENDS_SOON: Final = timedelta(days=14)  # an own one is renewed 30 days before
_LATE_MS: Final = 4 * 3_600_000
_FAILURES_OF_DEVICE: Final = frozenset({"login-refused"})


@dataclass(frozen=True, slots=True)
class Examined:
    """Whose gateway is looked at. `secret` is empty where nobody gave the passphrase; `certificate` a real one's file;
    `names` what other machines call this one."""

    profile: Path
    secret: str
    certificate: Path | None
    names: Sequence[str]


async def examine(examined: Examined, environment: Environment) -> list[Finding]:
    """Everything, in the order in which a person would ask. Raises MessagingError("profile-missing") alone."""
    profile = examined.profile
    if not (profile / "profile.db").exists():
        raise MessagingError("profile-missing")
    findings = [*folder.permissions(profile), *folder.disk(profile), *await asyncio.to_thread(_mail, profile)]
    healthy = not any(one.id in ("mail-missing", "mail-older", "mail-newer", "mail-damaged") for one in findings)
    address = ""
    if examined.secret and healthy:
        try:
            known = await inside.passwords(profile, examined.secret, environment)
        except Refusal as refused:
            if refused.id == "passphrase-wrong":
                return [*findings, found("passphrase-wrong")]
            findings.append(found("mail-damaged" if refused.id == "mail-store-damaged" else "passwords-unknown"))
        else:
            address, findings = known.address, [*findings, *known.findings]
    elif not examined.secret:
        findings.append(found("passwords-unknown"))
    there = posted.read(profile)
    said = await running.ask(there) if there else None
    holder = await asyncio.to_thread(holder_of, profile / "profile.db")
    if holder is not None and said is not None and there is not None and holder.process in (0, said.process):
        findings.append(found("gateway-running", process=str(said.process)))
        findings += await doors.look(there, said.authority)
        findings += _identity_until(said.certificate_until, environment)
        findings += await _served(said, address, environment)
    else:
        findings += _held(holder, there)
        findings += _identity(examined, environment)
        if holder is None:
            findings += await _unlocked(examined, environment)
    return findings


def wrong(findings: Sequence[Finding]) -> list[Finding]:
    return [one for one in findings if one.grade is Grade.WRONG]


def _mail(profile: Path) -> list[Finding]:
    return list(folder.mail(profile))


def _held(holder: Holder | None, there: Posted | None) -> Iterator[Finding]:
    if holder is None:
        yield found("profile-free")
        yield found("gateway-stopped")
    elif there is not None and holder.process == there.process:
        yield found("gateway-silent", process=str(holder.process))
    elif not holder.process:
        yield found("profile-in-use")
    else:
        yield found("profile-locked", process=str(holder.process), command=holder.command)


async def _served(said: Said, address: str, environment: Environment) -> list[Finding]:
    """By a gateway that runs; of all its mailboxes where it is not known which is meant."""
    findings = await service.look(said.server, environment)
    boxes = [box for box in said.mailboxes if box.address == address] or list(said.mailboxes)
    for box in boxes:
        if box.failure in _FAILURES_OF_DEVICE:
            findings.append(found("device-refused"))
        elif box.failure and box.failure != "service-unreachable":
            findings.append(found("service-failing", failure=box.failure))
        elif not box.failure:
            findings.append(found("device-well"))
        findings += _waiting(Outbox(box.waiting, box.waiting_since, box.failed), environment)
    return findings


async def _unlocked(examined: Examined, environment: Environment) -> list[Finding]:
    if not examined.secret:
        return [found("service-unknown")]
    try:
        seen = await inside.look(examined.profile, examined.secret, environment)
    except Refusal as refused:
        if refused.id == "profile-locked":  # by somebody who came meanwhile
            return [found("profile-in-use")]
        if refused.id == "passphrase-wrong":
            return [found("passphrase-wrong")]
        return [found("profile-unreadable", failure=refused.id)]
    return [*await service.look(seen.server, environment), *seen.findings, *_waiting(seen.outbox, environment)]


def _waiting(outbox: Outbox, environment: Environment) -> Iterator[Finding]:
    if outbox.failed:
        yield found("mails-failed", count=outbox.failed)
    if not outbox.waiting:
        yield found("mails-none-waiting")
        return
    late = environment.now() - outbox.since > _LATE_MS
    yield found("mails-late" if late else "mails-waiting", count=outbox.waiting, since=outbox.since)


def _identity(examined: Examined, environment: Environment) -> Iterator[Finding]:
    """By its file: a real one's, or the gateway's own, which lies beside the first profile that it serves."""
    file = examined.certificate or examined.profile / FOLDER / SERVER
    if examined.certificate is None and not file.exists():
        yield found("identity-missing")
        return
    try:
        seen = identities.looked_at(file)
    except MessagingError:
        yield found("identity-unreadable", file=str(file))
        return
    yield from _identity_until(int(seen.until.timestamp() * 1000), environment)
    for name in examined.names:
        if name.lower().strip("[]") not in seen.names:
            yield found("identity-names", name=name)


def _identity_until(until: int, environment: Environment) -> Iterator[Finding]:
    left = timedelta(milliseconds=until - environment.now())
    date = datetime.fromtimestamp(until / 1000, UTC).date().isoformat()
    grade = "identity-ended" if left <= timedelta() else "identity-ends" if left < _ENDS_SOON else "identity-well"
    yield found(grade, date=date)
