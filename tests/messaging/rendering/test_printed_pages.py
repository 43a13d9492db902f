"""Printable pages: the exported thread and the recovery sheet."""

from __future__ import annotations

import datetime
import re
from html.parser import HTMLParser
from typing import Literal

import pytest
import segno

from confrere.words.catalogue import Words
from messaging.rendering.pages import moment, size
from messaging.rendering.recovery_sheet import RecoverySheet, code_groups, recovery_page, recovery_text
from messaging.rendering.thread_pages import (
    AttachmentView,
    EventView,
    FieldView,
    NoticeView,
    ThreadView,
    thread_page,
)

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
TIME = 1_795_000_000_000
HOSTILE = "<script>alert(1)</script>\"'&"
CODE = "abcd-efgh-jkmn-pqrs-tuvw-xyz2-3456-789a"


class Tags(HTMLParser):
    """The tags and the addresses of a page; fails on an unclosed one."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href")]
        if tag not in ("meta", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "path":
            assert self.open.pop() == tag


def thread(text: str = "Bonjour", path: str = "files/a b.pdf") -> ThreadView:
    event = EventView(
        author=text,
        role=text,
        on_behalf_of=text,
        time_ms=TIME,
        kind="referral-kind-answer",
        text=f"{text}\n  deux",
        fields=(FieldView("referral-field-conclusion", text),),
        attachments=(AttachmentView(text, 4_200_000, path), AttachmentView(text, 3)),
        notices=(NoticeView("error-referral-illegal-transition"),),
        confidential=True,
        own=True,
        reference=text,
    )
    step = EventView("A", "", "b@c.localhost", TIME, "referral-act-accept", logistic=True)
    fields = (FieldView("referral-field-patient", text),)
    told = NoticeView("export-reference", (("reference", text),))
    return ThreadView(text, (text, "B"), (event, step), TIME, text, fields, (told,))


def sheet() -> RecoverySheet:
    return RecoverySheet(HOSTILE, "a.b@c.localhost", "https://c.localhost", datetime.date(2026, 11, 22), CODE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_self_contained_and_escape_everything(language: Language) -> None:
    say = Words(language, strict=True).say
    for page in (thread_page(thread(HOSTILE), say, language), recovery_page(sheet(), say, language)):
        tags = Tags(page)
        assert tags.open == []
        assert not {"script", "img", "link", "iframe", "object", "form", "base"} & set(tags.seen)
        assert tags.addresses in ([], ["files/a%20b.pdf"])
        assert "<script" not in page
        assert "url(" not in page
        assert "@import" not in page
        assert f'<html lang="{language}">' in page
        assert "default-src 'none'" in page


def test_an_attachment_path_is_never_a_scheme() -> None:
    say = Words("fr", strict=True).say
    assert Tags(thread_page(thread(path="javascript:alert(1)"), say, "fr")).addresses == ["javascript%3Aalert%281%29"]


def test_thread_page_shows_who_for_whom_when_and_what() -> None:
    page = thread_page(thread(), Words("fr", strict=True).say, "fr")
    for shown in ("pour b@c.localhost", "18/11/2026 à", "(UTC)", "4,2\u00a0Mo", "Demande acceptée", "Conclusion"):
        assert shown in page
    assert "Bonjour\n  deux" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_recovery_sheet_shows_the_code_in_groups_and_as_a_square(language: Language) -> None:
    say = Words(language, strict=True).say
    page, text = recovery_page(sheet(), say, language), recovery_text(sheet(), say, language)
    groups = code_groups(CODE)
    assert groups[0] == "ABCD"
    assert len(groups) == 8
    for group in groups:
        assert f"<td>{group}</td>" in page
        assert group in text
    assert page.count("<svg") == 1
    assert "viewBox" in page
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert CODE not in repr(sheet())


def test_square_holds_the_code_as_typed() -> None:
    text = recovery_text(sheet(), Words("fr", strict=True).say, "fr")
    drawn = [line[4:] for line in text.splitlines() if re.fullmatch(r" {4}[█▀▄ ]{20,}", line)]
    expected = segno.make("-".join(code_groups(CODE)), error="q", micro=False, boost_error=False)
    rows = [[bool(module) for module in row] for row in expected.matrix_iter(border=2)]
    seen = [
        [line[column] in (" ", "▄" if half == 0 else "▀") for column in range(len(line))]
        for line in drawn
        for half in (0, 1)
    ]
    assert seen[: len(rows)] == rows


def test_sizes_and_times_are_written_as_people_write_them() -> None:
    assert [size(n, "fr") for n in (0, 999, 1000, 4_200_000, 150_000_000, 3 * 10**9)] == [
        "0\u00a0o", "999\u00a0o", "1,0\u00a0ko", "4,2\u00a0Mo", "150\u00a0Mo", "3,0\u00a0Go",
    ]  # fmt: skip
    assert size(999_700, "en") == "1.0\u00a0MB"
    paris = datetime.timezone(datetime.timedelta(hours=1), "CET")
    assert moment(TIME, "en", paris).endswith("(CET)")
