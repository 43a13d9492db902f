"""Vectors of keys, recovery codes, receipts and blobs (CP1-1.5, CP1-6, CP1-7, CP1-8.2)."""

# ruff: noqa: E501 (a scenario is one line: its name, what is wrong, the clauses, the octets, the verdict)
from __future__ import annotations

from typing import TYPE_CHECKING

from clinic import Clinic, octets

from directory.accounts import entry as entries
from directory.accounts.entry import AddDevice, Device, DeviceKind
from directory.primitives import kem, tree
from directory.primitives.codec import u32, var
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey
from directory.transparency.receipt import CHAIN_START, Receipt, ReceiptKind, ReceiptProof, next_chain, sign_group
from messaging.protocol import blob
from messaging.protocol.body import Body, Manifest

if TYPE_CHECKING:
    from generate import Book

P = 2**255 - 19
ORDER_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
ORDER_8_TWIN = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
SIGN = 1 << 255


def little(number: int) -> str:
    return number.to_bytes(32, "little").hex()


SMALL_ORDER = {
    "order-1": little(1),
    "order-2": little(P - 1),
    "order-4": little(0),
    "order-4-twin": little(SIGN),
    "order-8": ORDER_8,
    "order-8-negative": little(int.from_bytes(bytes.fromhex(ORDER_8), "little") | SIGN),
    "order-8-twin": ORDER_8_TWIN,
    "order-8-twin-negative": little(int.from_bytes(bytes.fromhex(ORDER_8_TWIN), "little") | SIGN),
}
# The public key of seed 00..1f plus a point of order 8.
MIXED_ORDER = "b154bd62188ae283dd187fefe8c31f5e276edf083b4cff11c9d5cff856c74440"
X25519_ORDER_8 = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"


def write(book: Book, c: Clinic) -> None:
    _keys(book, c)
    _recovery(book)
    _receipts(book)
    _blobs(book)


def _keys(book: Book, c: Clinic) -> None:
    def ed25519(name: str, about: str, public: str, refuse: str | None = "key-unsafe") -> None:
        book.write("keys", name, about, "1.5", "key", {"algorithm": "ed25519", "public": public}, refuse)

    def x_wing(name: str, about: str, public: bytes, refuse: str | None = "key-unsafe") -> None:
        book.write("keys", name, about, "1.5", "key", {"algorithm": "x-wing", "public": public.hex()}, refuse)

    good = SigningKey(bytes(range(32))).public
    ed25519("ed25519-good", "A point of the prime-order group.", good.hex(), None)
    for order, point in SMALL_ORDER.items():
        ed25519(f"ed25519-{order}", "A point of small order: one signature would fit every message.", point)
    ed25519("ed25519-mixed-order", "A good key plus a point of order 8.", MIXED_ORDER)
    ed25519("ed25519-not-canonical", "A y-coordinate of p + 1.", little(P + 1))
    ed25519("ed25519-not-on-curve", "No point has this y-coordinate.", little(2))
    ed25519("ed25519-truncated", "31 octets.", good.hex()[:-2])
    lattice = kem.public_key(octets("a kem seed"))
    x_wing("x-wing-good", "The key of a seed.", lattice, None)
    x_wing("x-wing-truncated", "1,215 octets.", lattice[:-1])
    x_wing("x-wing-coefficient-of-q", "The first ML-KEM coefficient is q itself.", b"\x01\x0d" + lattice[2:])
    x_wing("x-wing-last-coefficient-high", "The last ML-KEM coefficient is 4,095.", lattice[:1150] + b"\xf0\xff" + lattice[1152:])
    for name, u in (("zero", little(0)), ("one", little(1)), ("order-8", X25519_ORDER_8), ("minus-one", little(P - 1))):
        x_wing(f"x-wing-x25519-{name}", "An X25519 half of small order.", lattice[:1184] + bytes.fromhex(u))
    x_wing("x-wing-x25519-p", "Zero, written as p.", lattice[:1184] + bytes.fromhex(little(P)))
    high = bytes([lattice[-1] | 0x80])
    x_wing("x-wing-x25519-top-bit", "The same point in another encoding, to pass for a new key.", lattice[:-1] + high)
    alice = c.actors["alice"]
    state = c.states[alice.account]
    base = c.entry(alice.account, entries.Bind(bytes(32)), alice)
    for name, sign_pk, kem_pk in (
        ("log-device-small-order", bytes.fromhex(ORDER_8), lattice),
        ("log-device-mixed-order", bytes.fromhex(MIXED_ORDER), lattice),
        ("log-device-unsafe-kem", good, b"\x01\x0d" + lattice[2:]),
    ):
        added = AddDevice(Device(octets(name, 16), DeviceKind.SDK, sign_pk, kem_pk), bytes(32), bytes(64))
        raw = c.entry(alice.account, added, alice)
        given = {"entries": [{"tick": c.tick + 1, "entry": raw.hex()}]}
        book.write("keys", name, "Whoever folds a log repeats the check of its keys.", "1.5 3.3", "log", given, "key-unsafe", "clinic")
    assert state.head in base


def _recovery(book: Book) -> None:
    code = "0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ"
    for name, written, refuse in (
        ("recovery-code", code, None),
        ("recovery-code-forgiven", code.lower().replace("0", "o").replace("1", "l").replace("-", " "), None),
        ("recovery-code-truncated", code[:-1], "recovery-code-wrong"),
        ("recovery-code-with-u", code[:-1] + "U", "recovery-code-wrong"),
    ):
        book.write("keys", name, "The paper device follows from 160 bits.", "8.2", "recovery-code", {"code": written}, refuse)


def _receipts(book: Book) -> None:
    service, scope = SigningKey(octets("service")), octets("scope", 16)
    chain, receipts = CHAIN_START, []
    for number in range(5):
        identifier = octets(f"receipted {number}")
        chain = next_chain(scope, chain, identifier)
        receipts.append(Receipt(ReceiptKind(1 + number % 3), scope, number + 1, identifier, chain, 101 + number))
    group, paths = sign_group(receipts, 1_750_000_500_000, service)
    proofs = [ReceiptProof(r, index, paths[index], group).encode() for index, r in enumerate(receipts)]

    def case(name: str, about: str, proof: bytes, refuse: str | None, clauses: str = "7.4", key: bytes = service.public) -> None:
        book.write("receipts", name, about, clauses, "receipt", {"proof": proof.hex(), "service_pk": key.hex()}, refuse)

    for index in (0, 2, 4):
        case(f"receipt-{index}", "A receipt, its path and its group.", proofs[index], None, "7.1 7.2 7.3 7.4")
    alone, alone_paths = sign_group(receipts[:1], 1_750_000_500_000, service)
    case("receipt-alone", "A group of one has an empty path.", ReceiptProof(receipts[0], 0, alone_paths[0], alone).encode(), None)
    good = proofs[2]
    case("receipt-truncated", "The last octet is missing.", good[:-1], "octets-malformed", "1.3")
    case("receipt-trailing", "One octet too many.", good + b"\0", "octets-malformed", "1.3")
    case("receipt-kind-unknown", "Kind 5.", good[:4] + b"\x05" + good[5:], "octets-malformed", "1.4")
    stated = Receipt(ReceiptKind.ACCESS, scope, 1, octets("stated"), next_chain(scope, CHAIN_START, octets("stated")), 106)
    opened, opened_paths = sign_group([stated], 1_750_000_500_000, service)
    case("receipt-of-an-access", "Of an access statement.", ReceiptProof(stated, 0, opened_paths[0], opened).encode(), None, "7.1 10.4")
    case("receipt-newer-protocol", "CP2r.", b"CP2r" + good[4:], "protocol-newer", "1.2")
    at = good.index(b"CP1g")
    case("receipt-newer-suite", "A group of suite 2.", good[:at + 4] + b"\0\x02" + good[at + 6:], "protocol-newer", "1.2")
    flipped = good[:30] + bytes([good[30] ^ 1]) + good[31:]
    case("receipt-flipped", "One bit of the receipted id.", flipped, "tree-path-wrong")
    case("receipt-signature-flipped", "One bit of the group's signature.", good[:-1] + bytes([good[-1] ^ 1]), "signature-wrong")
    case("receipt-foreign-service", "Under another service's key.", good, "signature-wrong", key=SigningKey(octets("other")).public)
    case("receipt-moved", "Another receipt's index and path.", receipts[2].encode() + proofs[3][101:], "tree-path-wrong")
    case("receipt-index-beyond", "Index 5 of 5.", good[:101] + u32(5) + good[105:], "tree-path-wrong")
    long = good[:105] + b"\0\x19" + bytes(32 * 25) + good[at:]
    case("receipt-path-too-long", "25 nodes.", long, "octets-malformed", "1.3")
    jumped = [*receipts[:4], Receipt(ReceiptKind.EVENT, scope, 5, octets("late"), bytes(32), 205)]
    gap, gap_paths = sign_group(jumped, 1_750_000_500_000, service)
    case("receipt-tick-gap", "Ticks in a group are consecutive.", ReceiptProof(jumped[1], 1, gap_paths[1], gap).encode(), "receipt-tick-wrong", "7.3")


def _blobs(book: Book) -> None:
    identifier, key = octets("blob id", 16), octets("blob key")
    content = b"A letter, 00-padded to its Padme length." * 30
    padded = blob.padded_size(len(content))
    sealed = blob.seal_chunk(identifier, key, padded, 0, content)
    leaf = tree.leaf_hash(sealed)

    def body(**changed: object) -> bytes:
        fields = {"id": identifier, "key": key, "padded": padded, "size": len(content), "root": blob.root([leaf])}
        return Body("text/plain", b"", (Manifest(**{**fields, "name": "lettre.txt", "media_type": "text/plain", **changed}),)).encode()  # type: ignore[arg-type]

    def chunk(name: str, about: str, octets_: bytes, refuse: str | None, index: int = 0, manifest: bytes = b"", clauses: str = "6.2") -> None:
        given = {"body": (manifest or body()).hex(), "index": index, "sealed": octets_.hex()}
        book.write("blobs", name, about, clauses, "blob-chunk", given, refuse)

    chunk("chunk", "The only chunk of a small blob is final.", sealed, None, clauses="6.1 6.2 6.3")
    empty = blob.seal_chunk(identifier, key, 0, 0, b"")
    chunk("chunk-empty", "An empty blob stays empty and still has its final chunk.", empty, None, manifest=body(padded=0, size=0), clauses="6.3")
    chunk("chunk-truncated", "The last octet is missing.", sealed[:-1], "tag-wrong")
    chunk("chunk-shorter-than-a-tag", "15 octets.", sealed[:15], "tag-wrong")
    chunk("chunk-flipped", "One bit.", sealed[:9] + bytes([sealed[9] ^ 1]) + sealed[10:], "tag-wrong")
    from directory.primitives import aead

    aad = Label.BLOB + identifier
    chunk("chunk-not-final", "Sealed as if more followed: the blob was cut off here.", aead.seal_chunk(key, 0, False, content + bytes(padded - len(content)), aad), "tag-wrong")
    chunk("chunk-reordered", "Sealed as number 1.", aead.seal_chunk(key, 1, True, content + bytes(padded - len(content)), aad), "tag-wrong")
    chunk("chunk-of-another-blob", "Sealed under another id.", blob.seal_chunk(octets("other blob", 16), key, padded, 0, content), "tag-wrong")
    chunk("chunk-beyond-the-last", "Number 1 of one.", sealed, "blob-chunk-wrong", index=1)
    chunk("chunk-wrong-length", "Authentic, but not of the padded size.", aead.seal_chunk(key, 0, True, content, aad), "blob-chunk-wrong", clauses="6.3")
    dirty = content + bytes(padded - len(content) - 1) + b"\x01"
    chunk("chunk-dirty-padding", "Authentic, but the padding is not zeros.", aead.seal_chunk(key, 0, True, dirty, aad), "blob-chunk-wrong", clauses="6.3")

    def whole(name: str, about: str, refuse: str | None, leaves: list[bytes], manifest: bytes = b"") -> None:
        given = {"body": (manifest or body()).hex(), "leaf_hashes": [leaf.hex() for leaf in leaves]}
        book.write("blobs", name, about, "6.4 6.5", "blob", given, refuse)

    whole("blob", "Root and token of a blob.", None, [leaf])
    whole("blob-chunk-missing", "No chunk.", "blob-root-wrong", [])
    whole("blob-chunk-added", "One chunk too many.", "blob-root-wrong", [leaf, leaf])
    whole("blob-chunk-swapped", "Another chunk.", "blob-root-wrong", [tree.leaf_hash(empty)])
    writes = {"id": identifier.hex(), "key": key.hex(), "padded": padded}
    for name, index, plaintext, refuse in (
        ("chunk-to-write", 0, content, None),
        ("chunk-to-write-too-long", 0, content + bytes(padded), "blob-chunk-wrong"),
        ("chunk-to-write-beyond", 1, b"", "blob-chunk-wrong"),
    ):
        given = {**writes, "index": index, "plaintext": plaintext.hex()}
        book.write("blobs", name, "Sealing a chunk.", "6.2", "blob-chunk-to-write", given, refuse)
    for name, manifest, refuse in (
        ("manifest", body(), None),
        ("manifest-larger-than-padded", body(size=padded + 1), "octets-malformed"),
        ("manifest-not-padme", body(padded=padded + 1), "octets-malformed"),
        ("manifest-beyond-all-chunks", body(padded=2**40, size=2**40), "octets-malformed"),
        ("manifest-truncated", body()[:40], "octets-malformed"),
        ("manifest-trailing", b"\0\x01" + var(body()[6:-len(b"\0\0\0\x0atext/plain")] + b"\0") + body()[-14:], "octets-malformed"),
        ("manifest-51", b"\0\x33" + body()[2:], "octets-malformed"),
    ):
        book.write("blobs", name, "A body with manifests.", "5.9 6.4", "body", {"body": manifest.hex()}, refuse)
