"""Message disposition notifications (RFC 8098, ML-6): made for who asked to be told that his mail was displayed, and
read where a mail program submits one. Displaying is told by a human act; no other disposition is made here.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from messaging.gateway.mail import compose, content, fields, heading, message_id, parts
from messaging.gateway.mail.heading import Person
from messaging.gateway.mail.parts import Part
from messaging.gateway.mail.rendered import Say
from messaging.gateway.mail.submitted import Submitted

MEDIA_TYPE = "message/disposition-notification"
_LONGEST = 64 * 1024  # octets of the machine's part that are read


@dataclass(frozen=True, slots=True)
class Disposition:
    """What a mail program says became of a mail: `original` is the mail's Message-ID; `displayed` is false for what was
    deleted unread, denied or handled by a program."""

    original: str
    displayed: bool


def asked(submitted: Submitted, own: Collection[str]) -> bool:
    """Whether the author asked to be told: with his own address alone (RFC 8098 section 2.1), and not for what a
    program wrote."""
    ours = {address.lower() for address in own}
    named = {address.lower() for address in submitted.receipt_to}
    return bool(named) and named <= ours and not submitted.automatic


def write(
    *,
    seed: bytes,
    reader: Person,
    asker: Person,
    original: str,
    subject: str,
    time: int,
    say: Say,
    zone: datetime.tzinfo,
) -> bytes:
    """The notification that `reader` displayed a mail at `time` (ms UTC), as a mail to `asker`. `seed` is of the
    acknowledgement that says so: the same one gives the same octets."""
    own = message_id.of_event(seed)
    machine = "".join(
        f"{name}: {value}\r\n"
        for name, value in (
            ("Reporting-UA", message_id.DOMAIN),
            ("Final-Recipient", f"rfc822;{heading.line_of(reader.address)}"),
            ("Original-Message-ID", original),
            ("Disposition", "manual-action/MDN-sent-manually; displayed"),
        )
        if value
    )
    told = say("mail-displayed-text", name=heading.line_of(reader.name), subject=heading.line_of(subject))
    held = [compose.text(told + "\n"), compose.part(MEDIA_TYPE, machine.encode("ascii", "replace"))]
    return b"".join(
        (
            heading.people("From", (reader,)),
            heading.people("To", (asker,)),
            heading.date(time, zone),
            heading.identifiers("Message-ID", (own,)),
            *((heading.identifiers(name, (original,)) for name in ("In-Reply-To", "References")) if original else ()),
            heading.write("Subject", say("mail-displayed-subject", subject=heading.line_of(subject))),
            b"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n",
            compose.multipart("report; report-type=disposition-notification", seed.hex(), held),
        )
    )


def read(octets: bytes, root: Part) -> Disposition | None:
    """The notification that a submitted mail of these parts is; None where it is none, or names no mail."""
    if root.media_type != "multipart/report":
        return None
    machine = next((part for part in content.leaves(root) if part.media_type == MEDIA_TYPE), None)
    if machine is None:
        return None
    said = dict(fields.fields(parts.decoded(octets, machine)[:_LONGEST]))
    original = message_id.read(fields.unfolded(said.get(b"original-message-id", b"")))
    _, _, kind = fields.unfolded(said.get(b"disposition", b"")).partition(b";")
    if len(original) != 1:
        return None
    return Disposition(original[0], fields.token(kind.partition(b"/")[0]) == "displayed")
