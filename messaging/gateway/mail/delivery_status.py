"""Delivery status notifications (RFC 3464 as RFC 3461 asks for them, ML-6): who got a mail, who did not, who not yet.
Made for the author of a mail, and read. Decides no delivery, and knows no reason but the sentence that it is given.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from enum import StrEnum

from messaging.gateway.mail import compose, content, fields, heading, message_id, parts
from messaging.gateway.mail.heading import Person
from messaging.gateway.mail.rendered import Say

MEDIA_TYPE = "message/delivery-status"
REPORTER = Person("Confrère", f"mailer-daemon@{message_id.DOMAIN}")
MAX_RECIPIENTS = 1_000  # of a report that is read
_LONGEST = 1024 * 1024
_XTEXT = re.compile(r"\+([0-9A-F]{2})", re.ASCII)
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}", re.ASCII)
_GROUPS = re.compile(rb"\r?\n(?:[ \t]*\r?\n)+")


class Action(StrEnum):
    """RFC 3464 section 2.3.3, those that a gateway can say."""

    DELIVERED = "delivered"
    FAILED = "failed"
    DELAYED = "delayed"


_ASKED_AS = {Action.DELIVERED: "SUCCESS", Action.FAILED: "FAILURE", Action.DELAYED: "DELAY"}


@dataclass(frozen=True, slots=True)
class Recipient:
    """What became of a mail at one recipient. `status` is RFC 3463's; `original` is ORCPT as it was given (RFC 3461
    section 4.2, in xtext); `why` is a sentence for people."""

    address: str
    action: Action
    status: str
    original: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """`seed` names the report (the same one gives the same octets); `octets` is the mail as it travelled; `ret` and
    `envid` are RFC 3461's; times are ms UTC."""

    seed: bytes
    owner: Person
    time: int
    arrived: int
    message_id: str
    subject: str
    octets: bytes
    recipients: tuple[Recipient, ...]
    ret: str = ""
    envid: str = ""
    retried_until: int | None = None


def wanted(notify: Collection[str], action: Action) -> bool:
    """RFC 3461 section 4.1: whether the author wants to be told. Who said nothing is told of failure and delay."""
    asked = {said.upper() for said in notify}
    if not asked:
        return action is not Action.DELIVERED
    return "NEVER" not in asked and _ASKED_AS[action] in asked


def write(report: Report, say: Say, zone: datetime.tzinfo) -> bytes:
    """The report as a mail to its owner: a text for people, one for programs, and the mail or its header (RFC 3461
    section 4.3: the whole mail only where it failed and was asked for)."""
    actions = {recipient.action for recipient in report.recipients}
    worst = next((one for one in (Action.FAILED, Action.DELAYED) if one in actions), Action.DELIVERED)
    subject = heading.line_of(report.subject)
    lines = [
        say(f"mail-{recipient.action.value}-recipient", address=heading.line_of(recipient.address), why=recipient.why)
        for recipient in report.recipients
    ]
    told = "\n\n".join([say(f"mail-{worst.value}-text", subject=subject), "\n".join(line.strip() for line in lines)])
    full = report.ret.upper() == "FULL" and worst is Action.FAILED
    section, _, _ = heading.split(report.octets)
    returned = ("message/rfc822", report.octets) if full else ("text/rfc822-headers", section)
    held = [compose.text(told + "\n"), compose.part(MEDIA_TYPE, _machine(report, zone)), compose.part(*returned)]
    return b"".join(
        (
            heading.people("From", (REPORTER,)),
            heading.people("To", (report.owner,)),
            heading.date(report.time, zone),
            heading.identifiers("Message-ID", (message_id.of_event(report.seed),)),
            heading.identifiers("In-Reply-To", (report.message_id,)),
            heading.identifiers("References", (report.message_id,)),
            heading.write("Subject", say(f"mail-{worst.value}-subject", subject=subject)),
            b"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n",
            compose.multipart("report; report-type=delivery-status", report.seed.hex(), held),
        )
    )


def read(octets: bytes) -> tuple[Recipient, ...]:
    """What a report says of each recipient; empty where the mail is none. A program's word: nothing is verified."""
    root = parts.read(octets)
    machine = next((part for part in content.leaves(root) if part.media_type == MEDIA_TYPE), None)
    if root.media_type != "multipart/report" or machine is None:
        return ()
    groups = _GROUPS.split(parts.decoded(octets, machine)[:_LONGEST].strip())[1 : MAX_RECIPIENTS + 1]
    found = (_recipient(group) for group in groups)
    return tuple(recipient for recipient in found if recipient is not None)


def xtext(said: str) -> str:
    """RFC 3461 section 4: what an xtext stands for; a broken one is shown as it is."""
    return heading.line_of(_XTEXT.sub(lambda match: chr(int(match[1], 16)), said))


def _machine(report: Report, zone: datetime.tzinfo) -> bytes:
    groups = [
        [
            ("Original-Envelope-Id", xtext(report.envid)),
            ("Reporting-MTA", f"dns;{message_id.DOMAIN}"),
            ("Arrival-Date", _instant(report.arrived, zone)),
        ]
    ]
    for recipient in report.recipients:
        late = report.retried_until if recipient.action is Action.DELAYED else None
        groups.append(
            [
                ("Original-Recipient", xtext(recipient.original)),
                ("Final-Recipient", f"rfc822;{heading.line_of(recipient.address)}"),
                ("Action", recipient.action.value),
                ("Status", recipient.status),
                ("Will-Retry-Until", _instant(late, zone) if late is not None else ""),
            ]
        )
    return b"\r\n".join(_group(group) for group in groups)


def _group(group: Sequence[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in group if value).encode("ascii", "replace")


def _instant(ms: int, zone: datetime.tzinfo) -> str:
    return format_datetime(datetime.datetime.fromtimestamp(ms // 1000, zone))


def _recipient(group: bytes) -> Recipient | None:
    said = {name: heading.line_of(fields.text(fields.unfolded(value))) for name, value in fields.fields(group)}
    action, status = said.get(b"action", "").lower(), said.get(b"status", "").partition(" ")[0]
    address = said.get(b"final-recipient", "").partition(";")[2].strip()
    known = {one.value: one for one in Action}.get(action)
    if known is None or not address or not _STATUS.fullmatch(status):
        return None
    return Recipient(address, known, status, said.get(b"original-recipient", ""))
