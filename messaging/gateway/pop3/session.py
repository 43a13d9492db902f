"""One connection of POP3 (RFC 1939) with CAPA (RFC 2449), STLS (RFC 2595), AUTH (RFC 5034) and their response codes.

Over the INBOX of a mailbox, one session at a time. USER, PASS and AUTH inside TLS alone; no APOP, which would need the
password in clear here. The mail is taken out of INBOX at QUIT alone, and then to Trash.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from directory.errors import Refusal
from messaging.gateway.entry import sasl
from messaging.gateway.entry.exchange import Cancelled, MechanismUnknown, credentials
from messaging.gateway.entry.incident import place
from messaging.gateway.entry.turnstile import Visit
from messaging.gateway.entry.wording import one_line
from messaging.gateway.pop3.hall import Hall
from messaging.gateway.pop3.maildrop import Maildrop
from messaging.gateway.pop3.multiline import stuffed, top
from messaging.gateway.ports import Client, Door, Mail

log = logging.getLogger("confrere.gateway")

READER_LIMIT: Final = sasl.LONGEST_LINE
_SHOWN_OUT: Final = 5.0  # seconds until one who was dismissed and does not read is cut
_CLOSED_AFTER: Final = 30.0  # seconds until a client that does not read is cut
_COMMAND_MOST: Final = 255  # octets, RFC 2449 section 4
_CHUNK: Final = 1 << 16
_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_TEMPORARY: Final = "[SYS/TEMP]"  # RFC 3206
_PERMANENT: Final = "[SYS/PERM]"


class Refused(Exception):
    """-ERR with this text; the state is what it was."""


class Ended(Exception):
    """The connection ends here."""


class Session:
    """`encrypted` where the transport speaks TLS already."""

    def __init__(
        self, hall: Hall, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, encrypted: bool
    ) -> None:
        self._hall = hall
        self._reader = reader
        self._writer = writer
        self._encrypted = encrypted
        self._visit: Visit | None = None
        self._user = ""
        self._client: Client | None = None
        self._drop: Maildrop | None = None
        self._failed_logins = self._refusals = 0
        self._deadline = asyncio.get_running_loop().time() + hall.limits.stranger

    async def run(self) -> None:
        """From greeting to end; raises nothing but CancelledError."""
        name = self._writer.get_extra_info("peername")
        self._visit = self._hall.turnstile.enter(name[0] if name else "")
        try:
            if self._visit is None:
                self._write(f"-ERR {_TEMPORARY} Too many connections")
                return
            self._write("+OK POP3")
            while True:
                await self._drain()
                await self._answer(await self._line())
        except (Ended, OSError, EOFError):  # so is a time-out, and what TLS raises
            pass
        finally:
            self._leave()

    def dismiss(self, password_name: str) -> None:
        """Its app password was withdrawn, if it is this one: nothing more is given, nothing removed."""
        if self._client and self._client.password_name == password_name:
            self._writer.close()
            asyncio.get_running_loop().call_later(_SHOWN_OUT, self._writer.transport.abort)

    def _leave(self) -> None:
        if self._visit:
            self._visit.leave()
        if self._client:
            self._hall.open.pop(self._client.address.casefold(), None)
        self._writer.close()  # what is written still goes out, for as long as somebody may need to read it
        asyncio.get_running_loop().call_later(_CLOSED_AFTER, self._writer.transport.abort)

    # --- lines ---

    async def _line(self) -> str:
        """Without its end. Ended for one that is longer than any may be."""
        remaining = self._deadline - asyncio.get_running_loop().time()
        patience = self._hall.limits.idle if self._client else max(0.0, remaining)
        try:
            async with asyncio.timeout(patience):
                line = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            self._write("-ERR This line is too long")
            raise Ended from None
        return line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")

    def _write(self, line: str) -> None:
        self._writer.write(line.encode("ascii", "replace") + b"\r\n")

    async def _drain(self) -> None:
        async with asyncio.timeout(self._hall.limits.idle):
            await self._writer.drain()

    async def _write_multiline(self, first: str, octets: bytes) -> None:
        self._write(first)
        whole = memoryview(stuffed(octets))
        for start in range(0, len(whole), _CHUNK):
            self._writer.write(whole[start : start + _CHUNK])
            await self._drain()

    async def _write_lines(self, first: str, lines: Iterable[str]) -> None:
        await self._write_multiline(first, "".join(f"{line}\r\n" for line in lines).encode("ascii"))

    # --- commands ---

    async def _answer(self, line: str) -> None:
        verb, _, argument = line.partition(" ")
        try:
            act = self._verbs().get(verb.upper())
            if act is None or (len(line) > _COMMAND_MOST and verb.upper() != "AUTH"):
                raise Refused("Not a command here")
            await act(argument)
        except (Ended, EOFError, ConnectionError, TimeoutError):
            raise
        except Exception as error:
            if self._writer.is_closing():
                raise Ended from None
            self._refuse(self._reason(error))

    def _refuse(self, text: str) -> None:
        self._write(f"-ERR {text}")
        self._refusals += 1
        if self._refusals >= self._hall.limits.refusals:
            raise Ended

    def _reason(self, error: Exception) -> str:
        """What -ERR says. Of what nobody foresaw only the kind and the place are logged."""
        if isinstance(error, Refused):
            return str(error)
        if isinstance(error, Refusal):
            code = _TEMPORARY if error.kind.temporary else _PERMANENT
            return f"{code} {one_line(self._hall.say(error), utf8=False)}"
        log.error("a pop3 command failed: %s at %s", type(error).__name__, place(error))
        return f"{_TEMPORARY} Something went wrong here: try again"

    def _verbs(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        either = {"CAPA": self._capa, "QUIT": self._quit}
        if self._drop is not None:
            return either | {
                "STAT": self._stat,
                "LIST": self._list,
                "UIDL": self._uidl,
                "RETR": self._retr,
                "TOP": self._top,
                "DELE": self._dele,
                "RSET": self._rset,
                "NOOP": self._noop,
            }
        if not self._encrypted:
            return either | {"STLS": self._stls}
        return either | {"USER": self._take_user, "PASS": self._pass, "AUTH": self._auth}

    async def _capa(self, argument: str) -> None:
        """RFC 2449 section 5."""
        offers = ["TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER"]
        if not self._encrypted:
            offers.append("STLS")
        elif self._drop is None:
            offers += ["USER", f"SASL {' '.join(sasl.MECHANISMS)}"]
        await self._write_lines("+OK", offers)

    async def _stls(self, argument: str) -> None:
        """RFC 2595 section 4. What came in clear behind the command is an injection and ends the connection."""
        injected = "-ERR Nothing may follow STLS"
        if self._reader._buffer:  # type: ignore[attr-defined]
            self._write(injected)
            raise Ended
        self._write("+OK Go ahead")
        await self._drain()
        if self._reader._buffer:  # type: ignore[attr-defined]
            self._write(injected)
            raise Ended
        # From this check to the change of protocol nothing is awaited: nothing read in clear gets past it.
        await self._writer.start_tls(self._hall.tls)
        self._encrypted = True

    async def _quit(self, argument: str) -> None:
        """RFC 1939 section 6. The removal goes on where the client does not wait for it."""
        if self._drop is not None:
            task = asyncio.get_running_loop().create_task(self._drop.update())
            self._hall.updates.add(task)
            task.add_done_callback(self._updated)
            try:
                await asyncio.shield(task)
            except Exception as error:
                self._write(f"-ERR {self._reason(error)}")
                raise Ended from None
        self._write("+OK")
        raise Ended

    def _updated(self, task: asyncio.Task[None]) -> None:
        self._hall.updates.discard(task)
        if not task.cancelled():
            task.exception()  # told to the client, if there still is one

    # --- who is there ---

    async def _take_user(self, argument: str) -> None:
        self._user = argument.strip()
        self._write("+OK")  # whether it is known or not

    async def _pass(self, argument: str) -> None:
        """RFC 1939 section 7: what follows the space is the password, with any spaces in it."""
        if not self._user:
            raise Refused("First USER")
        user, self._user = self._user, ""
        await self._enter(sasl.Credentials(user, argument))

    async def _auth(self, argument: str) -> None:
        """RFC 5034. Without a mechanism the list of them, as some programs still ask."""
        if not argument.strip():
            await self._write_lines("+OK", sasl.MECHANISMS)
            return
        mechanism, _, initial = argument.partition(" ")
        try:
            wanted = await credentials(mechanism, initial, self._ask)
        except MechanismUnknown:
            raise Refused("Mechanism not known") from None
        except Cancelled:
            raise Refused("Cancelled") from None
        except ValueError:
            raise Refused("This is no answer of this mechanism") from None
        await self._enter(wanted)

    async def _ask(self, challenge: bytes) -> bytes:
        self._write(f"+ {sasl.encoded(challenge).decode('ascii')}")
        await self._drain()
        return (await self._line()).encode("utf-8", "surrogateescape")

    async def _enter(self, wanted: sasl.Credentials) -> None:
        peer = self._visit.peer if self._visit else ""
        enter = self._hall.porter.bearer if wanted.bearer else self._hall.porter.log_in
        try:
            client = await enter(wanted.user, wanted.secret, Door.POP3, peer)
        except Refusal as refusal:
            if wanted.bearer:
                await self._ask(sasl.REFUSED_TOKEN)
            code = _TEMPORARY if refusal.kind.temporary else "[AUTH]"  # RFC 3206
            self._write(f"-ERR {code} {one_line(self._hall.say(refusal), utf8=False)}")
            self._failed_logins += 1
            if self._failed_logins >= self._hall.limits.wrong_logins:
                raise Ended from None
            return
        mailbox = client.address.casefold()
        if mailbox in self._hall.open:
            raise Refused("[IN-USE] Another program is fetching this mail")
        drop = Maildrop(client.store)
        self._hall.open[mailbox] = self
        self._client, self._drop = client, drop
        if self._visit:
            self._visit.known()
        self._write("+OK")

    # --- the maildrop ---

    def _maildrop(self) -> Maildrop:
        if self._drop is None:
            raise Refused("First log in")
        return self._drop

    def _mail(self, argument: str) -> tuple[int, Mail]:
        number = _number(argument.strip())
        mail = self._maildrop().find(number)
        if mail is None:
            raise Refused("No such message")
        return number, mail

    async def _octets(self, mail: Mail) -> bytes:
        octets = await self._maildrop().octets(mail)
        if octets is None:
            raise Refused(f"{_TEMPORARY} This message has gone meanwhile")
        return octets

    async def _stat(self, argument: str) -> None:
        sizes = [mail.size for _, mail in self._maildrop()]
        self._write(f"+OK {len(sizes)} {sum(sizes)}")

    async def _list(self, argument: str) -> None:
        if argument.strip():
            number, mail = self._mail(argument)
            self._write(f"+OK {number} {mail.size}")
            return
        await self._write_lines("+OK", (f"{number} {mail.size}" for number, mail in self._maildrop()))

    async def _uidl(self, argument: str) -> None:
        drop = self._maildrop()
        if argument.strip():
            number, mail = self._mail(argument)
            self._write(f"+OK {number} {drop.unique_id(mail)}")
            return
        await self._write_lines("+OK", (f"{number} {drop.unique_id(mail)}" for number, mail in drop))

    async def _retr(self, argument: str) -> None:
        octets = await self._octets(self._mail(argument)[1])
        await self._write_multiline(f"+OK {len(octets)} octets", octets)

    async def _top(self, argument: str) -> None:
        which, _, lines = argument.strip().partition(" ")
        many = _number(lines.strip())
        await self._write_multiline("+OK", top(await self._octets(self._mail(which)[1]), many))

    async def _dele(self, argument: str) -> None:
        number, _ = self._mail(argument)
        self._maildrop().remove(number)
        self._write("+OK")

    async def _rset(self, argument: str) -> None:
        self._maildrop().reset()
        self._write("+OK")

    async def _noop(self, argument: str) -> None:
        self._write("+OK")


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise Refused("Not a number")
    return int(text)
