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
        # profiles
        "passphrase-wrong": Kind(Category.RIGHTS),
        "profile-missing": Kind(Category.USAGE),
        "profile-exists": Kind(Category.CONFLICT),
        "profile-locked": Kind(Category.CONFLICT, temporary=True),
        "profile-newer": Kind(Category.UNSUPPORTED),
        "profile-damaged": Kind(Category.AUTHENTICITY),
        "profile-not-enrolled": Kind(Category.USAGE),
        # endpoint
        "service-unreachable": Kind(Category.UNREACHABLE, temporary=True),
        "service-answer-wrong": Kind(Category.INTERNAL),
        "account-log-rolled-back": Kind(Category.AUTHENTICITY),
        "receipt-foreign": Kind(Category.AUTHENTICITY),
        "epoch-forked": Kind(Category.AUTHENTICITY),
        "thread-forked": Kind(Category.AUTHENTICITY),
        "openings-wrong": Kind(Category.AUTHENTICITY),
        "wrap-spoiled-by-signer": Kind(Category.AUTHENTICITY),
        "wrap-forged-by-service": Kind(Category.AUTHENTICITY),
        "recipient-unknown": Kind(Category.UNKNOWN),
        "recipient-ambiguous": Kind(Category.CONFLICT),
        "recipient-closed": Kind(Category.CONFLICT),
        "recipient-unproven": Kind(Category.AUTHENTICITY),
        "mailbox-not-held": Kind(Category.RIGHTS),
        "thread-unknown": Kind(Category.UNKNOWN),
        "epoch-conflict-persists": Kind(Category.CONFLICT, temporary=True),
        "attachment-unreadable": Kind(Category.USAGE),
        "attachment-too-large": Kind(Category.LIMIT),
        "attachment-changed": Kind(Category.CONFLICT),
        "spool-damaged": Kind(Category.AUTHENTICITY),
        "message-malformed": Kind(Category.MALFORMED),
        "server-url-wrong": Kind(Category.USAGE),
        "recovery-not-confirmed": Kind(Category.CONFLICT),
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
        # the service: threads, feeds, blobs
        "thread-unknown": Kind(Category.UNKNOWN),
        "thread-not-member": Kind(Category.RIGHTS),
        "mailbox-not-held": Kind(Category.RIGHTS),
        "committer-not-caller": Kind(Category.RIGHTS),
        "epoch-conflict": Kind(Category.STALE),
        "epoch-stale": Kind(Category.STALE),
        "event-intent-used": Kind(Category.CONFLICT),
        "deposit-closed": Kind(Category.RIGHTS),
        "time-ahead": Kind(Category.CONTINUITY),
        "request-malformed": Kind(Category.MALFORMED),
        "request-too-large": Kind(Category.LIMIT),
        "rate-exceeded": Kind(Category.LIMIT, temporary=True),
        "reader-too-slow": Kind(Category.LIMIT, temporary=True),
        "route-unknown": Kind(Category.UNKNOWN),
        "blob-unknown": Kind(Category.UNKNOWN),
        "blob-chunk-unknown": Kind(Category.UNKNOWN),
        "blob-changed": Kind(Category.CONFLICT),
        "blob-incomplete": Kind(Category.STALE),
        "blob-root-wrong": Kind(Category.AUTHENTICITY),
        "blob-token-wrong": Kind(Category.RIGHTS),
        # notices
        "notice-malformed": Kind(Category.MALFORMED),
    }


__all__ = ["Category", "MessagingError"]
