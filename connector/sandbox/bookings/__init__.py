"""Real bookings turned into a Mews chain of two hotels, with guests made up.

``extract.csv.gz`` is a part of the published data; ``ATTRIBUTION.md`` says whose. ``load`` reads it, or any
file of its format; ``generate`` yields the records of the chain, ``members`` the rows of its scheme's file.
"""

from __future__ import annotations

from .bookings import EXTRACT, Booking, BookingError, Bookings, load
from .chain import generate
from .members import members, write_members
from .properties import CHAIN_ID, CHAIN_NAME, PROPERTIES, Property

__all__ = [
    "CHAIN_ID",
    "CHAIN_NAME",
    "EXTRACT",
    "PROPERTIES",
    "Booking",
    "BookingError",
    "Bookings",
    "Property",
    "generate",
    "load",
    "members",
    "write_members",
]
