"""Gather an exchange as evidence (`protocol.evidence`): opened events, commits, account logs and binds, as they were
received and verified. Reads the profile; asks the service only for logs that it has not seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from directory.accounts import entry
from directory.accounts.entry import Authority
from directory.errors import Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.profile import keys, threads
from messaging.protocol import event as events
from messaging.protocol.event import DecryptedEvent
from messaging.protocol.evidence import AttachedFile, Bundle, OpenedEvent, Receipted
from messaging.wire import header
from messaging.wire.epoch import EpochCommit


async def gather(
    endpoint: Endpoint,
    exchange: Exchange,
    attachments: Sequence[AttachedFile] = (),
    only: Collection[bytes] | None = None,
) -> Bundle:
    """Everything of the exchange that this profile could open, or `only` these events with the threads that hold them.

    Raises what the service refuses.
    """
    opened: list[OpenedEvent] = []
    commits: dict[bytes, tuple[Receipted, ...]] = {}
    named: set[bytes] = set()
    holding = {event.thread for event in exchange.events if only is None or event.id in only}
    for kept in exchange.threads:
        if only is not None and kept.thread not in holding:
            continue
        epochs = await endpoint.profile.run(lambda c, t=kept.thread: threads.epochs_of(endpoint.profile, c, t))  # type: ignore[misc]
        commits[kept.thread] = tuple(Receipted(one.commit.raw, one.proof) for one in epochs)
        secrets = {one.commit.id: one.tes for one in epochs}
        for one in epochs:
            named |= _named_in(one.commit)
        for stored in await endpoint.profile.run(lambda c, t=kept.thread: threads.events_of(c, t)):  # type: ignore[misc]
            sealed = header.parse(stored.raw)
            secret = secrets.get(sealed.header.epoch_id)
            if secret is None or (only is not None and sealed.id not in only):
                continue
            parts = events.decrypt(sealed, secret)
            named |= _named_by(parts)
            opened.append(
                OpenedEvent(
                    Receipted(stored.raw, stored.proof), parts.meta_raw, parts.signature, parts.blind, parts.body
                )
            )
    logs = await _logs(endpoint, named)
    return Bundle(
        endpoint.identity.service_pk,
        endpoint.identity.registrar_pk,
        tuple(opened),
        commits,
        logs,
        await _binds(endpoint, logs),
        tuple(attachments),
    )


def _named_by(parts: DecryptedEvent) -> set[bytes]:
    meta = parts.meta
    return {meta.signer.account, meta.acting_for, *_steps(meta.authority)}


def _named_in(commit: EpochCommit) -> set[bytes]:
    members = {member.account for member in commit.members}
    return {commit.committer.account, commit.acting_for, *members, *_steps(commit.authority)}


def _steps(authority: Authority) -> set[bytes]:
    return {step.mailbox for step in authority}


async def _logs(endpoint: Endpoint, named: Iterable[bytes]) -> dict[bytes, tuple[Receipted, ...]]:
    """The logs of these accounts, of whoever signed them, and of the owners of their mailboxes."""
    waiting, found = list(named), {}
    while waiting:
        account = waiting.pop()
        if account in found:
            continue
        await endpoint.accounts.ensure([account])
        state = endpoint.accounts.lookup(account)
        log = await endpoint.profile.run(lambda c, a=account: keys.log_of(c, a))  # type: ignore[misc]
        found[account] = tuple(Receipted(raw, proof) for raw, proof in log)
        if state.kind.is_mailbox:
            waiting.append(state.manager)
        for raw, _ in log:
            made = entry.parse(raw)
            waiting += [made.signer.account, *_steps(made.authority)]
    return found


async def _binds(endpoint: Endpoint, accounts: Iterable[bytes]) -> dict[bytes, bytes]:
    """Evidence of the professional behind each person, where there is one."""
    found = {}
    for account in accounts:
        if endpoint.accounts.lookup(account).kind.is_mailbox:
            continue
        try:
            await endpoint.accounts.professional(account)
        except Refusal:
            continue
        kept = await endpoint.profile.run(lambda c, a=account: endpoint.profile.kept(c, f"bind/{a.hex()}"))  # type: ignore[misc]
        if kept is not None:
            found[account] = kept
    return found
