"""Every way messaging refuses, with a stable id. Same shape and rules as `directory.errors`."""

from __future__ import annotations

from directory.errors import Category, Kind, Refusal


class MessagingError(Refusal):
    """Root of what messaging refuses."""

    CATALOGUE = {
        # octets, epochs, receipts, submissions
        "suite-newer": Kind(Category.UNSUPPORTED),
        "epoch-wraps-wrong": Kind(Category.AUTHENTICITY),
        "epoch-committer-not-member": Kind(Category.RIGHTS),
        "epoch-parent-unknown": Kind(Category.AUTHENTICITY),
        "epoch-foreign": Kind(Category.AUTHENTICITY),
        "epoch-backdated": Kind(Category.CONTINUITY),
        "epoch-member-refused": Kind(Category.RIGHTS),
        "epoch-member-stale": Kind(Category.STALE),
        "epoch-role-refused": Kind(Category.RIGHTS),
        "epoch-history-refused": Kind(Category.RIGHTS),
        "epoch-secret-wrong": Kind(Category.AUTHENTICITY),
        "epoch-unknown": Kind(Category.UNKNOWN, temporary=True),
        "event-foreign": Kind(Category.AUTHENTICITY),
        "event-too-large": Kind(Category.LIMIT),
        "author-not-member": Kind(Category.AUTHENTICITY),
        "seal-wrong": Kind(Category.AUTHENTICITY),
        "padding-wrong": Kind(Category.AUTHENTICITY),
        "body-too-large": Kind(Category.LIMIT),
        "manifests-too-many": Kind(Category.LIMIT),
        "blob-chunk-wrong": Kind(Category.AUTHENTICITY),
        "blob-root-wrong": Kind(Category.AUTHENTICITY),
        "submission-empty": Kind(Category.MALFORMED),
        "submission-foreign": Kind(Category.AUTHENTICITY),
        "patient-unreadable": Kind(Category.MALFORMED),
        "patient-traits-missing": Kind(Category.MALFORMED),
        "clinical-body-malformed": Kind(Category.MALFORMED),
        "referral-not-your-turn": Kind(Category.RIGHTS),
        "referral-illegal-transition": Kind(Category.STALE),
        "referral-other-case": Kind(Category.AUTHENTICITY),
        "document-unsafe": Kind(Category.MALFORMED),
        "document-other-patient": Kind(Category.CONFLICT),
        "document-patient-unproven": Kind(Category.CONFLICT),
        "referral-settings-invalid": Kind(Category.USAGE),
        # notices
        "notice-malformed": Kind(Category.MALFORMED),
    }


__all__ = ["Category", "MessagingError"]
