"""mutt on a terminal: opens INBOX, reads, answers by SMTP, tags and flags, searches in bodies."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest

from tests.clients.debian.program import Home, installed
from tests.clients.debian.screen import Screen, shown
from tests.clients.gateway_process import Program, idling, told

pytestmark = installed("mutt", "tmux")
EDITOR = '#!/bin/sh\nprintf "Réponse de mutt.\\n" | cat - "$1" > "$1.new" && mv "$1.new" "$1"\n'


@pytest.fixture
def mutt(home: Home, gp: Program, cardiologist: Program) -> Iterator[Screen]:
    """The GP's, on INBOX, where there are three mails of the cardiologist."""
    with gp.imap("INBOX") as imap:
        imap.uid("MOVE", "1:*", "Archives")
    for number, text in enumerate(("La glycémie est stable.", "Rien à signaler.", "Œdème discret.")):
        with cardiologist.smtp() as smtp:
            smtp.send_message(cardiologist.mail(gp, f"Avis numéro {number}", f"{text}\n"))
        gp.when(number + 1)
    editor = home.write("editor", EDITOR, 0o700)
    login = gp.address.replace("@", "%40")
    at = f"imaps://{login}@localhost:{gp.gateway.imap}/"
    home.write(
        ".muttrc",
        f'set imap_pass="{gp.password}" smtp_pass="{gp.password}" ssl_starttls=no\n'
        f'set folder="{at}" spoolfile="{at}INBOX" record="=Envoyés" postponed="=Brouillons" trash="=Corbeille"\n'
        f'set smtp_url="smtps://{login}@localhost:{gp.gateway.smtp}/" from="{gp.address}" use_from=yes realname=""\n'
        f'set ssl_ca_certificates_file="{gp.gateway.ca}" certificate_file="{home.folder}/seen"\n'
        f'set editor="{editor}" fast_reply=yes include=yes abort_unmodified=no sort=mailbox-order confirmappend=no\n'
        'set status_format="-- %f shown %M of %m new %n flagged %F tagged %t --" auto_tag=no wait_key=no quit=yes\n'
        'set mail_check=1 header_cache="" delete=yes move=no sleep_time=0 charset="utf-8"\n',
    )
    with shown(home, "mutt") as screen:
        screen.until("Avis numéro 0", "Avis numéro 1", "Avis numéro 2")
        yield screen


def test_mutt_reads_and_answers_in_the_conversation(mutt: Screen, gp: Program, cardiologist: Program) -> None:
    before, sent = len(cardiologist.when(0)), gp.folder_of("Sent")
    kept = len(gp.when(0, sent))
    mutt.keys("*", "Enter")
    mutt.until("Avis numéro 2", "Œdème discret.")
    mutt.keys("r")
    mutt.until("y:Send", "Re: Avis numéro 2")
    mutt.keys("y")
    mutt.until("Mail sent")
    answer = message_from_bytes(cardiologist.octets(cardiologist.when(before + 1)[-1]), policy=policy.default)
    theirs = cardiologist.folder_of("Sent")
    asked = message_from_bytes(cardiologist.octets(cardiologist.when(0, theirs)[-1], theirs), policy=policy.default)
    assert asked["Message-ID"] in answer["References"]
    text = answer.get_body()
    assert text is not None
    assert "Réponse de mutt." in text.get_content()
    assert len(gp.when(kept + 1, sent)) == kept + 1


@pytest.mark.parametrize("search", ["~b", "=b"])
def test_mutt_searches_in_bodies_and_flags_what_it_tags(search: str, mutt: Screen, gp: Program) -> None:
    """`~b` takes the mails and looks itself, `=b` asks the server."""
    uids = gp.when(0)
    mutt.keys("l")
    mutt.until("Limit to messages matching:")
    mutt.keys("C-u")
    mutt.typed(f"{search} glycémie ~s numéro")
    alone = mutt.until("shown 1 of", "Avis numéro 0")
    assert "Avis numéro 1" not in alone
    mutt.keys("T")
    mutt.until("Tag messages matching:")
    mutt.keys("C-u")
    mutt.typed("~A")
    mutt.until("tagged 1")
    mutt.keys("\\;", "F")  # to tmux a semicolon alone ends a command
    mutt.until("flagged 1")
    with gp.imap("INBOX") as imap:
        with idling(imap):
            mutt.keys("$")
            told(imap, rb"\* \d+ FETCH .*\\Flagged")  # others hear of it too
        assert imap.uid("SEARCH", "FLAGGED")[1][0].split() == [str(uids[-3]).encode()]
        imap.uid("STORE", "1:*", "-FLAGS", "\\Flagged")
