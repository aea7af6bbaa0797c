"""A mutation of Uplyft that the settings write, with places for the values of a credit."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from connector.settings.keys import meant
from connector.settings.values import Word, fault

PLACES = (
    "amount",
    "app_id",
    "currency",
    "currency_text",
    "departure",
    "miles",
    "name",
    "reservation",
    "unique_id",
    "wallet",
)
"""The places that the channel can fill; a test holds them against its own."""
_NEEDED = ("wallet", "miles")


def places(document: object) -> set[str]:
    """Return the names of the places in a document; none where it is no text."""
    return set(re.findall(r"\$([A-Za-z_][A-Za-z0-9_]*)", document)) if isinstance(document, str) else set()


def _document(value: str) -> str:
    if not value:
        return value
    found = places(value)
    for name in sorted(found - set(PLACES)):
        close = meant(name, PLACES)
        hint = f"${close}, probably" if close else f"one of {', '.join(f'${each}' for each in PLACES)}"
        raise fault(f'holds the place "${name}", which nothing fills', hint)
    if not found.issuperset(_NEEDED):
        raise fault("holds not both $wallet and $miles", "the mutation that credits miles to a card")
    if not re.search(r"\bcreateEvent\s*\(", value):
        raise fault("does not call createEvent", "the mutation by that name, under which it is answered")
    return value


Document = Annotated[str, AfterValidator(_document), Word("text")]
