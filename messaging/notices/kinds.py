"""What a notice by ordinary e-mail may say: that an action waits in a mailbox, and nothing else.

Ordinary e-mail is read on its way, so a notice has no field for a sender, a patient, a subject or a count
(docs/spec/referral.md RF-8). Every value is held to an alphabet that can neither break a header nor
inject markup. It knows no template and sends nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from messaging.errors import MessagingError
from messaging.mailbox.ordinary_mail import is_address

Language = Literal["fr", "en"]

_LINK = re.compile(r"https?://[A-Za-z0-9\[\]:._~/-]{1,200}", re.ASCII)
_THREAD_ID_SIZE = 16


class NoticeKind(StrEnum):
    """The action that waits; also the name of its template."""

    NEW_MESSAGE = "new-message"
    NEW_REFERRAL = "new-referral"
    YOUR_TURN = "your-turn"
    ANSWER = "answer"
    DIGEST = "digest"
    INVITATION = "invitation"
    REMINDER_RECOVERY = "reminder-recovery"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice about `mailbox`, to the ordinary address `recipient`. `link` is the public URL, or "" where there is
    none; `thread` is the id of the only thread that it is about, or nothing.

    Raises `notice-malformed` naming the field, never its value.
    """

    kind: NoticeKind
    mailbox: str
    language: Language
    recipient: str
    link: str = ""
    thread: bytes = b""

    def __post_init__(self) -> None:
        demand_address("mailbox", self.mailbox)
        demand_address("recipient", self.recipient)
        if self.link and not _LINK.fullmatch(self.link):
            raise MessagingError("notice-malformed", field="link")
        if len(self.thread) not in (0, _THREAD_ID_SIZE):
            raise MessagingError("notice-malformed", field="thread")
        if self.language not in ("fr", "en"):
            raise MessagingError("notice-malformed", field="language")

    @property
    def url(self) -> str:
        """Where the one link goes: the thread, once its reader has unlocked, or the inbox; "" for no link.

        The thread stands in the fragment, which a browser keeps to itself (RFC 3986 3.5): no server logs it.
        """
        if not self.link:
            return ""
        return f"{self.link.rstrip('/')}/" + (f"#/fil/{self.thread.hex()}" if self.thread else "")


def demand_address(field: str, value: str) -> None:
    """Raises MessagingError("notice-malformed") naming the field."""
    if not is_address(value):
        raise MessagingError("notice-malformed", field=field)
