"""Whether a consent permits one filing or one showing, and if not, the reason to show (consent.md CO-4).

A pure question about one document of one exchange, asked again before every submission. The law makes feeding a duty
and gives the patient information and, for a legitimate reason, opposition; that each exchange asks for a consent of its
own is this product's choice, so every reason here can be overcome by telling the patient, except what he refused.

The caller brings what was proven: `by` from the verified entry that carries the consent, the record from the log, the
authors from the verified events. Nothing is believed from the consent about its own signature.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from messaging.referral.patient import Patient
from record_bridge.consent.consent import Consent, Exchange, Purpose, told_words
from record_bridge.consent.same_patient import same_patient
from record_bridge.consent.series import Version
from record_bridge.consent.states import PERMITTING, By, State
from record_bridge.errors import RecordError
from record_bridge.record.classes import RecordClass
from record_bridge.record.kinds import Kind

_REFUSED = {
    State.PROPOSED: "consent-proposed-only",
    State.WITHDRAWN: "consent-withdrawn",
    State.EXPIRED: "consent-expired",
    State.OPPOSED: "consent-opposed",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What it is asked for: an exchange by its thread and its case, and the episode that the requester names."""

    thread: bytes
    case: bytes = b""
    episode: bytes = b""


@dataclass(frozen=True, slots=True)
class Permit:
    """Proof that the question was asked, with what a receipt says of it."""

    series: bytes
    by: By
    purpose: Purpose
    state: State

    @property
    def words(self) -> str:
        """The id of the words that say whether the patient signed or a professional attested."""
        return told_words(self.by)


def permits(
    consent: Consent | None,
    by: By,
    *,
    record: bytes,
    patient: Patient,
    target: Target,
    author_account: bytes,
    kind: Kind,
    now_ms: int,
    class_: RecordClass = RecordClass.COMMON,
    purpose: Purpose = Purpose.FILING,
) -> Permit:
    """The permit for one document by `author_account` of that kind into (or out of) that class.

    Raises RecordError, the first of: consent-missing, consent-signer-wrong, consent-other-record,
    consent-other-patient, consent-other-exchange, consent-opposed / -withdrawn / -expired / -proposed-only,
    consent-not-begun, consent-other-purpose, consent-limited (with which limit).
    """
    if consent is None:
        raise RecordError("consent-missing")
    if consent.by is not by:
        raise RecordError("consent-signer-wrong")
    if consent.record != record:
        raise RecordError("consent-other-record")
    if not same_patient(consent.patient, patient):
        raise RecordError("consent-other-patient")
    if not covers(consent, target):
        raise RecordError("consent-other-exchange")
    state = consent.state_at(now_ms)
    if state not in PERMITTING:
        raise RecordError(_REFUSED[state])
    if not isinstance(consent.scope, Exchange) and now_ms < consent.scope.start_ms:
        raise RecordError("consent-not-begun")
    if purpose not in consent.purposes:
        raise RecordError("consent-other-purpose", purpose=purpose.value)
    limits = consent.limits
    for limit, reached in (
        ("kind", kind in limits.kinds),
        ("professional", author_account in limits.professionals),
        ("class", class_ in limits.classes),
    ):
        if reached:
            raise RecordError("consent-limited", limit=limit)
    return Permit(consent.series, by, purpose, state)


def covers(consent: Consent, target: Target) -> bool:
    """Whether the consent is about this exchange at all. Threads that it names are the only ones meant."""
    scope = consent.scope
    if not isinstance(scope, Exchange):
        return bool(target.episode) and scope.id == target.episode
    if scope.case and scope.case != target.case:
        return False
    return target.thread in scope.threads if scope.threads else True


def governing(versions: Iterable[Version], target: Target, now_ms: int) -> Version | None:
    """Of several series' current versions, the one that decides for this exchange; None if none is about it.

    An opposition comes first, so that a newer series never passes over it; then what permits, the newest first; then
    the newest of the rest, whose reason is then shown.
    """

    def rank(version: Version) -> tuple[int, int]:
        state = version.consent.state_at(now_ms)
        return (2 if state is State.OPPOSED else 1 if state in PERMITTING else 0, version.time_ms)

    about = [version for version in versions if covers(version.consent, target)]
    return max(about, key=rank, default=None)
