"""One sentence about e-mails that did not arrive, for verbs that a person uses anyway; on standard error."""

from __future__ import annotations

from confrere.commands import views
from confrere.output import Output
from confrere.words.catalogue import Words
from directory.errors import Refusal
from messaging.client import notices
from messaging.client.endpoint import Endpoint
from messaging.client.notices import Returned


async def tell(endpoint: Endpoint, output: Output) -> None:
    """About the profile's own mailbox, once connected. No verb fails for it."""
    mailbox = endpoint.identity.mailbox
    if mailbox not in endpoint.keyring.ordinary():
        return
    try:
        _, returned = await notices.standing(endpoint.service, mailbox)
    except Refusal:
        return
    if returned is not None:
        output.note(sentence(returned, output.words))


def sentence(returned: Returned, words: Words) -> str:
    said = "notices-suspended" if returned.suspended else "notices-returned"
    return words.say(said, when=views.local(returned.time, words), status=returned.status)
