"""`confrere consent withdraw CONSENT`: a withdrawal in one action, by the patient or by a professional whom the patient
told. With it end, by keys, the mandates of who attested it and what was shown inside the exchange."""

from __future__ import annotations

import argparse

from confrere.commands import in_consent, opening, views
from confrere.commands.in_consent import Found
from confrere.output import Output
from confrere.words.catalogue import Words
from directory.errors import Category, Refusal
from messaging.client.endpoint import Endpoint
from messaging.wire.access import Purpose
from record_bridge.client import consents, sharing
from record_bridge.client.consents import KnownConsent
from record_bridge.client.feed import RecordFeed
from record_bridge.consent.consent import Exchange, Told
from record_bridge.consent.states import FINAL, By, State

NAME = "withdraw"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("consent", metavar="CONSENT", help=words.say("consent-flag-series-help"))
    opening.add_profile_flags(parser, words)
    parser.add_argument("--oppose", action="store_true", help=words.say("consent-flag-oppose-help"))
    in_consent.add_record(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    words = output.words
    wanted = State.OPPOSED if arguments.oppose else State.WITHDRAWN
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.sync()
            found = await in_consent.find(endpoint, arguments.consent, arguments.record)
            before, others = _meant(endpoint, found, wanted)
            already = _ended(endpoint, before, wanted, own=found.held.own)
            ended: dict[str, str] = {}
            series = before.series
            if not already:
                series, ended = await _move(endpoint, found, before, wanted)
            for other in others:  # "nothing more for this exchange" is said of the exchange, whoever recorded it twice
                ended |= (await _move(endpoint, found, other, wanted))[1]
            out = await _stop_showing(endpoint, found, before)
            survey = await consents.survey(endpoint, found.held.record)
            now = next(one for one in survey.known if one.series == series)
            still = await _still(endpoint, found)
            answer = await in_consent.document(endpoint, now, words)
    scope = in_consent.scope_words(now.current.consent.scope, words)
    state = in_consent.state_words(now.current.consent, endpoint.environment.now(), words)
    time = views.local(now.current.time_ms, words)
    if already:
        lines = [words.say("consent-withdrawn-already", scope=scope, state=state, time=time)]
    elif now.current.consent.state is not wanted:
        lines = [words.say("consent-withdrawn-refused", state=state)]
    else:
        lines = [words.say("consent-opposed-done" if arguments.oppose else "consent-withdrawn-done", scope=scope)]
    for message, names in (
        ("consent-withdrawn-mandates", list(ended.values())),
        ("consent-withdrawn-shown", list(out)),
        ("consent-withdrawn-still", still),
    ):
        if names:
            lines.append(words.say(message, names=", ".join(names)))
    lines.append(words.say("consent-withdrawn-kept"))
    document = {"already": already, "mandates_ended": list(ended.values()), "no_longer_shown": list(out)}
    output.result(answer | document | {"still_reading": still}, "\n".join(lines))


def _meant(endpoint: Endpoint, found: Found, wanted: State) -> tuple[KnownConsent, list[KnownConsent]]:
    """The consent to close, the opposition that stands already rather than a new one, and the others about the very
    same that still permit something or wait for a signature."""
    scope, now = found.one.current.consent.scope, endpoint.environment.now()
    about = [one for one in found.survey.known if one.current.consent.scope == scope]
    said = (one for one in about if one.current.consent.state_at(now) is wanted is State.OPPOSED)
    first = next(said, found.one)
    closed = (*FINAL, State.OPPOSED)
    open_ = [one for one in about if one.current.consent.state_at(now) not in closed and one.series != first.series]
    return first, open_


def _ended(endpoint: Endpoint, one: KnownConsent, wanted: State, *, own: bool) -> bool:
    """Whether nothing is permitted already; an opposition says more than a withdrawal, and may follow one. The patient
    signs an opposition that a professional noted."""
    now = one.current.consent.state_at(endpoint.environment.now())
    if now is wanted is State.OPPOSED and own and one.current.by is By.PROFESSIONAL:
        return False
    return now is wanted or (wanted is State.WITHDRAWN and now in (*FINAL, State.OPPOSED))


async def _move(
    endpoint: Endpoint, found: Found, one: KnownConsent, wanted: State
) -> tuple[bytes, dict[str, str]]:
    """The series that says so now, and whose mandates ended with it."""
    consent = one.current.consent
    if consent.state_at(endpoint.environment.now()) in FINAL:
        # What has ended stays as it is; the opposition is a new thing to say.
        record, patient = found.held.record, consent.patient
        return await consents.begin(endpoint, record, patient, consent.scope, wanted, Told.OPPOSITION), {}
    ended = dict(await consents.mandated(endpoint, one))
    await consents.move(endpoint, one, wanted, without=ended)
    return one.series, {account.hex(): name for account, name in ended.items()}


async def _stop_showing(endpoint: Endpoint, found: Found, one: KnownConsent) -> tuple[str, ...]:
    """End what is shown inside the exchange, whoever shows it. What cannot be ended from here, whoever shows it ends:
    his device sees the withdrawal."""
    scope, record = one.current.consent.scope, found.held.record
    if not isinstance(scope, Exchange) or not scope.case:
        return ()
    try:
        await RecordFeed(endpoint, record, Purpose.OWN if found.held.own else Purpose.CARE).refresh()
        out = await sharing.end_shown(endpoint, record, scope.case)
        await sharing.end_due(endpoint)
    except Refusal as refused:
        if refused.category is Category.UNREACHABLE:
            raise
        return ()
    return out


async def _still(endpoint: Endpoint, found: Found) -> list[str]:
    """Who else holds a mandate over the record, for who may know it."""
    try:
        mandates = await endpoint.delegation.mandates(found.held.record)
    except Refusal as refused:
        if refused.category is Category.UNREACHABLE:
            raise
        return []
    return [mandate.name for mandate in mandates]
