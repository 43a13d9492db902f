"""Mozilla's config-v1.1: what Thunderbird reads from it."""

from __future__ import annotations

from xml.etree import ElementTree

from messaging.gateway.configuration import autoconfig
from messaging.gateway.configuration.servers import Servers, domain, served

SERVERS = Servers("cabinet.example", 1465, 1993, 1995)


def test_imap_first_and_everything_inside_tls() -> None:
    root = ElementTree.fromstring(autoconfig.document(SERVERS, ["confrere.example"]))
    assert (root.tag, root.get("version")) == ("clientConfig", "1.1")
    (provider,) = root
    assert [one.text for one in provider.findall("domain")] == ["confrere.example"]
    assert [(one.get("type"), one.findtext("port")) for one in provider.findall("incomingServer")] == [
        ("imap", "1993"),
        ("pop3", "1995"),
    ]
    (smtp,) = provider.findall("outgoingServer")
    assert (smtp.get("type"), smtp.findtext("port")) == ("smtp", "1465")
    for server in (*provider.findall("incomingServer"), smtp):
        assert server.findtext("hostname") == "cabinet.example"
        assert server.findtext("socketType") == "SSL"
        assert server.findtext("username") == "%EMAILADDRESS%"


def test_a_domain_that_is_markup_stays_text() -> None:
    root = ElementTree.fromstring(autoconfig.document(SERVERS, ["<x>&.example", "<x>&.example"]))
    assert [one.text for one in root.iter("domain")] == ["<x>&.example"]


def test_whose_address_it_is_in_any_case() -> None:
    assert domain("Ada.Martin@Confrere.Example") == "confrere.example"
    assert served(" ADA@confrere.example ", ["ada@confrere.example"]) == "ada@confrere.example"
    assert served("bob@confrere.example", ["ada@confrere.example"]) is None
