"""Every size and count limit of CP1 in one table (docs/spec/limits.md is checked against it)."""

from __future__ import annotations

from typing import Final

MAX_EVENT: Final = 1024 * 1024  # octets of a sealed event
MAX_BODY: Final = MAX_EVENT - 20 * 1024  # with the longest meta and its padding it still fits in an event
MAX_MANIFESTS: Final = 50
MAX_MEMBERS: Final = 256
MAX_COMMIT: Final = 64 * 1024
MAX_EPOCH_WRAP: Final = 64 * 1024
MAX_HISTORY: Final = 1024  # earlier epoch secrets in one wrap
MAX_EVENTS_IN_SUBMISSION: Final = 16
MAX_SUBMISSION: Final = 4 * 1024 * 1024
CHUNK: Final = 1024 * 1024  # octets of plaintext in a blob chunk
SEALED_CHUNK: Final = CHUNK + 16
MAX_BLOB_CHUNKS: Final = 2048
MAX_FRAME: Final = MAX_SUBMISSION + 1024
MAX_CURSORS: Final = 1024
RECENT_ITEMS: Final = 100  # items of a page of what is newest
PAGE_ITEMS: Final = 256
PAGE_OCTETS: Final = 4 * 1024 * 1024
CLOCK_SKEW: Final = 5 * 60 * 1000  # ms a claimed time may lie ahead of the service's clock
