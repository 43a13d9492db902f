"""The least evidence for a filing: what was gathered of an exchange, cut down to what the bridge may see (FI-3.2).

The bridge is a third party. It gets the selected items, what they answer, whose they are and what was taken back of the
thread; the compositions of that one thread, and the logs and binds of those that these name. Nothing is verified here:
`verify` holds a bundle to the same rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from directory.accounts import entry
from directory.accounts.entry import Authority, Genesis
from directory.errors import DirectoryError
from directory.transparency.receipt import parse_proof
from messaging.protocol import body as bodies
from messaging.protocol import event as events
from messaging.protocol.body import EventType
from messaging.protocol.event import DecryptedEvent
from messaging.protocol.evidence import Bundle, OpenedEvent
from messaging.wire import epoch, header
from record_bridge.filing import standing


@dataclass(frozen=True, slots=True)
class Seen:
    """An event of the thread as far as the rule looks at it. `target` is what it takes back."""

    id: bytes
    type: int
    acting_for: bytes
    seq: int
    target: bytes | None


def needed(seen: Sequence[Seen], selected: Collection[bytes]) -> set[bytes]:
    """The selected events, all referral requests, the last question of the other side before each selected event, and
    what takes one of these back."""
    wanted = {one.id for one in seen if one.id in selected or one.type == EventType.REFERRAL_REQUEST}
    for item in [one for one in seen if one.id in selected]:
        asked = [
            (one.seq, one.id)
            for one in seen
            if one.type == EventType.QUESTION and one.seq < item.seq and one.acting_for != item.acting_for
        ]
        wanted |= {identifier for _, identifier in sorted(asked)[-1:]}
    return wanted | {one.id for one in seen if one.target in wanted}


def reduce(bundle: Bundle, thread: bytes, selected: Collection[bytes]) -> Bundle:
    """The bundle for a filing of `selected` (event ids) of `thread`. An id that is not there is simply not there."""
    parts = [(part, _reopened(part)) for part in bundle.events]
    own = [(part, opened) for part, opened in parts if opened.event.header.thread == thread]
    wanted = needed([_seen(part, opened) for part, opened in own], selected)
    kept = [(part, opened) for part, opened in own if opened.event.id in wanted]
    commits = {thread: bundle.commits.get(thread, ())}
    named = {account for _, opened in kept for account in _named_by(opened)}
    for one in commits[thread]:
        commit = epoch.parse(one.raw)
        named |= {commit.committer.account, commit.acting_for, *_steps(commit.authority)}
        named |= {member.account for member in commit.members}
    logs = {account: bundle.logs[account] for account in _with_signers(bundle, named)}
    return replace(
        bundle,
        events=tuple(part for part, _ in kept),
        commits=commits,
        logs=logs,
        binds={account: raw for account, raw in bundle.binds.items() if account in logs},
        attachments=(),
    )


def _reopened(part: OpenedEvent) -> DecryptedEvent:
    return events.reopen(header.parse(part.event.raw), part.meta, part.signature, part.blind, part.body)


def _seen(part: OpenedEvent, opened: DecryptedEvent) -> Seen:
    try:
        content = bodies.parse(opened.body).content
    except DirectoryError:
        content = opened.body  # as `evidence.verify` reads one that is malformed
    return Seen(
        opened.event.id,
        opened.meta.type,
        opened.meta.acting_for,
        parse_proof(part.event.proof).receipt.seq,
        standing.target(opened.meta.type, content),
    )


def _named_by(opened: DecryptedEvent) -> set[bytes]:
    return {opened.meta.signer.account, opened.meta.acting_for, *_steps(opened.meta.authority)}


def _steps(authority: Authority) -> set[bytes]:
    return {step.mailbox for step in authority}


def _with_signers(bundle: Bundle, named: Iterable[bytes]) -> set[bytes]:
    """With everybody who signed in their logs, and the owners of their mailboxes."""
    waiting, found = list(named), set[bytes]()
    while waiting:
        account = waiting.pop()
        if account in found or account not in bundle.logs:
            continue
        found.add(account)
        for one in bundle.logs[account]:
            made = entry.parse(one.raw)
            waiting += [made.signer.account, *_steps(made.authority)]
            if isinstance(made.payload, Genesis) and made.payload.manager:
                waiting.append(made.payload.manager)
    return found
