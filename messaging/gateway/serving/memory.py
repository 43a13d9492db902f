"""What the gateway remembers between mail and exchanges: which place a mail is of, by the key of its delivery and by
its Message-ID, which threads are one case, and how far each thread was delivered.

Values in small notes of the mail store, sealed like the mail. All of it can be made again from the profile; what was
submitted cannot, and is in `record`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from messaging.gateway.mailstore.notes import Notes


@dataclass(frozen=True, slots=True)
class Place:
    """A mail's place: the delivery's key, its Message-ID, the exchange by its main thread, the thread of the event and
    its number there (0 while it waits to leave), and the addresses of who took part when it was made."""

    key: bytes
    message_id: str
    exchange: bytes
    thread: bytes = b""
    seq: int = 0
    people: tuple[str, ...] = ()


class Memory:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    # --- places ---

    async def places(self, keys: Collection[bytes]) -> dict[bytes, Place]:
        found = await self._notes.kept_all([_place(key) for key in keys])
        return {place.key: place for place in (_read_place(value) for value in found.values())}

    async def places_of_ids(self, message_ids: Sequence[str]) -> dict[str, Place]:
        """The places of the mails that have these Message-IDs."""
        keys = await self._notes.kept_all([_id(one) for one in message_ids])
        places = await self.places(set(keys.values()))
        known = {one: keys[_id(one)] for one in message_ids if _id(one) in keys}
        return {one: places[key] for one, key in known.items() if key in places}

    async def keep(self, places: Iterable[Place], reached: Mapping[bytes, int]) -> None:
        await self._notes.keep_all(
            _written(places) | {_reached(thread): str(seq).encode() for thread, seq in reached.items()}
        )

    def keep_soon(self, place: Place) -> None:
        """The same within a moment, for what was submitted now."""
        self._notes.keep_soon(_written([place]))

    async def reached(self, threads: Collection[bytes]) -> dict[bytes, int]:
        """How far these threads were delivered."""
        found = await self._notes.kept_all([_reached(thread) for thread in threads])
        return {thread: int(found[_reached(thread)]) for thread in threads if _reached(thread) in found}

    # --- cases ---

    async def threads_of(self, case: bytes) -> set[bytes]:
        raw = await self._notes.kept(_case(case)) or b""
        return {raw[at : at + 16] for at in range(0, len(raw), 16)}

    async def keep_case(self, case: bytes, threads: Collection[bytes]) -> None:
        await self._notes.keep(_case(case), b"".join(sorted(threads)))

    # --- how far acknowledgements were shown ---

    async def acknowledged(self, thread: bytes) -> tuple[int, int]:
        """Up to which place of a thread one's own mails are marked as delivered, and as read."""
        raw = await self._notes.kept(f"acknowledged/{thread.hex()}")
        delivered, read = json.loads(raw) if raw else (0, 0)
        return delivered, read

    async def keep_acknowledged(self, reached: Mapping[bytes, tuple[int, int]]) -> None:
        """The same for some threads."""
        await self._notes.keep_all(
            {f"acknowledged/{thread.hex()}": json.dumps(places).encode() for thread, places in reached.items()}
        )

    # --- colleagues ---

    async def known_recipient(self, address: str) -> bool:
        """Whether this address was a proven colleague's when the service was last asked."""
        return await self._notes.kept(f"recipient/{address}") is not None

    async def keep_recipient(self, address: str) -> None:
        if not await self.known_recipient(address):
            await self._notes.keep(f"recipient/{address}", b"1")


def _written(places: Iterable[Place]) -> dict[str, bytes]:
    values: dict[str, bytes] = {}
    for place in places:
        values[_place(place.key)] = _dump(place)
        values[_id(place.message_id)] = place.key
    return values


def _place(key: bytes) -> str:
    return f"place/{key.hex()}"


def _id(message_id: str) -> str:
    return f"id/{message_id}"


def _reached(thread: bytes) -> str:
    return f"reached/{thread.hex()}"


def _case(case: bytes) -> str:
    return f"case/{case.hex()}"


def _dump(place: Place) -> bytes:
    plain = {name: getattr(place, name) for name in Place.__slots__}
    return json.dumps(plain, default=bytes.hex, ensure_ascii=False).encode()


def _read_place(raw: bytes) -> Place:
    plain = json.loads(raw)
    octets = {name: bytes.fromhex(plain[name]) for name in ("key", "exchange", "thread")}
    return Place(**(plain | octets | {"people": tuple(plain.get("people", ()))}))
