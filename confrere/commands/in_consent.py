"""Consents for the verbs of `consent`: which record and which consent a person means, and both as words and documents.

Every text says whose word a consent is, the patient's signature or a professional's attestation, and keeps the law and
this product's choice apart.
"""

from __future__ import annotations

import argparse
import datetime
from dataclasses import dataclass
from typing import Any

from confrere.commands import given, views
from confrere.words.catalogue import Words
from directory.errors import DirectoryError
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.errors import MessagingError
from messaging.referral.patient import Patient
from messaging.wire.access import Purpose as AccessPurpose
from record_bridge.client import consents, holding
from record_bridge.client.consents import KnownConsent, LoggedConsent, Survey
from record_bridge.client.feed import RecordFeed
from record_bridge.client.holding import HeldRecord
from record_bridge.consent.consent import Consent, Episode, Limits, Purpose, Scope, told_words
from record_bridge.consent.permits import Target
from record_bridge.consent.same_patient import same_patient
from record_bridge.consent.series import Version
from record_bridge.consent.states import PERMITTING, By, State
from record_bridge.errors import RecordError
from record_bridge.record.kinds import Kind, parse_kind

SHORT = 12  # hexadecimal digits of a reference, as people type it
_LEAST = 4
Document = dict[str, Any]


def add_record(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--record", metavar="RECORD", default="", help=words.say("consent-flag-record-help"))


def add_scope(parser: argparse.ArgumentParser, words: Words) -> None:
    say = words.say
    parser.add_argument("--episode", metavar="LABEL", default="", help=say("consent-flag-episode-help"))
    parser.add_argument("--until", metavar="YYYY-MM-DD", type=given.day, help=say("consent-flag-until-help"))
    parser.add_argument("--limit", metavar="KINDS", default="", help=say("consent-flag-limit-help"))


def limits_of(typed: str) -> Limits:
    """Raises RecordError("record-kind-unknown")."""
    return Limits(kinds=frozenset(parse_kind(word) for word in typed.split(",") if word.strip()))


def episode_of(endpoint: Endpoint, label: str, until: datetime.date) -> Episode:
    """From now until the end of that day, here."""
    after = datetime.datetime.combine(until, datetime.time()) + datetime.timedelta(days=1)
    now = endpoint.environment.now()
    return Episode(endpoint.new_id(), label.strip(), now // 1000 * 1000, int(after.astimezone().timestamp()) * 1000)


# --- which ---


def patient_of(exchange: Exchange) -> Patient | None:
    return exchange.case.request.patient if exchange.case is not None and exchange.case.request is not None else None


def target_of(exchange: Exchange) -> Target:
    return Target(exchange.id, exchange.case.case if exchange.case is not None else b"")


async def record_of(endpoint: Endpoint, exchange: Exchange, typed: str = "") -> HeldRecord:
    """The record of an exchange's patient, or the one typed, if it is his.

    Raises RecordError: consent-patient-unknown, consent-record-missing, consent-other-patient, record-*.
    """
    wanted = patient_of(exchange)
    if typed:
        held = await holding.choose(endpoint, typed)
        if held.patient is None:
            await _identify(endpoint, held)
            held = await holding.choose(endpoint, held.record.hex())
        if wanted is not None and held.patient is not None and not same_patient(held.patient, wanted):
            raise RecordError("consent-other-patient")
    elif wanted is None:
        raise RecordError("consent-patient-unknown")
    else:
        held = await record_of_patient(endpoint, wanted)
    if held.patient is None:
        raise RecordError("consent-patient-unknown")
    return held


async def record_of_patient(endpoint: Endpoint, patient: Patient) -> HeldRecord:
    """Raises RecordError("consent-record-missing")."""
    found = await holding.find(endpoint, patient)
    if found is None:
        for one in await holding.held_records(endpoint):
            if one.patient is None:
                await _identify(endpoint, one)
        found = await holding.find(endpoint, patient)
    if found is None:
        raise RecordError("consent-record-missing")
    return found


async def _identify(endpoint: Endpoint, held: HeldRecord) -> None:
    """Whose a record is stands inside it: one that was never read here is read first."""
    await RecordFeed(endpoint, held.record, AccessPurpose.OWN if held.own else AccessPurpose.CARE).refresh()


@dataclass(frozen=True, slots=True)
class Found:
    """The consents that a person may mean. `about` is the exchange, where one was typed."""

    held: HeldRecord
    survey: Survey
    known: tuple[KnownConsent, ...]

    @property
    def one(self) -> KnownConsent:
        """Raises RecordError: consent-unknown, consent-ambiguous."""
        if not self.known:
            raise RecordError("consent-unknown")
        if len(self.known) > 1:
            raise RecordError("consent-ambiguous")
        return self.known[0]


async def find(endpoint: Endpoint, typed: str, record: str = "") -> Found:
    """By the beginning of a series, or of the exchange that the consent is about; all of the record's where nothing is
    typed. Raises RecordError: record-*, consent-unknown, consent-record-missing."""
    wanted = typed.strip().lower()
    if wanted and len(wanted) < _LEAST:
        raise RecordError("consent-unknown")
    exchange = await _exchange(endpoint, wanted)
    held = await _held(endpoint, wanted, record, exchange)
    survey = await consents.survey(endpoint, held.record)
    if not wanted:
        return Found(held, survey, survey.known)
    named = tuple(one for one in survey.known if _named(one, wanted))
    if not named and exchange is not None:
        decides = await consents.covering(endpoint, held.record, target_of(exchange))
        named = () if decides is None else (decides,)
    if not named:
        raise RecordError("consent-unknown")
    return Found(held, survey, named)


async def _exchange(endpoint: Endpoint, wanted: str) -> Exchange | None:
    if not wanted:
        return None
    try:
        return await endpoint.reading.exchange(wanted)
    except MessagingError as refused:
        if refused.id == "thread-unknown":
            return None
        raise


async def _held(endpoint: Endpoint, wanted: str, record: str, exchange: Exchange | None) -> HeldRecord:
    if record:
        return await holding.choose(endpoint, record)
    logs = {one: endpoint.accounts.lookup(one).consents for one in endpoint.keyring.records()}
    holders = [one for one, made in logs.items() if wanted and any(s.hex().startswith(wanted) for s in made)]
    if len(holders) > 1:
        raise RecordError("consent-ambiguous")
    if holders:
        return await holding.choose(endpoint, holders[0].hex())
    if exchange is not None and patient_of(exchange) is not None:
        return await record_of(endpoint, exchange)
    return await holding.choose(endpoint, "")


def _named(one: KnownConsent, wanted: str) -> bool:
    scope = one.current.consent.scope
    ids = [scope.id] if isinstance(scope, Episode) else [scope.case, *scope.threads]
    return any(identifier.hex().startswith(wanted) for identifier in (one.series, *ids) if identifier)


# --- in words ---


async def name_of(endpoint: Endpoint, account: bytes, words: Words, by: By = By.PROFESSIONAL) -> str:
    if by is By.PATIENT:
        return words.say("consent-by-patient")
    try:
        return (await endpoint.accounts.professional(account)).name or words.say("consent-by-patient")
    except DirectoryError:
        return words.say("consent-by-unproven")


def scope_words(scope: Scope, words: Words) -> str:
    if isinstance(scope, Episode):
        return words.say("consent-scope-episode", label=scope.label)
    return words.say("consent-scope-exchange")


def state_words(consent: Consent, now: int, words: Words) -> str:
    return words.say(consent.state_at(now).words)


def basis_words(version: Version, words: Words) -> str:
    """Whose word it is; what a professional notes beside an agreement is none that he attests."""
    attested = version.by is By.PATIENT or version.consent.state in PERMITTING
    return words.say(told_words(version.by) if attested else "consent-basis-noted")


def told(consent: Consent, words: Words, *, heading: str) -> list[str]:
    """What the patient is told, the law and our choice each in its own sentence."""
    lines = [words.say(heading), f"  « {words.say(consent.told.words)} »"]
    if Purpose.SHARING in consent.purposes and consent.state is not State.OPPOSED:
        lines.append(f"  « {words.say('consent-told-sharing')} »")
    if consent.limits.kinds:
        lines.append(words.say("consent-limits", kinds=_kinds(consent.limits.kinds, words)))
    return [*lines, words.say("consent-law"), words.say("consent-product")]


def _kinds(kinds: frozenset[Kind], words: Words) -> str:
    return ", ".join(words.say(kind.words) for kind in sorted(kinds))


async def document(endpoint: Endpoint, one: KnownConsent, words: Words) -> Document:
    """A consent with its versions, as `--json` gives it."""
    version, now = one.current, endpoint.environment.now()
    consent = version.consent
    refused = {id(made): reason for made, reason in one.folded.refused}
    versions = [
        {
            "entry": made.entry.hex(),
            "time": views.iso(made.version.time_ms),
            "state": made.version.consent.state.value,
            "basis": _basis(made.version.by),
            "by": await name_of(endpoint, made.signer, words, made.version.by),
            "without_effect": refused.get(id(made.version)),
        }
        for made in one.opened
    ]
    signer = next(made.signer for made in one.opened if made.version is version)
    return {
        "series": one.series.hex(),
        "record": consent.record.hex(),
        "state": consent.state_at(now).value,
        "state_words": state_words(consent, now, words),
        "scope": _scope(consent.scope),
        "scope_words": scope_words(consent.scope, words),
        "purposes": sorted(consent.purposes),
        "excluded_kinds": sorted(consent.limits.kinds),
        "basis": _basis(version.by),
        "basis_words": basis_words(version, words),
        "by": await name_of(endpoint, signer, words, version.by),
        "since": views.iso(version.time_ms),
        "until": None if consent.ends_ms is None else views.iso(consent.ends_ms),
        "told": consent.told.value,
        "versions": versions,
    }


def _basis(by: By) -> str:
    return "signed" if by is By.PATIENT else "attested"


def _scope(scope: Scope) -> Document:
    if isinstance(scope, Episode):
        return {"kind": "episode", "label": scope.label, "start": views.iso(scope.start_ms)}
    return {"kind": "exchange", "case": scope.case.hex() or None, "threads": [one.hex() for one in scope.threads]}


async def lines(endpoint: Endpoint, one: KnownConsent, words: Words) -> list[str]:
    """The same for a terminal."""
    say, version, now = words.say, one.current, endpoint.environment.now()
    consent = version.consent
    scope = scope_words(consent.scope, words)
    found = [say("consent-line", series=one.series.hex()[:SHORT], state=state_words(consent, now, words), scope=scope)]
    signer = next(made.signer for made in one.opened if made.version is version)
    time = views.local(version.time_ms, words)
    if version.by is By.PATIENT:
        found.append("  " + say("consent-line-signed", basis=basis_words(version, words), time=time))
    else:
        name = await name_of(endpoint, signer, words)
        found.append("  " + say("consent-line-by", basis=basis_words(version, words), name=name, time=time))
    if not isinstance(consent.scope, Episode) and consent.scope.threads:
        threads = ", ".join(one.hex()[:SHORT] for one in consent.scope.threads)
        found.append("  " + say("consent-line-exchange", thread=threads))
    if consent.state_at(now) in PERMITTING:
        purposes = ", ".join(say(purpose.words) for purpose in sorted(consent.purposes))
        found.append("  " + say("consent-line-purposes", purposes=purposes))
    if consent.limits.kinds:
        found.append("  " + say("consent-limits", kinds=_kinds(consent.limits.kinds, words)))
    if consent.ends_ms is not None:
        found.append("  " + say("consent-line-until", time=views.local(consent.ends_ms, words)))
    for without, reason in one.folded.refused:
        made = next(made for made in one.opened if made.version is without)
        found.append(
            "  "
            + say(
                "consent-line-void",
                time=views.local(without.time_ms, words),
                name=await name_of(endpoint, made.signer, words, without.by),
                reason=_reason(reason, words),
            )
        )
    return found


async def apart(endpoint: Endpoint, survey: Survey, words: Words) -> tuple[list[Document], list[str]]:
    """What is no consent of this record, and what cannot be read: said, never counted."""
    documents: list[Document] = []
    found: list[str] = []

    async def add(one: LoggedConsent, reason: str, message: str, said: str) -> None:
        name = await name_of(endpoint, one.signer, words, one.by)
        facts = {"series": one.series.hex(), "time": views.iso(one.time), "by": name, "without_effect": reason}
        documents.append(facts)
        time = views.local(one.time, words)
        found.append(words.say(message, series=one.series.hex()[:SHORT], time=time, name=name, reason=said))

    for one, reason in survey.void:
        await add(one, reason, "consent-line-void", _reason(reason, words))
    for one in survey.unreadable:
        await add(one, "consent-unreadable", "consent-line-unreadable", "")
    return documents, found


def _reason(error_id: str, words: Words) -> str:
    """The words of a refusal whose facts were not kept."""
    return words.say(f"error-{error_id}", **dict.fromkeys(("clause", "act", "state", "limit", "purpose"), ""))
