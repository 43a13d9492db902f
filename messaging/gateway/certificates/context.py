"""The server's side of TLS (RFC 8446, RFC 9325): one context for all doors. A renewed certificate is served by it."""

from __future__ import annotations

import ssl

from messaging.errors import MessagingError
from messaging.gateway.certificates.identity import Identity


def context(identity: Identity) -> ssl.SSLContext:
    """TLS 1.2 and later, without compression or renegotiation. MessagingError certificate-unreadable."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    try:
        # Without a password of ours OpenSSL would ask whoever sits at the terminal.
        made.load_cert_chain(identity.chain, identity.key, password=lambda: b"")
    except (OSError, ssl.SSLError, ValueError):
        raise MessagingError("certificate-unreadable") from None
    return made


def reload(live: ssl.SSLContext, identity: Identity) -> None:
    """Connections from now on are served under `identity`; those that stand are left alone.

    MessagingError certificate-unreadable, and then `live` serves what it did."""
    made = context(identity)

    def presented(connection: ssl.SSLSocket | ssl.SSLObject, _name: str, _live: ssl.SSLContext) -> None:
        connection.context = made

    # Loaded into `live`, it would stand beside one whose key is of another kind, and the client would choose.
    live.sni_callback = presented
