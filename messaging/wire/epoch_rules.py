"""Who may commit which epoch (CP1-4.4 to CP1-4.9): the same verification on the service and on every endpoint.

`verify_commit` does not see the epoch secret; an endpoint also checks H(TES) (messaging.protocol.epoch_secret).
"""

from __future__ import annotations

from directory.accounts.authority import Lookup, verify_authority
from directory.accounts.entry import AccountKind
from directory.accounts.grants import Right, classes_of, reading_class
from directory.accounts.state import AccountState
from directory.primitives import signature
from directory.primitives.labels import Label
from messaging.errors import MessagingError
from messaging.wire.epoch import NO_KEY, NO_PARENT, EpochCommit, Member, Role, pk_hash

_STRENGTH = {Role.DEPOSIT: 0, Role.READ: 1, Role.SEND: 2, Role.ADMIN: 3}


def member_class(kind: AccountKind, class_: int) -> int:
    """The class by which an account of this kind is a member of a thread of that class (CP1-4.1)."""
    if kind is AccountKind.SERVICE:
        return 0
    return class_ if kind is AccountKind.RECORD else reading_class(class_)


def verify_commit(
    commit: EpochCommit, parent: EpochCommit | None, lookup: Lookup, tick: int, received: int = 0
) -> EpochCommit:
    """The commit itself if every rule holds at `tick`. `received` is the time (ms) of its receipt's group, where it is
    known: an authority that had lapsed then stays lapsed, whatever time the commit claims.

    1. place: epoch 0 without a parent, or the parent's next, same thread and class, not backdated;
    2. members: every key current at `tick`, classes and roles well formed;
    3. committer: device live, acting for a member (of the parent, or of epoch 0) that has the role;
    4. authority: send_as over that member's class;
    5. change: what was added, removed and altered against the parent is within the committer's role;
    6. signature.
    Raises MessagingError (epoch-*) or DirectoryError (accounts).
    """
    _verify_place(commit, parent)
    record = _record_of(commit, lookup)
    for member in commit.members:
        _verify_member(member, commit, lookup, tick)
    acting = (parent or commit).member(commit.acting_for)
    if acting is None:
        raise MessagingError("epoch-committer-not-member")
    owner = lookup(commit.committer.account)
    owner.place_before(commit.committer.head, tick)
    device = owner.device_at(commit.committer.device, tick)
    time = max(commit.time, received)
    power = verify_authority(
        commit.authority, commit.committer.account, lookup(acting.account), tick, time, lookup
    )
    power.demand(Right.SEND_AS, acting.class_)
    if parent is not None and commit.class_ != parent.class_:
        _verify_reclassed(commit, parent, record)
        power.demand(Right.SEND_AS, commit.class_)
        power.demand(Right.MANAGE)
    if parent is None:
        _verify_first(commit, acting)
    else:
        _verify_change(commit, parent, acting)
    signature.verify(device.sign_pk, commit.signature, Label.EPOCH_COMMIT, commit.signed)
    return commit


def _verify_place(commit: EpochCommit, parent: EpochCommit | None) -> None:
    if parent is None:
        if commit.epoch != 0 or commit.parent != NO_PARENT:
            raise MessagingError("epoch-parent-unknown")
        return
    if commit.thread != parent.thread:
        raise MessagingError("epoch-foreign")
    if commit.parent != parent.id or commit.epoch != parent.epoch + 1:
        raise MessagingError("epoch-parent-unknown")
    if commit.time < parent.time:
        raise MessagingError("epoch-backdated")


def _record_of(commit: EpochCommit, lookup: Lookup) -> bytes | None:
    """CP1-4.12: at most one patient's record in a thread; what only a record has is for a record's threads only."""
    records = [m.account for m in commit.members if lookup(m.account).kind is AccountKind.RECORD]
    ordinary = commit.class_ in classes_of(AccountKind.PERSONAL_MAILBOX)
    if len(records) > 1 or not (records or ordinary):
        raise MessagingError("epoch-record-refused")
    return records[0] if records else None


def _verify_reclassed(commit: EpochCommit, parent: EpochCommit, record: bytes | None) -> None:
    """CP1-4.13: an item of a record moves to another class of it, and nobody else stays."""
    if record is None or record != commit.acting_for or parent.member(record) is None or len(commit.members) > 1:
        raise MessagingError("epoch-foreign")


def _verify_member(member: Member, commit: EpochCommit, lookup: Lookup, tick: int) -> None:
    state: AccountState = lookup(member.account)
    if state.kind is AccountKind.PERSON:
        raise MessagingError("epoch-member-refused")
    if member.class_ != member_class(state.kind, commit.class_):
        raise MessagingError("epoch-member-refused")
    if member.from_epoch > commit.epoch or tick >= state.closed:
        raise MessagingError("epoch-member-refused")
    seen = state.place_before(member.head, tick)
    if member.role is Role.DEPOSIT:
        if member.gen or member.pk_hash != NO_KEY:
            raise MessagingError("epoch-member-refused")
        return
    generation = state.generation_at(member.class_, tick)
    if seen.tick < generation.added or member.gen != generation.g or member.pk_hash != pk_hash(generation.pk):
        raise MessagingError("epoch-member-stale")


def _verify_first(commit: EpochCommit, acting: Member) -> None:
    if any(member.from_epoch for member in commit.members):
        raise MessagingError("epoch-history-refused")
    depositors = [member for member in commit.members if member.role is Role.DEPOSIT]
    if acting.role is Role.DEPOSIT:
        others = [member for member in commit.members if member is not acting]
        if len(others) != 1 or others[0].role is not Role.ADMIN:
            raise MessagingError("epoch-role-refused")
    elif acting.role is not Role.ADMIN or depositors:
        raise MessagingError("epoch-role-refused")


def _verify_change(commit: EpochCommit, parent: EpochCommit, acting: Member) -> None:
    before = {member.account: member for member in parent.members}
    after = {member.account: member for member in commit.members}
    strength = _STRENGTH[acting.role]
    if strength < _STRENGTH[Role.SEND]:
        raise MessagingError("epoch-role-refused")
    admin = acting.role is Role.ADMIN
    for account, member in before.items():
        if account not in after and not admin and account != acting.account:
            raise MessagingError("epoch-role-refused")
        if account in after and member.role is Role.DEPOSIT:
            raise MessagingError("epoch-role-refused")
    for account, member in after.items():
        old = before.get(account)
        if member.role is Role.DEPOSIT:
            raise MessagingError("epoch-role-refused")
        if old is None:
            if _STRENGTH[member.role] > strength:
                raise MessagingError("epoch-role-refused")
            _verify_history(member.from_epoch, commit.epoch, acting)
            continue
        if member.role is not old.role and (
            not admin or max(_STRENGTH[member.role], _STRENGTH[old.role]) > strength
        ):
            raise MessagingError("epoch-role-refused")
        if member.from_epoch > old.from_epoch:
            raise MessagingError("epoch-history-refused")
        if member.from_epoch < old.from_epoch:
            _verify_history(member.from_epoch, commit.epoch, acting)


def _verify_history(from_epoch: int, epoch: int, acting: Member) -> None:
    # Nobody opens what the committer does not hold.
    if from_epoch < min(acting.from_epoch, epoch):
        raise MessagingError("epoch-history-refused")
