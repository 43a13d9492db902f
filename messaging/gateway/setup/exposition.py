"""The gateway's figures in Prometheus' text format 0.0.4. Labels name doors, never people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from messaging.gateway.setup.figures import DoorFigures, Figures, MailboxFigures

MEDIA_TYPE = "text/plain; version=0.0.4"
_DAY_MS = 86_400_000
_DOORS: tuple[tuple[str, str, str, Callable[[DoorFigures], int]], ...] = (
    ("connections_total", "counter", "Connections that came in.", lambda door: door.connections),
    ("logins_total", "counter", "Logins that were let in.", lambda door: door.logins),
    ("logins_refused_total", "counter", "Logins that were refused.", lambda door: door.refused),
    ("sessions", "gauge", "Mail programs that are logged in now.", lambda door: door.inside),
)
_MAILBOXES: tuple[tuple[str, str, str, Callable[[MailboxFigures], int]], ...] = (
    (
        "mails_accepted_total",
        "counter",
        "Mails that programs submitted and that were accepted.",
        lambda box: box.accepted,
    ),
    ("mails_left_total", "counter", "Accepted mails that the service has taken.", lambda box: box.left),
    (
        "mails_failed_total",
        "counter",
        "Accepted mails that will never leave; their authors were told.",
        lambda box: box.failed,
    ),
    ("mails_delivered_total", "counter", "Mails put into mailboxes.", lambda box: box.delivered),
    ("mails_waiting", "gauge", "Accepted mails that have not left.", lambda box: box.waiting),
)


def text(figures: Figures) -> str:
    return "".join(f"{line}\n" for line in _lines(figures))


def _lines(figures: Figures) -> Iterator[str]:
    yield from _metric("mailboxes", "gauge", "Mailboxes that are served.", len(figures.mailboxes))
    for name, kind, meaning, of_door in _DOORS:
        yield from _head(name, kind, meaning)
        for door, found in sorted(figures.doors.items()):
            yield f'confrere_gateway_{name}{{door="{door}"}} {of_door(found)}'
    for name, kind, meaning, of_box in _MAILBOXES:
        yield from _metric(name, kind, meaning, sum(map(of_box, figures.mailboxes)))
    oldest = min((box.waiting_since for box in figures.mailboxes if box.waiting_since), default=figures.now)
    yield from _metric("oldest_waiting_seconds", "gauge", "How long a mail has waited.", _seconds(figures, oldest))
    if figures.mailboxes and all(box.reached for box in figures.mailboxes):
        longest = min(box.reached for box in figures.mailboxes)
        meaning = "Since the service was last in touch with every mailbox."
        yield from _metric("service_reached_seconds", "gauge", meaning, _seconds(figures, longest))
    days = (figures.certificate_until - figures.now) // _DAY_MS
    yield from _metric("certificate_days", "gauge", "Whole days until the certificate ends.", days)


def _seconds(figures: Figures, since: int) -> int:
    return max(0, figures.now - since) // 1000


def _metric(name: str, kind: str, meaning: str, value: int) -> Iterator[str]:
    yield from _head(name, kind, meaning)
    yield f"confrere_gateway_{name} {value}"


def _head(name: str, kind: str, meaning: str) -> Iterator[str]:
    yield f"# HELP confrere_gateway_{name} {meaning}"
    yield f"# TYPE confrere_gateway_{name} {kind}"
