"""The settings of each process: one documented TOML file each, read into frozen dataclasses.

`ServiceSettings` is `service.toml` (`confrere serve`), `ClientSettings` is `client.toml` (a clinician's
verbs). A field carries its documentation and its bounds; `documented()` writes the file from them, and a test
holds `config/*.toml` to that. A missing key has its default; an unknown key, a wrong type or a value out of
bounds is refused with file, key and what was expected. It reads no secret: it names the file of a password.
"""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from confrere.errors import ConfrereError
from messaging.wire import limits

Settings = TypeVar("Settings", bound="ServiceSettings | ClientSettings")
KIB, MIB = 1024, 1024**2
LARGEST_BLOB = limits.MAX_BLOB_CHUNKS * limits.SEALED_CHUNK


def setting(
    default: str | int | bool,
    meaning: str,
    *,
    at_least: int | None = None,
    at_most: int | None = None,
    one_of: tuple[str, ...] = (),
    filled: bool = False,
) -> Any:
    """A field with its documentation and bounds; `filled` refuses the empty text."""
    rule = {"meaning": meaning, "at_least": at_least, "at_most": at_most, "one_of": one_of, "filled": filled}
    return field(default=default, metadata=rule)


# --- service.toml ---


@dataclass(frozen=True, slots=True)
class Service:
    """The address space and how the service is reached from outside."""

    domain: str = setting("confrere.localhost", "The part of every address behind the @.", filled=True)
    public_url: str = setting("", "The URL that clients use, behind a proxy. Empty: the listener's.")
    bridge: str = setting("", "The address of the bridge that files into patients' records. Empty: none.")
    log_level: str = setting(
        "warning", "Logs never hold content at any level.", one_of=("debug", "info", "warning", "error")
    )


@dataclass(frozen=True, slots=True)
class Listen:
    """The listener. TLS ends at the proxy in front (see docs/guide)."""

    host: str = setting("127.0.0.1", "The interface; loopback unless a proxy is elsewhere.", filled=True)
    port: int = setting(8470, "The TCP port; 0 takes a free one.", at_least=0, at_most=65535)


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest things that the service takes. The protocol's own limits are the upper bounds."""

    event_bytes: int = setting(limits.MAX_EVENT, "An event, sealed.", at_least=4 * KIB, at_most=limits.MAX_EVENT)
    members: int = setting(limits.MAX_MEMBERS, "Members of one thread.", at_least=2, at_most=limits.MAX_MEMBERS)
    frame_bytes: int = setting(
        limits.MAX_FRAME, "A frame on the WebSocket.", at_least=64 * KIB, at_most=limits.MAX_FRAME
    )
    blob_bytes: int = setting(LARGEST_BLOB, "One attachment, sealed.", at_least=MIB, at_most=LARGEST_BLOB)


@dataclass(frozen=True, slots=True)
class Rates:
    """How often one account may do a thing in a minute; beyond it, the client is asked to wait."""

    messages: int = setting(3000, "Events sent.", at_least=1, at_most=10_000_000)
    logins: int = setting(600, "Logins of one device.", at_least=1, at_most=100_000)
    searches: int = setting(1200, "Directory searches.", at_least=1, at_most=1_000_000)
    enrolments: int = setting(300, "Enrolment attempts from one network address.", at_least=1, at_most=100_000)


@dataclass(frozen=True, slots=True)
class WritePath:
    """The one writer: what waits is committed together, and acknowledged after the commit."""

    batch: int = setting(256, "Writes in one commit, at most.", at_least=1, at_most=10_000)
    queue: int = setting(4096, "Writes that may wait; beyond it, clients are told to retry.", at_least=1)


@dataclass(frozen=True, slots=True)
class Sqlite:
    """The embedded database."""

    synchronous: str = setting(
        "full",
        "Acknowledged means on the disk with either; extra syncs the folder too.",
        one_of=("full", "extra"),
    )
    cache_mib: int = setting(64, "Page cache of a connection.", at_least=1, at_most=65536)


@dataclass(frozen=True, slots=True)
class Access:
    """How long a proof of access lasts."""

    token_seconds: int = setting(900, "A login.", at_least=30, at_most=86_400)
    challenge_seconds: int = setting(60, "The question that a device signs to log in.", at_least=5, at_most=600)
    invitation_days: int = setting(30, "An enrolment code.", at_least=1, at_most=365)


@dataclass(frozen=True, slots=True)
class Notices:
    """E-mails that say that something waits in a mailbox, and nothing about it."""

    enabled: bool = setting(False, "Whether notices are sent.")
    smtp_host: str = setting("127.0.0.1", "The mail server that takes them.", filled=True)
    smtp_port: int = setting(25, "Its port.", at_least=1, at_most=65535)
    security: str = setting("none", "none is for loopback only.", one_of=("none", "starttls", "tls"))
    username: str = setting("", "Empty: no login.")
    password_file: str = setting("", "A file that holds the password, readable by the service only.")
    sender: str = setting("ne-pas-repondre@confrere.localhost", "The From address.", filled=True)
    contact: str = setting("", "An address that a person reads, for replies and to be taken off. Empty: none.")
    bounces: str = setting("", "Where undelivered notices return, as local+token@domain. Empty: to the sender.")
    gather_seconds: int = setting(
        120, "What comes within this time of the first is one e-mail.", at_least=0, at_most=3600
    )
    language: str = setting("fr", "The language of a recipient who chose none.", one_of=("fr", "en"))
    zone: str = setting("Europe/Paris", "The time zone of an owner who chose none.", filled=True)


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Settings of `confrere serve` and of the operator's verbs (`invite`, `directory import`)."""

    service: Service = field(default_factory=Service)
    listen: Listen = field(default_factory=Listen)
    limits: Limits = field(default_factory=Limits)
    rates: Rates = field(default_factory=Rates)
    write_path: WritePath = field(default_factory=WritePath)
    sqlite: Sqlite = field(default_factory=Sqlite)
    access: Access = field(default_factory=Access)
    notices: Notices = field(default_factory=Notices)


# --- client.toml ---


@dataclass(frozen=True, slots=True)
class Interface:
    """How the command line speaks."""

    language: str = setting("", "Empty: --lang, CONFRERE_LANG or the locale decide.", one_of=("", "fr", "en"))


@dataclass(frozen=True, slots=True)
class Timeouts:
    """When the service counts as not reachable. What was to be sent then waits in the outbox."""

    connect_seconds: int = setting(5, "To open a connection.", at_least=1, at_most=60)
    total_seconds: int = setting(20, "For a whole exchange, attachments apart.", at_least=1, at_most=300)


@dataclass(frozen=True, slots=True)
class Passphrase:
    """How dear it is to guess the passphrase of a copied profile; below these values nothing is accepted."""

    characters: int = setting(8, "The shortest passphrase.", at_least=8, at_most=128)
    memory_mib: int = setting(64, "Memory of one guess.", at_least=64, at_most=4096)
    passes: int = setting(3, "Passes over that memory.", at_least=3, at_most=32)


@dataclass(frozen=True, slots=True)
class Gateway:
    """The mail gateway (`confrere gateway`), on the practice's own machine."""

    host: str = setting("127.0.0.1", "The interface; 0.0.0.0 lets the practice's other machines in.", filled=True)
    names: str = setting("", "Names and addresses of this machine for the practice's other machines, with commas.")
    smtp_port: int = setting(1465, "To send; TLS either way, as on the next two.", at_least=0, at_most=65535)
    imap_port: int = setting(1993, "To read, folders kept here.", at_least=0, at_most=65535)
    pop3_port: int = setting(1995, "To fetch; for software that speaks nothing else.", at_least=0, at_most=65535)
    setup_port: int = setting(1980, "The page for setting up programs, this machine only.", at_least=0, at_most=65535)
    certificate: str = setting("", "A PEM file with a real certificate and its chain. Empty: an own one is made.")
    key: str = setting("", "The PEM file with its key.")
    referral_folders: bool = setting(False, "Whether referrals arrive in folders of their own, not in the inbox.")
    largest_mail_mib: int = setting(50, "The largest mail, in either direction.", at_least=1, at_most=200)


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Settings of the verbs that work on a profile."""

    interface: Interface = field(default_factory=Interface)
    timeouts: Timeouts = field(default_factory=Timeouts)
    passphrase: Passphrase = field(default_factory=Passphrase)
    gateway: Gateway = field(default_factory=Gateway)


FILES: Mapping[str, type[ServiceSettings] | type[ClientSettings]] = {
    "service.toml": ServiceSettings,
    "client.toml": ClientSettings,
}


# --- where, reading, writing ---


def find_config(explicit: str, environment: Mapping[str, str]) -> Path:
    """The folder of settings: --config, CONFRERE_CONFIG, the checkout's `config/`, the one in the wheel."""
    chosen = explicit or environment.get("CONFRERE_CONFIG", "")
    if chosen:
        folder = Path(chosen)
        if not folder.is_dir():
            raise ConfrereError("config-missing", folder=str(folder))
        return folder
    package = Path(__file__).resolve().parent
    for folder in (package.parent / "config", package / "config"):
        if (folder / "service.toml").is_file():
            return folder
    raise ConfrereError("config-missing", folder=str(package.parent / "config"))


def load_service(folder: Path) -> ServiceSettings:
    return load(ServiceSettings, folder / "service.toml")


def load_client(folder: Path) -> ClientSettings:
    return load(ClientSettings, folder / "client.toml")


def load(kind: type[Settings], file: Path) -> Settings:
    """Reads `file` into `kind`. ConfrereError setting-unreadable, setting-unknown or setting-invalid."""
    document = read_toml(file)
    sections = {section.name: section for section in fields(kind)}
    values: dict[str, Any] = {}
    for name, table in document.items():
        if name not in sections:
            raise ConfrereError("setting-unknown", file=str(file), key=name, known=", ".join(sections))
        if not isinstance(table, dict):
            raise ConfrereError("setting-invalid", file=str(file), key=name, expected=f"[{name}]")
        values[name] = _section(section_type(sections[name]), table, name, file)
    return kind(**values)


def read_toml(file: Path) -> dict[str, Any]:
    """The tables of any file in the folder of settings. ConfrereError setting-unreadable with the reason."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise ConfrereError("setting-unreadable", file=str(file), reason=reason) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfrereError("setting-unreadable", file=str(file), reason=str(problem)) from None


def _section(kind: type[Any], table: Mapping[str, Any], name: str, file: Path) -> Any:
    known = {entry.name: entry for entry in fields(kind)}
    for key, value in table.items():
        if key not in known:
            raise ConfrereError("setting-unknown", file=str(file), key=f"{name}.{key}", known=", ".join(known))
        if not _fits(known[key], value):
            raise ConfrereError(
                "setting-invalid", file=str(file), key=f"{name}.{key}", expected=expectation(known[key])
            )
    return kind(**table)


def _fits(entry: dataclasses.Field[Any], value: object) -> bool:
    rule = entry.metadata
    if type(value) is not type(entry.default):  # exactly: a TOML boolean is no number
        return False
    if isinstance(value, str):
        return (not rule["one_of"] or value in rule["one_of"]) and not (rule["filled"] and not value.strip())
    if isinstance(value, int):
        low, high = rule["at_least"], rule["at_most"]
        return (low is None or value >= low) and (high is None or value <= high)
    return False


def expectation(entry: dataclasses.Field[Any]) -> str:
    """What a value of `entry` must be, in TOML's own notation so that it needs no translation."""
    rule = entry.metadata
    if isinstance(entry.default, bool):
        return "true | false"
    if isinstance(entry.default, int):
        low = "" if rule["at_least"] is None else f"{rule['at_least']}"
        high = "" if rule["at_most"] is None else f"{rule['at_most']}"
        return f"{low}..{high}"
    if rule["one_of"]:
        return " | ".join(json.dumps(choice) for choice in rule["one_of"])
    return '"..."'


def section_type(section: dataclasses.Field[Any]) -> type[Any]:
    """The dataclass of a section."""
    factory = section.default_factory
    if not isinstance(factory, type):
        raise TypeError(f"{section.name} is not a section")
    return factory


def documented(kind: type[ServiceSettings] | type[ClientSettings]) -> str:
    """The whole file with every key at its default and its documentation; what `config/` holds."""
    lines = [f"# {(kind.__doc__ or '').strip()}", "# Every key is optional; what stands here is its default."]
    for section in fields(kind):
        lines += ["", f"# {(section_type(section).__doc__ or '').strip()}", f"[{section.name}]"]
        for entry in fields(section_type(section)):
            allowed = expectation(entry)
            bounds = "" if allowed in ('"..."', "true | false") else f" ({allowed})"
            lines += [f"# {entry.metadata['meaning']}{bounds}", f"{entry.name} = {json.dumps(entry.default)}"]
    return "\n".join(lines) + "\n"
