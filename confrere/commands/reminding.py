"""A gentle reminder of the recovery sheet: after verbs that show, once something was sent, on standard error."""

from __future__ import annotations

from collections.abc import Iterable

from confrere.output import Output
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange


async def remind(endpoint: Endpoint, exchanges: Iterable[Exchange], output: Output) -> None:
    """Not in the way of the first message, and silent once the sheet was confirmed."""
    if endpoint.identity.recovery_confirmed or not await endpoint.recovery_code():
        return
    if any(event.own for exchange in exchanges for event in exchange.events):
        output.note(output.words.say("recovery-reminder"))
