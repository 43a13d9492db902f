"""The least evidence for a filing: what was gathered of an exchange, cut down to what the bridge may see (FI-3.2).

The bridge is a third party. It gets the selected items, what they answer, whose they are and what was taken back of the
thread; the compositions of that one thread, and the logs and binds of those that these name. Nothing is verified here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from directory.accounts import entry
from directory.accounts.entry import Authority, Genesis
from directory.transparency.receipt import parse_proof
from messaging.protocol import body as bodies
from messaging.protocol import event as events
from messaging.protocol.body import EventType
from messaging.protocol.event import DecryptedEvent
from messaging.protocol.evidence import Bundle, OpenedEvent
from messaging.wire import epoch, header
from record_bridge.filing import standing


def reduce(bundle: Bundle, thread: bytes, selected: Collection[bytes]) -> Bundle:
    """The bundle for a filing of `selected` (event ids) of `thread`. An id that is not there is simply not there."""
    parts = [(part, _reopened(part)) for part in bundle.events]
    own = [(part, opened) for part, opened in parts if opened.event.header.thread == thread]
    answers = [(_seq(part), opened) for part, opened in own if opened.event.id in selected]
    questions = [(_seq(part), opened) for part, opened in own if opened.meta.type == EventType.QUESTION]
    wanted = {*selected, *(_asked_before(seq, answer, questions) for seq, answer in answers)}
    kept = [(part, opened) for part, opened in own if _wanted(opened, wanted)]
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


def _seq(part: OpenedEvent) -> int:
    return parse_proof(part.event.proof).receipt.seq


def _asked_before(seq: int, answer: DecryptedEvent, questions: Iterable[tuple[int, DecryptedEvent]]) -> bytes:
    """The last question of the other side before it; nothing's id if there is none."""
    other = [
        (at, one.event.id) for at, one in questions if at < seq and one.meta.acting_for != answer.meta.acting_for
    ]
    return max(other, default=(0, b""))[1]


def _wanted(opened: DecryptedEvent, wanted: Collection[bytes]) -> bool:
    """All requests say whose it is; of what was taken back, what concerns a wanted event."""
    if opened.event.id in wanted or opened.meta.type == EventType.REFERRAL_REQUEST:
        return True
    if opened.meta.type not in (EventType.RETRACT, EventType.NEW_VERSION):
        return False
    return standing.target(opened.meta.type, bodies.parse(opened.body).content) in wanted


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
