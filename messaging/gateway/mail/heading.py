"""A header section taken apart and written (RFC 5322 section 2.2): its fields as the octets that they are, dropped or
kept one by one, and new ones folded and encoded (RFC 2047). What a value means is for `fields`.

What others wrote is never written again in other words: a field is kept octet for octet, or it goes.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime, quote
from itertools import islice

from messaging.gateway.mail import addresses as address_list
from messaging.gateway.mail import fields

LINE = b"\r\n"
_BREAK, _FOLDED = "\r\n", "\r\n "
NOBODY = "inconnu@confrere.invalid"  # where an address is not known, or is none that a header can hold
MOST_FIELDS = 2_000  # of a stranger's header
LONGEST_NAME = 120  # characters of a display name
_LONGEST_LIST = 128 * 1024  # octets of an address field that are read: more than a thousand addresses
_BLANK = re.compile(rb"\n\r?\n")
_GROUP = re.compile(rb"[^\n]*+\n?(?:[ \t][^\n]*+\n?)*+")
_NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")
_ADDRESS = re.compile(r"[!#-'*+./0-9=?A-Z^_`a-z{|}~-]{1,64}@[0-9A-Za-z](?:[0-9A-Za-z.-]{0,251}[0-9A-Za-z])?", re.ASCII)
_WORD = re.compile(r"[0-9A-Za-z<>@._-]{1,500}", re.ASCII)
_LINE_BREAKS = re.compile(rb"[\r\n]+")
# What cannot stand in a field, or would reorder what stands beside it.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Field:
    """`name` in lower case, empty for a line that is no field; `octets` with folds and line break."""

    name: bytes
    octets: bytes


@dataclass(frozen=True, slots=True)
class Person:
    """A proven professional as a header shows them; an empty name is one whom no proof names."""

    name: str
    address: str
    profession: str = ""


def split(octets: bytes) -> tuple[bytes, bytes, bytes]:
    """Header section, its closing blank line, and what comes after; joined they are `octets`."""
    for blank in (LINE, b"\n"):
        if octets.startswith(blank):
            return b"", blank, octets[len(blank) :]
    found = _BLANK.search(octets)
    if found is None:
        return octets, b"", b""
    return octets[: found.start() + 1], octets[found.start() + 1 : found.end()], octets[found.end() :]


def cut(section: bytes) -> tuple[Field, ...]:
    """The fields in order; joined, their octets are `section`."""
    groups = [match[0] for match in _GROUP.finditer(section) if match[0]]
    return tuple(Field(_named(group), group) for group in groups)


def clean(section: bytes) -> tuple[Field, ...]:
    """The fields of a section that a stranger wrote, so that every reader finds the same ones: every line break counts
    and is written CRLF, NUL goes, and so do blank lines, lines that are no field, and fields after MOST_FIELDS."""
    lines = _LINE_BREAKS.sub(b"\n", section.replace(b"\0", b""))
    named = ((_named(match[0]), match[0]) for match in islice(_GROUP.finditer(lines), MOST_FIELDS))
    return tuple(Field(name, octets.rstrip(b"\n").replace(b"\n", LINE) + LINE) for name, octets in named if name)


def join(kept: Iterable[Field]) -> bytes:
    return b"".join(field.octets for field in kept)


def write(name: str, value: str) -> bytes:
    """One unstructured field with its line break; what cannot stand in one becomes a space. A word is never folded."""
    plain = line_of(value)
    if _WORD.fullmatch(plain):
        return f"{name}: {plain}".encode("ascii") + LINE
    charset = "us-ascii" if plain.isascii() and "=?" not in plain else "utf-8"
    folded = Header(plain, charset, header_name=name).encode(linesep=_BREAK)
    return f"{name}: {folded}".encode("ascii", "replace") + LINE


def people(name: str, listed: Sequence[Person]) -> bytes:
    """An address field, one mailbox a line."""
    return (
        f"{name}: {',{}'.format(chr(13) + chr(10) + ' ').join(map(mailbox, listed))}".encode("ascii", "replace") + LINE
    )


def identifiers(name: str, ids: Sequence[str]) -> bytes:
    """A field of message identifiers, one a line."""
    return f"{name}: {_FOLDED.join(ids)}".encode("ascii", "replace") + LINE


def date(ms: int, zone: datetime.tzinfo) -> bytes:
    """The Date field of a moment in ms UTC, as a clock in that zone showed it."""
    moment = datetime.datetime.fromtimestamp(ms // 1000, zone)
    return f"Date: {format_datetime(moment)}".encode("ascii") + LINE


def addresses(values: Iterable[bytes]) -> tuple[str, ...]:
    """The addresses in such (unfolded) values, each once, in their order; display names are not ours to believe."""
    listed = (one for value in values for one in address_list.read(value[:_LONGEST_LIST]))
    found = (fields.text(b"%b@%b" % (one.mailbox, one.host)) for one in listed if one.mailbox and one.host)
    return tuple(dict.fromkeys(found))


def value(field: Field) -> bytes:
    """Its value, unfolded."""
    return fields.unfolded(field.octets.partition(b":")[2])


def mailbox(person: Person) -> str:
    """`"Name (profession)" <address>` as a header has it."""
    said = line_of(f"{person.name} ({person.profession})" if person.profession else person.name)[:LONGEST_NAME]
    address = person.address if _ADDRESS.fullmatch(person.address) else NOBODY
    if not said:
        return address
    if said.isascii() and "=?" not in said:
        return f'"{quote(said)}" <{address}>'
    return f"{Header(said, 'utf-8', maxlinelen=70).encode(linesep=_BREAK)} <{address}>"


def line_of(value: str) -> str:
    """A value on one line, without what would steer a reader."""
    return _UNFIT.sub(" ", value).strip()


def _named(group: bytes) -> bytes:
    match = _NAME.match(group)
    return match[1].lower() if match else b""
