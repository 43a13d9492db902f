"""The octets of an account entry (docs/spec/cp1-accounts.md, CP1-3.1 to CP1-3.3): parse, build, hash. Verifies nothing.

`parse` gives an `Entry`, which is *unverified*: only `accounts.fold.append` decides whether it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from directory.errors import DirectoryError
from directory.primitives import digest, kem_key
from directory.primitives.codec import Reader, u8, u16, u32, u64, var
from directory.primitives.labels import Label
from directory.primitives.signature import SIZE as SIGNATURE_SIZE
from directory.primitives.signature import SigningKey

MAGIC = b"CP1a"
SUITE = 0x0001
ID_SIZE = 16
NO_ACCOUNT = bytes(ID_SIZE)
NO_SHEET = bytes(32)
MAX_PAYLOAD = 16 * 1024
MAX_AUTHORITY = 2 * 1024
MAX_ENTRY = 32 * 1024
MAX_REMOVED = 256
MAX_CLASS = 6


class AccountKind(IntEnum):
    PERSON = 1
    SERVICE = 2  # a machine of a structure: laboratory, hospital system, bridge, insurer
    PERSONAL_MAILBOX = 3
    ORGANISATION_MAILBOX = 4
    RECORD = 5  # a patient's shared record

    @property
    def is_mailbox(self) -> bool:
        return self in (AccountKind.PERSONAL_MAILBOX, AccountKind.ORGANISATION_MAILBOX, AccountKind.RECORD)


class DeviceKind(IntEnum):
    BROWSER = 1
    SDK = 2
    GATEWAY = 3
    BRIDGE = 4
    PAPER = 5


class EntryType(IntEnum):
    GENESIS = 1
    ADD_DEVICE = 2
    ROTATE_AEK = 3
    GRANT = 4
    BIND = 5
    SUITE = 6
    CLOSE = 7
    PAPER_REMOVAL = 8
    PAPER_OBJECTION = 9
    CONSENT = 16
    CLAIM = 20


RESERVED_TYPES = {17: "escrow", 18: "quorum", 19: "recover"}


@dataclass(frozen=True, slots=True)
class Device:
    """A device: 16 random octets of id, its kind, its Ed25519 key (32) and its X-Wing key (1,216)."""

    id: bytes
    kind: DeviceKind
    sign_pk: bytes
    kem_pk: bytes

    def encode(self) -> bytes:
        return self.id + u8(self.kind) + self.sign_pk + self.kem_pk


@dataclass(frozen=True, slots=True)
class Genesis:
    """A person or service starts from a device and its proof of possession, a mailbox from its manager.

    A record also names the key of its printed sheet, NO_SHEET where there is none (CP1-3.15)."""

    kind: AccountKind
    device: Device | None
    possession: bytes
    manager: bytes
    random: bytes
    sheet_pk: bytes = b""


@dataclass(frozen=True, slots=True)
class AddDevice:
    device: Device
    wraps_root: bytes
    possession: bytes


@dataclass(frozen=True, slots=True)
class RotateAek:
    """Generation `g` of a class. `removed`: device ids (16) in a person's log, grant entry hashes (32) in a
    mailbox's."""

    class_: int
    g: int
    pk: bytes
    wraps_root: bytes
    chain_ct: bytes
    removed: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    blinded: bytes
    wraps_root: bytes


@dataclass(frozen=True, slots=True)
class Bind:
    blinded: bytes


@dataclass(frozen=True, slots=True)
class HighestSuite:
    suite: int


@dataclass(frozen=True, slots=True)
class Close:
    pass


@dataclass(frozen=True, slots=True)
class PaperRemoval:
    """A warning: this paper device may be removed 72 hours later unless it objects (CP1-3.12)."""

    device: bytes


@dataclass(frozen=True, slots=True)
class PaperObjection:
    device: bytes


@dataclass(frozen=True, slots=True)
class Consent:
    """The newest entry of a series is the consent; what it says is private (CP1-3.16)."""

    series: bytes
    blinded: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """The patient takes a custodial record over: the sheet's key signs for the account that does (CP1-3.17)."""

    proof: bytes


Payload = (
    Genesis
    | AddDevice
    | RotateAek
    | Grant
    | Bind
    | HighestSuite
    | Close
    | PaperRemoval
    | PaperObjection
    | Consent
    | Claim
)

_TYPES: dict[type, EntryType] = {
    Genesis: EntryType.GENESIS,
    AddDevice: EntryType.ADD_DEVICE,
    RotateAek: EntryType.ROTATE_AEK,
    Grant: EntryType.GRANT,
    Bind: EntryType.BIND,
    HighestSuite: EntryType.SUITE,
    Close: EntryType.CLOSE,
    PaperRemoval: EntryType.PAPER_REMOVAL,
    PaperObjection: EntryType.PAPER_OBJECTION,
    Consent: EntryType.CONSENT,
    Claim: EntryType.CLAIM,
}


@dataclass(frozen=True, slots=True)
class OpenedGrant:
    """One step of an authority: a grant of `mailbox`, seen at `head`, opened with its blind and payload."""

    mailbox: bytes
    head: bytes
    grant_entry: bytes
    blind: bytes
    payload: bytes


Authority = tuple[OpenedGrant, ...]


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: account, device, and the head of the signer's own log as the signer saw it."""

    account: bytes
    device: bytes
    head: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A parsed, unverified entry. `raw` is what was received and is what is hashed and verified."""

    raw: bytes
    account: bytes
    seq: int
    prev: bytes
    time: int
    payload: Payload
    payload_raw: bytes
    signer: Signer
    authority: Authority
    signature: bytes

    @property
    def hash(self) -> bytes:
        return digest.labelled(Label.ENTRY_HASH, self.raw)

    @property
    def signed(self) -> bytes:
        return self.raw[:-SIGNATURE_SIZE]


def account_id(genesis_payload: bytes) -> bytes:
    """CP1-3.1: the first 16 octets of the labelled hash of the genesis payload."""
    return digest.labelled(Label.ACCOUNT, genesis_payload)[:ID_SIZE]


def encode_payload(payload: Payload) -> bytes:
    match payload:
        case Genesis(device=Device() as device):
            return u8(payload.kind) + device.encode() + payload.possession
        case Genesis():
            return u8(payload.kind) + payload.manager + payload.random + payload.sheet_pk
        case AddDevice():
            return payload.device.encode() + payload.wraps_root + payload.possession
        case RotateAek():
            return b"".join(
                (
                    u8(payload.class_),
                    u32(payload.g),
                    payload.pk,
                    payload.wraps_root,
                    var(payload.chain_ct),
                    u16(len(payload.removed)),
                    *payload.removed,
                )
            )
        case Grant():
            return payload.blinded + payload.wraps_root
        case Bind():
            return payload.blinded
        case HighestSuite():
            return u16(payload.suite)
        case Close():
            return b""
        case PaperRemoval() | PaperObjection():
            return payload.device
        case Consent():
            return payload.series + payload.blinded
        case Claim():
            return payload.proof


def encode_authority(authority: Authority) -> bytes:
    steps = (
        step.mailbox + step.head + step.grant_entry + step.blind + var(step.payload) for step in authority
    )
    return u8(len(authority)) + b"".join(steps)


def parse_authority(data: bytes) -> Authority:
    reader = Reader(data, "authority")
    number = reader.u8("n")
    if number > 2:
        raise reader.fail("n")
    steps = tuple(
        OpenedGrant(
            mailbox=reader.take(ID_SIZE, "mailbox"),
            head=reader.take(32, "head"),
            grant_entry=reader.take(32, "grant_entry"),
            blind=reader.take(32, "blind"),
            payload=reader.var("payload", 512),
        )
        for _ in range(number)
    )
    reader.end()
    return steps


def build(
    *,
    account: bytes,
    seq: int,
    prev: bytes,
    time: int,
    payload: Payload,
    signer: Signer,
    authority: Authority,
    key: SigningKey,
) -> Entry:
    """Sign an entry. `time` is milliseconds UTC; `key` is the signing key of `signer.device`."""
    payload_raw = encode_payload(payload)
    unsigned = b"".join(
        (
            MAGIC,
            u16(SUITE),
            account,
            u64(seq),
            prev,
            u64(time),
            u8(_TYPES[type(payload)]),
            var(payload_raw),
            signer.account,
            signer.device,
            signer.head,
            var(encode_authority(authority)),
        )
    )
    signature = key.sign(Label.ACCOUNT_ENTRY, unsigned)
    return parse(unsigned + signature)


def parse(raw: bytes) -> Entry:
    """Strict parse. Raises DirectoryError: octets-malformed, protocol-newer, entry-type-reserved."""
    if len(raw) > MAX_ENTRY:
        raise DirectoryError("octets-malformed", what="account entry", field="size")
    reader = Reader(raw, "account entry")
    reader.magic(MAGIC)
    if reader.u16("suite") != SUITE:
        raise DirectoryError("protocol-newer", what="account entry")
    account = reader.take(ID_SIZE, "account")
    seq = reader.u64("seq")
    prev = reader.take(32, "prev")
    time = reader.u64("time")
    type_number = reader.u8("type")
    payload_raw = reader.var("payload", MAX_PAYLOAD)
    signer = Signer(
        reader.take(ID_SIZE, "signer_account"),
        reader.take(ID_SIZE, "signer_device"),
        reader.take(32, "signer_head"),
    )
    authority = parse_authority(reader.var("authority", MAX_AUTHORITY))
    signature = reader.take(SIGNATURE_SIZE, "signature")
    reader.end()
    if type_number in RESERVED_TYPES:
        raise DirectoryError("entry-type-reserved", type=RESERVED_TYPES[type_number])
    try:
        entry_type = EntryType(type_number)
    except ValueError:
        raise DirectoryError("protocol-newer", what="account entry type") from None
    payload = _parse_payload(entry_type, payload_raw)
    return Entry(raw, account, seq, prev, time, payload, payload_raw, signer, authority, signature)


def _parse_payload(entry_type: EntryType, raw: bytes) -> Payload:
    reader = Reader(raw, f"account entry payload {entry_type.name.lower()}")
    payload: Payload
    match entry_type:
        case EntryType.GENESIS:
            payload = _parse_genesis(reader)
        case EntryType.ADD_DEVICE:
            device = _parse_device(reader)
            payload = AddDevice(
                device, reader.take(32, "wraps_root"), reader.take(SIGNATURE_SIZE, "possession")
            )
        case EntryType.ROTATE_AEK:
            payload = _parse_rotation(reader)
        case EntryType.GRANT:
            payload = Grant(reader.take(32, "blinded"), reader.take(32, "wraps_root"))
        case EntryType.BIND:
            payload = Bind(reader.take(32, "blinded"))
        case EntryType.SUITE:
            payload = HighestSuite(reader.u16("suite"))
        case EntryType.CLOSE:
            payload = Close()
        case EntryType.PAPER_REMOVAL:
            payload = PaperRemoval(reader.take(ID_SIZE, "device"))
        case EntryType.PAPER_OBJECTION:
            payload = PaperObjection(reader.take(ID_SIZE, "device"))
        case EntryType.CONSENT:
            payload = Consent(reader.take(ID_SIZE, "series"), reader.take(32, "blinded"))
        case EntryType.CLAIM:
            payload = Claim(reader.take(SIGNATURE_SIZE, "proof"))
    reader.end()
    return payload


def _parse_genesis(reader: Reader) -> Genesis:
    try:
        kind = AccountKind(reader.u8("kind"))
    except ValueError:
        raise reader.fail("kind") from None
    if kind.is_mailbox:
        manager, random = reader.take(ID_SIZE, "manager"), reader.take(16, "random")
        sheet_pk = reader.take(32, "sheet_pk") if kind is AccountKind.RECORD else b""
        return Genesis(kind, None, b"", manager, random, sheet_pk)
    return Genesis(kind, _parse_device(reader), reader.take(SIGNATURE_SIZE, "possession"), NO_ACCOUNT, b"")


def _parse_device(reader: Reader) -> Device:
    identifier = reader.take(ID_SIZE, "device id")
    try:
        kind = DeviceKind(reader.u8("device kind"))
    except ValueError:
        raise reader.fail("device kind") from None
    return Device(
        identifier, kind, reader.take(32, "sign_pk"), reader.take(kem_key.PUBLIC_SIZE, "kem_pk")
    )


def _parse_rotation(reader: Reader) -> RotateAek:
    class_ = reader.u8("class")
    if class_ > MAX_CLASS:
        raise reader.fail("class")
    g = reader.u32("g")
    pk = reader.take(kem_key.PUBLIC_SIZE, "pk")
    wraps_root = reader.take(32, "wraps_root")
    chain_ct = reader.var("chain_ct", 48)
    if len(chain_ct) not in (0, 48):
        raise reader.fail("chain_ct")
    number = reader.count("removed", MAX_REMOVED)
    ids = reader.rest()
    if number == 0:
        if ids:
            raise reader.fail("removed")
        return RotateAek(class_, g, pk, wraps_root, chain_ct, ())
    size, remainder = divmod(len(ids), number)
    if remainder or size not in (ID_SIZE, 32):
        raise reader.fail("removed")
    removed = tuple(ids[at : at + size] for at in range(0, len(ids), size))
    if list(removed) != sorted(set(removed)):
        raise reader.fail("removed")
    return RotateAek(class_, g, pk, wraps_root, chain_ct, removed)
