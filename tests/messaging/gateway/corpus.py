"""Ordinary and hostile messages from a seed: what mail programs, practice software, attackers send. All synthetic."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage, MIMEPart
from email.utils import format_datetime

WORDS = (
    *("compte", "rendu", "patient", "très", "fièvre", "glycémie", "HbA1c", "7,2 %", "échographie", "cœur", "naïf"),
    *(
        "rendez-vous",
        "traitement",
        "posologie",
        "Straße",
        "ΩΣ",
        "日本",
        "ordonnance",
        "2 à 4 cp par jour",
        "合計",
        "🙂",
    ),
)
PEOPLE = ("Anaïs Le Gall", "Dr. O'Neil, Sean", 'Müller "Hausarzt"', "山田", "laboratoire", "Cabinet (Rennes)")
HOSTS = ("cabinet.example", "hopital.example", "labo.test", "xn--bcher-kva.example")


def messages(seed: int, n: int) -> list[bytes]:
    """`n` messages, the same for the same seed; about one in two is odd."""
    chance = random.Random(seed)
    return [chance.choice(ORDINARY if chance.random() < 0.5 else HOSTILE)(chance) for _ in range(n)]


def _words(chance: random.Random, most: int = 40) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(1, most)))


def _address(chance: random.Random) -> str:
    local = f"u{chance.randint(0, 99)}@{chance.choice(HOSTS)}"
    person = chance.choice(PEOPLE).replace('"', '\\"')
    return f'"{person}" <{local}>' if chance.random() < 0.7 else local


def _id(chance: random.Random) -> str:
    return f"<{chance.getrandbits(64):x}@{chance.choice(HOSTS)}>"


def _plain(chance: random.Random) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = _address(chance)
    mail["To"] = ", ".join(_address(chance) for _ in range(chance.randint(1, 4)))
    if chance.random() < 0.3:
        mail["Cc"] = _address(chance)
    mail["Subject"] = _words(chance, 12)
    mail["Date"] = format_datetime(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 400_000)))
    mail["Message-ID"] = _id(chance)
    if chance.random() < 0.5:
        mail["References"] = " ".join(_id(chance) for _ in range(chance.randint(1, 8)))
        mail["In-Reply-To"] = _id(chance)
    charset = chance.choice(("utf-8", "utf-8", "iso-8859-15"))
    text = "\n".join(_words(chance) for _ in range(chance.randint(1, 30)))
    mail.set_content(text.encode(charset, "replace").decode(charset), charset=charset)
    return mail


def _written(mail: EmailMessage, chance: random.Random) -> bytes:
    for part in mail.walk():
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            part.set_boundary(f"=_{chance.getrandbits(64):x}")  # the library's own are from the clock
    octets = mail.as_bytes()
    crlf = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return crlf if chance.random() < 0.95 else octets


def plain(chance: random.Random) -> bytes:
    return _written(_plain(chance), chance)


def with_html(chance: random.Random) -> bytes:
    mail = _plain(chance)
    mail.add_alternative(f"<html><body><p>{_words(chance)}</p><b>{_words(chance)}</b></body></html>", subtype="html")
    return _written(mail, chance)


def with_files(chance: random.Random) -> bytes:
    mail = _plain(chance)
    for _ in range(chance.randint(1, 3)):
        name = f"{_words(chance, 3)}.pdf"
        mail.add_attachment(chance.randbytes(chance.randint(0, 3_000)), "application", "pdf", filename=name)
    return _written(mail, chance)


def forwarded(chance: random.Random) -> bytes:
    mail, inner = _plain(chance), _plain(chance)
    if chance.random() < 0.4:
        inner.add_attachment(_plain(chance))
    mail.add_attachment(inner)
    return _written(mail, chance)


def with_picture(chance: random.Random) -> bytes:
    mail = _plain(chance)
    mail.add_alternative('<p><img src="cid:a@b"></p>', subtype="html")
    page = mail.get_payload(1)
    if isinstance(page, MIMEPart):
        page.add_related(chance.randbytes(200), "image", "png", cid="<a@b>")
    return _written(mail, chance)


def receipt(chance: random.Random) -> bytes:
    """An RFC 8098 report by hand."""
    return (
        f"From: {_address(chance)}\r\nMessage-ID: {_id(chance)}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=disposition-notification;\r\n boundary="r p"\r\n\r\n'
        f"--r p\r\n\r\n{_words(chance)}\r\n--r p\r\nContent-Type: message/disposition-notification\r\n\r\n"
        f"Final-Recipient: rfc822;a@b\r\nOriginal-Message-ID: {_id(chance)}\r\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n"
        "--r p\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n--r p--\r\n"
    ).encode()


def raw_latin_1(chance: random.Random) -> bytes:
    """8-bit headers without encoded words, which broke an IMAP library for ever."""
    head = "From: Jérôme Lefèvre <j@labo.test>\r\nTo: Café; <é@labo.test>\r\nSubject: Résultats d'été\r\n"
    return (
        head.encode("latin-1")
        + b"Content-Type: text/plain; charset=latin-1\r\n\r\n"
        + _words(chance).encode("latin-1", "replace")
    )


def two_senders(chance: random.Random) -> bytes:
    return (
        b"From: a@labo.test, b@labo.test\r\nSender: one@labo.test, two@labo.test\r\nFrom: c@labo.test\r\n"
        b'To: Cabinet: d@labo.test, "E" <e@labo.test>;, undisclosed-recipients:;\r\nReply-To:\r\nSubject:\r\n\r\nx\r\n'
    )


def addresses_that_are_none(chance: random.Random) -> bytes:
    lists = (
        b"<",
        b"<@a,@b:c@d>",
        b'"open',
        b"(((",
        b"a b c",
        b"@",
        b",,,",
        b":::;;",
        b"\\",
        b"[1",
        b"<a@b",
        b"\x00",
        b"a@[::1]",
    )
    fields = (b"From", b"To", b"Cc", b"Bcc", b"Sender", b"Reply-To", b"Message-ID", b"Date", b"In-Reply-To")
    return b"".join(b"%b: %b\r\n" % (field, chance.choice(lists)) for field in fields) + b"\r\n"


def nested(chance: random.Random) -> bytes:
    depth = chance.randint(20, 200)
    return (
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (i, i) for i in range(depth))
        + b"\r\nin the middle\r\n"
    )


def messages_in_messages(chance: random.Random) -> bytes:
    return b"Subject: x\r\nContent-Type: message/rfc822\r\n\r\n" * chance.randint(2, 120) + b"\r\nend"


def broken_multipart(chance: random.Random) -> bytes:
    kinds = (
        b"multipart/mixed",
        b"multipart/mixed; boundary",
        b"multipart/mixed; boundary=",
        b"multipart/mixed; boundary=x",
    )
    return b"Content-Type: " + chance.choice(kinds) + b"\r\n\r\n--\r\n--y\r\n\r\nlost\r\n--y--\r\n"


def left_open(chance: random.Random) -> bytes:
    whole = with_files(chance)
    return whole[: chance.randint(0, len(whole))]


def without(chance: random.Random) -> bytes:
    return chance.choice(
        (b"", b"\r\n", b"\n", b"no header at all", b"A: b", b"\r\n\r\nbody only", b"From me Mon\r\nX: y\r\n\r\n")
    )


def noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randint(0, 500))


def noisy_lines(chance: random.Random) -> bytes:
    pool = (
        *(
            b"--a",
            b"--a--",
            b"",
            b" ",
            b"\x00",
            b"Content-Type: multipart/mixed; boundary=a",
            b"Subject: =?utf-8?B?w6k?=",
        ),
        *(b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: BASE64", b"text", b"=E9=", b"To: <", b"\t{5}"),
    )
    ends = (b"\r\n", b"\n", b"\r")
    return b"".join(chance.choice(pool) + chance.choice(ends) for _ in range(chance.randint(1, 40)))


def strange_parameters(chance: random.Random) -> bytes:
    parameters = (
        *(
            b"charset*=utf-8''%",
            b"name*0=a; name*2=b",
            b"name*99999999999999999999*=x",
            b'name="a\\"b',
            b"name=\xff\r\n\t; y=z",
        ),
        *(b"charset=idna", b'charset="x y"', b"charset=utf-16", b"=", b";;;;", b"name==?utf-8?Q?=C3=A9?=", b'{3}="}"'),
    )
    body = base64.encodebytes(chance.randbytes(60)) + b"="
    return (
        b"Content-Type: text/plain; %b\r\nContent-Disposition: attachment; file%b\r\nContent-Language: fr,, de\r\n"
        b'Content-Transfer-Encoding: base64\r\nContent-ID: <"\\>\r\nContent-Location: \r\n\r\n%b'
    ) % (chance.choice(parameters), chance.choice(parameters), body)


def long_lines(chance: random.Random) -> bytes:
    return b"Subject: " + b"x" * 20_000 + b"\r\nTo: " + b"a@labo.test, " * 500 + b"\r\n\r\n" + b"y" * 50_000


def hostile_markup(chance: random.Random) -> bytes:
    markup = chance.choice(
        ("<b>" * 5_000, "<p>a<script>b</script><style>c</style>d", "<!--", "<?xml encoding='x'?>a", "\x00<p>")
    )
    return b"Content-Type: text/html; charset=utf-8\r\n\r\n" + markup.encode()


def smuggled(chance: random.Random) -> bytes:
    return b"Subject: a\rTo: b\r\n\r\nbare\rreturns\n.\r\n* BYE\r\nA1 OK done\r\n" + b"\r\n.\r\n"


ORDINARY: tuple[Callable[[random.Random], bytes], ...] = (
    *(plain, plain, with_html, with_files, forwarded, with_picture, receipt),
)
HOSTILE: tuple[Callable[[random.Random], bytes], ...] = (
    *(raw_latin_1, two_senders, addresses_that_are_none, nested, messages_in_messages, broken_multipart, left_open),
    *(without, noise, noisy_lines, strange_parameters, long_lines, hostile_markup, smuggled),
)
