"""Dovecot as oracle: the same messages, the same commands, the same answers, but for what is let pass, here or in
`alike`, each with its reason. Hundreds of messages, one in two of them hostile."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.clients.debian import alike, dovecot
from tests.clients.debian.spoken import Answer, Speaker, speaking, status
from tests.clients.gateway_process import Gateway
from tests.messaging.gateway.corpus import messages
from tests.messaging.gateway.imap.wire_values import values

SEED, COUNT = 7, 500
FLAGS = (b"", b"\\Seen", b"\\Flagged \\Answered", b"$Label1 \\Draft", b"\\Deleted", b"Rappel \\Seen $Forwarded")
DAYS = 28
MAILS = [one for octets in messages(SEED, COUNT) for one in alike.taken_alike(octets)]
pytestmark = pytest.mark.skipif(not dovecot.IMAP.exists(), reason="dovecot-imapd is not installed")


@dataclass
class Both:
    """Two servers that hold the same messages in a folder `Oracle`, which is open."""

    ours: Speaker
    theirs: Speaker

    def ask(self, command: bytes, *literals: bytes) -> tuple[Answer, Answer]:
        return self.ours.ok(command, *literals), self.theirs.ok(command, *literals)

    def fetched(self, what: bytes, of: bytes = b"1:*") -> Iterator[tuple[int, bytes, object, object]]:
        """Number, label, what we say and what Dovecot says, of each item that was asked."""
        ours, theirs = (answer.fetched() for answer in self.ask(b"FETCH %b (%b)" % (of, what)))
        assert ours.keys() == theirs.keys()
        for number, items in ours.items():
            others = {label.upper(): value for label, value in theirs[number].items()}  # field names have no case
            assert {label.upper() for label in items} == others.keys()
            for label, value in items.items():
                yield number, label, value, others[label.upper()]


@pytest.fixture(scope="module")
def both(gateway: Gateway) -> Iterator[Both]:
    with speaking(gateway.programs[0]) as ours, dovecot.serving() as theirs:
        both = Both(ours, theirs)
        both.ask(b"CREATE Oracle")
        for number, octets in enumerate(MAILS):
            flags, day = FLAGS[number % len(FLAGS)], number % DAYS + 1
            both.ask(b'APPEND Oracle (%b) "%02d-Feb-2026 12:00:00 +0000" {}' % (flags, day), octets)
        both.ask(b"SELECT Oracle")
        yield both
        ours.ask(b"UNSELECT")
        for folder in (b"Oracle", b"Aside"):
            ours.ask(b"DELETE " + folder)


@pytest.fixture
def readings(both: Both) -> dict[int, str]:
    """Of each message, why the servers take it apart in their own ways, "" where they should agree."""
    theirs = both.theirs.ok(b"FETCH 1:* (BODYSTRUCTURE)").fetched()
    found = {
        number: alike.own_reading(octets, theirs[number][b"BODYSTRUCTURE"]) for number, octets in enumerate(MAILS, 1)
    }
    assert Counter(found.values())[""] > 0.75 * len(MAILS)
    return found


@pytest.mark.parametrize(
    "what",
    [
        *("RFC822.SIZE", "INTERNALDATE", "FLAGS", "UID", "RFC822.HEADER"),
        *("BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]"),
        *("BODY.PEEK[]<0.100>", "BODY.PEEK[]<50.1000>", "BODY.PEEK[]<100000.10>"),
        *("BODY.PEEK[TEXT]<10.20>", "BODY.PEEK[HEADER]<5.30>"),
        "BODY.PEEK[HEADER.FIELDS (From To Cc Subject Date Message-ID References Content-Type)]",
        "BODY.PEEK[HEADER.FIELDS.NOT (From To Subject Received)]",
        "FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (Subject)]<0.10>",
    ],
)
def test_what_needs_no_understanding_is_the_same(what: str, both: Both) -> None:
    """RFC 3501 section 6.4.5. Of every message, whatever its octets."""
    differ = []
    for number, label, ours, theirs in both.fetched(what.encode()):
        if label == b"INTERNALDATE":  # a day below ten has a blank or a zero before it
            ours, theirs = bytes(ours).strip(), bytes(theirs).removeprefix(b"0")  # type: ignore[call-overload]
        if label == b"FLAGS":  # nothing is \Recent here
            ours, theirs = set(ours), set(theirs) - {b"\\Recent"}  # type: ignore[call-overload]
        if b"FIELDS.NOT" in label and not alike.only_fields(MAILS[number - 1]):
            continue  # lines of a header that are no field are none here, other fields there
        if isinstance(ours, bytes) and (said := alike.octets(label, ours, theirs)):
            differ.append((number, said))
        elif not isinstance(ours, bytes) and ours != theirs:
            differ.append((number, f"{label!r}: {ours} / {theirs}"))
    assert differ == []


def test_envelopes_and_structures(both: Both, readings: dict[int, str]) -> None:
    """RFC 3501 section 7.4.2. A structure of ours is well formed also where it is read in our own way."""
    differ = []
    for number, label, ours, theirs in both.fetched(b"ENVELOPE BODYSTRUCTURE"):
        compare = alike.envelope if label == b"ENVELOPE" else alike.structure
        if not readings[number] and (said := compare(ours, theirs, MAILS[number - 1])):
            differ.append((number, said))
    assert differ == []


def test_body_is_bodystructure_without_extensions(both: Both) -> None:
    """RFC 3501 section 6.4.5; what BODYSTRUCTURE says, Dovecot has judged."""
    for items in both.ours.ok(b"FETCH 1:* (BODY BODYSTRUCTURE)").fetched().values():
        assert items[b"BODY"] == alike.without_extensions(items[b"BODYSTRUCTURE"])


def test_every_section_of_every_message(both: Both, readings: dict[int, str]) -> None:
    """RFC 3501 section 6.4.5: parts, MIME headers, headers and texts of messages in messages, and pieces of them."""
    structures = both.ours.ok(b"FETCH 1:* (BODYSTRUCTURE)").fetched()
    differ, asked = [], 0
    for number, reading in readings.items():
        if reading:
            continue
        found = list(alike.sections(structures[number][b"BODYSTRUCTURE"]))
        pieces = [f"BODY.PEEK[{section}]" for section in found] + [f"BODY.PEEK[{one}]<3.17>" for one in found[:20]]
        for _, label, ours, theirs in both.fetched(" ".join(pieces).encode(), b"%d" % number):
            asked += 1
            if said := alike.octets(label, ours, theirs):
                differ.append((number, said))
    assert differ == []
    assert asked > 5 * len(MAILS)


KEYS = (
    *("ALL", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN", "UNANSWERED", "UNDELETED", "UNDRAFT", "UNFLAGGED"),
    *("UNSEEN", "KEYWORD $Label1", "KEYWORD $LABEL1", "UNKEYWORD rappel", "KEYWORD Nowhere", "UNKEYWORD Nowhere"),
    *("BEFORE 10-Feb-2026", "ON 10-Feb-2026", "SINCE 10-Feb-2026", "BEFORE 1-Feb-2026", "SINCE 28-Feb-2026"),
    *("LARGER 3000", "SMALLER 3000", "LARGER 0", "SMALLER 4294967295", "1:20,40,300:*", "*", "UID 1:20,40,300:*"),
    *("NOT SEEN", "OR SEEN FLAGGED", "(SEEN KEYWORD Rappel)", "NOT (OR SEEN FLAGGED) UNDRAFT", "OR NOT SEEN 1:5"),
    *("FROM labo.test", "TO cabinet.example", "CC hopital", "BCC nobody", "SUBJECT rendu", 'SUBJECT ""', 'CC ""'),
    *("HEADER Message-ID @labo", 'HEADER Message-ID ""', 'HEADER X-Nothing ""', "HEADER References hopital"),
    *("HEADER Content-Type multipart/mixed", "FROM LABORATOIRE", "SUBJECT traitement UNSEEN LARGER 1000"),
    *("BODY posologie", "BODY POSOLOGIE", "BODY rendez-vous", "BODY nowhere-at-all", "NOT BODY traitement"),
    *("TEXT patient", "TEXT hopital.example", "OR BODY ordonnance SUBJECT ordonnance", "BODY traitement SEEN"),
)
NOT_ASCII = (
    "SUBJECT glycémie",
    "BODY échographie",
    "BODY Straße",
    "BODY 日本",
    "TEXT 🙂",
    "SUBJECT Cœur",
    "BODY FIÈVRE",
)


def _comparable(numbers: set[int], key: str, readings: dict[int, str]) -> set[int]:
    """In a body we look for names of files and headers of messages in messages too, Dovecot in TEXT alone. It does not
    know the charset `latin-1`."""
    inside = re.compile(rb"(?i)message/|name[*0-9]*=|latin-1" if "BODY" in key else rb"latin-1")
    return {number for number in numbers if not readings[number] and not inside.search(MAILS[number - 1])}


@pytest.mark.parametrize("key", KEYS)
def test_search(key: str, both: Both, readings: dict[int, str]) -> None:
    """RFC 3501 section 6.4.4."""
    ours, theirs = (set(answer.numbers()) for answer in both.ask(b"SEARCH " + key.encode()))
    assert _comparable(ours ^ theirs, key, readings) == set()
    ours, theirs = (set(answer.numbers()) for answer in both.ask(b"UID SEARCH " + key.encode()))
    assert _comparable(ours ^ theirs, key, readings) == set()


@pytest.mark.parametrize("key", NOT_ASCII)
def test_search_in_utf_8(key: str, both: Both, readings: dict[int, str]) -> None:
    name, _, text = key.partition(" ")
    ours, theirs = both.ask(b"SEARCH CHARSET UTF-8 %b {}" % name.encode(), text.encode())
    found = set(ours.numbers())
    assert _comparable(found, key, readings)
    assert _comparable(found ^ set(theirs.numbers()), key, readings) == set()


@pytest.mark.parametrize("day", ["1-Jan-2026", "15-Mar-2026", "1-Oct-2026"])
@pytest.mark.parametrize("key", ["SENTBEFORE", "SENTON", "SENTSINCE"])
def test_search_by_the_date_that_is_written(key: str, day: str, both: Both, readings: dict[int, str]) -> None:
    """A Date that is none, or is not there, is on no day here; Dovecot takes the day of arrival, or the year 1970."""
    dated = re.compile(rb"(?mi)^Date: \w{3}, \d\d? \w{3} \d{4} ")
    ours, theirs = (set(answer.numbers()) for answer in both.ask(f"SEARCH {key} {day}".encode()))
    assert {one for one in ours ^ theirs if not readings[one] and dated.search(MAILS[one - 1])} == set()


@pytest.mark.parametrize("returning", ["", "MIN", "MAX", "COUNT", "ALL", "MIN MAX", "MIN MAX COUNT ALL"])
def test_esearch(returning: str, both: Both) -> None:
    """RFC 4731. The order of results is free."""
    for command in (b"SEARCH", b"UID SEARCH"):
        for key in (b"SEEN", b"KEYWORD Nowhere", b"5:9"):
            ours, theirs = both.ask(b"%b RETURN (%b) %b" % (command, returning.encode(), key))
            assert _results(ours) == _results(theirs)


def _results(answer: Answer) -> tuple[bool, dict[bytes, object]]:
    (line,) = answer.beginning(b"* ESEARCH")
    words = values(line.partition(b") ")[2]) if b") " in line else []
    uid = words[:1] == [b"UID"]
    words = words[uid:]
    return uid, dict(zip(words[::2], words[1::2], strict=True))


def test_status_and_select(both: Both) -> None:
    """RFC 3501 section 6.3.10, RFC 8438. Nothing is \\Recent here, and UIDVALIDITY is each server's own."""
    ours, theirs = both.ask(b"STATUS Oracle (MESSAGES UIDNEXT UNSEEN SIZE)")
    assert status(ours.beginning(b"* STATUS")[0]) == status(theirs.beginning(b"* STATUS")[0])
    ours, theirs = both.ask(b"EXAMINE Oracle")
    for wanted in (b"EXISTS", b"UIDNEXT", b"UNSEEN"):
        (one,), (other,) = (
            [re.findall(rb"\d+", line) for line in answer.lines if wanted in line] for answer in (ours, theirs)
        )
        assert one == other
    assert (ours.code(), theirs.code()) == (b"READ-ONLY", b"READ-ONLY")
    both.ask(b"SELECT Oracle")


STORES = (
    *("STORE 1:10 +FLAGS (\\Seen)", "STORE 5:15 -FLAGS (\\Seen \\Flagged)", "STORE 20:25 FLAGS ($Label2)"),
    *("UID STORE 1:* +FLAGS.SILENT (\\Flagged)", "UID STORE 30 FLAGS ()", "STORE * -FLAGS (\\Flagged)"),
    *("UID STORE 999999 +FLAGS (\\Seen)", "STORE 40:42 +FLAGS \\Deleted", "UID STORE 7,9 FLAGS.SILENT (\\Seen)"),
)


def test_changes_are_told_and_kept_alike(both: Both) -> None:
    """RFC 3501 section 6.4.6, RFC 4315, RFC 6851: in order, for each builds on the last. Dovecot tells flags only where
    they changed, we tell all that were asked for."""
    for command in STORES:
        ours, theirs = both.ask(command.encode())
        assert _flags(theirs).items() <= _flags(ours).items(), command
        ours, theirs = both.ask(b"FETCH 1:* (FLAGS)")
        assert _flags(ours) == _flags(theirs), command
    both.ask(b"CREATE Aside")
    for command in (b"COPY 1:5,9 Aside", b"UID COPY 10:12 Aside", b"UID COPY 999999 Aside"):
        ours, theirs = both.ask(command)
        assert ours.code().split()[2:] == theirs.code().split()[2:], command
    for command in (b"MOVE 3:4 Aside", b"UID MOVE 20,22 Aside", b"UID EXPUNGE 1:60", b"EXPUNGE"):
        ours, theirs = both.ask(command)
        assert _gone(ours) == _gone(theirs), command
        assert [_copied(answer) for answer in (ours,)] == [_copied(answer) for answer in (theirs,)]
        assert both.ours.ok(b"UID SEARCH ALL").numbers() == both.theirs.ok(b"UID SEARCH ALL").numbers()
    for folder in (b"Oracle", b"Aside"):
        both.ask(b"SELECT " + folder)
        ours, theirs = both.ask(b"FETCH 1:* (UID FLAGS RFC822.SIZE)")
        assert _flags(ours) == _flags(theirs)


def _flags(answer: Answer) -> dict[int, tuple[object, ...]]:
    """By number: UID where it is said, flags, size."""
    found = {}
    for number, items in answer.fetched().items():
        flags = {flag.lower() for flag in items[b"FLAGS"]} - {b"\\recent"}
        found[number] = frozenset(flags), items.get(b"RFC822.SIZE")
    return found


def _gone(answer: Answer) -> list[int]:
    """The messages as they were numbered before; the order of EXPUNGE is free."""
    gone: list[int] = []
    for line in answer.lines:
        if match := re.match(rb"\* (\d+) EXPUNGE", line):
            number = int(match[1])
            for earlier in sorted(gone):
                number += earlier <= number
            gone.append(number)
    return sorted(gone)


def _copied(answer: Answer) -> list[list[bytes]]:
    lines = [line for line in (*answer.lines, answer.said) if b"[COPYUID" in line]
    return [re.search(rb"\[COPYUID \d+ (.*?)\]", line)[1].split() for line in lines]  # type: ignore[index]


# In order. Left out: a name with a blank at its end, which we refuse.
FOLDERS = (
    *("CREATE a", "CREATE a/b/c", "CREATE a", "CREATE INBOX", "CREATE q/", "SUBSCRIBE a/b/c", "UNSUBSCRIBE a"),
    *(
        "SUBSCRIBE nowhere",
        "UNSUBSCRIBE nowhere",
        "RENAME a/b/c a/d",
        "RENAME nowhere y",
        "RENAME a/d q",
        "DELETE a",
        "DELETE nowhere",
    ),
    *("DELETE INBOX", "SELECT nowhere", "STATUS nowhere (MESSAGES)", "CREATE a", "CREATE a/e", "RENAME q a/e/f"),
    *("CREATE &AOk-t&AOk-", "RENAME &AOk-t&AOk- a/&AOk-", "DELETE a/e/f", "DELETE a/e", "DELETE a/d"),
)


@pytest.mark.parametrize("pattern", ["a*", "a/%", '"a/" %', "a/*/c"])
def test_folders(pattern: str, both: Both) -> None:
    """RFC 3501 sections 6.3.3 to 6.3.8, RFC 5530: which commands succeed, with which code they fail, and what LIST says
    after each. A level that is made with the one below it is a folder here; there it is none, and goes with that."""
    listing = f"LIST {pattern}" if pattern.startswith('"') else f'LIST "" {pattern}'
    try:
        for command in FOLDERS:
            ours, theirs = both.ours.ask(command.encode()), both.theirs.ask(command.encode())
            assert ours.kind == theirs.kind, command
            listed = [_listed(answer) for answer in both.ask(listing.encode())]
            assert listed[0] - NO_FOLDERS == listed[1] - NO_FOLDERS, command
    finally:
        for name in (b"a/b/c", b"a/b", b"a/d", b"a/e/f", b"a/e", b"a/&AOk-", b"q", b"a"):
            for server in (both.ours, both.theirs):
                server.ask(b"UNSUBSCRIBE " + name)
                server.ask(b"DELETE " + name)
        both.ask(b"SELECT Oracle")


NO_FOLDERS = {b"a/b"}


def _listed(answer: Answer) -> set[bytes]:
    return {line.partition(b' "/" ')[2].strip(b'"') for line in answer.beginning(b"* LIST")}
