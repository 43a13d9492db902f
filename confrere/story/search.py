"""The last scene: look for what must not be there. Every file that the operator holds, and the memory of the service.

A marker is looked for as UTF-8, UTF-16 and base64 (in its three alignments). Files are read whole, compressed or not:
what the service keeps is not compressed, so a marker in it would stand in clear.
"""

from __future__ import annotations

import base64
import mmap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Found:
    """Where a marker stands: the place and the marker's number, never its surroundings."""

    place: str
    marker: int


@dataclass(frozen=True, slots=True)
class Searched:
    places: int
    octets: int
    found: tuple[Found, ...]
    memory: bool


def spellings(marker: str) -> list[bytes]:
    """The octets by which a marker could stand somewhere."""
    plain = marker.encode()
    encoded = []
    for shift in range(3):
        # The characters at either end depend on their neighbours; the middle does not.
        text = base64.b64encode(bytes(shift) + plain)
        encoded.append(text[4 : len(text) - 4])
    return [plain, marker.encode("utf-16-le"), *encoded]


def search(folders: Iterable[Path], notices: Sequence[bytes], service: int | None, markers: Sequence[str]) -> Searched:
    """Look through folders, notices and the memory of process `service` (None: memory was not to be had)."""
    needles = [(number, spelling) for number, marker in enumerate(markers) for spelling in spellings(marker)]
    places, octets, found = 0, 0, []
    for place, held in _places(folders, notices):
        places += 1
        octets += len(held)
        found += [Found(place, number) for number, needle in needles if held.find(needle) >= 0]
    memory = False
    if service is not None:
        for place, held in _memory(service):
            memory = True
            places += 1
            octets += len(held)
            found += [Found(place, number) for number, needle in needles if held.find(needle) >= 0]
    return Searched(places, octets, tuple(found), memory)


def _places(folders: Iterable[Path], notices: Sequence[bytes]) -> Iterator[tuple[str, bytes | mmap.mmap]]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.stat().st_size:
                with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
                    yield str(path), held
    for number, raw in enumerate(notices):
        yield f"notice {number}", raw


def _memory(process: int) -> Iterator[tuple[str, bytes]]:
    """Every readable mapping of a process that this one started (Linux; elsewhere nothing)."""
    try:
        maps = Path(f"/proc/{process}/maps").read_text().splitlines()
        opened = Path(f"/proc/{process}/mem").open("rb", buffering=0)  # noqa: SIM115
    except OSError:
        return
    with opened as memory:
        for line in maps:
            span, permissions = line.split()[:2]
            if not permissions.startswith("rw"):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            try:
                memory.seek(start)
                yield f"memory {span}", memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
