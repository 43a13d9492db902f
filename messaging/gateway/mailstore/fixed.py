"""The folders that every mailbox has: those of RFC 6154, and two for referrals. A role outlives its name's language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from messaging.gateway.mailstore.names import INBOX, SEPARATOR
from messaging.gateway.ports import SpecialUse


class Role(StrEnum):
    """What a folder is for. USER folders are the user's own: only these are renamed or deleted."""

    USER = ""
    INBOX = "inbox"
    SENT = "sent"
    DRAFTS = "drafts"
    TRASH = "trash"
    ARCHIVE = "archive"
    JUNK = "junk"
    REFERRALS = "referrals"
    REFERRALS_RECEIVED = "referrals-received"
    REFERRALS_SENT = "referrals-sent"


SPECIAL_USE = {
    Role.SENT: SpecialUse.SENT,
    Role.DRAFTS: SpecialUse.DRAFTS,
    Role.TRASH: SpecialUse.TRASH,
    Role.ARCHIVE: SpecialUse.ARCHIVE,
    Role.JUNK: SpecialUse.JUNK,
}


@dataclass(frozen=True, slots=True)
class FixedNames:
    """How the fixed folders are called where they are made, at the first open. `received` and `sent_referrals` stand
    below `referrals`, which is a folder too, so that every level of a name is there."""

    sent: str = "Sent"
    drafts: str = "Drafts"
    trash: str = "Trash"
    archive: str = "Archive"
    junk: str = "Junk"
    referrals: str = "Adressages"
    received: str = "Reçus"
    sent_referrals: str = "Envoyés"

    def by_role(self) -> dict[Role, str]:
        return {
            Role.INBOX: INBOX,
            Role.SENT: self.sent,
            Role.DRAFTS: self.drafts,
            Role.TRASH: self.trash,
            Role.ARCHIVE: self.archive,
            Role.JUNK: self.junk,
            Role.REFERRALS: self.referrals,
            Role.REFERRALS_RECEIVED: self.referrals + SEPARATOR + self.received,
            Role.REFERRALS_SENT: self.referrals + SEPARATOR + self.sent_referrals,
        }
