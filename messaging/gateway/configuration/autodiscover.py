"""Microsoft's Autodiscover for mail servers that are not Exchange: plain old XML ([MS-OXDSCLI] sections 2.2.3, 2.2.4).

A stranger's document is read through the house's one door for XML. The answer tells servers and ports, no password.
"""

from __future__ import annotations

import datetime
from xml.etree import ElementTree

from messaging.errors import MessagingError
from messaging.gateway.configuration.servers import Servers
from messaging.referral import clinical_xml

MEDIA_TYPE = "text/xml"
LARGEST = 16 * 1024  # octets of a request; Outlook's has about 400
UNKNOWN_ADDRESS = 500  # section 2.2.4.1.1.2.2
INVALID_REQUEST = 600
_REQUEST = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006}"
_ENVELOPE = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
_RESPONSE = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
_WORDS = {UNKNOWN_ADDRESS: "The e-mail address cannot be found.", INVALID_REQUEST: "Invalid Request"}


def address_of(request: bytes) -> str:
    """Whose settings are asked for. Raises MessagingError("mail-malformed") for anything but such a request."""
    if len(request) > LARGEST:
        raise _malformed("size")
    root = clinical_xml.parse(request, _malformed)
    if root is None or root.tag != f"{_REQUEST}Autodiscover":
        raise _malformed("autodiscover")
    found = root.findall(f"{_REQUEST}Request/{_REQUEST}EMailAddress")
    if len(found) != 1 or not found[0].text:
        raise _malformed("autodiscover")
    return str(found[0].text)


def settings(servers: Servers, address: str) -> bytes:
    """The settings of a mailbox of this gateway."""
    root, response = _envelope(_RESPONSE)
    account = ElementTree.SubElement(response, "Account")
    _texts(account, AccountType="email", Action="settings")
    for kind, port in (("IMAP", servers.imap), ("POP3", servers.pop3), ("SMTP", servers.smtp)):
        protocol = ElementTree.SubElement(account, "Protocol")
        _texts(
            protocol,
            Type=kind,
            Server=servers.host,
            Port=str(port),
            DomainRequired="off",
            LoginName=address,
            SPA="off",
            SSL="on",
            AuthRequired="on",
        )
    return _written(root)


def refusal(code: int, now: datetime.datetime) -> bytes:
    """UNKNOWN_ADDRESS or INVALID_REQUEST; `now` stands in it, as the schema wants."""
    root, response = _envelope("")
    error = ElementTree.SubElement(response, "Error", Time=now.strftime("%H:%M:%S.%f"), Id="0")
    _texts(error, ErrorCode=str(code), Message=_WORDS[code], DebugData="")
    return _written(root)


def _malformed(clause: str) -> MessagingError:
    return MessagingError("mail-malformed", clause=clause)


def _envelope(response: str) -> tuple[ElementTree.Element, ElementTree.Element]:
    root = ElementTree.Element("Autodiscover", xmlns=_ENVELOPE)
    return root, ElementTree.SubElement(root, "Response", {"xmlns": response} if response else {})


def _texts(parent: ElementTree.Element, **texts: str) -> None:
    for name, text in texts.items():
        ElementTree.SubElement(parent, name).text = text


def _written(root: ElementTree.Element) -> bytes:
    octets: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return octets
