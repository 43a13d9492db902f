"""A .mobileconfig: one account, the authority beside it, no password."""

from __future__ import annotations

import plistlib

from messaging.gateway.configuration import mobileconfig
from messaging.gateway.configuration.servers import Servers

SERVERS = Servers("cabinet.example", 1465, 1993, 1995)


def test_the_account_and_the_authority() -> None:
    read = plistlib.loads(mobileconfig.profile(SERVERS, "ada@confrere.example", b"der"))
    account, authority = read["PayloadContent"]
    assert (account["PayloadType"], account["EmailAccountType"]) == ("com.apple.mail.managed", "EmailTypeIMAP")
    assert account["EmailAddress"] == account["IncomingMailServerUsername"] == "ada@confrere.example"
    assert (account["IncomingMailServerHostName"], account["IncomingMailServerPortNumber"]) == ("cabinet.example", 1993)
    assert (account["OutgoingMailServerHostName"], account["OutgoingMailServerPortNumber"]) == ("cabinet.example", 1465)
    assert account["IncomingMailServerUseSSL"] is account["OutgoingMailServerUseSSL"] is True
    assert (authority["PayloadType"], authority["PayloadContent"]) == ("com.apple.security.root", b"der")


def test_no_password_is_in_it_and_it_may_be_removed() -> None:
    read = plistlib.loads(mobileconfig.profile(SERVERS, "ada@confrere.example", None))
    (account,) = read["PayloadContent"]
    assert [name for name in account if name.endswith("Password") and not name.endswith("AsIncomingPassword")] == []
    assert read["PayloadRemovalDisallowed"] is False


def test_installed_again_it_replaces_the_one_before_and_another_mailbox_stays() -> None:
    def ids(address: str, port: int) -> list[str]:
        read = plistlib.loads(mobileconfig.profile(Servers("h", port, port, port), address, b"der"))
        return [read["PayloadUUID"], *(one["PayloadUUID"] for one in read["PayloadContent"])]

    assert ids("ada@confrere.example", 1) == ids("ada@confrere.example", 2)
    assert ids("ada@confrere.example", 1)[:2] != ids("bob@confrere.example", 1)[:2]
    assert len(set(ids("ada@confrere.example", 1))) == 3
