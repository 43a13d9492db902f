"""Mozilla's autoconfig document (config-v1.1.xml), which Thunderbird, K-9, Evolution and others read.

`password-cleartext` is its word for a password inside TLS. Where the document is served is the setup page's business.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from messaging.gateway.configuration.servers import Servers

MEDIA_TYPE = "text/xml"
_NAME = "Confrère"


def document(servers: Servers, domains: Iterable[str]) -> bytes:
    """For addresses of these domains, in UTF-8. IMAP stands first: a program that has both takes it."""
    known = sorted(set(domains))
    root = ElementTree.Element("clientConfig", version="1.1")
    provider = ElementTree.SubElement(root, "emailProvider", id=known[0] if known else servers.host)
    for one in known:
        _text(provider, "domain", one)
    _text(provider, "displayName", _NAME)
    _text(provider, "displayShortName", _NAME)
    for element, kind, port in (
        ("incomingServer", "imap", servers.imap),
        ("incomingServer", "pop3", servers.pop3),
        ("outgoingServer", "smtp", servers.smtp),
    ):
        server = ElementTree.SubElement(provider, element, type=kind)
        _text(server, "hostname", servers.host)
        _text(server, "port", str(port))
        _text(server, "socketType", "SSL")
        _text(server, "authentication", "password-cleartext")
        _text(server, "username", "%EMAILADDRESS%")
    ElementTree.indent(root)
    octets: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return octets


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text
