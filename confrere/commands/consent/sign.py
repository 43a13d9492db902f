"""`confrere consent sign [CONSENT]`: the patient signs in person, on a device of the patient's own: what a professional
attested or proposed, or an episode of care that the patient names."""

from __future__ import annotations

import argparse

from confrere.commands import given, in_consent, opening, views
from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.wire.access import Purpose
from record_bridge.client import consents, holding
from record_bridge.client.consents import KnownConsent
from record_bridge.client.feed import RecordFeed
from record_bridge.client.holding import HeldRecord
from record_bridge.consent.consent import Limits, Told
from record_bridge.consent.states import FINAL, By, State
from record_bridge.errors import RecordError

NAME = "sign"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    say = words.say
    parser.add_argument("consent", metavar="CONSENT", nargs="?", default="", help=say("consent-flag-series-help"))
    opening.add_profile_flags(parser, words)
    parser.add_argument("--thread", metavar="THREAD", default="", help=say("consent-flag-thread-help"))
    in_consent.add_scope(parser, words)
    in_consent.add_record(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    words = output.words
    typed = arguments.consent or arguments.thread
    if bool(arguments.episode.strip()) is not (arguments.until is not None):
        raise given.wrong(output, "consent sign", "consent-until-missing")
    if arguments.episode and typed:
        raise given.wrong(output, "consent sign", "consent-sign-what")
    given.coming(arguments.until)
    limits = in_consent.limits_of(arguments.limit)
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.sync()
            if not await holding.is_patient(endpoint):
                raise RecordError("consent-sign-patient-only")
            held = await holding.choose(endpoint, arguments.record)
            await RecordFeed(endpoint, held.record, Purpose.OWN).refresh()
            held = await holding.choose(endpoint, held.record.hex())
            if arguments.episode:
                series, already = await _begin(endpoint, held, arguments, limits), False
            else:
                series, already = await _confirm(endpoint, held, typed, limits)
            survey = await consents.survey(endpoint, held.record)
            now = next(one for one in survey.known if one.series == series)
            answer = await in_consent.document(endpoint, now, words)
    consent = now.current.consent
    facts = {
        "state": in_consent.state_words(consent, endpoint.environment.now(), words),
        "scope": in_consent.scope_words(consent.scope, words),
    }
    if already:
        lines = [words.say("consent-signed-already", time=views.local(now.current.time_ms, words), **facts)]
    else:
        lines = [words.say("consent-signed", **facts), *in_consent.told(consent, words, heading="consent-to-say")]
    lines.append(words.say("consent-how-to-withdraw", series=series.hex()[: in_consent.SHORT]))
    output.result(answer | {"already": already}, "\n".join(lines))


async def _begin(endpoint: Endpoint, held: HeldRecord, arguments: argparse.Namespace, limits: Limits) -> bytes:
    """An episode of care that the patient agrees to from the start."""
    patient = held.patient or (await holding.attested_patient(endpoint))[0]
    scope = in_consent.episode_of(endpoint, arguments.episode, arguments.until)
    state = State.LIMITED if limits else State.ACTIVE
    return await consents.begin(endpoint, held.record, patient, scope, state, Told.EPISODE, limits=limits)


async def _confirm(endpoint: Endpoint, held: HeldRecord, typed: str, limits: Limits) -> tuple[bytes, bool]:
    """The consent that is meant, or the only one that waits for a signature; what was left out stays left out."""
    found = await in_consent.find(endpoint, typed, held.record.hex())
    waiting = [one for one in found.known if _waits(endpoint, one)]
    if not typed and len(waiting) != 1:
        if not waiting:
            raise ConfrereError("nothing-to-sign")
        raise RecordError("consent-ambiguous")
    one = found.one if typed else waiting[0]
    before = one.current
    kept = limits or before.consent.limits
    state = State.LIMITED if kept else State.ACTIVE
    if before.by is By.PATIENT and before.consent.state is state and before.consent.limits == kept:
        return one.series, True
    await consents.move(endpoint, one, state, limits=kept)
    return one.series, False


def _waits(endpoint: Endpoint, one: KnownConsent) -> bool:
    """A professional's word that the patient may confirm; an opposition is never lifted unasked."""
    state = one.current.consent.state_at(endpoint.environment.now())
    return one.current.by is By.PROFESSIONAL and state not in (*FINAL, State.OPPOSED)
