"""What a device owes without being asked, whenever it is in touch: end what it shows, forget what was lent to it, hand
over what was claimed, let go what waited for an identity, and tell patients that an answer came.

Cheap where there is nothing to do. Each duty stands for itself: one that cannot be done now is tried again, and never
stands in the way of what a person came for.
"""

from __future__ import annotations

from directory.errors import Refusal
from messaging.client.endpoint import Endpoint
from record_bridge.client import exchanges, filing, handing_over, sharing, shown

_DUTIES = (
    *(sharing.end_due, shown.forget_due, handing_over.hand_over),
    *(filing.identify_waiting, exchanges.tell_answers),
)


async def run(endpoint: Endpoint) -> None:
    """After a sync."""
    for duty in _DUTIES:
        try:
            await duty(endpoint)
        except Refusal:
            continue
