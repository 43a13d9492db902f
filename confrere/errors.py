"""Every way the front door refuses, with a stable id. Same shape and rules as `directory.errors`."""

from __future__ import annotations

from directory.errors import Category, Kind, Refusal


class ConfrereError(Refusal):
    """Root of what the command line, the settings and the composition of processes refuse."""

    CATALOGUE = {
        # command line
        "usage": Kind(Category.USAGE),
        "file-unreadable": Kind(Category.USAGE),
        "interrupted": Kind(Category.INTERNAL, temporary=True),
        "internal": Kind(Category.INTERNAL),
        # settings
        "config-missing": Kind(Category.USAGE),
        "setting-unreadable": Kind(Category.USAGE),
        "setting-unknown": Kind(Category.USAGE),
        "setting-invalid": Kind(Category.USAGE),
        # profile
        "passphrase-missing": Kind(Category.USAGE),
        "passphrase-too-short": Kind(Category.USAGE),
        "passphrase-differs": Kind(Category.USAGE),
        # verbs
        "file-not-text": Kind(Category.USAGE),
        "file-too-long": Kind(Category.USAGE),
        "text-unprintable": Kind(Category.USAGE),
        "nothing-to-sign": Kind(Category.CONFLICT),
        "day-past": Kind(Category.USAGE),
        "patient-born-later": Kind(Category.USAGE),
        "filing-class-wrong": Kind(Category.USAGE),
        "filing-nothing-answered": Kind(Category.CONFLICT),
        "filing-events-unknown": Kind(Category.UNKNOWN),
        "profile-without-mailbox": Kind(Category.RIGHTS),
        "folder-in-use": Kind(Category.USAGE),
        "autostart-unknown": Kind(Category.USAGE),
        "file-unwritable": Kind(Category.USAGE),
        "action-unreachable": Kind(Category.UNREACHABLE, temporary=True),
        "profile-is-no-bridge": Kind(Category.USAGE),
        "not-confirmed": Kind(Category.CONFLICT),
        "invitation-file-wrong": Kind(Category.MALFORMED),
        "attachment-refused": Kind(Category.AUTHENTICITY),
        # service
        "data-locked": Kind(Category.CONFLICT, temporary=True),
        "data-missing": Kind(Category.USAGE),
        "address-in-use": Kind(Category.CONFLICT, temporary=True),
        "data-newer": Kind(Category.UNSUPPORTED),
        "service-key-unsafe": Kind(Category.USAGE),
        "service-busy": Kind(Category.UNREACHABLE, temporary=True),
        "write-failed": Kind(Category.INTERNAL, temporary=True),
    }
