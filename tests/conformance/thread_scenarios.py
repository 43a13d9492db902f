"""Vectors of epochs, their secrets, events and thread submissions (CP1-4, CP1-5)."""

# ruff: noqa: E501 (a scenario is one line: its name, what is wrong, the clauses, the octets, the verdict)
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clinic import START, Actor, Clinic, device, octets

from directory.accounts.entry import Authority, Close, DeviceKind, RotateAek, Signer, encode_authority
from directory.primitives import aead, digest, kem
from directory.primitives.codec import u8, u16, u32, u64, var
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey
from messaging.protocol import acks, body, epoch_secret, event, padding
from messaging.wire import epoch, header, submission
from messaging.wire.epoch import NO_KEY, NO_PARENT, EpochCommit, EpochWrap, Member, Role, pk_hash

if TYPE_CHECKING:
    from generate import Book

THREAD = octets("thread", 16)


class Threads:
    """A thread between A (admin) and B (send), clinical; O joins "from now on", the laboratory with history."""

    def __init__(self, book: Book, c: Clinic) -> None:
        self.book, self.c = book, c
        self.alice, self.sara, self.bob, self.lab = (c.actors[name] for name in ("alice", "sara", "bob", "lab"))
        self.a, self.b, self.o, self.closed = (c.mailboxes[name] for name in "ABOC")
        self.tick = c.tick + 10
        admin, send = self.member(self.a, Role.ADMIN), self.member(self.b, Role.SEND)
        self.zero = self.commit(None, [admin, send], self.alice, self.a)
        self.one = self.commit(self.zero, [admin, send, self.member(self.o, Role.READ, 1)], self.bob, self.b)
        lab = self.member(self.lab.account, Role.READ, 0)
        self.two = self.commit(self.one, [*self.one.members, lab], self.alice, self.a)

    def member(self, account: bytes, role: Role, from_epoch: int = 0, **changed: Any) -> Member:
        state = self.c.states[account]
        class_ = 1 if state.kind.is_mailbox else 0
        if role is Role.DEPOSIT:
            return replace(Member(account, class_, state.head, 0, NO_KEY, role, from_epoch), **changed)
        current = state.generations[class_][-1]
        return replace(Member(account, class_, state.head, current.g, pk_hash(current.pk), role, from_epoch), **changed)

    def seed(self, account: bytes) -> bytes:
        name = next((n for n, found in self.c.mailboxes.items() if found == account), "")
        return self.c.seeds[name, 1][-1] if name else self.lab.aek[-1]

    def tes(self, number: int) -> bytes:
        return octets(f"tes {number}")

    def wraps(self, parent: EpochCommit | None, members: Sequence[Member], number: int) -> tuple[EpochWrap, ...]:
        return epoch_secret.wraps_for(
            thread=THREAD,
            parent=parent,
            tes=self.tes(number),
            members=members,
            keys={m.account: kem.public_key(self.seed(m.account)) for m in members if m.gen},
            held={n: self.tes(n) for n in range(number)},
            epoch=number,
        )

    def commit(
        self, under: EpochCommit | None, members: Sequence[Member], by: Actor, acting_for: bytes, authority: Authority = (),
        real_wraps: bool = True, **changed: Any,
    ) -> EpochCommit:  # fmt: skip
        number = under.epoch + 1 if under else 0
        ordered = sorted(members, key=lambda m: (m.account, m.class_))
        signer = Signer(by.account, changed.pop("device", by.device.id), changed.pop("head", self.c.states[by.account].head))
        root = epoch.wraps_root(self.wraps(under, ordered, number)) if real_wraps else bytes(32)
        fields: dict[str, Any] = {
            "thread": THREAD,
            "epoch": number,
            "parent": under.id if under else NO_PARENT,
            "time": self.c.time + number,
            "class_": 1,
            "tes_hash": epoch_secret.tes_hash(self.tes(number)),
            "wraps_root": root,
            "key": by.key,
            "members": ordered,
        }
        return epoch.build(**{**fields, **changed}, committer=signer, acting_for=acting_for, authority=authority)


def write(book: Book, c: Clinic) -> None:
    t = Threads(book, c)
    _octets(t)
    _places(t)
    _members(t)
    _committers(t)
    _changes(t)
    _secrets(t)
    _events(t)
    _bodies(t)
    _submissions(t)


def _case(t: Threads, name: str, about: str, clauses: str, commit: bytes, parent: EpochCommit | None, refuse: str | None, **given: Any) -> None:
    stated = {"commit": commit.hex(), "tick": given.pop("tick", t.tick), **given}
    if parent:
        stated["parent"] = parent.raw.hex()
    t.book.write("epochs", name, about, clauses, "epoch", stated, refuse, "clinic")


def _octets(t: Threads) -> None:
    good = t.zero.raw
    members_at = good.index(u16(2) + t.zero.members[0].account)
    source_at = members_at - 3

    def bad(name: str, about: str, raw: bytes, refuse: str = "octets-malformed", clauses: str = "4.1 1.3") -> None:
        _case(t, f"epoch-{name}", about, clauses, raw, None, refuse)

    bad("truncated", "The last octet is missing.", good[:-1])
    bad("trailing", "One octet too many.", good + b"\0")
    bad("too-long", "64 KiB and more.", good + bytes(64 * 1024))
    bad("newer-protocol", "CP2c.", b"CP2c" + good[4:], "protocol-newer", "1.2")
    bad("newer-suite", "Suite 2.", good[:4] + u16(2) + good[6:], "suite-newer", "1.2 1.7")
    bad("source", "A source from elsewhere.", good[:source_at] + b"\1" + good[source_at + 1 :], "suite-newer", "4.1")
    bad("flags", "A reserved bit.", good[: source_at + 1] + u16(1) + good[source_at + 3 :], clauses="4.1 1.3")
    class_at = 4 + 2 + 16 + 4 + 32 + 8 + 64 + 16
    bad("class-7", "A class that no mailbox has.", good[:class_at] + b"\x07" + good[class_at + 1 :])
    bad("no-members", "Nobody.", good[:members_at] + u16(0) + good[members_at + 2 + 180 :])
    first, second = good[members_at + 2 : members_at + 92], good[members_at + 92 : members_at + 182]
    bad("members-descending", "Members ascend.", good[: members_at + 2] + second + first + good[members_at + 182 :])
    bad("member-twice", "One class per account.", good[: members_at + 2] + first + first + good[members_at + 182 :])
    bad("members-257", "257 members.", good[:members_at] + u16(257) + good[members_at + 2 :])
    role_at = members_at + 2 + 16 + 1 + 32 + 4 + 32
    for role in (0, 3, 5, 16):
        bad(f"role-{role}", "No such role.", good[:role_at] + u8(role) + good[role_at + 1 :], clauses="1.4 4.1")
    three = var(encode_authority((t.c.step("O", "sara on O"),) * 3))
    bad("authority-of-three", "Depth is at most two.", good[: class_at + 1] + three + good[class_at + 6 :])
    flipped = bytearray(good)
    flipped[-120] ^= 1
    bad("flipped", "One bit of the signed part.", bytes(flipped), "signature-wrong", "4.9")
    bad("signature-flipped", "One bit of the signature.", good[:-1] + bytes([good[-1] ^ 1]), "signature-wrong", "4.9")
    _case(t, "epoch-by-another-key", "Signed by Bob in Alice's name.", "4.9", t.commit(None, t.zero.members, t.alice, t.a, key=t.bob.key).raw, None, "signature-wrong")


def _places(t: Threads) -> None:
    _case(t, "epoch-0", "A creates, B is addressed.", "4.4 4.5 4.6 4.7 4.8 4.9", t.zero.raw, None, None)
    _case(t, "epoch-1", "B adds O from now on.", "4.4 4.8", t.one.raw, t.zero, None)
    _case(t, "epoch-2", "A adds the laboratory with history.", "4.4 4.8", t.two.raw, t.one, None)
    members = t.zero.members

    def child(**changed: Any) -> bytes:
        return t.commit(t.zero, members, t.alice, t.a, **changed).raw

    _case(t, "epoch-replayed", "Epoch 0 under itself.", "4.4", t.zero.raw, t.zero, "epoch-parent-unknown")
    _case(t, "epoch-without-parent", "Epoch 1 without its parent.", "4.4", t.one.raw, None, "epoch-parent-unknown")
    _case(t, "epoch-skipped", "Epoch 2 under epoch 0.", "4.4", t.two.raw, t.zero, "epoch-parent-unknown")
    _case(t, "epoch-0-with-parent", "Epoch 0 names a parent.", "4.4", t.commit(None, members, t.alice, t.a, parent=b"\1" * 32).raw, None, "epoch-parent-unknown")
    _case(t, "epoch-number-wrong", "Number 5 after 0.", "4.4", child(epoch=5), t.zero, "epoch-parent-unknown")
    _case(t, "epoch-moved", "A commit of another thread.", "4.4", child(thread=bytes(16)), t.zero, "epoch-foreign")
    by_class_2 = [replace(m, class_=2, gen=(g := t.c.states[m.account].current(2)).g, pk_hash=pk_hash(g.pk)) for m in members]
    other = t.commit(t.zero, by_class_2, t.alice, t.a, real_wraps=False, class_=2).raw
    _case(t, "epoch-other-class", "The class is fixed in epoch 0.", "4.4 4.13", other, t.zero, "epoch-foreign")
    _case(t, "epoch-backdated", "Older than its parent.", "4.4", child(time=t.zero.time - 1), t.zero, "epoch-backdated")


def _members(t: Threads) -> None:
    a, b = t.zero.members if t.zero.members[0].account == t.a else t.zero.members[::-1]

    def one(name: str, about: str, other: Member, refuse: str, **given: Any) -> None:
        commit = t.commit(None, [a, other], t.alice, t.a, real_wraps=False)
        _case(t, f"member-{name}", about, "4.5", commit.raw, None, refuse, **given)

    one("person", "A person is no member.", Member(t.sara.account, 0, t.c.states[t.sara.account].head, 1, pk_hash(kem.public_key(t.sara.aek[0])), Role.SEND, 0), "epoch-member-refused")
    notices, person = t.c.states[t.a].current(0), t.c.states[t.sara.account]
    logistics = replace(a, class_=0, gen=notices.g, pk_hash=pk_hash(notices.pk))
    somebody = Member(person.account, 0, person.head, 1, pk_hash(person.current(0).pk), Role.SEND, 0)
    commit = t.commit(None, [logistics, somebody], t.alice, t.a, class_=0, real_wraps=False)
    _case(t, "member-person-of-class-0", "Not in a thread of class 0 either.", "4.5", commit.raw, None, "epoch-member-refused")
    one("of-another-class", "The thread is clinical.", replace(b, class_=2), "epoch-member-refused")
    one("machine-of-class-1", "A machine has class 0.", t.member(t.lab.account, Role.READ, class_=1), "epoch-member-refused")
    one("from-the-future", "History from epoch 3 of 0.", replace(b, from_epoch=3), "epoch-member-refused")
    one("closed", "A closed mailbox.", t.member(t.closed, Role.SEND), "epoch-member-refused")
    one("unknown", "A mailbox that nobody knows.", replace(b, account=bytes(16)), "account-unknown")
    one("head-unknown", "A head of no chain.", replace(b, head=bytes(32)), "head-unknown")
    one("old-generation", "A generation before the last.", replace(b, gen=1, pk_hash=pk_hash(t.c.states[t.b].generation(1, 1).pk)), "epoch-member-stale")
    one("key-hash-wrong", "Not the logged key: somebody else would read.", replace(b, pk_hash=bytes(32)), "epoch-member-stale")
    old = next(e.hash for e in t.c.states[t.b].entries if e.tick > t.c.states[t.b].generation(1, 1).added)
    one("head-before-its-generation", "The head has not seen the generation that it is said to give.", replace(b, head=old), "epoch-member-stale")
    one("deposit-with-key", "A depositor has no wrap.", replace(b, role=Role.DEPOSIT), "epoch-member-refused")
    rotation = RotateAek(1, 3, kem.public_key(octets("rotated under way")), bytes(32), b"", ())
    raw = t.c.entry(t.b, rotation, t.bob)
    before = [{"tick": t.c.tick + 5, "entry": raw.hex()}]
    _case(t, "member-rotated-meanwhile", "The class rotated at a lower tick.", "4.5", t.zero.raw, None, "epoch-member-stale", before=before)
    later = [{"tick": t.tick + 5, "entry": raw.hex()}]
    _case(t, "member-rotated-later", "It rotated after the commit's receipt.", "4.5", t.zero.raw, None, None, before=later)
    head = digest.labelled(Label.ENTRY_HASH, raw)
    early = t.commit(None, [a, replace(b, head=head)], t.alice, t.a, real_wraps=False)
    _case(t, "member-head-from-the-future", "The member's head came later.", "4.5", early.raw, None, "head-unknown", before=later)
    shut = [{"tick": t.c.tick + 5, "entry": t.c.entry(t.b, Close(), t.bob).hex()}]
    _case(t, "member-closed-meanwhile", "B closed at a lower tick.", "4.5", t.zero.raw, None, "epoch-member-refused", before=shut)


def _committers(t: Threads) -> None:
    members = t.zero.members
    sara_o, o_a = t.c.step("O", "sara on O"), t.c.step("A", "O on A")

    def one(name: str, about: str, refuse: str | None, by: Actor, acting_for: bytes, authority: Authority = (), clauses: str = "4.6 4.7", **changed: Any) -> None:
        given = {key: changed.pop(key) for key in ("tick", "received") if key in changed}
        raw = t.commit(t.zero, members, by, acting_for, authority, real_wraps=False, **changed).raw
        _case(t, f"committer-{name}", about, clauses, raw, t.zero, refuse, **given)

    one("not-a-member", "O is not in the parent.", "epoch-committer-not-member", t.sara, t.o, (sara_o,))
    one("depth-2", "Sara for the organisation for A.", None, t.sara, t.a, (sara_o, o_a))
    one("stranger", "Sara without a grant.", "authority-missing", t.sara, t.a)
    one("read-only", "She may read B and not send.", "authority-insufficient", t.sara, t.b, (t.c.step("B", "sara on B"),))
    bob_a = (t.c.step("A", "bob on A"),)
    one("expired", "Bob's grant has expired.", "grant-not-live", t.bob, t.a, bob_a)
    early = t.commit(None, members, t.bob, t.a, bob_a, real_wraps=False, time=START + 50_000)
    _case(t, "committer-expired-backdated", "It claims a time before the expiry and was received after.", "4.7", early.raw, None, "grant-not-live", received=t.c.time)
    _case(t, "committer-not-yet-expired", "The same, received in time.", "4.7", early.raw, None, None, received=START + 55_000)
    one("revoked", "Alice's grant on B is withdrawn.", "grant-not-live", t.alice, t.b, (t.c.step("B", "alice on B"),))
    one("ceiling", "A manager of class 0 gave himself class 1.", "epoch-committer-not-member", t.bob, t.o, (t.c.step("O", "bob by bob"),))
    one("opening-wrong", "Another blind.", "opening-wrong", t.sara, t.a, (replace(sara_o, blind=bytes(32)), o_a))
    one("cycle", "O over O.", "authority-broken", t.sara, t.a, (sara_o, replace(o_a, mailbox=t.o)))
    one("head-unknown", "The signer's head is of no chain.", "head-unknown", t.alice, t.a, head=bytes(32))
    one("removed-device", "Alice's removed device.", "device-not-live", t.alice, t.a, device=device("alice second", DeviceKind.BROWSER)[0].id, key=device("alice second")[1])
    one("unknown-device", "No such device.", "device-unknown", t.alice, t.a, device=bytes(16))
    mailbox = Actor("mailbox", t.alice.device, t.alice.key, b"", t.a)
    one("is-a-mailbox", "A mailbox has no device and signs nothing.", "device-unknown", mailbox, t.a)


def _changes(t: Threads) -> None:
    def member(account: bytes, role: Role, since: int = 0) -> Member:
        return t.member(account, role, since)

    admin, send = member(t.a, Role.ADMIN), member(t.b, Role.SEND)

    def first(name: str, about: str, members: list[Member], refuse: str | None, by: Actor = t.alice, acting: bytes = t.a) -> None:
        _case(t, f"first-{name}", about, "4.8", t.commit(None, members, by, acting, real_wraps=False).raw, None, refuse)

    first("by-sender", "The creator is admin.", [replace(admin, role=Role.SEND), send], "epoch-role-refused")
    first("by-addressee", "B commits and is not admin.", [admin, send], "epoch-role-refused", t.bob, t.b)
    first("with-history", "Nothing came before.", [admin, replace(send, from_epoch=1)], "epoch-member-refused")
    depositor = member(t.b, Role.DEPOSIT)
    first("deposit", "B deposits with A and reads nothing.", [admin, depositor], None, t.bob, t.b)
    first("deposit-with-a-third", "A deposit has two members.", [admin, depositor, member(t.o, Role.READ)], "epoch-role-refused", t.bob, t.b)
    first("deposit-with-sender", "Who receives a deposit is admin.", [replace(admin, role=Role.SEND), depositor], "epoch-role-refused", t.bob, t.b)
    first("depositor-added-by-admin", "Only a depositor creates a deposit.", [admin, depositor], "epoch-role-refused")

    def next_(name: str, about: str, parent: EpochCommit, members: list[Member], refuse: str | None, by: Actor, acting: bytes, authority: Authority = ()) -> None:
        raw = t.commit(parent, members, by, acting, authority, real_wraps=False).raw
        _case(t, f"change-{name}", about, "4.8", raw, parent, refuse)

    zero, one = t.zero, t.one
    o, lab = member(t.o, Role.READ, 1), member(t.lab.account, Role.READ, 1)
    next_("send-adds-admin", "Nobody gives a role that it lacks.", zero, [admin, send, replace(o, role=Role.ADMIN)], "epoch-role-refused", t.bob, t.b)
    next_("admin-adds-admin", "An admin may.", zero, [admin, send, replace(o, role=Role.ADMIN)], None, t.alice, t.a)
    next_("send-promotes-itself", "Role escalation.", zero, [admin, replace(send, role=Role.ADMIN)], "epoch-role-refused", t.bob, t.b)
    next_("send-demotes-admin", "Roles are an admin's.", zero, [replace(admin, role=Role.SEND), send], "epoch-role-refused", t.bob, t.b)
    next_("admin-demotes", "Roles are an admin's.", zero, [admin, replace(send, role=Role.READ)], None, t.alice, t.a)
    next_("send-removes", "Removal is an admin's.", one, [admin, send], "epoch-role-refused", t.bob, t.b)
    next_("admin-removes", "Removal is an admin's.", one, [admin, send], None, t.alice, t.a)
    next_("send-leaves", "Anyone may leave.", one, [admin, o], None, t.bob, t.b)
    next_("send-rotates", "Roles stay as they are.", one, [admin, send, o], None, t.bob, t.b)
    sara_o = (t.c.step("O", "sara on O"),)
    next_("by-reader", "A reader commits nothing.", one, [admin, send, o, replace(lab, from_epoch=2)], "epoch-role-refused", t.sara, t.o, sara_o)
    promoted = t.commit(one, [admin, send, replace(o, role=Role.SEND)], t.alice, t.a, real_wraps=False)
    next_("beyond-history", "O came in epoch 1 and cannot give epoch 0.", promoted, [admin, send, replace(o, role=Role.SEND), replace(lab, from_epoch=0)], "epoch-history-refused", t.sara, t.o, sara_o)
    next_("within-history", "O gives what it holds.", promoted, [admin, send, replace(o, role=Role.SEND), lab], None, t.sara, t.o, sara_o)
    next_("lowers-its-own-history", "O cannot give itself epoch 0.", promoted, [admin, send, replace(o, role=Role.SEND, from_epoch=0)], "epoch-history-refused", t.sara, t.o, sara_o)
    next_("lowers-history", "An older member shows O the past.", one, [admin, send, replace(o, from_epoch=0)], None, t.bob, t.b)
    next_("raises-history", "from_epoch never rises.", one, [admin, send, replace(o, from_epoch=2)], "epoch-history-refused", t.bob, t.b)
    deposit = t.commit(None, [admin, depositor], t.bob, t.b, real_wraps=False)
    next_("deposit-goes-on", "Without the depositor.", deposit, [admin, member(t.o, Role.READ, 1)], None, t.alice, t.a)
    next_("deposit-keeps-depositor", "The depositor stays out.", deposit, [admin, depositor], "epoch-role-refused", t.alice, t.a)
    next_("deposit-promotes-depositor", "Even with another role.", deposit, [admin, send], "epoch-role-refused", t.alice, t.a)
    next_("by-depositor", "A depositor commits once.", deposit, [admin], "epoch-role-refused", t.bob, t.b)
    next_("adds-depositor", "A deposit is an epoch 0.", zero, [admin, send, member(t.o, Role.DEPOSIT, 1)], "epoch-role-refused", t.alice, t.a)


def _secrets(t: Threads) -> None:
    wraps = t.wraps(t.one, t.two.members, 2)
    index = [m.account for m in t.two.members].index(t.lab.account)

    def held(name: str, about: str, wrapped: Sequence[EpochWrap], refuse: str | None, commit: EpochCommit = t.two) -> None:
        given = {"commit": commit.raw.hex(), "wraps": [w.encode().hex() for w in wrapped]}
        t.book.write("epochs", f"wraps{name}", about, "4.3", "epoch-wraps", given, refuse)

    held("", "One per member, in order, under the root.", wraps, None)
    held("-missing", "One is missing.", wraps[:-1], "epoch-wraps-wrong")
    held("-reordered", "Two have changed places.", wraps[::-1], "epoch-wraps-wrong")
    held("-flipped", "One bit.", [*wraps[:-1], replace(wraps[-1], sealed=bytes([wraps[-1].sealed[0] ^ 1]) + wraps[-1].sealed[1:])], "epoch-wraps-wrong")
    held("-empty-for-a-reader", "A reader without a wrap.", [*wraps[:-1], replace(wraps[-1], sealed=b"")], "epoch-wraps-wrong")
    emptied = [replace(wraps[0], sealed=b""), *wraps[1:]]
    shut_out = t.commit(t.one, t.two.members, t.alice, t.a, wraps_root=epoch.wraps_root(emptied))
    held("-empty-under-the-root", "The committer signed an empty wrap for a reader.", emptied, "epoch-wraps-wrong", shut_out)
    admin, depositor = t.member(t.a, Role.ADMIN), t.member(t.b, Role.DEPOSIT)
    deposit = t.commit(None, [admin, depositor], t.bob, t.b)
    sealed = t.wraps(None, deposit.members, 0)
    held("-of-a-deposit", "An empty leaf for the depositor.", sealed, None, deposit)
    held("-depositor-reads", "A wrap for the depositor.", [replace(w, sealed=b"x") if w.account == t.b else w for w in sealed], "epoch-wraps-wrong", deposit)

    def secret(name: str, about: str, refuse: str | None, wrap: EpochWrap | bytes, seed: bytes, commit: EpochCommit = t.two, earlier: Sequence[EpochCommit] = (t.zero, t.one)) -> None:
        raw = wrap.encode() if isinstance(wrap, EpochWrap) else wrap
        given = {"wrap": raw.hex(), "commit": commit.raw.hex(), "seed": seed.hex(), "earlier": [e.raw.hex() for e in earlier]}
        t.book.write("epochs", f"secret{name}", about, "4.2 4.10", "epoch-secret", given, refuse)

    lab_seed, lab = t.seed(t.lab.account), wraps[index]
    secret("-with-history", "The laboratory opens epochs 0 to 2.", None, lab, lab_seed)
    ongoing = next(w for w in wraps if w.account == t.b)
    secret("-of-a-continuing-member", "B gets the new secret alone.", None, ongoing, t.seed(t.b))
    joined = next(w for w in t.wraps(t.zero, t.one.members, 1) if w.account == t.o)
    secret("-from-now-on", "O opens nothing before epoch 1.", None, joined, t.seed(t.o), t.one, (t.zero,))
    secret("-by-another", "Somebody else's seed.", "wrap-wrong", lab, t.seed(t.b))
    secret("-of-another-epoch", "A wrap moved to epoch 1.", "wrap-wrong", ongoing, t.seed(t.b), t.one)
    secret("-relabelled", "B's wrap under the laboratory's name.", "wrap-wrong", EpochWrap(t.lab.account, 0, ongoing.sealed), lab_seed)
    secret("-flipped", "One bit.", "wrap-wrong", replace(lab, sealed=lab.sealed[:-1] + bytes([lab.sealed[-1] ^ 1])), lab_seed)
    secret("-truncated", "One octet of the wrap is missing.", "octets-malformed", lab.encode()[:-1], lab_seed)
    secret("-trailing", "One octet too many.", "octets-malformed", lab.encode() + b"\0", lab_seed)
    secret("-of-a-stranger", "Not a member.", "author-not-member", replace(lab, account=bytes(16)), lab_seed)
    secret("-of-another-class", "Not this member's class.", "author-not-member", replace(lab, class_=1), lab_seed)
    secret("-empty", "A wrapless member opens nothing.", "author-not-member", replace(lab, sealed=b""), lab_seed)
    secret("-history-unknown", "An earlier commit that nobody showed.", "epoch-secret-wrong", lab, lab_seed, earlier=(t.one,))
    twin = t.commit(None, t.zero.members, t.alice, t.a, tes_hash=bytes(32))
    secret("-history-garbage", "An earlier secret that its commit does not hash.", "epoch-secret-wrong", lab, lab_seed, earlier=(twin, t.one))

    def made(account: bytes, plaintext: bytes, commit: EpochCommit, tes_number: int) -> EpochWrap:
        member = commit.member(account)
        assert member is not None
        info = commit.thread + commit.parent + epoch_secret.tes_hash(t.tes(tes_number)) + account + u8(member.class_) + u32(member.gen)
        return EpochWrap(account, member.class_, kem.seal(kem.public_key(t.seed(account)), plaintext, Label.TES_WRAP, info))

    two, pair = t.tes(2), lambda number: u32(number) + t.tes(number)
    lab_id = t.lab.account
    secret("-garbage", "Another secret than the signed hash: an alarm, not a silence.", "epoch-secret-wrong", made(lab_id, bytes(32) + u16(0), t.two, 2), lab_seed)
    secret("-history-descending", "Epochs ascend.", "epoch-secret-wrong", made(lab_id, two + u16(2) + pair(1) + pair(0), t.two, 2), lab_seed)
    secret("-history-twice", "One epoch twice.", "epoch-secret-wrong", made(lab_id, two + u16(2) + pair(0) * 2, t.two, 2), lab_seed)
    secret("-history-of-itself", "An earlier epoch is earlier.", "epoch-history-refused", made(lab_id, two + u16(1) + pair(2), t.two, 2), lab_seed)
    secret("-history-too-early", "More than from_epoch gives.", "epoch-history-refused", made(t.o, two + u16(1) + pair(0), t.two, 2), t.seed(t.o))
    secret("-inside-trailing", "One octet too many inside.", "octets-malformed", made(lab_id, two + u16(0) + b"\0", t.two, 2), lab_seed)
    secret("-inside-1025", "1,025 earlier epochs.", "octets-malformed", made(lab_id, two + u16(1025), t.two, 2), lab_seed)


def _meta(t: Threads, by: Actor, acting_for: bytes, authority: Authority = (), **changed: Any) -> event.Meta:
    own = t.c.states.get(by.account, t.c.states[t.a])
    signer = Signer(by.account, changed.pop("device", by.device.id), changed.pop("head", own.head))
    fields = {"acting_head": t.c.states[acting_for].head, "ctr": 1, "prev_own": bytes(32), "seen_seq": 1, "seen_chain": bytes(32)}
    return event.Meta(**{"type": 1, "time": t.c.time, **fields, **changed}, acting_for=acting_for, signer=signer, authority=authority)


def _events(t: Threads) -> None:
    c, content = t.c, body.Body("text/plain", "Avis demandé.".encode()).encode()

    def sealed(meta: event.Meta, key: SigningKey, commit: EpochCommit = t.two, salt: bytes = octets("salt"), octets_: bytes = content) -> bytes:
        return event.seal(thread=commit.thread, epoch_id=commit.id, tes=t.tes(commit.epoch), salt=salt, intent=octets("intent", 16), meta=meta, body=octets_, key=key)

    def case(name: str, about: str, raw: bytes, refuse: str | None, clauses: str = "5.7", **given: Any) -> None:
        commit = given.pop("commit", t.two)
        stated = {"event": raw.hex(), "commit": commit.raw.hex(), "tes": given.pop("tes", t.tes(commit.epoch)).hex(), "tick": t.tick, "time": c.time, **given}
        t.book.write("events", f"event{name}", about, clauses, "event", stated, refuse, "clinic")

    good = sealed(_meta(t, t.alice, t.a), t.alice.key)
    sara_o, o_a = c.step("O", "sara on O"), c.step("A", "O on A")
    case("", "Alice for A.", good, None, "5.1 5.2 5.3 5.4 5.6 5.7 5.12")
    case("-depth-2", "Sara for the organisation for A.", sealed(_meta(t, t.sara, t.a, (sara_o, o_a)), t.sara.key), None, "5.7 3.9")
    case("-of-unknown-type", "A newer type verifies and is shown as such.", sealed(_meta(t, t.alice, t.a, type=250), t.alice.key), None, "1.4 5.7")
    case("-empty", "No body at all.", sealed(_meta(t, t.alice, t.a), t.alice.key, octets_=b""), None, "5.4")
    depositor = t.commit(None, [t.member(t.a, Role.ADMIN), t.member(t.b, Role.DEPOSIT)], t.bob, t.b, real_wraps=False)
    case("-deposited", "A depositor sends without reading.", sealed(_meta(t, t.bob, t.b), t.bob.key, depositor), None, "4.8 5.7", commit=depositor)
    case("-truncated", "The last octet is missing.", good[:-1], "octets-malformed", "1.3 5.1")
    case("-trailing", "One octet too many.", good + b"\0", "octets-malformed", "1.3 5.1")
    case("-shorter-than-promised", "A ciphertext that promises what is not there.", good[:134] + u32(1024 * 1024 - 137) + b"\0", "octets-malformed", "1.3 5.1")
    case("-newer-protocol", "CP2e.", b"CP2e" + good[4:], "protocol-newer", "1.2")
    case("-newer-suite", "Suite 2.", good[:4] + u16(2) + good[6:], "suite-newer", "1.2 1.7")
    for name, at in (("salt", 60), ("intent", 90), ("seal", 110), ("ciphertext", 150), ("tag", len(good) - 1)):
        case(f"-{name}-flipped", f"One bit of the {name}.", good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :], "tag-wrong")
    case("-ciphertext-empty", "No ciphertext.", good[:134] + u32(0), "tag-wrong")
    case("-wrong-secret", "Another epoch's secret.", good, "tag-wrong", tes=t.tes(1))
    under_one = sealed(_meta(t, t.alice, t.a), t.alice.key, t.one)
    case("-of-another-epoch", "Receipted under epoch 1, shown under epoch 2.", under_one, "event-foreign", tes=t.tes(1))
    elsewhere = t.commit(None, t.zero.members, t.alice, t.a, thread=bytes(16), tes_hash=t.two.tes_hash, real_wraps=False)
    case("-of-another-thread", "Moved to another thread.", good, "event-foreign", commit=elsewhere, tes=t.tes(2))
    case("-replanted", "The header says another epoch.", good[:22] + t.one.id + good[54:], "tag-wrong")

    def inside(meta_raw: bytes, by: Actor, signed: bytes = b"", seal: bytes = b"", padded: bytes | None = None, text: bytes = content) -> bytes:
        """An event from a dishonest member who holds the secret and seals whatever it likes."""
        key, blind = event._key_and_blind(t.tes(2), octets("salt"), THREAD, t.two.id)
        unsealed = header.unsealed_header(THREAD, t.two.id, octets("salt"), octets("intent", 16))
        hashed = event.body_hash(blind, text)
        signed = signed or by.key.sign(Label.EVENT, unsealed, meta_raw, hashed)
        seal = seal or digest.labelled(Label.SEAL, unsealed, meta_raw, hashed, signed)
        plaintext = padding.pad(meta_raw + signed + text) if padded is None else padded
        return header.assemble(unsealed, seal, aead.seal_once(key, plaintext, unsealed + seal))

    meta = _meta(t, t.alice, t.a).encode()
    case("-seal-wrong", "The dated id commits to other content.", inside(meta, t.alice, seal=bytes(32)), "seal-wrong", "5.3 5.7")
    case("-signature-flipped", "Not signed at all.", inside(meta, t.alice, signed=bytes(64)), "signature-wrong")
    case("-forged", "Bob seals in Alice's name.", inside(meta, t.bob), "signature-wrong")
    honest = inside(meta, t.alice)
    assert honest == good
    exact = padding.pad(meta + bytes(64) + content)
    for name, about, padded in (
        ("padding-longer", "One octet more than its content asks for.", exact + b"\0"),
        ("padding-shorter", "Without its last padding octet.", exact[:-1]),
        ("padding-without-mark", "Zeros alone.", bytes(len(exact))),
        ("padding-not-zero", "A one after the mark.", exact[:-1] + b"\1"),
        ("padding-empty", "No plaintext.", b""),
    ):
        case(f"-{name}", about, inside(meta, t.alice, padded=padded), "padding-wrong", "5.4")
    case("-meta-truncated", "The meta ends early.", inside(b"", t.alice, padded=padding.pad(meta[:50])), "octets-malformed", "5.12")
    three = meta.replace(var(b"\0"), var(encode_authority((sara_o,) * 3)), 1)
    case("-authority-of-three", "Depth is at most two.", inside(three, t.alice), "octets-malformed", "3.9 5.12")

    def verify(name: str, about: str, refuse: str, by: Actor, acting_for: bytes, authority: Authority = (), clauses: str = "5.7", given: dict[str, Any] | None = None, key: SigningKey | None = None, **changed: Any) -> None:
        case(f"-{name}", about, sealed(_meta(t, by, acting_for, authority, **changed), key or by.key), refuse, clauses, **(given or {}))

    verify("of-no-member", "C is not in the thread.", "author-not-member", t.bob, t.closed)
    verify("of-a-reader", "O reads and does not send.", "author-not-member", t.sara, t.o, (sara_o,))
    verify("of-a-person", "A person is no member.", "author-not-member", t.alice, t.alice.account)
    verify("of-a-stranger", "Sara has no grant on B that sends.", "authority-missing", t.sara, t.b)
    verify("read-only", "Reading is not sending.", "authority-insufficient", t.sara, t.b, (c.step("B", "sara on B"),))
    verify("revoked", "Receipted after the withdrawal.", "grant-not-live", t.alice, t.b, (c.step("B", "alice on B"),))
    expired = (c.step("A", "bob on A"),)
    verify("expired-backdated", "It claims a time before the expiry; its receipt is later.", "grant-not-live", t.bob, t.a, expired, time=START)
    in_time = sealed(_meta(t, t.bob, t.a, expired), t.bob.key)
    case("-before-expiry", "The receipt's time decides.", in_time, None, "3.9 5.7", time=START + 60_000)
    verify("removed-device", "Alice's removed device.", "device-not-live", t.alice, t.a, device=octets("alice second id", 16), key=SigningKey(octets("alice second sign")))
    verify("unknown-device", "No such device.", "device-unknown", t.alice, t.a, device=bytes(16))
    verify("unknown-account", "Nobody knows the signer.", "account-unknown", Actor("nobody", t.alice.device, t.alice.key, b"", bytes(16)), t.a, head=bytes(32))
    verify("head-unknown", "A head of no chain.", "head-unknown", t.alice, t.a, head=bytes(32))
    verify("acting-head-unknown", "A mailbox head of no chain.", "head-unknown", t.alice, t.a, acting_head=bytes(32))
    verify("opening-wrong", "Another blind.", "opening-wrong", t.sara, t.a, (replace(sara_o, blind=bytes(32)), o_a))
    verify("stolen-authority", "Sara's authority in Bob's hand.", "authority-broken", t.bob, t.a, (sara_o, o_a))
    last = c.states[t.a].entries[-1].tick
    verify("acting-head-from-the-future", "The mailbox's head came later.", "head-unknown", t.alice, t.a, given={"tick": last})
    by_a_tick = c.states[t.alice.account].entries[1].tick
    verify("device-before-its-time", "Receipted before the head that it names.", "head-unknown", t.alice, t.a, given={"tick": by_a_tick})
    base = {"event": good.hex(), "tes": t.tes(2).hex()}
    for name, size, refuse in (("largest", 1024 * 1024 - 20 * 1024, None), ("too-large", 1024 * 1024 - 1000, "event-too-large")):
        t.book.write("events", f"event-to-write-{name}", "An event is at most 1 MiB.", "5.1", "event-to-write", {**base, "body_size": size}, refuse)


def _bodies(t: Threads) -> None:
    good = body.Body("text/plain", b"Bonjour").encode()
    for name, raw, refuse in (
        ("body", good, None),
        ("body-truncated", good[:10], "octets-malformed"),
        ("body-empty", b"", "octets-malformed"),
        ("body-media-type-not-utf8", good.replace(b"text", b"\xff\xff\xff\xff"), "octets-malformed"),
    ):
        t.book.write("events", name, "What an event says.", "5.9", "body", {"body": raw.hex()}, refuse)
    for name, size, manifests, refuse in (
        ("body-to-write", 100, 50, None),
        ("body-to-write-51-manifests", 0, 51, "manifests-too-many"),
        ("body-to-write-too-large", 1024 * 1024, 0, "body-too-large"),
    ):
        t.book.write("events", name, "Limits of a body.", "5.9", "body-to-write", {"content_size": size, "manifests": manifests}, refuse)
    ack = acks.AckBody(acks.AckKind.READ, 7).body().content
    for name, raw, refuse in (
        ("ack", ack, None),
        ("ack-truncated", ack[:-1], "octets-malformed"),
        ("ack-trailing", ack + b"\0", "octets-malformed"),
        ("ack-unknown-kind", b"\x04" + ack[1:], "octets-malformed"),
    ):
        t.book.write("events", name, "Delivered, read or taken, up to a seq.", "5.11", "ack", {"content": raw.hex()}, refuse)
    assert u64(7) == ack[1:]


def _submissions(t: Threads) -> None:
    wraps = t.wraps(None, t.zero.members, 0)

    def sealed(commit: EpochCommit, thread: bytes = THREAD) -> bytes:
        return event.seal(thread=thread, epoch_id=commit.id, tes=t.tes(0), salt=octets("salt"), intent=octets("intent", 16), meta=_meta(t, t.alice, t.a), body=b"", key=t.alice.key)

    def case(name: str, about: str, raw: bytes, refuse: str | None, clauses: str = "4.3") -> None:
        t.book.write("events", f"submission-of-{name}", about, clauses, "thread-submission", {"octets": raw.hex()}, refuse)

    zero, one = sealed(t.zero), sealed(t.one)
    good = submission.encode(THREAD, (zero,), t.zero.raw, wraps)
    case("a-thread", "Epoch 0, its wraps and an event.", good, None)
    case("an-event", "An event under the current epoch.", submission.encode(THREAD, (zero,)), None)
    case("half", "The last octet is missing.", good[:-1], "octets-malformed", "1.3")
    case("too-much", "One octet too many.", good + b"\0", "octets-malformed", "1.3")
    case("a-newer-protocol", "CP2t.", b"CP2t" + good[4:], "protocol-newer", "1.2")
    case("nothing", "Neither commit nor event.", submission.encode(THREAD, ()), "submission-empty")
    case("wraps-alone", "Wraps without a commit.", submission.encode(THREAD, (zero,), b"", wraps), "octets-malformed")
    case("two-epochs", "Events of two epochs.", submission.encode(THREAD, (zero, one)), "submission-foreign")
    case("another-epoch", "An event that is not under the commit.", submission.encode(THREAD, (one,), t.zero.raw, wraps), "submission-foreign")
    case("another-thread", "An event of another thread.", submission.encode(bytes(16), (zero,)), "submission-foreign")
    case("another-commit", "A commit of another thread.", submission.encode(bytes(16), (), t.zero.raw, wraps), "submission-foreign")
    case("too-few-wraps", "A wrap is missing.", submission.encode(THREAD, (), t.zero.raw, wraps[:1]), "epoch-wraps-wrong")
    case("17-events", "Seventeen events.", submission.encode(THREAD, (zero,) * 17), "octets-malformed")
