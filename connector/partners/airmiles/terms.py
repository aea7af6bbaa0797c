"""What the contract with AIR MILES fixes, and how the partner wants written what its documents leave open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

Tax = Literal["GST", "HST", "PST", "QST"]


@dataclass(frozen=True, slots=True)
class Reversals:
    """How a reversal says what it takes back; the samples show positive miles, and nothing of the rest is published.

    ``identifier``: its transaction id is its own, or that of the credit; ``credit_field``: a field that holds the
    credit's (empty: none).
    """

    sign: Literal["positive", "negative"] = "positive"
    identifier: Literal["own", "credit"] = "own"
    credit_field: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The offer, a location code per property, the taxes' names, and what is written as this partner was told.

    ``locations`` are by property table, enterprise id or enterprise name; ``taxes`` by Mews tax code; ``offer_ids`` by
    offer code, written as numbers where ``numeric``. ``event_time`` is the field that holds the time of an event.
    ``extra`` are fields of every request that never change. ``maintenance`` is how long nothing is sent after 503, and
    ``record`` whether RECORD may be sent.
    """

    offer_code: str
    locations: Mapping[str, str]
    taxes: Mapping[str, Tax] = field(default_factory=dict)
    event_time: str = ""
    offer_ids: Mapping[str, str] = field(default_factory=dict)
    numeric: bool = False
    device_id: str = ""
    extra: Mapping[str, str | int] = field(default_factory=dict)
    reversals: Reversals = Reversals()
    maintenance: timedelta = timedelta(minutes=5)
    record: bool = False
