"""What stands after MAIL and RCPT: a path (RFC 5321 section 4.1.2) and parameters, read and judged by their form alone.

SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), AUTH (RFC 4954 section 5), RET, ENVID, NOTIFY, ORCPT (RFC 3461).
Stricter than the grammar: no quoted local part, since no mailbox here has one and they are read in two ways out there.
More lenient: a space after the colon and a path without its angle brackets, as practice software writes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from messaging.gateway.ports import DsnWanted
from messaging.gateway.smtp.replies import Refused

_ARGUMENT: Final = re.compile(r"(?P<verb>FROM|TO): *(?:<(?P<path>[^<> ]*)>|(?P<bare>[^<> ]+))(?: +(?P<rest>.*))?", re.I)
_LOCAL: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_PARAMETER: Final = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[^= ]+))?")
_XTEXT: Final = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+")
_ADDRESS_TYPE: Final = re.compile(r"[A-Za-z0-9-]+")
_PARAMETERS_MOST: Final = 10
_ENVID_MOST: Final = 100  # RFC 3461 section 4.4
_ORCPT_MOST: Final = 500  # section 4.2

_SYNTAX: Final = "501 5.5.4 Syntax: "


@dataclass(frozen=True, slots=True, repr=False)
class Sender:
    """MAIL. `size` in octets, as announced, or None; `address` is empty for `<>`."""

    address: str
    size: int | None
    utf8: bool
    ret: str
    envid: str


@dataclass(frozen=True, slots=True, repr=False)
class Recipient:
    """RCPT."""

    address: str
    wanted: DsnWanted


def sender(argument: str) -> Sender:
    """Raises Refused: 501, 553, 555."""
    path, found = _split(argument, "FROM")
    utf8 = "SMTPUTF8" in found
    for name, value in found.items():
        _check(name in _FORMS_OF_MAIL, f"555 5.5.4 Parameter not recognised: {name}")
        form = _FORMS_OF_MAIL[name]
        _check(value is None if form is None else value is not None and form.fullmatch(value), f"{_SYNTAX}{name}")
    size, envid = found.get("SIZE"), _xtext(found.get("ENVID") or "", "ENVID")
    _check(len(envid) <= _ENVID_MOST, f"{_SYNTAX}ENVID")
    address = _mailbox(path, utf8) if path else ""
    return Sender(address, int(size) if size else None, utf8, (found.get("RET") or "").upper(), envid)


def recipient(argument: str, *, utf8: bool) -> Recipient:
    """`utf8`: whether MAIL said SMTPUTF8. Raises Refused: 501, 553, 555."""
    path, found = _split(argument, "TO")
    for name, value in found.items():
        _check(name in ("NOTIFY", "ORCPT"), f"555 5.5.4 Parameter not recognised: {name}")
        _check(value is not None, f"{_SYNTAX}{name}")
    return Recipient(_mailbox(path, utf8), DsnWanted(_notify(found.get("NOTIFY")), _original(found.get("ORCPT"))))


_FORMS_OF_MAIL: Final[Mapping[str, re.Pattern[str] | None]] = {
    "SIZE": re.compile(r"[0-9]{1,20}"),
    "BODY": re.compile(r"7BIT|8BITMIME", re.I),
    "SMTPUTF8": None,
    "AUTH": re.compile(r".+"),  # believed of nobody: who logged in is who writes
    "RET": re.compile(r"FULL|HDRS", re.I),
    "ENVID": _XTEXT,
}


def _check(holds: object, otherwise: str) -> None:
    if not holds:
        raise Refused(otherwise)


def _split(argument: str, verb: str) -> tuple[str, dict[str, str | None]]:
    syntax = f"{_SYNTAX}{'MAIL' if verb == 'FROM' else 'RCPT'} {verb}:<address>"
    match = _ARGUMENT.fullmatch(argument) if argument.isprintable() else None
    if match is None or match["verb"].upper() != verb:
        raise Refused(syntax)
    found: dict[str, str | None] = {}
    words = (match["rest"] or "").split()
    _check(len(words) <= _PARAMETERS_MOST, syntax)
    for word in words:
        parameter = _PARAMETER.fullmatch(word)
        if parameter is None or parameter["name"].upper() in found:
            raise Refused(syntax)
        found[parameter["name"].upper()] = parameter["value"]
    path = match["path"] if match["path"] is not None else match["bare"]
    if path.startswith("@"):  # a source route, which RFC 5321 section 3.6.1 has us take and ignore
        path = path.partition(":")[2] or "@"
    return path, found


def _mailbox(path: str, utf8: bool) -> str:
    local, _, domain = path.rpartition("@")
    sound = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)
    _check(sound and len(local.encode()) <= 64 and len(path.encode()) <= 254, "553 5.1.3 This is not a mail address")
    _check(utf8 or path.isascii(), "553 5.6.7 An address that is not ASCII needs SMTPUTF8")
    return path


def _notify(value: str | None) -> frozenset[str]:
    words = value.upper().split(",") if value else []
    known = words == ["NEVER"] or {"SUCCESS", "FAILURE", "DELAY"}.issuperset(words)
    _check(known and len(words) == len(set(words)), f"{_SYNTAX}NOTIFY")
    return frozenset(words)


def _original(value: str | None) -> str:
    """`type;address`, the address decoded."""
    if not value:
        return ""
    kind, semicolon, address = value.partition(";")
    _check(semicolon and _ADDRESS_TYPE.fullmatch(kind) and len(value) <= _ORCPT_MOST, f"{_SYNTAX}ORCPT")
    return f"{kind.lower()};{_xtext(address, 'ORCPT')}"


def _xtext(value: str, name: str) -> str:
    """RFC 3461 section 4; what would be no printable ASCII once decoded, such as a line end, is refused."""
    _check(not value or _XTEXT.fullmatch(value), f"{_SYNTAX}{name}")
    text = re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), value)
    _check(text.isascii() and text.isprintable(), f"{_SYNTAX}{name}")
    return text
