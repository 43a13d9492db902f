"""One connection of message submission (RFC 6409): the verbs, over aiosmtpd, which reads commands and keeps the time.

TLS before anything else (RFC 3207, RFC 8314), then AUTH, then mail under the client's own addresses. A mail is taken
when it is durable, to all of its recipients or to none. No trace field is added: the octets stay the client's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from typing import Final, cast

from aiosmtpd.smtp import SMTP, TLSSetupException

from directory.errors import Refusal
from messaging.errors import MessagingError
from messaging.gateway.entry import sasl
from messaging.gateway.entry.exchange import Cancelled, MechanismUnknown, credentials
from messaging.gateway.entry.incident import place
from messaging.gateway.entry.turnstile import Visit
from messaging.gateway.entry.wording import one_line
from messaging.gateway.ports import Client, Door, DsnWanted, Submission
from messaging.gateway.smtp import content, parameters, replies
from messaging.gateway.smtp.hall import Hall
from messaging.gateway.smtp.replies import Refused

log = logging.getLogger("confrere.gateway")

_CLOSED_AFTER: Final = 5.0  # seconds until a client that does not read is cut
_COME_BACK: Final = b"421 4.3.2 Closing: come back later\r\n"
_INJECTED: Final = "421 4.7.0 Nothing may follow STARTTLS"


class _CommandLengths(dict[str, int]):
    """Longest command line of each verb, in octets; keeps nothing that a client wrote."""

    def __missing__(self, verb: str) -> int:
        return sasl.LONGEST_LINE if verb == "AUTH" else 2048  # with ENVID and ORCPT, RFC 3461 section 4


class Connection(SMTP):
    """The protocol of one client. `encrypted` where its transport speaks TLS from the first octet."""

    line_length_limit = content.STEP  # of the reader, not of lines
    command_size_limits = _CommandLengths()

    def __init__(self, hall: Hall, tls: ssl.SSLContext, encrypted: bool) -> None:
        self._hall = hall
        self._visit: Visit | None = None
        self._wire: asyncio.Transport | None = None
        self._encrypted = encrypted
        self._tls = tls
        self.client: Client | None = None
        self._failed_logins = self._not_found = 0
        self._sender: parameters.Sender | None = None
        self._recipients: dict[str, DsnWanted] = {}
        self._submitting = self._leaving = False
        self._deadline: asyncio.TimerHandle | None = None
        super().__init__(
            None,
            enable_SMTPUTF8=True,
            hostname=hall.name,
            ident="ESMTP",
            tls_context=None if encrypted else tls,
            require_starttls=not encrypted,
            timeout=hall.limits.idle,
            loop=asyncio.get_running_loop(),
        )

    # --- the connection ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        name = transport.get_extra_info("peername")
        self._wire = cast(asyncio.Transport, transport)
        self._visit = self._hall.turnstile.enter(name[0] if name else "")
        if self._visit is None:
            self._wire.write(b"421 4.7.0 Too many connections\r\n")
            self._wire.set_protocol(asyncio.Protocol())
            self._wire.close()
            return
        self._hall.connections.add(self)
        self._deadline = self.loop.call_later(self._hall.limits.stranger, self._timeout_cb)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self not in self._hall.connections:
            return
        self._hall.connections.discard(self)
        if self._visit:
            self._visit.leave()
        if self._deadline:
            self._deadline.cancel()
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        with contextlib.suppress(ConnectionError):  # gone while it was being answered
            await super()._handle_client()

    def leave(self) -> None:
        """At the server's end: at once, or once what is being submitted is answered."""
        self._leaving = True
        if not self._submitting:
            self._farewell(_COME_BACK)

    def abort(self) -> None:
        if self._wire:
            self._wire.abort()

    def _timeout_cb(self) -> None:
        if self._closing():
            self.abort()  # somebody who said QUIT and reads nothing
        self._farewell(b"421 4.4.2 Nothing came for too long\r\n")

    def _closing(self) -> bool:
        return self._wire is None or self._wire.is_closing()

    def _farewell(self, reply: bytes = b"") -> None:
        if self._wire and not self._wire.is_closing():
            self._wire.write(reply)
            self._wire.close()
            self.loop.call_later(_CLOSED_AFTER, self._wire.abort)

    async def push(self, status: str | bytes) -> None:
        """One reply. After a 421 the connection closes (RFC 5321 section 3.8) and what still lies in its buffer is not
        looked at: ConnectionResetError."""
        if self._closing():
            raise ConnectionResetError
        reply = status if isinstance(status, bytes) else replies.finished(status).encode("utf-8")
        await super().push(reply)
        if reply.startswith(b"421"):
            self._farewell()
        elif self._leaving:
            self._farewell(_COME_BACK)
        if self._closing():
            raise ConnectionResetError

    async def handle_exception(self, error: Exception) -> str:
        """The reply to a command that raised. Of what nobody foresaw only the kind and the place are logged."""
        if isinstance(error, Refused):
            return error.reply
        if isinstance(error, Refusal):
            return self._refusal(error)
        if not isinstance(error, TLSSetupException | ConnectionError):
            log.error("a submission failed: %s at %s", type(error).__name__, place(error))
        return replies.UNFORESEEN

    def _refusal(self, refusal: Refusal) -> str:
        utf8 = self._sender is not None and self._sender.utf8
        return f"{replies.code(refusal)} {one_line(self._hall.say(refusal), utf8=utf8)}"

    def _set_rset_state(self) -> None:
        self._set_post_data_state()

    def _set_post_data_state(self) -> None:
        self.envelope = self._create_envelope()
        self._sender = None
        self._recipients = {}

    # --- who is there ---

    async def smtp_HELO(self, hostname: str | None) -> None:
        await self._greet(hostname, extended=False)

    async def smtp_EHLO(self, hostname: str | None) -> None:
        await self._greet(hostname, extended=True)

    async def _greet(self, hostname: str | None, *, extended: bool) -> None:
        if not hostname or self.session is None:
            raise Refused("501 5.5.4 Syntax: EHLO hostname")
        self._set_rset_state()
        self.session.host_name, self.session.extended_smtp = hostname, extended
        offers = [
            f"SIZE {self._hall.limits.octets}",
            "8BITMIME",
            "SMTPUTF8",
            "PIPELINING",
            "ENHANCEDSTATUSCODES",
            "DSN",
        ]
        offers.append(f"AUTH {' '.join(sasl.MECHANISMS)}" if self._encrypted else "STARTTLS")
        lines = [self._hall.name, *(offers if extended else ())]
        text = "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])
        await self.push(text.encode("ascii"))  # octets: no enhanced code here

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        """RFC 3207. What came in clear behind the command is an injection and ends the connection."""
        if arg:
            raise Refused("501 5.5.4 Syntax: STARTTLS")
        if self._encrypted or self._wire is None or self.session is None:
            raise Refused("503 5.5.1 TLS is in use")
        if self._reader._buffer:  # type: ignore[attr-defined]
            raise Refused(_INJECTED)
        await self.push("220 2.0.0 Go ahead")
        if self._reader._buffer:  # type: ignore[attr-defined]
            raise Refused(_INJECTED)
        self._original_transport = self._wire
        try:
            # From the check above to the change of protocol nothing is awaited: nothing read in clear gets past it.
            secure = await self.loop.start_tls(self._wire, self, self._tls, server_side=True)
        except (OSError, EOFError) as failed:
            raise TLSSetupException from failed
        if secure is None:
            raise ConnectionResetError
        self._encrypted = True
        self.transport = self._wire = secure
        self._reader._transport = self._writer._transport = secure  # type: ignore[attr-defined]
        self.require_starttls = False
        peer, self.session = self.session.peer, self._create_session()
        self.session.peer, self.session.ssl = peer, {}
        self._set_rset_state()

    async def smtp_AUTH(self, arg: str | None) -> None:
        """RFC 4954, inside TLS alone."""
        if await self.check_helo_needed("EHLO"):
            return
        if not self._encrypted:
            raise Refused("538 5.7.11 First STARTTLS")
        if self.client or self._sender:
            raise Refused("503 5.5.1 Not now")
        mechanism, _, initial = (arg or "").partition(" ")
        try:
            wanted = await credentials(mechanism, initial, self._ask)
        except MechanismUnknown:
            raise Refused("504 5.5.4 Mechanism not recognised") from None
        except Cancelled:
            raise Refused("501 5.7.0 Cancelled") from None
        except ValueError:
            raise Refused("501 5.5.2 This is no answer of this mechanism") from None
        porter, peer = self._hall.porter, self._visit.peer if self._visit else ""
        try:
            enter = porter.bearer if wanted.bearer else porter.log_in
            self.client = await enter(wanted.user, wanted.secret, Door.SMTP, peer)
        except Refusal as refusal:
            if wanted.bearer:
                await self._ask(sasl.REFUSED_TOKEN)
            await self.push(f"{replies.login_code(refusal)} {one_line(self._hall.say(refusal), utf8=False)}")
            self._failed_logins += 1
            if self._failed_logins >= self._hall.limits.wrong_logins:
                raise Refused("421 4.7.0 Too many attempts") from None
            return
        if self._visit:
            self._visit.known()
        if self._deadline:
            self._deadline.cancel()
        await self.push("235 2.7.0 Welcome")

    async def _ask(self, challenge: bytes) -> bytes:
        await self.push(b"334 " + sasl.encoded(challenge))
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            raise Refused("421 4.7.0 This is no answer") from None
        if len(line) > sasl.LONGEST_LINE:
            raise Refused("500 5.5.6 This answer is too long")
        return line.rstrip(b"\r\n")

    async def _known(self) -> Client:
        if self.session is None or not self.session.host_name:
            raise Refused("503 5.5.1 First EHLO")
        if self.client is None:
            raise Refused("530 5.7.0 First log in")
        return self.client

    # --- a mail ---

    async def smtp_MAIL(self, arg: str | None) -> None:
        client = await self._known()
        if self._sender:
            raise Refused("503 5.5.1 One mail at a time")
        if self._hall.still and not await self._hall.still(client):
            self.client = None
            sentence = one_line(self._hall.say(MessagingError("mail-login-revoked")), utf8=False)
            raise Refused(f"421 4.7.0 {sentence}")
        sender = parameters.sender(arg or "")
        if sender.size is not None and sender.size > self._hall.limits.octets:
            raise MessagingError("mail-too-large", limit=self._hall.limits.octets)
        if sender.address.casefold() not in {address.casefold() for address in client.addresses}:
            raise MessagingError("mail-from-other")
        self._sender = sender
        await self.push("250 2.1.0 Sender taken")

    async def smtp_RCPT(self, arg: str | None) -> None:
        client = await self._known()
        if self._sender is None:
            raise Refused("503 5.5.1 First MAIL")
        recipient = parameters.recipient(arg or "", utf8=self._sender.utf8)
        if len(self._recipients) >= self._hall.limits.recipients:
            raise MessagingError("mail-recipients-too-many", limit=self._hall.limits.recipients)
        try:
            resolved = await self._hall.submitter.recipient(client, recipient.address)
        except Refusal:
            self._not_found += 1
            if self._not_found >= self._hall.limits.recipients:
                raise Refused("421 4.7.0 Too many recipients that are none") from None  # a search, not a mail
            raise
        self._recipients[resolved] = recipient.wanted
        await self.push("250 2.1.5 Recipient taken")

    async def smtp_DATA(self, arg: str | None) -> None:
        client = await self._known()
        sender, recipients = self._sender, tuple(self._recipients.items())
        if arg:
            raise Refused("501 5.5.4 Syntax: DATA")
        if sender is None or not recipients:
            raise Refused("503 5.5.1 First MAIL and RCPT")
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            octets = await self._content()
            task = self._hall.submit(Submission(client, octets[0], recipients, sender.ret, sender.envid), octets[1])
            self._submitting = True
            message_id = await asyncio.shield(task)
            reply = f"250 2.0.0 {one_line(message_id, utf8=False)} queued"
        except Refusal as refusal:
            reply = self._refusal(refusal)
        finally:
            self._submitting = False
            self._set_post_data_state()
        await self.push(reply)

    async def _content(self) -> tuple[bytes, content.Lease]:
        lease = self._hall.memory.lease()
        try:
            return await content.read(self._reader, self._hall.limits.octets, lease, self._reset_timeout), lease
        except BaseException:
            lease.end()
            raise

    async def smtp_VRFY(self, arg: str | None) -> None:
        await self.push("252 2.5.0 Send a mail and see")  # the same for all: nobody learns who exists

    async def smtp_EXPN(self, arg: str | None) -> None:
        raise Refused("502 5.5.1 There are no lists here")

    async def smtp_HELP(self, arg: str | None) -> None:
        await self.push("214 2.0.0 RFC 6409")
