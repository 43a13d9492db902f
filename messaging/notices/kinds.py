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

Language = Literal["fr", "en"]

_ADDRESS = re.compile(
    r"[A-Za-z0-9_+-](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9_+-])?@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?",
    re.ASCII,
)
_LINK = re.compile(r"https?://[A-Za-z0-9\[\]:._~/-]{1,200}", re.ASCII)


class NoticeKind(StrEnum):
    """The action that waits; also the name of its template."""

    NEW_MESSAGE = "new-message"
    NEW_REFERRAL = "new-referral"
    YOUR_TURN = "your-turn"
    ANSWER = "answer"
    INVITATION = "invitation"
    REMINDER_RECOVERY = "reminder-recovery"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: about `mailbox`, to the ordinary address `recipient`, pointing at `link` and no deeper.

    Raises `notice-malformed` naming the field, never its value.
    """

    kind: NoticeKind
    mailbox: str
    language: Language
    recipient: str
    link: str

    def __post_init__(self) -> None:
        for field, value, shape in (
            ("mailbox", self.mailbox, _ADDRESS),
            ("recipient", self.recipient, _ADDRESS),
            ("link", self.link, _LINK),
        ):
            if not shape.fullmatch(value):
                raise MessagingError("notice-malformed", field=field)
        if self.language not in ("fr", "en"):
            raise MessagingError("notice-malformed", field="language")
