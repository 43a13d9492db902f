"""Access statements (CP1-10.1, CP1-10.2): who opens what of a patient's record, and why.

The service gives out nothing of a record but its notices before it holds a statement, receipted in the record's own
scope; holders of the notices read them all. Parse, build, verify; what may be given out is `use_cases.accesses`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from directory.accounts.authority import Lookup, verify_authority
from directory.accounts.entry import MAX_AUTHORITY, AccountKind, Authority, Signer, encode_authority, parse_authority
from directory.accounts.grants import Right, classes_of, reading_class
from directory.primitives import digest, signature
from directory.primitives.codec import Reader, u8, u16, u64, var
from directory.primitives.labels import Label
from directory.primitives.signature import SIZE as SIGNATURE_SIZE
from directory.primitives.signature import SigningKey
from messaging.errors import MessagingError

MAGIC = b"CP1x"
SUITE = 0x0001
WHOLE = bytes(16)
MAX_STATEMENT = 4096
VALID_MS = 30 * 60 * 1000
"""How long the device that stated an access is served, ms; then it states it again."""


class Purpose(IntEnum):
    CARE = 1  # the care team looks after the patient
    OWN = 2  # the patient, in person
    EXCHANGE = 3  # to answer a question that was asked about the patient
    FILING = 4  # to file what was agreed
    EMERGENCY = 5


@dataclass(frozen=True, slots=True)
class AccessStatement:
    """`mailbox` is the record itself for whoever holds a class of it, else the member's own, to which `thread` was
    shown; `thread` is WHOLE for all of the classes. Times are ms UTC."""

    raw: bytes
    record: bytes
    mailbox: bytes
    classes: tuple[int, ...]
    purpose: Purpose
    thread: bytes
    time: int
    reader: Signer
    authority: Authority
    signature: bytes

    @property
    def id(self) -> bytes:
        return digest.labelled(Label.ACCESS_ID, self.raw)


def scope_of(record: bytes) -> bytes:
    """The receipt scope of a record's accesses: another than that of its account log."""
    return digest.labelled(Label.ACCESS, record)[:16]


def build(
    *,
    record: bytes,
    mailbox: bytes,
    classes: Sequence[int],
    purpose: Purpose,
    thread: bytes,
    time: int,
    reader: Signer,
    authority: Authority,
    key: SigningKey,
) -> AccessStatement:
    unsigned = b"".join(
        (
            MAGIC,
            u16(SUITE),
            record,
            mailbox,
            u8(sum(1 << class_ for class_ in classes)),
            u8(purpose),
            thread,
            u64(time),
            reader.account,
            reader.device,
            reader.head,
            var(encode_authority(authority)),
        )
    )
    return parse(unsigned + key.sign(Label.ACCESS, unsigned))


def parse(raw: bytes) -> AccessStatement:
    """Strict parse. Raises DirectoryError("octets-malformed"), MessagingError("suite-newer")."""
    reader = Reader(raw, "access statement")
    if len(raw) > MAX_STATEMENT:
        raise reader.fail("size")
    reader.magic(MAGIC)
    if reader.u16("suite") != SUITE:
        raise MessagingError("suite-newer", what="access statement")
    record, mailbox = reader.take(16, "record"), reader.take(16, "mailbox")
    mask = reader.u8("classes")
    every = classes_of(AccountKind.RECORD)
    if not mask or mask >> len(every):
        raise reader.fail("classes")
    try:
        purpose = Purpose(reader.u8("purpose"))
    except ValueError:
        raise reader.fail("purpose") from None
    thread, time = reader.take(16, "thread"), reader.u64("time")
    signer = Signer(reader.take(16, "account"), reader.take(16, "device"), reader.take(32, "head"))
    authority = parse_authority(reader.var("authority", MAX_AUTHORITY))
    signed_by = reader.take(SIGNATURE_SIZE, "signature")
    reader.end()
    if mailbox != record and thread == WHOLE:
        raise reader.fail("thread")
    classes = tuple(class_ for class_ in every if mask >> class_ & 1)
    return AccessStatement(raw, record, mailbox, classes, purpose, thread, time, signer, authority, signed_by)


def verify(statement: AccessStatement, lookup: Lookup, tick: int, received: int) -> AccessStatement:
    """The statement itself if its reader is live at `tick` and may read as it says; `received` is ms UTC.

    Raises MessagingError("record-unknown-here"), DirectoryError: device-*, head-unknown, authority-*, signature-wrong.
    """
    if lookup(statement.record).kind is not AccountKind.RECORD:
        raise MessagingError("record-unknown-here")
    reader = statement.reader
    owner = lookup(reader.account)
    owner.place_before(reader.head, tick)
    device = owner.device_at(reader.device, tick)
    mailbox = lookup(statement.mailbox)
    time = max(statement.time, received)
    power = verify_authority(statement.authority, reader.account, mailbox, tick, time, lookup)
    own = statement.mailbox == statement.record
    for class_ in statement.classes:
        power.demand(Right.READ, class_ if own else reading_class(class_))
    signature.verify(device.sign_pk, statement.signature, Label.ACCESS, statement.raw[:-SIGNATURE_SIZE])
    return statement
