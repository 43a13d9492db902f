"""Vectors of patients' records: genesis, consents, claims (CP1-3.15 to 3.17), their threads (CP1-4.12, 4.13), and access
statements (CP1-10.1, 10.2). Their world is the clinic with a patient and two records more.

R is custodial: Alice keeps it, and its sheet may claim it. P is the patient's own, without a sheet.
"""

# ruff: noqa: E501 (a scenario is one line: its name, what is wrong, the clauses, the octets, the verdict)
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clinic import START, Actor, Clinic, device, octets
from key_scenarios import MIXED_ORDER

from directory.accounts import bind
from directory.accounts import entry as entries
from directory.accounts.entry import (
    NO_SHEET,
    AccountKind,
    Authority,
    Bind,
    Claim,
    Consent,
    DeviceKind,
    Genesis,
    Grant,
    Payload,
    RotateAek,
    Signer,
    encode_authority,
)
from directory.accounts.grants import RECORD_CLASSES, Right, reading_class
from directory.primitives import digest, kem
from directory.primitives.codec import u8, u16, u64, var
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey
from messaging.protocol import epoch_secret
from messaging.wire import access, epoch
from messaging.wire.access import WHOLE, Purpose
from messaging.wire.epoch import NO_KEY, NO_PARENT, EpochCommit, Member, Role, pk_hash

if TYPE_CHECKING:
    from generate import Book

ITEM = octets("record item", 16)
SHEET = SigningKey(octets("sheet of R"))
ROOT = octets("a wraps root")
SEND = Right.READ | Right.SEND_AS


def people(c: Clinic) -> None:
    """The patient and the two records, after everything that the other scenarios stand on."""
    c.tick += 100
    alice, bob, sara = c.actors["alice"], c.actors["bob"], c.actors["sara"]
    patient = c.person("patient")
    c.mailbox("R", alice, AccountKind.RECORD, RECORD_CLASSES, SHEET.public)
    c.mailbox("P", patient, AccountKind.RECORD, RECORD_CLASSES)
    c.grant("O on R", "R", alice, c.mailboxes["O"], (0, 1, 2, 3), SEND)
    c.grant("sara on R", "R", alice, sara.account, (0, 1), Right.READ)
    c.grant("bob on R", "R", alice, bob.account, (0, 1), SEND | Right.MANAGE)
    c.grant("patient on R", "R", alice, patient.account, (0,), SEND)


class Records:
    def __init__(self, book: Book, c: Clinic) -> None:
        self.book, self.c = book, c
        self.alice, self.sara, self.bob, self.lab, self.patient = (
            c.actors[name] for name in ("alice", "sara", "bob", "lab", "patient")
        )
        self.a, self.o, self.r, self.p = (c.mailboxes[name] for name in "AORP")
        self.tick = c.tick + 10
        self.sara_o, self.o_r = c.step("O", "sara on O"), c.step("R", "O on R")

    def log(self, name: str, about: str, clauses: str, raws: list[bytes], refuse: str | None = None) -> None:
        items = [{"tick": self.c.tick + 1 + at, "entry": raw.hex()} for at, raw in enumerate(raws)]
        self.book.write("records", name, about, clauses, "log", {"entries": items}, refuse, "records")

    def chain(self, account: bytes, *steps: tuple[Payload, Actor, Authority]) -> list[bytes]:
        """Several entries of one log, each built on the one before."""
        raws: list[bytes] = []
        state = self.c.states[account]
        head = state.head
        for at, (payload, by, authority) in enumerate(steps):
            own = {"head": head} if by.account == account else {}
            made = self.c.entry(account, payload, by, authority, seq=state.seq + 1 + at, prev=head, time=self.c.time + at, **own)
            raws.append(made)
            head = digest.labelled(Label.ENTRY_HASH, made)
        return raws

    def rotation(self, class_: int, **changed: Any) -> RotateAek:
        g = len(self.c.states[self.r].generations[class_]) + 1
        fresh = {"pk": kem.public_key(octets(f"record {class_} anew")), "chain_ct": b"", "removed": (), "wraps_root": ROOT}
        return RotateAek(**{"class_": class_, "g": g, **fresh, **changed})


def write(book: Book, c: Clinic) -> None:
    s = Records(book, c)
    _geneses(s)
    _consents(s)
    _claims(s)
    _authorities(s)
    _binds(s)
    _threads(s)
    _accesses(s)


def _geneses(s: Records) -> None:
    def opened(name: str, about: str, payload: Genesis, by: Actor, refuse: str | None = None, account: bytes = b"") -> None:
        raw = s.c.entry(account or entries.account_id(entries.encode_payload(payload)), payload, by)
        s.log(f"record-genesis{name}", about, "3.1 3.3 3.15", [raw], refuse)

    def genesis(sheet_pk: bytes = NO_SHEET) -> Genesis:
        return Genesis(AccountKind.RECORD, None, b"", s.bob.account, octets("new record", 16), sheet_pk)

    sheet = SigningKey(octets("another sheet")).public
    opened("", "Kept by a person, without a sheet.", genesis(), s.bob)
    opened("-with-a-sheet", "The sheet's key may claim it later.", genesis(sheet), s.bob)
    opened("-for-another", "Alice opens a record in Bob's name.", genesis(), s.alice, "authority-broken")
    opened("-unsafe-sheet", "A sheet's key of mixed order.", genesis(bytes.fromhex(MIXED_ORDER)), s.bob, "key-unsafe")
    good = s.c.entry(entries.account_id(entries.encode_payload(genesis(sheet))), genesis(sheet), s.bob)
    for name, about, sheet_pk in (("short", "31 octets of sheet_pk.", sheet[:-1]), ("trailing", "33 octets of sheet_pk.", sheet + b"\0"), ("without-a-field", "An ordinary mailbox's genesis under a record's kind.", b"")):
        whole = entries.encode_payload(genesis(sheet))
        raw = good.replace(var(whole), var(whole[:-32] + sheet_pk))
        s.log(f"record-genesis-{name}", about, "3.3 1.3", [raw], "octets-malformed")
    ordinary = Genesis(AccountKind.PERSONAL_MAILBOX, None, b"", s.bob.account, octets("new record", 16))
    whole = entries.encode_payload(ordinary)
    plain = s.c.entry(entries.account_id(whole), ordinary, s.bob).replace(var(whole), var(whole + sheet))
    s.log("mailbox-genesis-with-a-sheet", "Only a record has a sheet.", "3.3 1.3", [plain], "octets-malformed")
    s.log("record-rotation-of-class-6", "A record has seven classes.", "3.4 3.15", [s.c.entry(s.r, s.rotation(6), s.alice)])
    s.log("record-grant", "By its manager.", "3.7 3.15", [s.c.entry(s.r, Grant(bytes(32), ROOT), s.alice)])


def _consents(s: Records) -> None:
    said = Consent(octets("series", 16), octets("blinded"))

    def one(name: str, about: str, by: Actor, authority: Authority = (), refuse: str | None = None, account: bytes = b"", clauses: str = "3.16 3.9") -> None:
        s.log(f"consent{name}", about, clauses, [s.c.entry(account or s.r, said, by, authority)], refuse)

    one("", "By who keeps the record.", s.alice)
    one("-by-the-patient", "In the patient's own record.", s.patient, account=s.p)
    one("-by-a-holder", "Send as over class 1, through the organisation.", s.sara, (s.sara_o, s.o_r))
    one("-by-a-reader", "Reading is not agreeing.", s.sara, (s.c.step("R", "sara on R"),), "authority-insufficient")
    one("-over-notices-alone", "Send as over class 0 alone.", s.patient, (s.c.step("R", "patient on R"),), "authority-insufficient")
    one("-by-a-stranger", "No grant at all.", s.bob, (), "authority-missing", account=s.p)
    one("-in-a-mailbox", "A doctor's mailbox agrees to nothing.", s.alice, (), "entry-not-for-this-account", account=s.a)
    one("-in-a-persons-log", "A person's log has none.", s.alice, (), "entry-not-for-this-account", account=s.alice.account)
    later = Consent(said.series, octets("blinded later"))
    s.log("consent-again", "The newest entry of a series is the consent.", "3.16", s.chain(s.r, (said, s.alice, ()), (later, s.alice, ())))
    good = s.c.entry(s.r, said, s.alice)
    for name, payload in (("truncated", said.series + said.blinded[:-1]), ("trailing", said.series + said.blinded + b"\0")):
        raw = good.replace(var(said.series + said.blinded), var(payload))
        s.log(f"consent-{name}", "A payload of another length.", "3.3 1.3", [raw], "octets-malformed")


def _claims(s: Records) -> None:
    patient = s.patient

    def claim(account: bytes = patient.account, record: bytes = s.r, key: SigningKey = SHEET) -> Claim:
        return Claim(key.sign(Label.CLAIM, record, account))

    def one(name: str, about: str, payload: Claim, by: Actor, refuse: str | None, account: bytes = s.r, authority: Authority = ()) -> None:
        s.log(f"claim{name}", about, "3.17", [s.c.entry(account, payload, by, authority)], refuse)

    def after(name: str, about: str, refuse: str | None, *steps: tuple[Payload, Actor, Authority]) -> None:
        s.log(f"claim-then-{name}", about, "3.17 3.9", s.chain(s.r, (claim(), patient, ()), *steps), refuse)

    one("", "The sheet's key names the patient's account.", claim(), patient, None)
    one("-replayed", "Bob shows the proof that the patient used.", claim(), s.bob, "signature-wrong")
    one("-by-another-sheet", "A key that is not on the sheet.", claim(key=SigningKey(octets("another sheet"))), patient, "signature-wrong")
    one("-of-another-record", "The sheet of another record.", claim(record=s.p), patient, "signature-wrong")
    one("-without-a-sheet", "A record that has none.", claim(record=s.p), s.bob, "claim-used", s.p)
    one("-by-a-machine", "A laboratory is no patient.", claim(s.lab.account), s.lab, "authority-broken")
    one("-with-an-authority", "For somebody else.", claim(s.sara.account), s.sara, "authority-broken", authority=(s.sara_o, s.o_r))
    one("-in-a-mailbox", "An ordinary mailbox has no sheet.", claim(record=s.a), patient, "entry-not-for-this-account", s.a)
    own = claim(s.alice.account, s.alice.account)
    one("-in-a-persons-log", "A person's log has none.", own, s.alice, "entry-not-for-this-account", s.alice.account)
    good = s.c.entry(s.r, claim(), patient)
    s.log("claim-truncated", "63 octets of proof.", "3.3 1.3", [good.replace(var(claim().proof), var(claim().proof[:-1]))], "octets-malformed")
    s.log("claim-by-a-removed-device", "A device that was taken off.", "3.17 3.6", [_by_removed(s, claim(s.alice.account))], "device-not-live")
    after("rotation", "The new manager rotates; the former grants count as removed.", None, (s.rotation(0), patient, ()), (s.rotation(1), patient, ()))
    after("second-claim", "A sheet is used once.", "claim-used", (claim(s.bob.account), s.bob, ()))
    after("same-claim", "Even by the same patient.", "claim-used", (claim(), patient, ()))
    after("act-of-the-former-manager", "Alice keeps it no more.", "authority-missing", (Grant(bytes(32), ROOT), s.alice, ()))
    after("act-of-a-former-holder", "Her grant ended with the claim.", "grant-not-live", (Consent(bytes(16), bytes(32)), s.sara, (s.sara_o, s.o_r)))
    gone = s.c.grants["O on R"].entry
    after("removal-of-an-ended-grant", "It is gone already.", "removal-unknown", (s.rotation(0, removed=(gone,)), patient, ()))
    after("removal-of-itself", "Nobody would be left.", "removal-of-last", (s.rotation(0, removed=(_hash(s, claim()),)), patient, ()))


def _hash(s: Records, payload: Claim) -> bytes:
    return digest.labelled(Label.ENTRY_HASH, s.c.entry(s.r, payload, s.patient))


def _by_removed(s: Records, payload: Claim) -> bytes:
    removed, key, _ = device("alice second", DeviceKind.BROWSER)
    return s.c.entry(s.r, payload, s.alice, device=removed.id, key=key)


def _authorities(s: Records) -> None:
    claim = s.c.entry(s.r, Claim(SHEET.sign(Label.CLAIM, s.r, s.patient.account)), s.patient)
    claimed_at = s.tick

    def power(name: str, about: str, signer: bytes, steps: Authority, refuse: str | None, right: int = 2, class_: int = 1, tick: int = s.tick + 5, claimed: bool = False) -> None:
        given: dict[str, Any] = {"mailbox": s.r.hex(), "signer": signer.hex(), "authority": encode_authority(steps).hex()}
        given |= {"tick": tick, "time": s.c.time, "right": right, "class": class_}
        if claimed:
            given["before"] = [{"tick": claimed_at, "entry": claim.hex()}]
        s.book.write("records", f"record-authority-{name}", about, "3.4 3.9 3.17", "authority", given, refuse, "records")

    alice, sara, patient = s.alice.account, s.sara.account, s.patient.account
    power("manager", "Over every class.", alice, (), None, class_=6)
    power("through-an-organisation", "Class 3 through the clinical class that she has there.", sara, (s.sara_o, s.o_r), None, class_=3)
    power("reading-class-not-held", "Class 2 is not hers in the organisation.", sara, (s.sara_o, s.o_r), "authority-insufficient", class_=2)
    power("class-not-granted", "Class 5 was not granted.", sara, (s.sara_o, s.o_r), "authority-insufficient", class_=5)
    power("before-the-claim", "An act receipted while Alice kept it.", alice, (), None, tick=claimed_at - 1, claimed=True)
    power("after-the-claim", "Alice keeps it no more.", alice, (), "authority-missing", claimed=True)
    power("of-the-patient", "Since the claim.", patient, (), None, 4, claimed=True)
    power("of-the-patient-too-early", "Before the claim.", patient, (), "authority-missing", tick=claimed_at - 1, claimed=True)


def _binds(s: Records) -> None:
    registrar = SigningKey(octets("registrar"))

    def bound(name: str, about: str, kind: bind.InviteeKind, actor: Actor, refuse: str | None) -> None:
        code = SigningKey(octets(f"code of {name}"))
        identifier = "" if kind is bind.InviteeKind.PATIENT else "750000005"
        invitation = bind.Invitation(code.public, kind, identifier, "", "", "", START, START + 10**9)
        head = s.c.states[actor.account].head
        evidence = bind.prove(bind.issue(invitation, registrar).raw, code, actor.account, head, octets(f"bind {name}"))
        raw = s.c.entry(actor.account, Bind(evidence.commitment), actor)
        given = {"account": actor.account.hex(), "evidence": evidence.encode().hex(), "registrar": registrar.public.hex()}
        s.book.write("records", f"bind-{name}", about, "3.11", "bind", {**given, "before": [{"tick": s.tick, "entry": raw.hex()}]}, refuse, "records")

    kinds = bind.InviteeKind
    bound("patient", "A patient's certificate names nobody.", kinds.PATIENT, s.patient, None)
    bound("depositor", "A structure that only deposits.", kinds.DEPOSITOR, s.lab, None)
    bound("payer", "Who pays.", kinds.PAYER, s.lab, None)
    bound("bridge", "The machine that files.", kinds.BRIDGE, s.lab, None)
    bound("person-as-depositor", "A person is no machine.", kinds.DEPOSITOR, s.patient, "bind-unknown")
    bound("person-as-structure", "A person is no structure.", kinds.STRUCTURE, s.patient, "bind-unknown")
    bound("machine-as-patient", "A machine is no patient.", kinds.PATIENT, s.lab, "bind-unknown")


def _member(s: Records, account: bytes, class_: int, role: Role, since: int = 0, as_class: int = -1) -> Member:
    """By the class by which this kind of account is a member, unless said otherwise."""
    state = s.c.states[account]
    own = class_ if state.kind is AccountKind.RECORD else reading_class(class_) if state.kind.is_mailbox else 0
    own = own if as_class < 0 else as_class
    if role is Role.DEPOSIT:
        return Member(account, own, state.head, 0, NO_KEY, role, since)
    current = state.current(own if own in state.generations else 1)
    return Member(account, own, state.head, current.g, pk_hash(current.pk), role, since)


def _commit(
    s: Records, under: EpochCommit | None, class_: int, members: Sequence[Member], by: Actor, acting_for: bytes,
    authority: Authority = (), wraps_root: bytes = bytes(32),
) -> EpochCommit:  # fmt: skip
    number = under.epoch + 1 if under else 0
    return epoch.build(
        thread=ITEM,
        epoch=number,
        parent=under.id if under else NO_PARENT,
        time=s.c.time + number,
        class_=class_,
        members=sorted(members, key=lambda m: (m.account, m.class_)),
        tes_hash=epoch_secret.tes_hash(octets(f"item tes {number}")),
        wraps_root=wraps_root,
        key=by.key,
        committer=Signer(by.account, by.device.id, s.c.states[by.account].head),
        acting_for=acting_for,
        authority=authority,
    )


def _threads(s: Records) -> None:
    def one(name: str, about: str, commit: EpochCommit, under: EpochCommit | None, refuse: str | None, clauses: str = "4.12") -> None:
        given = {"commit": commit.raw.hex(), "tick": s.tick}
        if under:
            given["parent"] = under.raw.hex()
        s.book.write("records", f"item-{name}", about, clauses, "epoch", given, refuse, "records")

    def admin(class_: int, account: bytes = s.r, since: int = 0) -> Member:
        return _member(s, account, class_, Role.ADMIN, since)

    def first(name: str, about: str, class_: int, members: Sequence[Member], refuse: str | None, by: Actor = s.alice, acting: bytes = s.r) -> None:
        one(name, about, _commit(s, None, class_, members, by, acting), None, refuse, "4.5 4.12")

    first("of-class-1", "Alice for the record that she keeps.", 1, [admin(1)], None)
    first("of-class-5", "A class that only a record has.", 5, [admin(5)], None)
    first("shown", "A doctor's mailbox reads class 3 by its clinical class.", 3, [admin(3), _member(s, s.a, 3, Role.READ)], None)
    first("shown-by-its-number", "An ordinary mailbox has no class 3.", 3, [admin(3), _member(s, s.a, 3, Role.READ, as_class=3)], "epoch-member-refused")
    first("read-by-its-clinical-class", "A record is a member by the thread's class.", 3, [_member(s, s.r, 3, Role.ADMIN, as_class=1)], "epoch-member-refused")
    first("without-a-record", "A thread of class 5 among doctors.", 5, [admin(5, s.a)], "epoch-record-refused", acting=s.a)
    first("of-two-records", "Two patients in one thread.", 1, [admin(1), admin(1, s.p)], "epoch-record-refused")
    deposited = _commit(s, None, 4, [admin(4), _member(s, s.lab.account, 4, Role.DEPOSIT)], s.lab, s.lab.account)
    one("deposited", "A laboratory deposits what it cannot read.", deposited, None, None, "4.8 4.12")
    opened = _commit(s, None, 1, [admin(1), _member(s, s.a, 1, Role.ADMIN)], s.alice, s.a)
    second = _commit(s, opened, 1, [admin(1), _member(s, s.a, 1, Role.ADMIN), admin(1, s.p, 1)], s.alice, s.a)
    one("second-record-added", "A second patient joins.", second, opened, "epoch-record-refused")

    zero = _commit(s, None, 1, [admin(1)], s.alice, s.r)

    def change(name: str, about: str, refuse: str | None, class_: int, members: Sequence[Member], by: Actor = s.alice, authority: Authority = (), under: EpochCommit = zero, acting: bytes = s.r) -> None:
        one(f"change-{name}", about, _commit(s, under, class_, members, by, acting, authority), under, refuse, "4.13")

    change("masked", "The record moves the item to class 2.", None, 2, [admin(2)])
    masked = _commit(s, zero, 2, [admin(2)], s.alice, s.r)
    change("unmasked", "And back.", None, 1, [admin(1)], under=masked)
    change("of-a-deposit", "The depositor is gone by then.", None, 1, [admin(1)], under=deposited)
    change("with-a-reader", "Somebody else stays.", "epoch-foreign", 2, [admin(2), _member(s, s.a, 2, Role.READ, 1)])
    change("by-a-holder", "Send as over both classes, and no manage.", "authority-insufficient", 3, [admin(3)], s.sara, (s.sara_o, s.o_r))
    change("of-a-class-not-held", "Manage over the old class alone.", "authority-insufficient", 2, [admin(2)], s.bob, (s.c.step("R", "bob on R"),))
    change("within-its-classes", "Manage and send as over both.", None, 0, [admin(0)], s.bob, (s.c.step("R", "bob on R"),))
    change("by-a-correspondent", "The doctor's mailbox acts.", "epoch-foreign", 2, [admin(2)], under=opened, acting=s.a)
    change("of-a-newcomer", "The record was not there before.", "epoch-committer-not-member", 2, [admin(2, s.p, 1)], s.patient, acting=s.p)
    change("of-another-record", "Another record in its place.", "epoch-foreign", 2, [admin(2, s.p, 1)])
    _change_of_secrets(s, zero)


def _change_of_secrets(s: Records, zero: EpochCommit) -> None:
    """CP1-4.13: the new class's readers get what the old class's had."""
    members = [_member(s, s.r, 2, Role.ADMIN)]
    seed = s.c.seeds["R", 2][-1]
    wraps = epoch_secret.wraps_for(
        thread=ITEM, parent=zero, tes=octets("item tes 1"), members=members, keys={s.r: kem.public_key(seed)},
        held={0: octets("item tes 0")}, epoch=1,
    )  # fmt: skip
    commit = _commit(s, zero, 2, members, s.alice, s.r, wraps_root=epoch.wraps_root(wraps))
    for name, about, opened_by, refuse in (
        ("secret-of-a-change", "A reader of class 2 opens epochs 0 and 1.", seed, None),
        ("secret-of-a-change-by-the-old-class", "A reader of class 1 opens nothing.", s.c.seeds["R", 1][-1], "wrap-wrong"),
    ):
        given = {"wrap": wraps[0].encode().hex(), "commit": commit.raw.hex(), "seed": opened_by.hex(), "earlier": [zero.raw.hex()]}
        s.book.write("records", name, about, "4.10 4.13", "epoch-secret", given, refuse)


def _accesses(s: Records) -> None:
    def stated(by: Actor = s.alice, **changed: Any) -> bytes:
        signer = Signer(by.account, changed.pop("device", by.device.id), changed.pop("head", s.c.states[by.account].head))
        fields: dict[str, Any] = {"record": s.r, "mailbox": s.r, "classes": (0, 1), "purpose": Purpose.CARE, "thread": WHOLE}
        return access.build(**{**fields, "time": s.c.time, "authority": (), "key": by.key, **changed}, reader=signer).raw

    def one(name: str, about: str, raw: bytes, refuse: str | None, clauses: str = "10.2", **given: Any) -> None:
        stated_ = {"statement": raw.hex(), "tick": s.tick, "received": s.c.time, **given}
        s.book.write("records", f"access{name}", about, clauses, "access", stated_, refuse, "records")

    good, shown, member = stated(), {"thread": ITEM, "classes": (3,)}, {"mailbox": s.o, "authority": (s.sara_o,)}
    one("", "Alice opens two classes of the record that she keeps.", good, None, "10.1 10.2 10.4")
    one("-own", "The patient's own, all of it.", stated(s.patient, record=s.p, mailbox=s.p, classes=RECORD_CLASSES, purpose=Purpose.OWN), None)
    one("-through-an-organisation", "A holder through her organisation.", stated(s.sara, authority=(s.sara_o, s.o_r), classes=(3,)), None)
    one("-of-what-is-shown", "One item of class 3 that her organisation is shown, by its clinical class.", stated(s.sara, **member, **shown), None)
    one("-truncated", "The last octet is missing.", good[:-1], "octets-malformed", "10.1 1.3")
    one("-trailing", "One octet too many.", good + b"\0", "octets-malformed", "10.1 1.3")
    one("-too-long", "4 KiB and more.", good + bytes(4096), "octets-malformed", "10.1 1.3")
    one("-newer-protocol", "CP2x.", b"CP2x" + good[4:], "protocol-newer", "1.2")
    one("-newer-suite", "Suite 2.", good[:4] + u16(2) + good[6:], "suite-newer", "1.2 1.7")
    at = 4 + 2 + 16 + 16
    one("-of-no-class", "It opens nothing.", good[:at] + u8(0) + good[at + 1 :], "octets-malformed", "10.1")
    one("-of-class-7", "No record has it.", good[:at] + u8(128) + good[at + 1 :], "octets-malformed", "10.1")
    for purpose in (0, 6):
        one(f"-for-purpose-{purpose}", "No such purpose.", good[: at + 1] + u8(purpose) + good[at + 2 :], "octets-malformed", "1.4 10.1")
    of_one = stated(s.sara, **member, **shown)
    one("-of-everything-by-a-member", "Who is shown one item states that item.", of_one.replace(ITEM, WHOLE), "octets-malformed", "10.1")
    one("-flipped", "Another time than was signed.", good.replace(u64(s.c.time), u64(s.c.time + 1)), "signature-wrong")
    one("-forged", "Bob in Alice's name.", stated(key=s.bob.key), "signature-wrong")
    one("-of-a-mailbox", "A doctor's mailbox is no record.", stated(record=s.a, mailbox=s.a), "record-unknown-here")
    one("-of-nothing", "An account that nobody knows.", stated(record=bytes(16), mailbox=bytes(16)), "account-unknown")
    one("-by-a-stranger", "Bob has nothing on the patient's own record.", stated(s.bob, record=s.p, mailbox=s.p), "authority-missing")
    one("-of-a-class-not-held", "Sara's grant has no class 2.", stated(s.sara, classes=(2,), authority=(s.c.step("R", "sara on R"),)), "authority-insufficient")
    one("-of-a-reading-class-not-held", "Class 2 is not hers in the organisation.", stated(s.sara, **member, thread=ITEM, classes=(2,)), "authority-insufficient")
    one("-by-a-machine", "A laboratory's own account reads class 0 alone.", stated(s.lab, mailbox=s.lab.account, thread=ITEM, classes=(1,)), "authority-insufficient")
    removed, key, _ = device("alice second", DeviceKind.BROWSER)
    one("-by-a-removed-device", "Alice's removed device.", stated(device=removed.id, key=key), "device-not-live")
    one("-by-an-unknown-device", "No such device.", stated(device=bytes(16)), "device-unknown")
    one("-head-unknown", "A head of no chain.", stated(head=bytes(32)), "head-unknown")
    one("-before-its-head", "Received before the head that it names.", good, "head-unknown", tick=s.c.states[s.alice.account].entries[1].tick)
    one("-stolen-authority", "Sara's authority in Bob's hand.", stated(s.bob, authority=(s.sara_o, s.o_r)), "authority-broken")
    claim = s.c.entry(s.r, Claim(SHEET.sign(Label.CLAIM, s.r, s.patient.account)), s.patient)
    one("-after-the-claim", "Alice keeps it no more.", good, "authority-missing", "10.2 3.17", before=[{"tick": s.tick - 1, "entry": claim.hex()}])
    assert replace(access.parse(good), raw=b"").reader.account == s.alice.account
