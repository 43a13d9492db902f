"""`confrere gateway doctor`: what is wrong with a mailbox's gateway, and what to do, whether it runs or not.

With the passphrase it looks inside too; without, at what can be seen. Exit code 0 where nothing is wrong, 4 where it is
the service alone that does not answer, else 3.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from confrere.commands import opening, passphrase, views
from confrere.errors import ConfrereError
from confrere.output import DONE, REFUSED, UNREACHABLE, Output
from confrere.words.catalogue import Words
from messaging.gateway.examination import doctor
from messaging.gateway.examination.doctor import Examined
from messaging.gateway.examination.finding import Finding, Grade

NAME = "doctor"
_SIGNS: Final = {Grade.WELL: "  ok ", Grade.NOTE: "   - ", Grade.WARNING: "   ! ", Grade.WRONG: " !!! "}
_TIMES: Final = ("at", "since")


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> int:
    settings = opening.settings_of(arguments)
    examined = Examined(
        profile=Path(arguments.profile),
        secret=_passphrase(arguments, output),
        certificate=Path(settings.gateway.certificate) if settings.gateway.certificate else None,
        names=[name.strip() for name in settings.gateway.names.split(",") if name.strip()],
    )
    findings = await doctor.examine(examined, opening.environment_of(settings))
    wrong = {one.id for one in doctor.wrong(findings)}
    words = output.words
    lines = [_SIGNS[one.grade] + _sentence(one, words) for one in findings]
    lines.append(words.say("gateway-doctor-wrong", count=len(wrong)) if wrong else words.say("gateway-doctor-well"))
    output.result({"healthy": not wrong, "findings": [_document(one, words) for one in findings]}, "\n".join(lines))
    if not wrong:
        return DONE
    return UNREACHABLE if wrong == {"service-unreachable"} else REFUSED


def _passphrase(arguments: argparse.Namespace, output: Output) -> str:
    """Empty where nobody gives one: the doctor does not need it."""
    try:
        return passphrase.read(arguments, output)
    except ConfrereError as refused:
        if refused.id != "passphrase-missing":
            raise
        return ""


def _sentence(one: Finding, words: Words) -> str:
    facts = {name: views.local(int(fact), words) if name in _TIMES else fact for name, fact in one.facts.items()}
    return words.say(f"gateway-doctor-{one.id}", **facts)


def _document(one: Finding, words: Words) -> dict[str, str | int]:
    facts = {name: views.iso(int(fact)) if name in _TIMES else fact for name, fact in one.facts.items()}
    return {"id": one.id, "grade": one.grade.value, **facts, "message": _sentence(one, words)}
