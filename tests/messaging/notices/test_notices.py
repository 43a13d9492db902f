"""referral.md RF-8: a notice names the mailbox and the action, has one link, and says nothing else."""

from __future__ import annotations

import html.parser
import re
import shutil
from pathlib import Path
from typing import Literal

import pytest

from messaging.errors import MessagingError
from messaging.notices.kinds import Notice, NoticeKind
from messaging.notices.render import open_templates, render

TEMPLATES = Path(__file__).parents[3] / "config" / "mail"
LINK = "https://confrere.localhost/"
MAILBOX = "jeanne.teissier@confrere.localhost"
THREAD = bytes(range(16))
URL = f"{LINK}#/fil/{THREAD.hex()}"
Language = Literal["fr", "en"]

# Every word that a notice may hold. A word that is not here must be argued for here first.
WORDS = {
    "fr": """
        agir annuaire attend attendent autre avec avis bonjour boîte c ce code confrère contient courriel
        d dans de demande des elle encore est faire fiche imprimer imprimée l la le message n ne
        opérateur ordinateur ouvrez ouvrir par pas perdre perdu peut professionnel réservée que
        remet rien répondez réponse sans santé secours souhaite un une volontairement vos votre
        vous y à échanges écrire
    """,
    "en": """
        a act an answer are can code computer confrère cost deliberately directory do e else
        exchanges for gives health hello in is it losing mail mailbox message not nothing of
        open operator print printed professional ready recovery referral reply s says sheet
        that the this through to turn waiting wishes with without write yet you your
    """,
}


class Page(html.parser.HTMLParser):
    """What a reader of the HTML part sees, and all that it points at."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "background", "action")]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def notice(
    kind: NoticeKind = NoticeKind.NEW_MESSAGE, language: Language = "fr", link: str = LINK, thread: bytes = THREAD
) -> Notice:
    return Notice(kind, MAILBOX, language, "j.teissier@mail.localhost", link, thread)


def words(said: str) -> list[str]:
    return re.findall(r"\w+", said.lower())


@pytest.mark.parametrize("language", ["fr", "en"])
def test_notices_hold_exactly_the_listed_words(language: Language) -> None:
    found: set[str] = set()
    for kind in NoticeKind:
        written = render(open_templates(TEMPLATES), notice(kind, language))
        shown = f"{written.subject}\n{written.text}"
        assert shown.count(MAILBOX) == 1
        assert shown.count(URL) == shown.count("http") == 1
        shown = shown.replace(MAILBOX, "").replace(URL, "")
        assert not re.search(r"\d|&|<", shown)  # no number, and escaping changed nothing
        found |= set(words(shown))
    assert found == set(WORDS[language].split())


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", NoticeKind)
def test_the_page_says_what_the_text_says_and_fetches_nothing(kind: NoticeKind, language: Language) -> None:
    written = render(open_templates(TEMPLATES), notice(kind, language))
    page = Page(written.html)
    assert page.tags == {"html", "head", "meta", "title", "body", "div", "p", "a"}
    assert page.links == [URL]
    assert not re.search(r"url\(|@import|javascript|\son[a-z]+=", written.html, re.IGNORECASE)
    assert ("lang", language) in page.attributes
    text = f"{written.subject} {written.text}".replace(URL, "")
    assert words(" ".join(page.said)) == words(text)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", NoticeKind)
def test_no_link_and_no_word_about_one_where_there_is_no_public_address(kind: NoticeKind, language: Language) -> None:
    written = render(open_templates(TEMPLATES), notice(kind, language, link=""))
    for part in (written.text, written.html):
        assert "http" not in part
        assert "Confrère :" not in part.replace(written.subject, "")
        assert "Open Confrère" not in part
        assert "href" not in part


def test_the_thread_stands_in_the_fragment_and_in_nothing_that_a_server_logs() -> None:
    path, _, fragment = notice().url.partition("#")
    assert path == LINK
    assert fragment == f"/fil/{THREAD.hex()}"
    assert notice(thread=b"").url == LINK
    assert notice(link="https://confrere.localhost").url == URL


def test_mailbox_is_not_in_the_subject() -> None:
    assert MAILBOX not in render(open_templates(TEMPLATES), notice()).subject


@pytest.mark.parametrize("language", ["de", "fr/../en", ""])
def test_another_language_is_refused(language: str) -> None:
    with pytest.raises(MessagingError, match="notice-malformed"):
        Notice(NoticeKind.ANSWER, MAILBOX, language, "a@b.localhost", LINK)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "recipient",
    ["a@b.fr\r\nBcc: x@y.fr", "a b@c.fr", "<a@b.fr>", "é@b.fr", "@", "a@b@c", "", "a@b.fr\n", "a@" + "b" * 260],
)
def test_an_address_cannot_break_a_header(recipient: str) -> None:
    with pytest.raises(MessagingError) as refused:
        Notice(NoticeKind.ANSWER, MAILBOX, "fr", recipient, LINK)
    assert refused.value.facts == {"field": "recipient"}
    with pytest.raises(MessagingError, match="notice-malformed"):
        Notice(NoticeKind.ANSWER, recipient, "fr", "a@b.fr", LINK)


@pytest.mark.parametrize("link", ["javascript:x", "https://x/?patient=1", "https://x/#a", "http://x/<b>", "x"])
def test_a_link_carries_no_parameter(link: str) -> None:
    with pytest.raises(MessagingError, match="notice-malformed"):
        Notice(NoticeKind.ANSWER, MAILBOX, "fr", "a@b.fr", link)


@pytest.mark.parametrize("thread", [b"x", b"/fil/<script>..", bytes(17)])
def test_a_thread_is_an_id_of_sixteen_octets(thread: bytes) -> None:
    with pytest.raises(MessagingError, match="notice-malformed"):
        Notice(NoticeKind.ANSWER, MAILBOX, "fr", "a@b.fr", LINK, thread)


WHOLE = "{% extends layout %}{% block subject %}S{% endblock %}{% block text %}T{% endblock %}"


@pytest.mark.parametrize(
    "template",
    [
        WHOLE.replace("T", "{{ patient }}"),
        WHOLE.replace("S", "{{ thread }}"),
        WHOLE.replace("T", " "),
        WHOLE.replace("S", ""),
        WHOLE.replace("S", "two\nlines"),
        WHOLE.replace("S", "s" * 151),
        WHOLE.replace("T", "t" * 20_000),
        WHOLE.replace("subject", "object"),
        "{% extends layout %}{% if %}",
        "{% extends 'layout.gone.j2' %}",
    ],
)
def test_a_broken_template_is_named_and_nothing_is_sent(tmp_path: Path, template: str) -> None:
    shutil.copytree(TEMPLATES, tmp_path / "mail")
    file = tmp_path / "mail" / "new-message.fr.j2"
    file.write_text(WHOLE)
    assert render(open_templates(tmp_path / "mail"), notice()).subject == "S"
    file.write_text(template)
    for folder in (tmp_path / "mail", tmp_path):
        with pytest.raises(MessagingError) as refused:
            render(open_templates(folder), notice())
        assert refused.value.facts == {"setting": "mail/new-message.fr.j2"}
