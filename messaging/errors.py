"""Every way messaging refuses, with a stable id. Same shape and rules as `directory.errors`."""

from __future__ import annotations

from directory.errors import Category, Kind, Refusal


class MessagingError(Refusal):
    """Root of what messaging refuses."""

    CATALOGUE = {
        "patient-unreadable": Kind(Category.MALFORMED),
        "patient-ins-key-wrong": Kind(Category.MALFORMED),
        "patient-traits-missing": Kind(Category.MALFORMED),
        "clinical-body-malformed": Kind(Category.MALFORMED),
        "referral-not-your-turn": Kind(Category.RIGHTS),
        "referral-illegal-transition": Kind(Category.STALE),
    }


__all__ = ["Category", "MessagingError"]
