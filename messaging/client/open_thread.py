"""A thread as the intake has it in hand: what is kept of it, and its epochs."""

from __future__ import annotations

from dataclasses import dataclass

from messaging.profile.threads import KeptEpoch, KeptThread
from messaging.wire.epoch import EpochCommit


@dataclass(slots=True)
class OpenThread:
    """A thread in hand: what is kept of it, and its epochs by number."""

    kept: KeptThread
    epochs: dict[int, KeptEpoch]

    @property
    def latest(self) -> KeptEpoch:
        return self.epochs[max(self.epochs)]

    def by_id(self, epoch_id: bytes) -> KeptEpoch | None:
        return next((kept for kept in self.epochs.values() if kept.commit.id == epoch_id), None)

    def commits(self) -> dict[int, EpochCommit]:
        return {number: kept.commit for number, kept in self.epochs.items()}

    def secrets(self) -> dict[int, bytes]:
        return {number: kept.tes for number, kept in self.epochs.items() if kept.tes is not None}
