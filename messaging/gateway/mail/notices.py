"""Mails of the gateway itself to its owner (ML-3.8, ML-5): that something failed verification, that a referral lacks
something, that a reply began an exchange of its own. They hold no content of anybody's message.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from messaging.gateway.mail import compose, heading, message_id
from messaging.gateway.mail.delivery_status import REPORTER
from messaging.gateway.mail.heading import Person
from messaging.gateway.mail.rendered import Say


@dataclass(frozen=True, slots=True)
class Notice:
    """To whom, when (ms UTC), and what names it: the same `seed` gives the same mail. `about` is the Message-ID that it
    stands beside, if any."""

    seed: bytes
    owner: Person
    time: int
    about: str = ""


def refusal(notice: Notice, *, thread: bytes, seq: int, failure: str, say: Say, zone: datetime.tzinfo) -> bytes:
    """Something in a thread failed verification: said, never shown. `failure` is the refusal's id; its sentence is not
    said with facts, since a stranger could have chosen them."""
    words = [say("mail-refused-text"), say("mail-refused-place", thread=thread.hex(), number=seq, failure=failure)]
    root = message_id.of_thread(thread)
    return _mail(notice, say("mail-refused-subject"), words, (root,), zone, say)


def unmade(notice: Notice, *, thread: bytes, seq: int, say: Say, zone: datetime.tzinfo) -> bytes:
    """A verified message that could not be made a mail: where it is, so that it can be opened there."""
    words = [say("mail-unmade-text", thread=thread.hex()), say("mail-unmade-place", number=seq)]
    return _mail(notice, say("mail-unmade-subject"), words, (message_id.of_thread(thread),), zone, say)


def draft(notice: Notice, *, missing: Sequence[str], subject: str, say: Say, zone: datetime.tzinfo) -> bytes:
    """A referral that a mail began and that was not sent, with what it lacks (`reply.ReferralDraft.missing`)."""
    lacking = "\n".join(f"- {say(f'mail-missing-{one}')}" for one in missing)
    words = [say("mail-draft-text"), lacking, say("mail-draft-how")]
    return _mail(notice, say("mail-draft-subject", subject=heading.line_of(subject)), words, (), zone, say)


def detached(notice: Notice, *, subject: str, say: Say, zone: datetime.tzinfo) -> bytes:
    """A reply whose recipients are not those of the exchange that it answers began a new one."""
    told = say("mail-detached-subject", subject=heading.line_of(subject))
    return _mail(notice, told, [say("mail-detached-text")], (), zone, say)


def withdrawn(notice: Notice, *, say: Say, zone: datetime.tzinfo) -> bytes:
    """This machine may no longer read or write for its owner: another of his devices has withdrawn it."""
    return _mail(notice, say("mail-withdrawn-subject"), [say("mail-withdrawn-text")], (), zone, say)


def _mail(
    notice: Notice, subject: str, words: Sequence[str], roots: Sequence[str], zone: datetime.tzinfo, say: Say
) -> bytes:
    about = (notice.about,) if notice.about else ()
    references = (*roots, *about)
    return b"".join(
        (
            heading.people("From", (REPORTER,)),
            heading.people("To", (notice.owner,)),
            heading.date(notice.time, zone),
            heading.identifiers("Message-ID", (message_id.of_event(notice.seed),)),
            heading.identifiers("In-Reply-To", about) if about else b"",
            heading.identifiers("References", references) if references else b"",
            heading.write("Subject", subject),
            b"Auto-Submitted: auto-generated\r\n",
            compose.content("\n\n".join([*words, say("mail-notice-no-reply")]) + "\n", (), notice.seed.hex()),
        )
    )
