"""The versions of one consent folded in the order of the record's log (consent.md CO-3).

In: each version with whose signature carried it. Out: where the series stands, and what had no effect. Each version is
judged by the table against the last one that counted; a version of another patient, record or scope is no version of
this consent. It verifies no signature: the caller took `By` from the verified entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from record_bridge.consent.consent import Consent, Exchange
from record_bridge.consent.same_patient import same_patient
from record_bridge.consent.states import PERMITTING, Act, By, Standing, State, step
from record_bridge.errors import RecordError

_BY_STATE = {
    State.PROPOSED: Act.PROPOSE,
    State.WITHDRAWN: Act.WITHDRAW,
    State.EXPIRED: Act.EXPIRE,
    State.OPPOSED: Act.OPPOSE,
}


@dataclass(frozen=True, slots=True)
class Version:
    """One entry of the log, opened, with who signed it and the time of its receipt (ms UTC)."""

    consent: Consent
    by: By
    time_ms: int


@dataclass(frozen=True, slots=True)
class Series:
    """The version that counts, and the ones that had no effect with the id of the words that say why."""

    current: Version
    refused: tuple[tuple[Version, str], ...] = ()

    @property
    def standing(self) -> Standing:
        return Standing(self.current.consent.state, self.current.by)


def verify_version(before: Version | None, version: Version) -> Act:
    """What this version does after `before`, once it is known that its signer may.

    Raises RecordError: consent-signer-wrong, consent-series-broken, and the refusals of `step`.
    """
    consent, by = version.consent, version.by
    if consent.by is not by:
        raise RecordError("consent-signer-wrong")
    act = _act(before.consent if before else None, consent)
    standing = None
    if before is not None:
        _verify_same(before.consent, consent)
        standing = Standing(before.consent.state, before.by)
        over = before.consent.state_at(version.time_ms) is State.EXPIRED
        if act is Act.EXPIRE:
            by = By.TIME if over else by  # whoever writes down that the date has passed decides nothing
        elif over:
            standing = Standing(State.EXPIRED, By.TIME)
    after = step(standing, by, act)
    if after.state is not consent.state:
        raise RecordError("consent-illegal-transition", act=act.value)
    if before is not None and after.state in PERMITTING:
        _verify_not_wider(before, version)
    return act


def fold(versions: Iterable[Version]) -> Series:
    """The series after these versions, in the order of the log.

    Raises what is wrong with the first, and `consent-missing` without any; what is wrong with a later one is listed.
    """
    series: Series | None = None
    for version in versions:
        if series is None:
            verify_version(None, version)
            series = Series(version)
            continue
        try:
            verify_version(series.current, version)
        except RecordError as refused:
            series = replace(series, refused=(*series.refused, (version, refused.id)))
        else:
            series = replace(series, current=version)
    if series is None:
        raise RecordError("consent-missing")
    return series


def _act(before: Consent | None, after: Consent) -> Act:
    """Told from the two versions alone: a later end under the same state and limits is a renewal."""
    if after.state in _BY_STATE:
        return _BY_STATE[after.state]
    if before is not None and before.state is after.state and before.limits == after.limits and _later(before, after):
        return Act.RENEW
    return Act.AGREE if after.state is State.ACTIVE else Act.LIMIT


def _later(before: Consent, after: Consent) -> bool:
    return before.ends_ms is not None and (after.ends_ms is None or after.ends_ms > before.ends_ms)


def _verify_same(before: Consent, after: Consent) -> None:
    same = (
        before.series == after.series
        and before.record == after.record
        and same_patient(before.patient, after.patient)
        and _about(before) == _about(after)
    )
    if not same:
        raise RecordError("consent-series-broken")


def _about(consent: Consent) -> tuple[object, ...]:
    """What a consent is about, its end aside."""
    scope = consent.scope
    if isinstance(scope, Exchange):
        return (scope.case, scope.threads)
    return (scope.id, scope.label, scope.start_ms)


def _verify_not_wider(before: Version, after: Version) -> None:
    """A professional who limits what the patient signed adds limits and nothing else."""
    if (before.by, after.by) != (By.PATIENT, By.PROFESSIONAL) or before.consent.state not in PERMITTING:
        return
    old, new = before.consent, after.consent
    if _later(old, new) or not new.purposes <= old.purposes or not old.limits.within(new.limits):
        raise RecordError("consent-patient-only", act=Act.LIMIT.value)
