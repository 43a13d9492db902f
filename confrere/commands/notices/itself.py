"""`confrere notices`: shows or changes where, how often and when the e-mails about a mailbox go.

What is not named stays as it is. The e-mails say that something waits in the mailbox, and nothing about it.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from confrere.commands import addressing, opening, returned, views
from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.words.catalogue import LANGUAGES, Words
from messaging.client import notices
from messaging.client.notices import Returned, Wishes
from messaging.client.service import ServiceRefusal

NAME = "notices"
_CHANGES = ("email", "language", "every", "quiet", "quiet_days", "zone")
_NONE = "none"
_EVERY = ("now", "hour", "day")
_FIELDS = ("email", "quiet", "quiet_days", "zone")


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    say = words.say
    opening.add_profile_flags(parser, words)
    parser.add_argument("--mailbox", metavar="ADDRESS", default="", help=say("notices-flag-mailbox-help"))
    parser.add_argument("--email", metavar="EMAIL", help=say("notices-flag-email-help"))
    parser.add_argument("--language", choices=LANGUAGES, help=say("notices-flag-language-help"))
    parser.add_argument("--every", choices=_EVERY, help=say("notices-flag-every-help"))
    parser.add_argument("--quiet", metavar="HH:MM-HH:MM", help=say("notices-flag-quiet-help"))
    parser.add_argument("--quiet-days", metavar="sat,sun", help=say("notices-flag-quiet-days-help"))
    parser.add_argument("--zone", metavar="ZONE", help=say("notices-flag-zone-help"))
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument("--confirm", action="store_true", help=say("notices-flag-confirm-help"))
    ends.add_argument("--off", action="store_true", help=say("notices-flag-off-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    named = {name: getattr(arguments, name) for name in _CHANGES if getattr(arguments, name) is not None}
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.connect()
            held = addressing.held_mailbox(endpoint, arguments.mailbox)
            service, mailbox = endpoint.service, held.mailbox
            wishes, bounce = await notices.standing(service, mailbox)
            if named or arguments.confirm or arguments.off:
                changed = _changed(wishes, named, arguments, output)
                try:
                    await notices.ask(service, mailbox, changed, confirm=arguments.confirm or "email" in named)
                except ServiceRefusal as refused:
                    raise _usage(refused, output) from None
                wishes, bounce = await notices.standing(service, mailbox)
    output.result(_document(held.address, wishes, bounce), _text(held.address, wishes, bounce, output.words))


def _changed(wishes: Wishes, named: dict[str, str], arguments: argparse.Namespace, output: Output) -> Wishes:
    """What is to stand. Raises ConfrereError("usage") where there is no address to write to."""
    if arguments.off:
        return Wishes(language=wishes.language or output.words.language)
    cleared = {name: "" if typed == _NONE else typed for name, typed in named.items()}
    if not wishes.email:
        wishes = Wishes(language=output.words.language)
        if not named.get("email"):
            raise _wrong("notices-wrong-email", output)
    return replace(wishes, **cleared)


def _usage(refused: ServiceRefusal, output: Output) -> Exception:
    """The service's refusal, in the words of the flag that it is about."""
    field = refused.facts.get("field")
    if refused.id != "request-malformed" or field not in _FIELDS:
        return refused
    return _wrong(f"notices-wrong-{str(field).replace('_', '-')}", output)


def _wrong(message_id: str, output: Output) -> ConfrereError:
    return ConfrereError("usage", reason=output.words.say(message_id), command="confrere notices")


def _document(address: str, wishes: Wishes, bounce: Returned | None) -> dict[str, object]:
    shown = bounce and {"status": bounce.status, "time": views.iso(bounce.time), "suspended": bounce.suspended}
    return {"mailbox": address, **wishes.document, "bounce": shown}


def _text(address: str, wishes: Wishes, bounce: Returned | None, words: Words) -> str:
    say = words.say
    if not wishes.email:
        return say("notices-none", mailbox=address)
    lines = [say("notices-go", mailbox=address, email=wishes.email), say(f"notices-every-{wishes.every}")]
    if wishes.quiet:
        lines.append(say("notices-quiet", hours=wishes.quiet.replace("-", " – "), zone=wishes.zone))
    if wishes.quiet_days:
        days = ", ".join(say(f"day-{day}") for day in wishes.quiet_days.split(","))
        lines.append(say("notices-quiet-days", days=days))
    if bounce is not None:
        lines.append(returned.sentence(bounce, words))
    return "\n".join(lines)
