"""Vectors of account logs, authorities, grants, wraps and binds (CP1-3). The lines of a scenario say what is wrong in it."""

# ruff: noqa: E501 (a scenario is one line: its name, what is wrong, the clauses, the octets, the verdict)
from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clinic import START, Actor, Clinic, device, octets
from key_scenarios import MIXED_ORDER

from directory.accounts import bind, generation, wraps
from directory.accounts import entry as entries
from directory.accounts.authoring import Authoring
from directory.accounts.entry import (
    NO_ACCOUNT,
    AccountKind,
    AddDevice,
    Authority,
    Bind,
    Close,
    Device,
    DeviceKind,
    Genesis,
    Grant,
    HighestSuite,
    PaperObjection,
    PaperRemoval,
    Payload,
    RotateAek,
    encode_authority,
)
from directory.accounts.grants import ALL_RIGHTS, FOREVER, GrantPayload
from directory.primitives import digest, kem
from directory.primitives.codec import u16, u32, var
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey

if TYPE_CHECKING:
    from generate import Book

HOUR = 3600 * 1000
ROOT = octets("a wraps root")


class Accounts:
    """The world and the shorthand of these scenarios."""

    def __init__(self, book: Book, c: Clinic) -> None:
        self.book, self.c = book, c
        self.alice, self.sara, self.bob, self.lab = (c.actors[name] for name in ("alice", "sara", "bob", "lab"))
        self.a, self.b, self.o, self.closed = (c.mailboxes[name] for name in "ABOC")

    def log(
        self, name: str, about: str, clauses: str, raws: list[bytes], refuse: str | None = None, *, log: bytes = b"",
        ticks: list[int] | None = None, received: dict[int, int] | None = None,
    ) -> None:  # fmt: skip
        items: list[dict[str, Any]] = []
        for number, raw in enumerate(raws):
            items.append({"tick": ticks[number] if ticks else self.c.tick + 1 + number, "entry": raw.hex()})
            if received and number in received:
                items[-1]["received"] = received[number]
        given: dict[str, Any] = {"log": log.hex(), "entries": items} if log else {"entries": items}
        self.book.write("accounts", name, about, clauses, "log", given, refuse, "clinic")

    def chain(self, account: bytes, *steps: tuple[Payload, Actor], **last: Any) -> list[bytes]:
        """Several entries, each built on the one before; `last` makes fields of the last one wrong."""
        raws: list[bytes] = []
        seq, head = self.c.states[account].seq, self.c.states[account].head
        for number, (payload, by) in enumerate(steps):
            fields: dict[str, Any] = {"seq": seq + 1 + number, "prev": head, "time": self.c.time + number}
            if by.account == account:
                fields["head"] = head
            if number == len(steps) - 1:
                fields |= last
            raws.append(self.c.entry(account, payload, by, **fields))
            head = digest.labelled(Label.ENTRY_HASH, raws[-1])
        return raws

    def added(self, name: str, kind: DeviceKind = DeviceKind.SDK, prev: bytes | None = None, **changed: Any) -> AddDevice:
        new, key, _ = device(name, kind)
        new = replace(new, **changed)
        prev = self.c.states[self.alice.account].head if prev is None else prev
        return AddDevice(new, ROOT, key.sign(Label.DEVICE, self.alice.account, prev, new.encode()))

    def rotation(self, account: bytes, class_: int = 0, **changed: Any) -> RotateAek:
        g = len(self.c.states[account].generations.get(class_, ())) + 1
        fresh = {"pk": kem.public_key(octets(f"new generation {changed.pop('number', 0)}")), "chain_ct": b"", "removed": ()}
        return RotateAek(**{"class_": class_, "g": g, "wraps_root": ROOT, **fresh, **changed})


def write(book: Book, c: Clinic) -> None:
    s = Accounts(book, c)
    _octets(s)
    _chain(s)
    _devices(s)
    _generations(s)
    _paper(s)
    _mailboxes(s)
    _authorities(s)
    _openings(s)
    _wraps(s)
    _binds(s)


def _octets(s: Accounts) -> None:
    alice = s.alice.account
    good = s.c.entry(alice, Bind(bytes(32)), s.alice)
    s.log("bind-entry", "The next entry of a person's log.", "3.1 3.2", [good])

    def bad(name: str, about: str, raw: bytes, refuse: str, clauses: str = "3.1 1.3") -> None:
        s.log(name, about, clauses, [raw], refuse)

    bad("entry-truncated", "The last octet is missing.", good[:-1], "octets-malformed")
    bad("entry-trailing", "One octet too many.", good + b"\0", "octets-malformed")
    bad("entry-empty", "No octets at all.", b"", "octets-malformed")
    bad("entry-too-long", "32 KiB and one octet.", good + bytes(32 * 1024), "octets-malformed")
    bad("entry-noise", "Another magic.", b"XXXX" + good[4:], "octets-malformed", "1.2")
    bad("entry-newer-protocol", "CP2a.", b"CP2a" + good[4:], "protocol-newer", "1.2")
    bad("entry-newer-suite", "Suite 2.", good[:4] + b"\0\x02" + good[6:], "protocol-newer", "1.2")
    at = 4 + 2 + 16 + 8 + 32 + 8
    for number, name in ((17, "escrow"), (18, "quorum"), (19, "recover")):
        raw = good[:at] + bytes([number]) + good[at + 1 :]
        bad(f"entry-type-{name}", "A reserved entry type.", raw, "entry-type-reserved", "3.2")
    bad("entry-type-unknown", "Entry type 99.", good[:at] + b"\x63" + good[at + 1 :], "protocol-newer", "1.4 3.2")
    bad("entry-payload-longer-than-it-is", "A var that promises 4 GiB.", good[: at + 1] + b"\xff" * 4 + good[at + 5 :], "octets-malformed")
    steps = (s.c.step("O", "sara on O"),) * 3
    swollen = good.replace(var(encode_authority(())), var(encode_authority(()) + b"\0"))
    bad("entry-authority-trailing", "One octet too many inside the authority.", swollen, "octets-malformed", "3.9 1.3")
    bad("entry-payload-trailing", "One octet too many inside the payload.", good[:at] + b"\x05" + var(bytes(33)) + good[at + 37 :], "octets-malformed")
    bad("close-with-payload", "A close says nothing.", good[:at] + b"\x07" + var(b"\0") + good[at + 37 :], "octets-malformed")
    broken = good.replace(var(encode_authority(())), var(encode_authority(steps)))
    bad("entry-authority-of-three", "Depth is at most two.", broken, "octets-malformed", "3.9")
    new = device("someone new")[0]

    def genesis(kind_of_account: int, kind_of_device: int) -> bytes:
        raw = s.c.entry(NO_ACCOUNT, Genesis(AccountKind.PERSON, new, bytes(64), NO_ACCOUNT, b""), s.alice)
        start = at + 5
        return raw[:start] + bytes([kind_of_account]) + raw[start + 1 : start + 17] + bytes([kind_of_device]) + raw[start + 18 :]

    bad("genesis-of-a-record-from-a-device", "A record starts from its manager, as every mailbox.", genesis(5, 2), "octets-malformed", "3.3")
    bad("genesis-kind-unknown", "Account kind 9.", genesis(9, 2), "octets-malformed", "1.4")
    bad("genesis-device-kind-unknown", "Device kind 9.", genesis(1, 9), "octets-malformed", "1.4")
    rotation = s.rotation(alice)
    for name, changed in (
        ("rotation-class-7", {"class_": 7}),
        ("rotation-chain-of-47", {"chain_ct": bytes(47)}),
        ("rotation-removed-unsorted", {"removed": (b"b" * 16, b"a" * 16)}),
        ("rotation-removed-twice", {"removed": (b"a" * 16, b"a" * 16)}),
        ("rotation-removed-of-15", {"removed": (b"a" * 15,)}),
    ):
        # Built under a harmless payload and put in place afterwards: `build` parses what it makes.
        payload = var(entries.encode_payload(replace(rotation, **changed)))
        raw = good[:at] + b"\x03" + payload + good[at + 5 + 32 :]
        bad(name, "A rotation's payload is malformed.", raw, "octets-malformed", "3.3 1.3")
    none_then_some = entries.encode_payload(rotation) + bytes(16)
    bad("rotation-removed-unannounced", "No removal, then one.", good[:at] + b"\x03" + var(none_then_some) + good[at + 37 :], "octets-malformed", "3.3 1.3")
    raw = good[:at] + b"\x03" + var(entries.encode_payload(rotation)[:-2] + u16(257)) + good[at + 37 :]
    bad("rotation-removed-257", "257 removals.", raw, "octets-malformed", "3.3 1.3")
    submission = s.c.submissions["add-device"]
    for name, raw, refuse in (
        ("submission", submission, None),
        ("submission-truncated", submission[:-1], "octets-malformed"),
        ("submission-trailing", submission + b"\0", "octets-malformed"),
        ("submission-newer", b"CP2s" + submission[4:], "protocol-newer"),
        ("submission-of-129", submission[:4] + u16(129) + submission[6:], "octets-malformed"),
    ):
        s.book.write("accounts", name, "What is submitted for a log.", "3.13", "account-submission", {"octets": raw.hex()}, refuse)
    swapped = bytearray(submission)
    swapped[-40] ^= 1
    s.book.write("accounts", "submission-wrap-flipped", "A wrap that its entry does not commit to.", "3.4 3.13", "account-submission", {"octets": bytes(swapped).hex()}, "wraps-root-wrong")


def _chain(s: Accounts) -> None:
    alice, state = s.alice.account, s.c.states[s.alice.account]
    entry = s.c.entry
    one, two = s.chain(alice, (Bind(bytes(32)), s.alice), (Bind(b"\1" * 32), s.alice))
    s.log("two-entries", "One after the other.", "3.2", [one, two])
    s.log("entry-replayed", "The same entry twice.", "3.2", [one, one], "entry-out-of-chain")
    s.log("entry-reordered", "The second before the first.", "3.2", [two], "entry-out-of-chain")
    s.log("entry-wrong-prev", "Another head.", "3.2", [entry(alice, Bind(bytes(32)), s.alice, prev=bytes(32))], "entry-out-of-chain")
    s.log("entry-same-tick", "A tick that is taken.", "3.2", [one], "entry-out-of-chain", ticks=[state.entries[-1].tick])
    s.log("entry-genesis-again", "A second genesis.", "3.2", [entry(alice, Genesis(AccountKind.PERSONAL_MAILBOX, None, b"", alice, bytes(16)), s.alice)], "entry-out-of-chain")
    s.log("entry-foreign", "In the log of another account.", "3.2", [one], "entry-foreign", log=s.sara.account)
    s.log("entry-backdated", "Older than the entry before.", "3.2", [entry(alice, Bind(bytes(32)), s.alice, time=START)], "entry-backdated")
    s.log("entry-flipped", "One bit of the payload.", "3.2", [one[:80] + bytes([one[80] ^ 1]) + one[81:]], "signature-wrong")
    s.log("entry-signature-flipped", "One bit of the signature.", "3.2", [one[:-1] + bytes([one[-1] ^ 1])], "signature-wrong")
    s.log("entry-by-another-key", "Signed by Sara.", "3.2", [entry(alice, Bind(bytes(32)), s.alice, key=s.sara.key)], "signature-wrong")
    s.log("entry-wrong-signer-head", "The signer has not seen the head.", "3.2", [entry(alice, Bind(bytes(32)), s.alice, head=state.entries[0].hash)], "head-unknown")
    s.log("entry-by-another-account", "Sara signs in Alice's log.", "3.9", [entry(alice, Bind(bytes(32)), s.sara)], "authority-broken")
    s.log("log-empty", "No entry.", "3.2", [], "log-empty")
    stranger, stranger_key, _ = device("stranger")
    unknown = Actor("stranger", stranger, stranger_key, b"", octets("nobody", 16))
    s.log("log-without-genesis", "The first entry is not a genesis.", "3.2", [entry(unknown.account, Bind(bytes(32)), unknown)], "entry-out-of-chain")
    s.log("closed", "Bob's closed mailbox takes nothing more.", "3.2", [entry(s.closed, HighestSuite(1), s.bob)], "account-closed")
    s.log("close-a-mailbox", "By its manager.", "3.2", [entry(s.b, Close(), s.bob)])
    s.log("close-then-bind", "After its close.", "3.2", s.chain(alice, (Close(), s.alice), (Bind(bytes(32)), s.alice)), "account-closed")
    s.log("suite-announced", "Suite 2 is announced.", "3.2 1.7", [entry(alice, HighestSuite(2), s.alice)])
    s.log("suite-lowered", "And taken back.", "3.2 1.7", s.chain(alice, (HighestSuite(2), s.alice), (HighestSuite(1), s.alice)), "suite-lowered")
    s.log("suite-zero", "Below the first suite.", "3.2 1.7", [entry(alice, HighestSuite(0), s.alice)], "suite-lowered")


def _devices(s: Accounts) -> None:
    alice, state = s.alice.account, s.c.states[s.alice.account]

    def one(name: str, about: str, payload: Payload, refuse: str | None = None, clauses: str = "3.3", **changed: Any) -> None:
        s.log(name, about, clauses, [s.c.entry(alice, payload, s.alice, **changed)], refuse)

    one("device-added", "With its own signature.", s.added("third"))
    one("device-removed", "In the rotation that shuts it out.", s.rotation(alice, removed=(octets("alice paper id", 16),)), "paper-removal-too-early", "3.6 3.12")
    good = s.added("third")
    one("device-possession-wrong", "Not signed by the new device.", replace(good, possession=good.possession[:-1] + b"\0"), "signature-wrong")
    stale = s.added("third", prev=state.entries[1].hash)
    one("device-possession-replayed", "Signed for another place in the log.", stale, "signature-wrong")
    one("device-id-repeated", "The removed device's id.", s.added("third", id=octets("alice second id", 16)), "device-repeated")
    one("device-key-reused", "The removed device's signing key.", s.added("third", sign_pk=SigningKey(octets("alice second sign")).public), "key-reused")
    one("device-kem-key-reused", "The generation's public key as a device's.", s.added("third", kem_pk=state.current(0).pk), "key-reused")
    one("device-small-order", "A key of mixed order.", s.added("third", sign_pk=bytes.fromhex(MIXED_ORDER)), "key-unsafe", "1.5 3.3")
    gateway, gateway_key, _ = device("gateway one", DeviceKind.GATEWAY)
    first = s.c.entry(alice, s.added("gateway one", DeviceKind.GATEWAY), s.alice)
    head = digest.labelled(Label.ENTRY_HASH, first)
    second = s.c.entry(alice, s.added("gateway two", DeviceKind.GATEWAY, head), s.alice, seq=state.seq + 2, prev=head, head=head)
    s.log("gateway", "A person's gateway.", "2.2", [first])
    s.log("gateway-twice", "One gateway per person.", "2.2", [first, second], "device-kind-refused")
    assert gateway.sign_pk == gateway_key.public
    removed, removed_key, _ = device("alice second", DeviceKind.BROWSER)
    one("signed-by-removed-device", "The device that the rotation removed.", Bind(bytes(32)), "device-not-live", device=removed.id, key=removed_key)
    one("signed-by-unknown-device", "A device that was never added.", Bind(bytes(32)), "device-unknown", device=bytes(16))
    one("removal-of-unknown-device", "Nobody's id.", s.rotation(alice, removed=(bytes(16),)), "removal-unknown", "3.6")
    one("removal-of-removed-device", "It is gone already.", s.rotation(alice, removed=(removed.id,)), "removal-unknown", "3.6")
    one("removal-of-last-device", "Only paper would stay.", s.rotation(alice, removed=(s.alice.device.id,)), "removal-of-last", "3.6")
    one("grant-in-a-persons-log", "Grants belong to mailboxes.", Grant(bytes(32), ROOT), "entry-not-for-this-account")
    new, key, _ = device("someone new")
    for name, about, changed, kind, refuse in (
        ("genesis", "A new person.", {}, DeviceKind.SDK, None),
        ("genesis-on-paper", "The first device is paper.", {}, DeviceKind.PAPER, "device-kind-refused"),
        ("genesis-possession-wrong", "Possession by another key.", {"possession": bytes(64)}, DeviceKind.SDK, "signature-wrong"),
        ("genesis-mixed-order", "A first key of mixed order.", {"sign_pk": bytes.fromhex(MIXED_ORDER)}, DeviceKind.SDK, "key-unsafe"),
        ("genesis-of-another-account", "The id is not the payload's hash.", {"account": bytes(16)}, DeviceKind.SDK, "entry-foreign"),
        ("genesis-by-another-device", "The signer is not the first device.", {"device": bytes(16)}, DeviceKind.SDK, "authority-broken"),
        ("genesis-forged", "Possession of the device, the entry by another key.", {"key": s.bob.key}, DeviceKind.SDK, "signature-wrong"),
        ("genesis-with-head", "Nothing can have been seen before.", {"head": b"\1" * 32}, DeviceKind.SDK, "head-unknown"),
        ("genesis-with-seq", "Sequence 1.", {"seq": 1}, DeviceKind.SDK, "entry-out-of-chain"),
        ("genesis-with-authority", "A genesis needs none.", {"authority": (s.c.step("O", "sara on O"),)}, DeviceKind.SDK, "authority-broken"),
    ):  # fmt: skip
        first_device = Device(new.id, kind, changed.pop("sign_pk", new.sign_pk), new.kem_pk)
        possession = changed.pop("possession", key.sign(Label.DEVICE, NO_ACCOUNT, digest.ZERO, first_device.encode()))
        payload = Genesis(AccountKind.PERSON, first_device, possession, NO_ACCOUNT, b"")
        account = entries.account_id(entries.encode_payload(payload))
        by = Actor("new", new, key, b"", account)
        authority = changed.pop("authority", ())
        s.log(name, about, "3.1 3.3", [s.c.entry(changed.pop("account", account), payload, by, authority, **changed)], refuse)


def _generations(s: Accounts) -> None:
    alice, chain = s.alice.account, s.c.states[s.alice.account].generations[0]

    def one(name: str, about: str, refuse: str | None = None, clauses: str = "3.5", **changed: Any) -> None:
        s.log(name, about, clauses, [s.c.entry(alice, s.rotation(alice, **changed), s.alice)], refuse)

    one("rotation", "A new segment.")
    one("rotation-with-history", "The chain goes on.", chain_ct=bytes(48))
    one("rotation-skips-a-generation", "g + 2.", "generation-out-of-order", g=len(chain) + 2)
    one("rotation-repeats-a-generation", "g again.", "generation-out-of-order", g=len(chain))
    one("rotation-key-reused", "The first generation's key.", "key-reused", "1.5 3.3", pk=chain[0].pk)
    one("rotation-key-unsafe", "A coefficient of q.", "key-unsafe", "1.5 3.3", pk=b"\x01\x0d" + chain[0].pk[2:])
    one("rotation-of-a-persons-class-1", "A person has class 0 only.", "class-unknown", class_=1, g=1)
    first = s.rotation(s.closed, 0, g=1, chain_ct=bytes(48))
    fresh = s.c.entry(s.b, replace(first, class_=1, g=99), s.bob)
    s.log("rotation-far-ahead", "g = 99.", "3.5", [fresh], "generation-out-of-order")
    many = s.chain(alice, *((s.rotation(alice, g=len(chain) + 1 + n, number=n), s.alice) for n in range(16)))  # the world has one of that day
    s.log("rotation-16-a-day", "The sixteenth of a day.", "3.5", many[:15])
    s.log("rotation-17-a-day", "The seventeenth.", "3.5", many, "rotations-too-many")
    mailbox, seed = octets("fresh mailbox", 16), octets("fresh seed")
    made = Authoring(s.c.states, alice, s.alice.device.id, s.alice.key, s.c.time)
    made.open_mailbox(AccountKind.PERSONAL_MAILBOX, mailbox)
    account = made.changes[0].entry.account
    wrong = RotateAek(0, 1, kem.public_key(seed), ROOT, bytes(48), ())
    head = s.c.states[alice].head
    raw = s.c.entry(account, wrong, s.alice, seq=1, prev=made.changes[0].entry.hash, head=head)
    s.log("rotation-first-with-chain", "The first generation has no past.", "3.5", [made.changes[0].entry.raw, raw], "generation-out-of-order")
    s.log("rotation-of-class-3", "An ordinary mailbox has three classes.", "2.3 3.5", [s.c.entry(s.b, s.rotation(s.b, 3), s.bob)], "authority-insufficient")


def _paper(s: Accounts) -> None:
    alice, paper = s.alice.account, octets("alice paper id", 16)
    paper_key = SigningKey(octets("alice paper sign"))
    by_paper = Actor("paper", Device(paper, DeviceKind.PAPER, b"", b""), paper_key, b"", alice)
    gone = s.rotation(alice, removed=(paper,))
    warn = (PaperRemoval(paper), s.alice)
    time = s.c.time
    s.log("paper-warned-72-hours", "Warned, 72 hours, removed.", "3.12", s.chain(alice, warn, (gone, s.alice), time=time + 72 * HOUR))
    s.log("paper-warned-71-hours", "One millisecond early.", "3.12", s.chain(alice, warn, (gone, s.alice), time=time + 72 * HOUR - 1), "paper-removal-too-early")
    s.log("paper-not-warned", "Never warned.", "3.12", s.chain(alice, (gone, s.alice)), "paper-removal-too-early")
    s.log("paper-removes-itself", "A paper device may go by itself.", "3.12", s.chain(alice, (gone, by_paper)))
    late = s.chain(alice, warn, (PaperObjection(paper), by_paper), (gone, s.alice), time=time + 80 * HOUR)
    s.log("paper-objected", "Objected: the warning has ended.", "3.12", late, "paper-removal-too-early")
    ahead = s.chain(alice, warn, (gone, s.alice), time=time + 72 * HOUR)
    s.log("paper-removal-postdated", "Claims to be 72 hours later and was received at once.", "3.12", ahead, "paper-removal-too-early", received={0: time, 1: time + 1000})
    back = s.chain(alice, warn, (gone, s.alice))
    s.log("paper-warning-backdated", "The warning claims an old time and was received just now.", "3.12", back, "paper-removal-too-early", received={0: time + 72 * HOUR, 1: time + 73 * HOUR})
    s.log("paper-objection-by-another", "Only the paper device objects.", "3.12", s.chain(alice, warn, (PaperObjection(paper), s.alice)), "paper-objection-refused")
    s.log("paper-objection-without-warning", "Nothing to object to.", "3.12", s.chain(alice, (PaperObjection(paper), by_paper)), "paper-objection-refused")
    s.log("paper-warning-of-no-paper", "That device is no paper.", "3.12", s.chain(alice, (PaperRemoval(s.alice.device.id), s.alice)), "device-kind-refused")
    s.log("close-by-paper", "Paper restores and does not close.", "3.12", s.chain(alice, (Close(), by_paper)), "device-kind-refused")
    new, key, _ = device("after a loss")
    prev = s.c.states[alice].head
    added = AddDevice(new, ROOT, key.sign(Label.DEVICE, alice, prev, new.encode()))
    s.log("paper-adds-a-device", "Recovery: paper adds a device.", "3.12 8.2", s.chain(alice, (added, by_paper)))


def _mailboxes(s: Accounts) -> None:
    c, lookup = s.c, s.c.states

    def one(name: str, about: str, mailbox: bytes, payload: Payload, by: Actor, authority: Authority = (), refuse: str | None = None, clauses: str = "3.2 3.9", **changed: Any) -> None:
        s.log(name, about, clauses, [c.entry(mailbox, payload, by, authority, **changed)], refuse)

    sara_o, bob_o, o_a = c.step("O", "sara on O"), c.step("O", "bob on O"), c.step("A", "O on A")
    implicit = lookup[s.o].entries[0].hash
    granted = Grant(bytes(32), ROOT)
    one("grant-by-manager", "The genesis manager grants.", s.o, granted, s.alice)
    one("grant-by-manage", "A grant with manage grants.", s.o, granted, s.bob, (bob_o,))
    one("grant-by-reader", "Send as is not manage.", s.o, granted, s.sara, (sara_o,), "authority-insufficient")
    one("grant-by-stranger", "No grant at all.", s.o, granted, s.sara, (), "authority-missing")
    one("rotation-by-holder", "A holder rotates her class.", s.o, s.rotation(s.o, 1), s.sara, (sara_o,), clauses="3.10")
    one("rotation-of-a-class-not-held", "Class 2 is not hers.", s.o, s.rotation(s.o, 2), s.sara, (sara_o,), "authority-insufficient", "3.10")
    one("rotation-by-manage-of-a-class-not-held", "Manage over class 0 does not reach class 2.", s.o, s.rotation(s.o, 2), s.bob, (bob_o,), "authority-insufficient", "3.10")
    one("rotation-depth-2", "Sara for the organisation, the organisation for A.", s.a, s.rotation(s.a, 1), s.sara, (sara_o, o_a))
    one("rotation-by-holder-removes-manager", "The genesis manager never lapses.", s.o, s.rotation(s.o, 0, removed=(implicit,)), s.sara, (sara_o,), "authority-insufficient", "3.10")
    one("manager-removed", "A grant with manage stays.", s.o, s.rotation(s.o, 0, removed=(implicit,)), s.alice, clauses="3.6")
    alone = c.states[s.b]
    every = tuple(sorted(h for h, life in alone.grants.items() if life.removed > c.tick))
    one("removal-of-last-grant", "Nobody would be left.", s.b, s.rotation(s.b, 0, removed=every), s.bob, (), "removal-of-last", "3.6")
    one("removal-of-unknown-grant", "No such grant.", s.b, s.rotation(s.b, 0, removed=(bytes(32),)), s.bob, (), "removal-unknown", "3.6")
    one("removal-of-revoked-grant", "It is gone already.", s.b, s.rotation(s.b, 0, removed=(c.grants["alice on B"].entry,)), s.bob, (), "removal-unknown", "3.6")
    one("device-in-a-mailbox", "A mailbox has no device.", s.b, s.added("third"), s.bob, (), "entry-not-for-this-account")
    one("bind-in-a-mailbox", "A mailbox is nobody.", s.b, Bind(bytes(32)), s.bob, (), "entry-not-for-this-account")
    one("paper-warning-in-a-mailbox", "A mailbox has no paper.", s.b, PaperRemoval(bytes(16)), s.bob, (), "entry-not-for-this-account")
    one("mailbox-signer-head-unknown", "Not on the signer's chain.", s.b, HighestSuite(1), s.bob, (), "head-unknown", head=bytes(32))
    one("mailbox-signature-flipped", "Signed by Sara's key.", s.b, HighestSuite(1), s.bob, (), "signature-wrong", key=s.sara.key)
    one("mailbox-signer-unknown", "An account that nobody knows.", s.b, HighestSuite(1), s.bob, (), "authority-missing", signer=bytes(16))
    last = lookup[s.bob.account]
    raw = c.entry(s.b, HighestSuite(1), s.bob)
    early = last.entries[0].tick
    assert early < lookup[s.b].entries[-1].tick
    ahead = c.entry(s.bob.account, Bind(bytes(32)), s.bob)
    future = c.entry(s.b, HighestSuite(1), s.bob, head=digest.labelled(Label.ENTRY_HASH, ahead))
    s.log("signer-head-from-the-future", "The head that it names came later.", "3.2", [ahead, future], "head-unknown", ticks=[c.tick + 9, c.tick + 5])
    removed, removed_key, _ = device("alice second", DeviceKind.BROWSER)
    one("mailbox-by-removed-device", "Alice's removed device.", s.o, HighestSuite(1), s.alice, (), "device-not-live", device=removed.id, key=removed_key)
    genesis = Genesis(AccountKind.PERSONAL_MAILBOX, None, b"", s.bob.account, octets("new mailbox", 16))
    account = entries.account_id(entries.encode_payload(genesis))
    one("mailbox-genesis", "By the manager whom it names.", account, genesis, s.bob)
    one("mailbox-genesis-for-another", "Alice opens a mailbox in Bob's name.", account, genesis, s.alice, (), "authority-broken")
    one("mailbox-genesis-forged", "In the manager's name, by another key.", account, genesis, s.bob, (), "signature-wrong", key=s.sara.key)
    orphan = Genesis(AccountKind.PERSONAL_MAILBOX, None, b"", bytes(16), bytes(16))
    nobody = Actor("nobody", s.bob.device, s.bob.key, b"", bytes(16))
    one("mailbox-genesis-by-nobody", "A manager who does not exist.", entries.account_id(entries.encode_payload(orphan)), orphan, nobody, (), "account-unknown")
    nested = Genesis(AccountKind.PERSONAL_MAILBOX, None, b"", s.o, bytes(16))
    by_mailbox = Actor("mailbox", s.bob.device, s.bob.key, b"", s.o)
    one("mailbox-genesis-by-a-mailbox", "A mailbox signs nothing.", entries.account_id(entries.encode_payload(nested)), nested, by_mailbox, (), "authority-broken")
    assert raw


def _authorities(s: Accounts) -> None:
    c = s.c
    step = c.step
    sara_o, o_a = step("O", "sara on O"), step("A", "O on A")

    def power(name: str, about: str, mailbox: bytes, signer: bytes, steps: Authority, refuse: str | None = None, right: int = 2, class_: int = 1, **changed: int) -> None:
        given = {
            "mailbox": mailbox.hex(),
            "signer": signer.hex(),
            "authority": encode_authority(steps).hex(),
            "tick": changed.get("tick", c.tick + 1),
            "time": changed.get("time", c.time),
            "right": right,
            "class": class_,
        }
        s.book.write("accounts", f"authority-{name}", about, "3.7 3.8 3.9", "authority", given, refuse, "clinic")

    a, b, o, alice, sara, bob = s.a, s.b, s.o, s.alice.account, s.sara.account, s.bob.account
    power("manager", "The genesis manager.", a, alice, ())
    power("own", "A service account for itself.", s.lab.account, s.lab.account, (), class_=0)
    power("own-beyond-its-keys", "A service account has class 0 alone.", s.lab.account, s.lab.account, (), "authority-insufficient")
    power("direct", "Her own grant.", o, sara, (sara_o,))
    power("depth-2", "Through the organisation.", a, sara, (sara_o, o_a))
    power("expiry-not-yet", "On its last millisecond.", a, bob, (step("A", "bob on A"),), time=START + 60_000)
    power("missing", "A stranger.", a, sara, (), "authority-missing")
    power("own-log-with-steps", "One's own log needs none.", sara, sara, (sara_o,), "authority-broken")
    power("wrong-mailbox", "It ends at another mailbox.", b, sara, (sara_o,), "authority-broken")
    power("stolen", "Sara's grant in Bob's hand.", o, bob, (sara_o,), "authority-broken")
    power("reordered", "The steps the wrong way round.", o, sara, (o_a, sara_o), "authority-broken")
    power("cycle", "The organisation over itself.", o, sara, (sara_o, sara_o), "authority-broken")
    power("cycle-granted", "The same, and somebody granted it.", o, sara, (sara_o, step("O", "O on O")), "authority-broken")
    granted_b = (step("B", "sara on B"), step("A", "B on A"))
    power("personal-mailbox-granted", "A grant to a personal mailbox carries nobody further.", a, sara, granted_b, "authority-broken", right=1)
    power("signer-in-the-middle", "A step of the signer's own.", a, sara, (replace(sara_o, mailbox=sara), o_a), "authority-broken")
    power("personal-mailbox-in-the-middle", "Only organisations stand between.", a, sara, (step("B", "sara on B"), o_a), "authority-broken")
    power("of-a-machine", "A laboratory holds no grant.", o, s.lab.account, (step("O", "lab on O"),), "authority-broken")
    power("revoked", "Bob has withdrawn it.", b, alice, (step("B", "alice on B"),), "grant-not-live")
    before = c.states[b].grants[c.grants["alice on B"].entry].removed
    head = next(e.hash for e in reversed(c.states[b].entries) if e.tick < before)
    power("before-its-withdrawal", "An act receipted before the withdrawal.", b, alice, (step("B", "alice on B", head=head),), tick=before - 1)
    power("expired", "One millisecond too late.", a, bob, (step("A", "bob on A"),), "grant-not-live", time=START + 60_001)
    power("unknown-grant", "No such entry.", o, sara, (replace(sara_o, grant_entry=bytes(32)),), "grant-not-live")
    implicit = c.states[o].entries[0].hash
    power("implicit-grant-opened", "The genesis manager's grant has no payload.", o, sara, (replace(sara_o, grant_entry=implicit),), "grant-not-live")
    power("head-before-the-grant", "Seen before it was given.", o, sara, (replace(sara_o, head=implicit),), "grant-not-live")
    power("head-unknown", "A head of no chain.", o, sara, (replace(sara_o, head=bytes(32)),), "head-unknown")
    power("head-from-the-future", "The head came later than the act.", o, sara, (sara_o,), "head-unknown", tick=c.states[o].entries[-1].tick)
    power("blind-wrong", "Another blind.", o, sara, (replace(sara_o, blind=bytes(32)),), "opening-wrong")
    wider = GrantPayload(sara, (0, 1, 2), ALL_RIGHTS, FOREVER).encode()
    power("escalated", "A payload with more rights than was committed to.", o, sara, (replace(sara_o, payload=wider),), "opening-wrong")
    power("class-not-granted", "Class 2 is not in her grant.", o, sara, (sara_o,), "authority-insufficient", class_=2)
    power("right-not-granted", "She may not manage.", o, sara, (sara_o,), "authority-insufficient", right=4)
    power("read-only", "Reading is not sending.", b, sara, (step("B", "sara on B"),), "authority-insufficient")
    by_bob = step("O", "bob by bob")
    power("ceiling", "What a manager of class 0 gave himself, within it.", o, bob, (by_bob,), class_=0)
    power("ceiling-broken", "A manager of class 0 gave himself class 1.", o, bob, (by_bob,), "authority-insufficient")
    power("of-a-closed-mailbox", "Closed.", s.closed, bob, (), "account-closed")
    unknown = replace(sara_o, mailbox=bytes(16))
    power("unknown-organisation", "An organisation that nobody knows.", a, sara, (unknown, o_a), "account-unknown")


def _openings(s: Accounts) -> None:
    held = s.c.grants["sara on O"]
    commitment = digest.labelled(Label.PRIVATE, held.blind, held.payload.encode())
    payload = held.payload.encode()

    def opening(name: str, about: str, refuse: str | None, payload: bytes = payload, blind: bytes = held.blind, commit: bytes = b"") -> None:
        given = {"commitment": (commit or commitment).hex(), "blind": blind.hex(), "payload": payload.hex()}
        s.book.write("accounts", f"opening{name}", about, "3.7 3.8", "opening", given, refuse)

    opening("", "Principal, classes, role, not_after.", None)
    several = GrantPayload(s.sara.account, (3, 4, 5, 6), ALL_RIGHTS, FOREVER).encode()
    opening("-of-record-classes", "Classes that only a record has.", None, several, commit=digest.labelled(Label.PRIVATE, held.blind, several))
    opening("-blind-flipped", "Another blind.", "opening-wrong", blind=bytes(32))
    opening("-blind-short", "31 octets of blind.", "opening-wrong", blind=held.blind[:-1])
    opening("-payload-flipped", "Another principal.", "opening-wrong", payload=b"\0" + payload[1:])
    for name, wrong in (
        ("no-class", payload[:16] + b"\0" + payload[17:]),
        ("class-7", payload[:16] + b"\x80" + payload[17:]),
        ("no-read", payload[:17] + b"\x02" + payload[18:]),
        ("right-8", payload[:17] + b"\x09" + payload[18:]),
        ("trailing", payload + b"\0"),
    ):
        commit = digest.labelled(Label.PRIVATE, held.blind, wrong)
        opening(f"-{name}", "A payload that is not a grant.", "octets-malformed", payload=wrong, commit=commit)
    seed = s.c.seeds["O", 0][0]
    sealed = {"commitment": commitment.hex(), "mailbox": s.o.hex(), "seed": seed.hex()}
    for name, entry, refuse in (("sealed", held.entry, None), ("sealed-moved", bytes(32), "wrap-wrong")):
        given = {**sealed, "entry": entry.hex(), "sealed": held.sealed.hex()}
        s.book.write("accounts", f"opening-{name}", "The opening that holders of class 0 get.", "3.8", "opening", given, refuse)


def _wraps(s: Accounts) -> None:
    owner, seed, recipient = s.alice.account, s.alice.aek[1], s.alice.device
    pk = kem.public_key(seed)
    made = generation.wrap_to(
        seed=seed, owner=owner, class_=0, g=2, recipient=owner, device=recipient.id, recipient_generation=0, recipient_pk=recipient.kem_pk
    )  # fmt: skip
    raw = made.encode()

    def wrap(name: str, about: str, octets_: bytes, refuse: str | None, **changed: bytes) -> None:
        given = {"wrap": octets_, "owner": owner, "seed": s.alice.kem_seed, "pk": pk} | changed
        s.book.write("accounts", f"wrap{name}", about, "3.4", "aek-wrap", {k: v.hex() for k, v in given.items()}, refuse)

    wrap("", "A generation for one device.", raw, None)
    wrap("-truncated", "The last octet is missing.", raw[:-1], "octets-malformed")
    wrap("-trailing", "One octet too many.", raw + b"\0", "octets-malformed")
    wrap("-short", "A seal one octet short.", raw[:41] + var(made.sealed[:-1]), "octets-malformed")
    wrap("-flipped", "One bit.", raw[:-1] + bytes([raw[-1] ^ 1]), "wrap-wrong")
    wrap("-of-another-owner", "Another owner.", raw, "wrap-wrong", owner=s.bob.account)
    wrap("-of-another-generation", "Relabelled as generation 3.", raw[:33] + u32(3) + raw[37:], "wrap-wrong")
    wrap("-for-another", "Opened by somebody else.", raw, "wrap-wrong", seed=s.bob.kem_seed)
    wrap("-garbage", "An old seed under a new number: not the logged key's.", raw, "generation-key-wrong", pk=kem.public_key(s.alice.aek[0]))
    old, new = s.alice.aek
    ct = generation.chain(new, owner, 0, 2, old)
    for name, about, changed, refuse in (
        ("chain", "The newest key opens its past.", {}, None),
        ("chain-truncated", "The last octet is missing.", {"chain_ct": ct[:-1].hex()}, "tag-wrong"),
        ("chain-with-old-key", "An old key opens nothing newer.", {"seed": old.hex()}, "tag-wrong"),
        ("chain-of-another-generation", "As generation 3.", {"g": 3}, "tag-wrong"),
        ("chain-of-another-owner", "Another owner.", {"owner": s.bob.account.hex()}, "tag-wrong"),
        ("chain-garbage", "It opens to a key that the log does not show.", {"previous_pk": pk.hex()}, "generation-key-wrong"),
    ):  # fmt: skip
        given = {"seed": new.hex(), "owner": owner.hex(), "class": 0, "g": 2, "chain_ct": ct.hex()}
        given |= {"previous_pk": kem.public_key(old).hex()} | changed
        s.book.write("accounts", name, about, "3.5", "aek-chain", given, refuse)
    two = [made, replace(made, recipient=s.bob.account)]
    ascending = wraps.encode_list(two)
    descending = ascending[:2] + b"".join(w.encode() for w in sorted(two, reverse=True))
    bind_entry = s.c.entry(owner, Bind(bytes(32)), s.alice)
    for name, listed in (("submission-wraps-trailing", ascending + b"\0"), ("submission-wraps-twice", u16(2) + made.encode() * 2), ("submission-wraps-descending", descending), ("submission-wraps-2049", u16(2049) + ascending[2:])):
        octets_ = b"CP1s" + u16(1) + var(bind_entry) + var(listed) + var(b"") * 3
        s.book.write("accounts", name, "Wraps ascend strictly.", "3.4 3.13", "account-submission", {"octets": octets_.hex()}, "octets-malformed")


def _binds(s: Accounts) -> None:
    registrar = SigningKey(octets("registrar"))

    def bound(name: str, about: str, account: bytes, evidence: bytes, refuse: str | None, key: bytes = registrar.public) -> None:
        given = {"account": account.hex(), "evidence": evidence.hex(), "registrar": key.hex()}
        s.book.write("accounts", f"bind{name}", about, "3.11", "bind", given, refuse, "clinic")

    alice, lab = s.c.submissions["bind alice"], s.c.submissions["bind lab"]
    bound("", "A professional by invitation.", s.alice.account, alice, None)
    bound("-structure", "A laboratory's structure.", s.lab.account, s.c.submissions["bind lab structure"], None)
    bound("-machine-as-clinician", "A machine is never shown as a clinician.", s.lab.account, lab, "bind-unknown")
    bound("-of-another-account", "Alice's evidence for Bob.", s.bob.account, alice, "bind-unknown")
    bound("-blind-flipped", "Not what the log commits to.", s.alice.account, b"\0" + alice[1:], "bind-unknown")
    bound("-other-registrar", "Another registrar's pin.", s.alice.account, alice, "signature-wrong", s.bob.key.public)
    code = SigningKey(octets("another code"))
    head = s.c.states[s.bob.account].head
    plain = bind.Invitation(code.public, bind.InviteeKind.PROFESSIONAL, "10100000033", "Dr Bob", "médecin", "", START, START + 10**9)
    good = bind.issue(plain, registrar).raw

    def resigned(unsigned: bytes) -> bytes:
        return unsigned + registrar.sign(Label.INVITATION, unsigned)

    kind_at = 4 + 2 + 32
    unsafe = bind.issue(replace(plain, code_pk=bytes.fromhex(MIXED_ORDER)), registrar).raw
    for name, about, certificate, key, at, refuse in (
        ("fresh", "Bob's own, entered just now.", good, code, head, None),
        ("certificate-newer", "A certificate of suite 2.", resigned(good[:4] + u16(2) + good[6:-64]), code, head, "protocol-newer"),
        ("certificate-newer-protocol", "CP2i.", resigned(b"CP2i" + good[4:-64]), code, head, "protocol-newer"),
        ("certificate-kind-unknown", "Kind 9.", resigned(good[:kind_at] + b"\x09" + good[kind_at + 1 : -64]), code, head, "octets-malformed"),
        ("certificate-trailing", "One octet too many inside.", resigned(good[:-64] + b"\0"), code, head, "octets-malformed"),
        ("certificate-of-an-unsafe-code", "A code key of mixed order would prove anything.", unsafe, code, head, "key-unsafe"),
        ("by-the-service", "The proof is not the code's: whoever sees certificates cannot bind.", good, s.bob.key, head, "signature-wrong"),
        ("of-another-head", "A proof for another place in the log.", good, code, bytes(32), "signature-wrong"),
    ):  # fmt: skip
        evidence = bind.prove(certificate, key, s.bob.account, at, octets("fresh bind"))
        raw = s.c.entry(s.bob.account, Bind(evidence.commitment), s.bob)
        given = {"account": s.bob.account.hex(), "evidence": evidence.encode().hex(), "registrar": registrar.public.hex()}
        given |= {"before": [{"tick": s.c.tick + 1, "entry": raw.hex()}]}
        s.book.write("accounts", f"bind-{name}", about, "3.11", "bind", given, refuse, "clinic")
    bound("-truncated", "The last octet is missing.", s.alice.account, alice[:-1], "octets-malformed")
    bound("-trailing", "One octet too many.", s.alice.account, alice + b"\0", "octets-malformed")
