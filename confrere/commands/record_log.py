"""The lines of a patient's log in words: names where they are proven, what was read, why, on which agreement."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from confrere.commands import record_views, views
from confrere.commands.in_record import Reader
from confrere.commands.record_item import scope_words
from confrere.words.catalogue import Words
from record_bridge.client import consents, holding
from record_bridge.record.classes import RecordClass
from record_bridge.record.kinds import Kind
from record_bridge.record.log import LogAct, LogLine, Who

_CONSENTS = frozenset(act for act in LogAct if act.value.startswith("consent-"))
_OWN = "record-purpose-own"
_KINDS = frozenset(kind.words for kind in Kind)


@dataclass(frozen=True, slots=True)
class Said:
    """A line with its sentence. `own` is what the patient did."""

    line: LogLine
    text: str
    time_words: str
    own: bool
    titles: tuple[str, ...] = ()


async def say(reader: Reader, lines: Sequence[LogLine], words: Words) -> list[Said]:
    """Each line as a sentence in the language of `words`."""
    known = await consents.known(reader.endpoint, reader.record)
    scopes = {one.series: scope_words(one.current.consent, words) for one in known}
    patients = {}
    for account in {who.account for line in lines for who in (line.who, line.whom) if who and who.account}:
        patients[account] = await holding.enrolled_as_patient(reader.endpoint, account)
    me = reader.endpoint.identity.account
    return [
        Said(
            line,
            _sentence(line, me, patients, scopes, words),
            views.local(line.time_ms, words),
            patients.get(line.who.account, False),
            tuple(_titles(line, words)),
        )
        for line in lines
    ]


def _sentence(
    line: LogLine, me: bytes, patients: Mapping[bytes, bool], scopes: Mapping[bytes, str], words: Words
) -> str:
    said = words.say(
        line.words,
        who=_name(line.who, me, patients, words),
        whom=_name(line.whom or Who(""), me, patients, words),
        what=_what(line, scopes, words),
        why=_why(line, words),
        basis=words.say(_basis(line)) if line.basis else "",
        count=line.count,
    )
    return said[:1].upper() + said[1:]


def _why(line: LogLine, words: Words) -> str:
    """Said of a reader; the patient reads for no other reason than wanting to."""
    if line.why == _OWN:
        return words.say("record-log-in-person")
    return words.say(line.why) if line.why else ""


def _name(who: Who, me: bytes, patients: Mapping[bytes, bool], words: Words) -> str:
    if who.account and patients.get(who.account):
        return words.say("record-log-patient-you" if who.account == me else "record-log-patient")
    return who.name or words.say("record-nobody-named")


def _what(line: LogLine, scopes: Mapping[bytes, str], words: Words) -> str:
    if line.act in _CONSENTS:
        return scopes.get(line.consent) or words.say("record-log-what-consent")
    if line.act in (LogAct.READ, LogAct.MANDATE_GRANTED, LogAct.MANDATE_ENDED):
        titles = [words.say("record-log-what-item", title=title) for title in _titles(line, words)]
        return ", ".join([*titles, *_parts(line, words)]) if titles or line.classes else "…"
    return ", ".join(_titles(line, words)) or "…"


def _titles(line: LogLine, words: Words) -> list[str]:
    return [words.say(title) if title in _KINDS else title for title in line.titles]


def _basis(line: LogLine) -> str:
    """A professional attests that a patient does not oppose; a withdrawal or an opposition he only notes."""
    closing = line.act in (LogAct.CONSENT_WITHDRAWN, LogAct.CONSENT_OPPOSED)
    return "consent-basis-noted" if closing and line.basis == "consent-basis-attested" else line.basis


def _parts(line: LogLine, words: Words) -> list[str]:
    """The parts of the record, where no single item says it better."""
    if line.titles and line.count == len(line.titles):
        return []
    if set(line.classes) >= set(RecordClass) - {RecordClass.NOTICES}:
        return [words.say("record-log-what-whole")]
    names = ", ".join(words.say(class_.words) for class_ in line.classes)
    return [words.say("record-log-what-classes", classes=names, count=len(line.classes))] if names else []


def document(said: Said) -> dict[str, object]:
    line = said.line
    return {
        "time": views.iso(line.time_ms),
        "act": line.act.value,
        "who": line.who.name or None,
        "whom": line.whom.name or None if line.whom else None,
        "own": said.own,
        "titles": list(said.titles),
        "classes": [class_.slug for class_ in line.classes],
        "why": line.why.removeprefix("record-purpose-") or None,
        "consent": line.consent.hex() or None,
        "basis": line.basis.removeprefix("consent-basis-") or None,
        "count": line.count,
        "text": said.text,
    }


def text(said: Sequence[Said], words: Words) -> str:
    lines = [words.say("record-log-title"), ""]
    for one in said:
        first, *rest = textwrap.wrap(one.text, 84)
        lines += [one.time_words, f"    {first}", *(f"    {more}" for more in rest)]
    if not said:
        lines.append(words.say("record-log-empty"))
    return "\n".join([*lines, "", *textwrap.wrap(words.say("record-log-limits"), 88)])


def day_of(said: Said, words: Words) -> str:
    return record_views.date(said.line.time_ms, words)
