"""[MS-OXDSCLI]: what Outlook asks and is told, and XML that means no good."""

from __future__ import annotations

import datetime
from xml.etree import ElementTree

import pytest

from messaging.errors import MessagingError
from messaging.gateway.configuration import autodiscover
from messaging.gateway.configuration.servers import Servers

SERVERS = Servers("localhost", 1465, 1993, 1995)
NAMESPACE = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
ANSWER = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"


def request(inside: str, namespace: str = NAMESPACE) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="{namespace}">{inside}</Autodiscover>'.encode()


def asking(address: str) -> bytes:
    return request(
        f"<Request><EMailAddress>{address}</EMailAddress>"
        "<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
        "</AcceptableResponseSchema></Request>"
    )


def test_2_2_3_the_address_that_is_asked_for() -> None:
    assert autodiscover.address_of(asking("ada@confrere.example")) == "ada@confrere.example"


def test_2_2_4_the_settings_of_a_mailbox() -> None:
    root = ElementTree.fromstring(autodiscover.settings(SERVERS, "ada@confrere.example"))
    protocols = list(root.iter(f"{ANSWER}Protocol"))
    assert [(one.findtext(f"{ANSWER}Type"), one.findtext(f"{ANSWER}Port")) for one in protocols] == [
        ("IMAP", "1993"),
        ("POP3", "1995"),
        ("SMTP", "1465"),
    ]
    assert {one.findtext(f"{ANSWER}LoginName") for one in protocols} == {"ada@confrere.example"}
    assert {one.findtext(f"{ANSWER}SSL") for one in protocols} == {"on"}
    assert root.findtext(f".//{ANSWER}Action") == "settings"


def test_an_error_says_its_code() -> None:
    now = datetime.datetime(2026, 11, 23, 8, tzinfo=datetime.UTC)
    root = ElementTree.fromstring(autodiscover.refusal(autodiscover.UNKNOWN_ADDRESS, now))
    assert [one.text for one in root.iter() if one.tag.endswith("ErrorCode")] == ["500"]


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    b'<Autodiscover xmlns="%b"><Request><EMailAddress>&b;</EMailAddress></Request></Autodiscover>' % NAMESPACE.encode()
)
FILE = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    b'<Autodiscover xmlns="%b"><Request><EMailAddress>&f;</EMailAddress></Request></Autodiscover>' % NAMESPACE.encode()
)


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<Autodiscover", id="broken"),
        pytest.param(BOMB, id="entities"),
        pytest.param(FILE, id="a file of this machine"),
        pytest.param(request("<Request/>"), id="no address"),
        pytest.param(request("<Request><EMailAddress/></Request>"), id="an empty address"),
        pytest.param(
            request("<Request><EMailAddress>a@b</EMailAddress><EMailAddress>c@d</EMailAddress></Request>"),
            id="two addresses",
        ),
        pytest.param(
            request("<Request><EMailAddress>a@b</EMailAddress></Request>", "urn:other"), id="another language"
        ),
        pytest.param(asking("a" * 20_000), id="too large"),
        pytest.param(request("<a>" * 80 + "</a>" * 80), id="too deep"),
        pytest.param(asking("ada@confrere.example").replace(b"utf-8", b"utf-16"), id="another encoding"),
    ],
)
def test_anything_else_is_refused_by_id_alone(octets: bytes) -> None:
    with pytest.raises(MessagingError, match="mail-malformed") as refused:
        autodiscover.address_of(octets)
    assert set(refused.value.facts) == {"clause"}
    assert "passwd" not in str(refused.value.facts)
