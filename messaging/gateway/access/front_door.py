"""Who may come in, for the mailboxes of one gateway: `ports.Porter`. Says the same, after the same work, to a stranger
and to a wrong password."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from messaging.errors import MessagingError
from messaging.gateway import ports
from messaging.gateway.access.app_passwords import AppPasswords
from messaging.gateway.access.throttle import Throttle
from messaging.gateway.ports import Client, Door


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`client` makes what a mail program works with, from the name of the password that it logged in with."""

    address: str
    passwords: AppPasswords
    client: Callable[[str], Client]


class FrontDoor(ports.Porter):
    """For at least one mailbox. A user name is the mailbox's address, in any case, with or without spaces around."""

    def __init__(self, mailboxes: Iterable[Mailbox], throttle: Throttle) -> None:
        self._mailboxes = {_user(mailbox.address): mailbox for mailbox in mailboxes}
        self._throttle = throttle

    async def log_in(self, user: str, password: str, door: Door, peer: str) -> Client:
        """As the port says; also MessagingError("mail-store-damaged") where the passwords cannot be believed."""
        user = _user(user)
        mailbox = self._mailboxes.get(user)
        self._admit(peer, user, password, mailbox)
        # A stranger's password goes the same way, through the roll of somebody whose mailbox it does not open.
        passwords = (mailbox or next(iter(self._mailboxes.values()))).passwords
        await passwords.refresh()
        self._admit(peer, user, password, mailbox)  # of many at once, those that come after the wrong ones
        found = passwords.matching(password)
        if mailbox is None or found is None or found.removed:
            self._throttle.failed(peer, user, password)
            raise MessagingError("mail-login-revoked" if mailbox and found else "mail-login-wrong")
        self._throttle.succeeded(peer, user)
        with contextlib.suppress(MessagingError):  # a full disk keeps nobody out
            await passwords.note_login(found)
        found = passwords.matching(password)  # meanwhile it may have been found withdrawn, and its sessions cut
        if found is None or found.removed:
            raise MessagingError("mail-login-revoked")
        return mailbox.client(found.name)

    def _admit(self, peer: str, user: str, password: str, mailbox: Mailbox | None) -> None:
        """As the throttle says, but whoever has come in from there comes in again with the right password: all programs
        of a machine are one place to the throttle, and one that guesses would shut out the others. What is guessed is
        100 bits."""
        try:
            self._throttle.admit(peer, user)
        except MessagingError:
            known = mailbox is not None and self._throttle.knows(peer, user)
            if not known or mailbox is None or mailbox.passwords.matching(password) is None:
                raise

    async def bearer(self, user: str, token: str, door: Door, peer: str) -> Client:
        """XOAUTH2: the token is the app password."""
        return await self.log_in(user, token, door, peer)


def _user(name: str) -> str:
    return name.strip().casefold()
