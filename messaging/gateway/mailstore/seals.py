"""What mail.db says, sealed: each value is bound to its table and row, and ids that would say something are hashed.

Values that cannot be opened are mail-store-damaged, for that value alone. The file shows numbers: how many folders and
messages, their sizes and times, which of them share octets, and how long what a page holds is together.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator

from directory.primitives import kdf
from directory.primitives.aead import STORE_NONCE_SIZE
from directory.primitives.labels import Label
from messaging.errors import MessagingError
from messaging.gateway.mail.described import Described
from messaging.gateway.mailstore.fixed import Role
from messaging.gateway.mailstore.kinds import FORM
from messaging.gateway.ports import Mail
from messaging.profile.vault import Vault

KEY_SIZE = 32
PART_OCTETS = 1024 * 1024
_LENGTHS = struct.Struct(">6Q")
Entropy = Callable[[int], bytes]


class Seals:
    """The vault with this file's places, and the key of its hashed names."""

    def __init__(self, vault: Vault, entropy: Entropy) -> None:
        self._vault = vault
        self._entropy = entropy
        self._names = b""

    def new_names(self) -> bytes:
        """A fresh key for hashed names, sealed for `with_names`."""
        return self._seal("counters/1", self._entropy(KEY_SIZE))

    def with_names(self, sealed: bytes) -> None:
        self._names = self._open("counters/1", sealed)

    def hashed(self, kind: str, name: str) -> bytes:
        """32 octets that only this file's owner can link to `name`; `kind` separates uses."""
        info = f"mail {kind}\0{name}".encode("utf-8", "surrogatepass")
        return kdf.derive(self._names, bytes(KEY_SIZE), Label.STORE, info, KEY_SIZE)

    def hashed_id(self, kind: str, message_id: str) -> bytes:
        """A Message-ID, with or without its angle brackets, hashed; nothing for none."""
        bare = message_id.strip().removeprefix("<").removesuffix(">")
        return self.hashed(kind, bare) if bare else b""

    def folder(self, folder: int, role: Role, name: str) -> bytes:
        return self._seal(f"folders/{folder}", f"{role}\0{name}".encode())

    def open_folder(self, folder: int, sealed: bytes) -> tuple[Role, str]:
        role, _, name = self._open(f"folders/{folder}", sealed).decode().partition("\0")
        return Role(role), name

    def flags(self, folder: int, mail: Mail) -> bytes:
        return self._seal(_placement(folder, mail), " ".join(sorted(mail.flags)).encode())

    def open_flags(self, folder: int, mail: Mail, sealed: bytes) -> list[str]:
        """`mail` with all but its flags and MODSEQ: raises where any of these is not what was sealed."""
        return self._open(_placement(folder, mail), sealed).decode().split()

    def octets(self, message: int, octets: bytes) -> Iterator[tuple[int, bytes]]:
        """The parts of a message with their numbers: in parts, fifty megabytes hold neither the memory nor the loop."""
        parts = _parts(len(octets))
        for part in range(parts):
            piece = octets[part * PART_OCTETS : (part + 1) * PART_OCTETS]
            yield part, self._seal(f"octets/{message}/{part}/{parts}", piece)

    def open_octets(self, mail: Mail, sealed: Iterable[bytes]) -> bytes:
        """Of all parts in their order."""
        parts = _parts(mail.size)
        pieces = [self._open(f"octets/{mail.message}/{part}/{parts}", one) for part, one in enumerate(sealed)]
        if len(pieces) != parts:
            raise MessagingError("mail-store-damaged")
        return b"".join(pieces)

    def description(self, message: int, described: Described) -> bytes:
        return self._seal(f"descriptions/{message}", _packed(described))

    def open_description(self, message: int, sealed: bytes) -> Described:
        return _unpacked(self._open(f"descriptions/{message}", sealed))

    def page(self, page: int, kind: int, written: bytes) -> bytes:
        return self._seal(f"pages/{FORM}/{page}/{kind}", written)

    def open_page(self, page: int, kind: int, sealed: bytes) -> bytes:
        return self._open(f"pages/{FORM}/{page}/{kind}", sealed)

    def text(self, message: int, text: str) -> bytes:
        return self._seal(f"texts/{message}", text.encode("utf-8", "surrogatepass"))

    def open_text(self, message: int, sealed: bytes) -> str:
        return self._open(f"texts/{message}", sealed).decode("utf-8", "surrogatepass")

    def note(self, name: bytes, value: bytes) -> bytes:
        return self._seal(f"notes/{name.hex()}", value)

    def open_note(self, name: bytes, sealed: bytes) -> bytes:
        return self._open(f"notes/{name.hex()}", sealed)

    def _seal(self, place: str, value: bytes) -> bytes:
        return self._vault.seal(f"mail/{place}", value, self._entropy(STORE_NONCE_SIZE))

    def _open(self, place: str, sealed: bytes) -> bytes:
        try:
            return self._vault.open(f"mail/{place}", sealed)
        except MessagingError:
            raise MessagingError("mail-store-damaged") from None


def _parts(size: int) -> int:
    return max(1, -(-size // PART_OCTETS))


def _placement(folder: int, mail: Mail) -> str:
    return f"placements/{folder}/{mail.uid}/{mail.message}/{mail.size}/{mail.internal}"


def _packed(described: Described) -> bytes:
    parts = (
        *(described.header, described.envelope, described.body, described.bodystructure),
        described.message_id.encode("utf-8", "surrogatepass"),
    )
    return b"".join((_LENGTHS.pack(described.size, *map(len, parts)), *parts))


def _unpacked(octets: bytes) -> Described:
    size, header, envelope, body, structure, message_id = _LENGTHS.unpack_from(octets)
    envelope += (header := header + _LENGTHS.size)
    structure += (body := body + envelope)
    return Described(
        size,
        octets[_LENGTHS.size : header],
        octets[header:envelope],
        octets[envelope:body],
        octets[body:structure],
        octets[structure : structure + message_id].decode("utf-8", "surrogatepass"),
    )
