"""When an owner wants to be told: at once or in a digest, and the hours and days of quiet, in the owner's time zone.

Wall-clock times are kept as wall-clock times (RFC 5545, form 3): 07:30 is 07:30 in summer and in winter. It knows
nothing of who is told, of what, or how.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from messaging.errors import MessagingError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MORNING = time(8)  # of a daily digest, on the wall clock
_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,31}){0,2}", re.ASCII)
_HOUR = timedelta(hours=1)
# A week of quiet days, each followed by quiet hours, with the hour that a clock is put back: more steps there are not.
_STEPS = 24


class Every(StrEnum):
    """How often at most."""

    NOW = "now"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Times:
    """The owner's wishes. `quiet` is `HH:MM-HH:MM` and may pass midnight, or ""; `days` are of DAYS; `zone` is an IANA
    name. Make one with `parse`."""

    every: Every = Every.NOW
    quiet: str = ""
    days: tuple[str, ...] = ()
    zone: str = "UTC"

    def opens(self, at: int) -> int:
        """The first time from `at` on that is not quiet; both ms UTC."""
        zone = zone_of(self.zone) or UTC
        moment = datetime.fromtimestamp(at / 1000, UTC)
        for _ in range(_STEPS):
            later = self._after_quiet(moment.astimezone(zone), zone)
            if later is None:
                break
            moment = later
        return max(at, _ms(moment))

    def due(self, at: int) -> int:
        """When to tell what came at `at`: the next full hour, the next morning, or at once, and never in the quiet."""
        zone = zone_of(self.zone) or UTC
        local = datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)
        if self.every is Every.HOUR:
            past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            at = _ms(local.astimezone(UTC) - past + _HOUR)
        elif self.every is Every.DAY:
            morning = _next(local, MORNING, zone)
            while DAYS[morning.astimezone(zone).weekday()] in self.days:
                morning = _next(morning.astimezone(zone), MORNING, zone)
            at = _ms(morning)
        return self.opens(at)

    def _after_quiet(self, local: datetime, zone: tzinfo) -> datetime | None:
        """The end of the quiet that this moment lies in."""
        if DAYS[local.weekday()] in self.days:
            return _next(local, time(0), zone)
        if not self.quiet:
            return None
        start, end = _hours(self.quiet)
        now = local.time()
        within = start <= now < end if start < end else now >= start or now < end
        return _next(local, end, zone) if within else None


def parse(every: str, quiet: str, days: str, zone: str) -> Times:
    """Times as they are typed and sent; `days` with commas. Raises MessagingError("request-malformed") naming the
    field; a quiet without an end is refused."""
    if every not in list(Every):
        raise MessagingError("request-malformed", field="every")
    if quiet and (not _HOURS.fullmatch(quiet) or len(set(_hours(quiet))) == 1):
        raise MessagingError("request-malformed", field="quiet")
    named = days.split(",") if days else []
    if not set(named) < set(DAYS):
        raise MessagingError("request-malformed", field="quiet_days")
    if zone_of(zone) is None:
        raise MessagingError("request-malformed", field="zone")
    return Times(Every(every), quiet, tuple(day for day in DAYS if day in named), zone)


def zone_of(name: str) -> tzinfo | None:
    """The zone of an IANA name, or None where this machine does not know it."""
    if not _ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, "Europe"
        return UTC if name == "UTC" else None


def _hours(quiet: str) -> tuple[time, time]:
    start, _, end = quiet.partition("-")
    return time.fromisoformat(start), time.fromisoformat(end)


def _next(local: datetime, wall: time, zone: tzinfo) -> datetime:
    """The first moment after `local` at which the wall clock shows `wall`; in an hour that a clock skips, as far into
    it as the clock would have been."""
    now = local.astimezone(UTC)
    for day in range(3):
        date = local.date() + timedelta(days=day)
        for fold in (0, 1):  # an hour that a clock shows twice: the first, then the second
            found = datetime.combine(date, wall, zone).replace(fold=fold).astimezone(UTC)
            if found > now:
                return found
    return now + timedelta(days=1)  # no zone skips two days


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
