"""Apple's configuration profile (.mobileconfig) for Mail on macOS and iPhone: the account, the authority to trust.

No password is in it: the system asks for it. It is not signed, which the system says; a signature would be the
gateway's own and prove nothing more.
"""

from __future__ import annotations

import plistlib
import uuid
from typing import Any

from messaging.gateway.configuration.servers import Servers

MEDIA_TYPE = "application/x-apple-aspen-config"
_ROOT = "org.confrere.gateway"
_NAMESPACE = uuid.UUID("6a0d4f0e-9d0b-5a7f-8f5e-2f6f2f0c7c11")


def profile(servers: Servers, address: str, authority: bytes | None) -> bytes:
    """A property list in XML. `authority` is the certificate in DER, None where the gateway has a real one. The same
    mailbox has the same ids, so that a profile that is installed again replaces the one before."""
    payloads = [_account(servers, address)]
    if authority is not None:
        payloads.append(_authority(authority))
    return plistlib.dumps(
        {
            **_payload("Configuration", f"profile/{address}", f"Confrère ({address})"),
            "PayloadOrganization": "Confrère",
            "PayloadRemovalDisallowed": False,
            "PayloadContent": payloads,
        }
    )


def _account(servers: Servers, address: str) -> dict[str, Any]:
    return {
        **_payload("com.apple.mail.managed", f"mail/{address}", address),
        "EmailAccountType": "EmailTypeIMAP",
        "EmailAccountDescription": "Confrère",
        "EmailAddress": address,
        "IncomingMailServerAuthentication": "EmailAuthPassword",
        "IncomingMailServerHostName": servers.host,
        "IncomingMailServerPortNumber": servers.imap,
        "IncomingMailServerUseSSL": True,
        "IncomingMailServerUsername": address,
        "OutgoingMailServerAuthentication": "EmailAuthPassword",
        "OutgoingMailServerHostName": servers.host,
        "OutgoingMailServerPortNumber": servers.smtp,
        "OutgoingMailServerUseSSL": True,
        "OutgoingMailServerUsername": address,
        "OutgoingPasswordSameAsIncomingPassword": True,
        "SMIMEEnabled": False,
    }


def _authority(der: bytes) -> dict[str, Any]:
    return {
        **_payload("com.apple.security.root", "authority", "Confrère mail gateway"),
        "PayloadCertificateFileName": "confrere.cer",
        "PayloadContent": der,
    }


def _payload(kind: str, what: str, name: str) -> dict[str, Any]:
    own = uuid.uuid5(_NAMESPACE, what)
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{_ROOT}.{own}",
        "PayloadUUID": str(own).upper(),
        "PayloadDisplayName": name,
    }
