"""Offers to a member, set on that member's request: by whom and why is remembered."""

from __future__ import annotations

from dataclasses import dataclass

from connector.domain.numbers import mask
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.ports import Offers
from connector.store import resolutions
from connector.store.resolutions import Signature

#: What a member can do about an offer, as the command calls it: the partner's name and value of the state.
STATES = {"saved": ("SAVE", "SAVED"), "unsaved": ("SAVE", "UNSAVED"), "opted_in": ("OPT_IN", "OPTED_IN")}


@dataclass(frozen=True, slots=True)
class Changed:
    """What was set for whom; ``member`` is masked."""

    partner: str
    member: str
    offer: str
    state: str


async def change(
    chain: Chain, partnership: Partnership, offers: Offers, number: str, offer_id: str, state: str, signature: Signature
) -> Changed:
    """Set an offer's state for a member (a canonical number); what was asked for is noted before it is sent."""
    name, value = STATES[state]
    subject = ("offer", "/".join((partnership.name, chain.hasher.lane(partnership.name, number), offer_id, name)))
    asked = f"{value} was asked for, for {mask(number)}"
    async with chain.database.write() as connection:
        await resolutions.remember(connection, subject, asked, signature)
    await offers.change(number, offer_id, name, value)
    async with chain.database.write() as connection:
        await resolutions.remember(connection, subject, f"{value} is set, for {mask(number)}", signature)
    return Changed(partnership.name, mask(number), offer_id, state)
