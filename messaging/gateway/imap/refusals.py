"""What is refused, as mail programs understand it: a response code (RFC 3501 section 7.1, RFC 5530) and plain words,
for mail programs show them. The words of the command line are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from messaging.errors import MessagingError

_ANSWERS: Mapping[str, tuple[str, str]] = {
    "mail-login-wrong": ("AUTHENTICATIONFAILED", "Wrong user name or app password."),
    "mail-login-revoked": ("AUTHENTICATIONFAILED", "This app password was withdrawn."),
    "mail-login-throttled": ("UNAVAILABLE", "Too many attempts. Try again later."),
    "mail-folder-unknown": ("NONEXISTENT", "This folder does not exist."),
    "mail-folder-exists": ("ALREADYEXISTS", "A folder with this name exists."),
    "mail-folder-fixed": ("CANNOT", "This folder can be neither renamed nor deleted."),
    "mail-folder-name": ("CANNOT", "This folder name is not possible."),
    "mail-too-large": ("TOOBIG", "This message is too large."),
    "mail-store-full": ("OVERQUOTA", "The disk is full: nothing was stored."),
    "mail-store-damaged": ("CORRUPTION", "The mail kept on this machine is damaged."),
}
_OTHERWISE = ("SERVERBUG", "This did not work. Nothing was changed.")


def answer(refused: MessagingError) -> bytes:
    """`NO [CODE] words`."""
    code, words = _ANSWERS.get(refused.id, _OTHERWISE)
    return f"NO [{code}] {words}".encode("ascii")


def try_create(refused: MessagingError) -> bytes:
    """`answer` for APPEND, COPY and MOVE, where an unknown target could be created (RFC 3501 section 7.1)."""
    return answer(refused).replace(b"[NONEXISTENT]", b"[TRYCREATE]")
