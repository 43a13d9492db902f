"""An exchange as pages and files: what `export` writes beside the signed bytes. Takes what was read, verifies nothing.

The pages are made in both languages, because whoever reads an export is often not who made it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence

from confrere.commands import laboratory_view, views
from confrere.words.catalogue import Words
from messaging.client.reading import Exchange, ReadEvent
from messaging.rendering.thread_pages import (
    AttachmentView,
    EventView,
    FieldView,
    NoticeView,
    ThreadView,
    thread_page,
)

PAGES = {"fr": "echange.html", "en": "exchange.html"}
Paths = Mapping[tuple[bytes, int], str]  # (event, place of the attachment in it) -> path beside the page
Read = Callable[[str], bytes | None]


def page(
    exchange: Exchange, readers: Sequence[str], paths: Paths, read: Read, words: Words, by: str, now: int
) -> str:
    """The whole exchange as one self-contained HTML page in the language of `words`; `read` gives the octets of an
    attachment that may be a laboratory report, or None."""
    zone = datetime.datetime.fromtimestamp(now / 1000).astimezone().tzinfo or datetime.UTC
    notices = [NoticeView("not-publicly-verified")]
    if exchange.refused:
        notices.append(NoticeView("exchange-refused", (("count", len(exchange.refused)),)))
    view = ThreadView(
        title=views.subject_of(exchange, words) or words.say("subject-none"),
        members=tuple(readers),
        events=tuple(_event(event, exchange, paths, read, words) for event in exchange.events),
        exported_ms=now,
        exported_by=by,
        summary=tuple(_summary(exchange, words)),
        notices=tuple(notices),
    )
    return thread_page(view, words.say, words.language, zone)


def _summary(exchange: Exchange, words: Words) -> list[FieldView]:
    case = exchange.case
    if case is None:
        return []
    found = {
        "patient": views.patient_line(case.request.patient, words) if case.request else "",
        "urgency": words.say(f"urgency-{case.urgency.value}") if case.urgency else "",
        "state": words.say(case.phase.words),
        "due": views.local(case.due_ms, words) if case.due_ms else "",
    }
    return [FieldView(f"referral-field-{name}", value) for name, value in found.items() if value]


def _attachment(
    event: ReadEvent, place: int, exchange: Exchange, paths: Paths, read: Read, words: Words
) -> AttachmentView:
    manifest, path = event.manifests[place], paths.get((event.id, place), "")
    octets = read(path) if path and laboratory_view.looked_into(manifest) else None
    found = None if octets is None else laboratory_view.view(octets, exchange, words)
    return AttachmentView(manifest.name, manifest.size, path, tuple(laboratory_view.lines(found, words)))


def _event(event: ReadEvent, exchange: Exchange, paths: Paths, read: Read, words: Words) -> EventView:
    author = event.author
    return EventView(
        author=author.name or words.say("author-unproven"),
        role=author.profession,
        on_behalf_of=author.on_behalf_of,
        time_ms=event.time,
        kind=views.act_words(event, exchange),
        text=views.free_text(event, words),
        fields=tuple(
            FieldView(f"referral-field-{name}", value) for name, value in views.fields_of(event, words).items()
        ),
        attachments=tuple(
            _attachment(event, place, exchange, paths, read, words) for place in range(len(event.manifests))
        ),
        notices=tuple(NoticeView(notice) for notice in views.notices_of(event, exchange)),
        logistic=event.class_ == 0,
        confidential=event.class_ == 2,
        own=event.own,
        reference=event.id.hex(),
    )
