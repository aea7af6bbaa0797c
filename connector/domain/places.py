"""At which property an award is told to the partner when its reservation was moved to another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connector.domain.awards import Kind, Message
from connector.domain.contract import Contract


def told(message: Message, before: Sequence[Message], contract: Contract) -> Message:
    """Return a credit as it can be told: at the last property that had a location code, if its own has none.

    ``before`` are the award's earlier messages. The credit that it replaces was taken at that property, and miles that
    are taken back there must be given again there.
    """
    places = contract.location_keys
    if places is None or not places.isdisjoint(message.credit.property_keys):
        return message
    earlier = sorted((each for each in before if each.kind is Kind.CREDIT), key=lambda each: each.revision)
    for each in reversed(earlier):
        if not places.isdisjoint(each.credit.property_keys):
            where = {"property_id": each.credit.property_id, "property_keys": each.credit.property_keys}
            return replace(message, credit=replace(message.credit, **where))  # type: ignore[arg-type]
    return message
