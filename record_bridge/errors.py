"""Every way the record bridge refuses, with a stable id. Same shape and rules as `directory.errors`."""

from __future__ import annotations

from directory.errors import Category, Kind, Refusal


class RecordError(Refusal):
    """Root of what the record bridge refuses."""

    CATALOGUE = {
        "record-unknown": Kind(Category.UNKNOWN),
        # consent
        "consent-malformed": Kind(Category.MALFORMED),
        "consent-illegal-transition": Kind(Category.STALE),
        "consent-patient-only": Kind(Category.RIGHTS),
        "consent-final": Kind(Category.STALE),
        "consent-series-broken": Kind(Category.AUTHENTICITY),
        "consent-signer-wrong": Kind(Category.AUTHENTICITY),
        "consent-missing": Kind(Category.RIGHTS),
        "consent-proposed-only": Kind(Category.RIGHTS),
        "consent-withdrawn": Kind(Category.RIGHTS),
        "consent-expired": Kind(Category.RIGHTS),
        "consent-opposed": Kind(Category.RIGHTS),
        "consent-not-begun": Kind(Category.RIGHTS),
        "consent-limited": Kind(Category.RIGHTS),
        "consent-other-purpose": Kind(Category.RIGHTS),
        "consent-other-record": Kind(Category.AUTHENTICITY),
        "consent-other-patient": Kind(Category.CONFLICT),
        "consent-other-exchange": Kind(Category.RIGHTS),
        # what stands in a record
        "record-class-unknown": Kind(Category.USAGE),
        "record-kind-unknown": Kind(Category.USAGE),
        "record-item-malformed": Kind(Category.MALFORMED),
        "record-card-malformed": Kind(Category.MALFORMED),
        "record-card-forged": Kind(Category.AUTHENTICITY),
        "record-card-expired": Kind(Category.STALE),
        "record-card-early": Kind(Category.STALE),
        # clinical documents (CDA)
        "cda-author-is-recipient": Kind(Category.CONFLICT),
        "cda-rpps-wrong": Kind(Category.MALFORMED),
        "cda-structure-wrong": Kind(Category.MALFORMED),
        "cda-patient-incomplete": Kind(Category.MALFORMED),
        "cda-ins-key-wrong": Kind(Category.MALFORMED),
        "cda-pdf-wrong": Kind(Category.MALFORMED),
        "cda-pdf-too-large": Kind(Category.LIMIT),
        "cda-dates-wrong": Kind(Category.MALFORMED),
        "cda-value-wrong": Kind(Category.MALFORMED),
        "cda-rule-broken": Kind(Category.MALFORMED),
        "cda-unsafe": Kind(Category.MALFORMED),
        "cda-not-a-document": Kind(Category.MALFORMED),
        "cda-unreadable": Kind(Category.MALFORMED),
        "cda-patient-missing": Kind(Category.MALFORMED),
        "cda-two-patients": Kind(Category.CONFLICT),
        "cda-two-identities": Kind(Category.CONFLICT),
    }
