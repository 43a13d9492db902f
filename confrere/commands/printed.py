"""Exchanges for a terminal: the same documents that `--json` gives, laid out for reading."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from confrere.commands import laboratory_view, views
from confrere.words.catalogue import Words
from messaging.rendering.pages import size

_WIDTH = 88
Document = Mapping[str, Any]


def inbox(rows: list[dict[str, Any]], words: Words) -> str:
    if not rows:
        return words.say("inbox-empty")
    return "\n".join(_row(row, words) for row in rows)


def _row(row: Document, words: Words) -> str:
    mark = words.say("inbox-unread", count=row["unread"]) if row["unread"] else ""
    late = words.say("exchange-overdue") if row["overdue"] else ""
    urgency = words.say(f"urgency-{row['urgency']}") if row["urgency"] else ""
    state = " · ".join(filter(None, [row["turn_words"], row["state_words"], urgency, late, mark]))
    who = words.say("inbox-to", names=row["to"]) if row.get("to") else row["from"]
    if row["on_behalf_of"]:
        who += " " + words.say("export-on-behalf", mailbox=row["on_behalf_of"])
    lines = [f"{row['thread'][:12]}  {row['subject'] or words.say('subject-none')}", f"    {who}", f"    {state}"]
    if row["phone"]:
        lines.append("    " + words.say("send-phone", phone=row["phone"]))
    if row["waiting"] and not row.get("to"):
        lines.append("    " + words.say("exchange-unsent", count=row["waiting"]))
    if row["error"]:
        lines.append("    " + views.said(row["error"], words))
    if row["refused_count"]:
        lines.append("    " + words.say("exchange-refused", count=row["refused_count"]))
    return "\n".join(lines)


def exchange(document: Document, words: Words, *, advice: str = "", quotes: bool = False) -> str:
    """One exchange with all its events; what mail programs quote below an answer is folded unless `quotes`."""
    lines = [document["subject"] or words.say("subject-none"), document["thread"]]
    urgency = words.say(f"urgency-{document['urgency']}") if document["urgency"] else ""
    late = words.say("exchange-overdue") if document["overdue"] else ""
    lines.append(" · ".join(filter(None, [document["turn_words"], document["state_words"], urgency, late])))
    if advice:
        lines += ["", *_wrapped(advice)]
    if document["readers"]:
        lines += _wrapped(words.say("show-readers", names=", ".join(document["readers"])))
    lines.append(words.say("not-publicly-verified"))
    for event in document["events"]:
        lines += ["", *_event(event, words, quotes=quotes)]
    if document["refused"]:
        lines += ["", *_wrapped(words.say("exchange-refused", count=len(document["refused"])))]
    return "\n".join(lines)


def _event(event: Document, words: Words, *, quotes: bool) -> list[str]:
    who = event["author"]
    if event["on_behalf_of"]:
        who += " " + words.say("export-on-behalf", mailbox=event["on_behalf_of"])
    kind = event["kind_words"]
    lines = [f"— {event['time_words']} · {who}", f"  {kind}"]
    if event["type"] == "referral-request":
        lines += [
            f"  {words.say(f'referral-field-{name}')}{words.say('colon')} {value}"
            for name, value in event["fields"].items()
        ]
    logistics = event["type"] in ("state-change", "appointment")
    body = event["body"].removeprefix(kind).lstrip("\n") if logistics else event["body"]
    quoted = "" if quotes else event["quoted"]
    if quoted:
        body = body.removesuffix(quoted).rstrip()
    if logistics:
        lines += [f"  {part}" for part in body.split("\n") if part]
    elif body:
        lines += [""] + [f"    {line}" for part in body.split("\n") for line in _wrapped(part) or [""]]
    if quoted:
        lines += ["", f"    [{words.say('show-quoted', lines=len(quoted.splitlines()))}]"]
    for file in event["attachments"]:
        path = f" → {file['path']}" if file.get("path") else ""
        lines.append(f"    [{file['name']} · {size(file['size'], words.language)}]{path}")
        lines += [f"      {line}" for line in laboratory_view.lines(file.get("laboratory"), words)]
    lines += [f"    ! {notice}" for notice in event["notices"]]
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
