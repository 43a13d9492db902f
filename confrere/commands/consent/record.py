"""`confrere consent record THREAD`: the patient was informed and does not oppose, attested in one action by the
professional's own signature; or opposes, or leaves something out, or is asked to sign.

Feeding the record is a duty, with information and non-opposition; that each exchange asks is this product's choice. The
answer says both, and what was told to the patient, in their own sentences.
"""

from __future__ import annotations

import argparse

from confrere.commands import given, in_consent, opening, views
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from record_bridge.client import consents
from record_bridge.client.consents import KnownConsent
from record_bridge.client.holding import HeldRecord
from record_bridge.consent.consent import Consent, Episode, Exchange, Limits, Scope, Told
from record_bridge.consent.permits import Target
from record_bridge.consent.states import FINAL, PERMITTING, State
from record_bridge.errors import RecordError

NAME = "record"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("thread", metavar="THREAD", help=words.say("flag-thread-help"))
    opening.add_profile_flags(parser, words)
    in_consent.add_scope(parser, words)
    parser.add_argument("--oppose", action="store_true", help=words.say("consent-flag-oppose-help"))
    parser.add_argument("--propose", action="store_true", help=words.say("consent-flag-propose-help"))
    in_consent.add_record(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    if bool(arguments.episode.strip()) is not (arguments.until is not None):
        raise given.wrong(output, "consent record", "consent-until-missing")
    if arguments.oppose and (arguments.limit or arguments.propose):
        raise given.wrong(output, "consent record", "consent-oppose-alone")
    given.coming(arguments.until)
    limits = in_consent.limits_of(arguments.limit)
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.sync()
            exchange = await endpoint.reading.exchange(arguments.thread)
            held = await in_consent.record_of(endpoint, exchange, arguments.record)
            target = in_consent.target_of(exchange)
            scope: Scope
            if arguments.episode:
                scope = in_consent.episode_of(endpoint, arguments.episode, arguments.until)
            else:
                scope = Exchange(target.case, (target.thread,))
            before = await _standing(endpoint, held, scope, target)
            state = _wanted(limits, oppose=arguments.oppose, propose=arguments.propose)
            already = before is not None and _says(endpoint, before, state, limits)
            series = before.series if already and before else await _write(endpoint, held, scope, before, state, limits)
            found = await consents.known(endpoint, held.record)
            now = next(one for one in found if one.series == series)
            answer = await in_consent.document(endpoint, now, output.words)
    text = _already(now, output.words, endpoint) if already else _text(now, before, output.words, endpoint)
    output.result(answer | {"already": already}, "\n".join(text))


def _wanted(limits: Limits, *, oppose: bool, propose: bool) -> State:
    if oppose:
        return State.OPPOSED
    if propose:
        return State.PROPOSED
    return State.LIMITED if limits else State.ACTIVE


async def _standing(endpoint: Endpoint, held: HeldRecord, scope: Scope, target: Target) -> KnownConsent | None:
    """What was said about this very exchange, or about an episode of this name that goes on."""
    if not isinstance(scope, Episode):
        return await consents.covering(endpoint, held.record, target)
    now = endpoint.environment.now()
    for one in await consents.known(endpoint, held.record):
        other = one.current.consent
        same = isinstance(other.scope, Episode) and other.scope.label.casefold() == scope.label.casefold()
        if same and other.state_at(now) not in FINAL:
            return one
    return None


def _says(endpoint: Endpoint, one: KnownConsent, state: State, limits: Limits) -> bool:
    """Whether what stands already says what is to be recorded: then nothing is written."""
    consent = one.current.consent
    now = consent.state_at(endpoint.environment.now())
    if state is State.ACTIVE:
        return now in PERMITTING  # what the patient left out stays left out
    if state is State.PROPOSED:
        return now in (State.PROPOSED, *PERMITTING)
    return now is state and (state is State.OPPOSED or consent.limits == limits)


async def _write(
    endpoint: Endpoint, held: HeldRecord, scope: Scope, before: KnownConsent | None, state: State, limits: Limits
) -> bytes:
    """The next version of what stands, or a new series where that has ended. Raises RecordError: consent-*."""
    if held.patient is None:
        raise RecordError("consent-patient-unknown")
    goes_on = before is not None and before.current.consent.state_at(endpoint.environment.now()) not in FINAL
    if before is not None and goes_on and state is not State.PROPOSED:
        await consents.move(endpoint, before, state, limits=limits or None)
        return before.series
    told = Told.EPISODE if isinstance(scope, Episode) else Told.EXCHANGE
    if state is State.OPPOSED:
        told = Told.OPPOSITION
    return await consents.begin(endpoint, held.record, held.patient, scope, state, told, limits=limits)


def _facts(one: KnownConsent, words: Words, endpoint: Endpoint) -> dict[str, str]:
    consent = one.current.consent
    return {
        "basis": in_consent.basis_words(one.current, words),
        "state": in_consent.state_words(consent, endpoint.environment.now(), words),
        "scope": in_consent.scope_words(consent.scope, words),
        "time": views.local(one.current.time_ms, words),
    }


def _already(one: KnownConsent, words: Words, endpoint: Endpoint) -> list[str]:
    series = one.series.hex()[: in_consent.SHORT]
    return [
        words.say("consent-recorded-already", **_facts(one, words, endpoint)),
        words.say("consent-how-to-withdraw", series=series),
    ]


def _text(one: KnownConsent, before: KnownConsent | None, words: Words, endpoint: Endpoint) -> list[str]:
    consent, series = one.current.consent, one.series.hex()[: in_consent.SHORT]
    lines = [words.say("consent-recorded", **_facts(one, words, endpoint))]
    if before is not None and before.series != one.series and before.current.consent.state is State.WITHDRAWN:
        lines.append(words.say("consent-recorded-after", time=views.local(before.current.time_ms, words)))
    heading = "consent-to-tell" if consent.state is State.PROPOSED else "consent-said"
    lines += in_consent.told(consent, words, heading=heading)
    lines.append(words.say(_next(consent), series=series))
    return lines


def _next(consent: Consent) -> str:
    if consent.state is State.PROPOSED:
        return "consent-waits"
    return "consent-how-to-lift" if consent.state is State.OPPOSED else "consent-how-to-withdraw"
