"""The strict reader and the writer of CP1 octets (CP1-1.1 to CP1-1.4).

Big-endian fixed integers; `var` is a u32 length then octets, bounded per field; no optional field, no trailing
octets. A reader never allocates what a length promises before it is there.
"""

from __future__ import annotations

from directory.errors import DirectoryError


class Reader:
    """Reads fields in order from `data`; every failure is DirectoryError("octets-malformed", what=...)."""

    __slots__ = ("_at", "_data", "_what")

    def __init__(self, data: bytes, what: str) -> None:
        self._data = data
        self._at = 0
        self._what = what

    def fail(self, field: str) -> DirectoryError:
        return DirectoryError("octets-malformed", what=self._what, field=field)

    @property
    def at(self) -> int:
        return self._at

    def take(self, size: int, field: str) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise self.fail(field)
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def magic(self, expected: bytes) -> None:
        """Four octets name the structure and its version: another version is 'newer', anything else is noise."""
        found = self.take(len(expected), "magic")
        if found != expected:
            if found[:2] == expected[:2] and found[2:3].isdigit() and found[3:] == expected[3:]:
                raise DirectoryError("protocol-newer", what=self._what)
            raise self.fail("magic")

    def _uint(self, size: int, field: str) -> int:
        return int.from_bytes(self.take(size, field), "big")

    def u8(self, field: str) -> int:
        return self._uint(1, field)

    def u16(self, field: str) -> int:
        return self._uint(2, field)

    def u32(self, field: str) -> int:
        return self._uint(4, field)

    def u64(self, field: str) -> int:
        return self._uint(8, field)

    def count(self, field: str, limit: int) -> int:
        number = self.u16(field)
        if number > limit:
            raise self.fail(field)
        return number

    def var(self, field: str, limit: int) -> bytes:
        size = self.u32(field)
        if size > limit:
            raise self.fail(field)
        return self.take(size, field)

    def text(self, field: str, limit: int) -> str:
        try:
            return self.var(field, limit).decode("utf-8")
        except UnicodeDecodeError:
            raise self.fail(field) from None

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at, "rest")

    def end(self) -> None:
        if self._at != len(self._data):
            raise self.fail("trailing")


def u8(value: int) -> bytes:
    return value.to_bytes(1, "big")


def u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


def u32(value: int) -> bytes:
    return value.to_bytes(4, "big")


def u64(value: int) -> bytes:
    return value.to_bytes(8, "big")


def var(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def text(value: str) -> bytes:
    return var(value.encode("utf-8"))
