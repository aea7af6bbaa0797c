"""The members file of the chain's own scheme, made from the same guests, and members who never stayed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from .bookings import Bookings
from .chain import guests
from .guests import Guest
from .names import DOMAINS, FIRST, LAST, plain

COLUMNS = (
    "member_id",
    "number",
    "email",
    "first_name",
    "last_name",
    "tier",
    "points",
    "expires_on",
    "state",
    "mews_id",
)


def members(
    bookings: Bookings, *, today: date, seed: int = 1, guests_extra: int = 0, extra: int = 0
) -> Iterator[dict[str, str]]:
    """Rows of members.csv: one in four guests with an e-mail address, then ``extra`` strangers.

    ``today``, ``seed`` and ``guests_extra`` as given to ``generate`` make both speak of one chain.
    """
    for guest in guests(bookings, today=today, seed=seed, guests_extra=guests_extra):
        if guest.member_by:
            yield _of_guest(guest, today, seed)
    for place in range(extra):
        yield _of_stranger(place, today, seed)


def write_members(
    path: Path, bookings: Bookings, *, today: date, seed: int = 1, guests_extra: int = 0, extra: int = 0
) -> int:
    """Write members.csv (UTF-8, commas, header); the number of members."""
    rows = members(bookings, today=today, seed=seed, guests_extra=guests_extra, extra=extra)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for count, row in enumerate(rows, start=1):  # noqa: B007 - the last count is the answer
            writer.writerow(row)
    return count


def _of_guest(guest: Guest, today: date, seed: int) -> dict[str, str]:
    draw = Random(f"{seed}:member:{guest.number}")
    first, last, email, mews_id = guest.first, guest.last, guest.email, ""
    if guest.member_by == "mews_id":
        email, mews_id = "", guest.id
    elif guest.member_by == "loyalty_code":
        email = ""  # the code on the profile alone leads to the guest
    elif guest.member_by == "other_name":
        first, last = _another(first, FIRST), _another(last, LAST)
    names = {"email": email, "first_name": first, "last_name": last, "mews_id": mews_id}
    return _standing(f"G{guest.number:07}", guest.member_number, today, draw) | names


def _of_stranger(place: int, today: date, seed: int) -> dict[str, str]:
    draw = Random(f"{seed}:stranger:{place}")
    first, last = draw.choice(FIRST), draw.choice(LAST)
    email = f"{plain(first)}.{plain(last)}.m{place}@{draw.choice(DOMAINS)}" if draw.random() < 0.95 else ""
    names = {"email": email, "first_name": first, "last_name": last, "mews_id": ""}
    return _standing(f"S{place:07}", f"AS{place:08}", today, draw) | names


def _standing(member_id: str, number: str, today: date, draw: Random) -> dict[str, str]:
    gold = draw.random() < 0.2
    return {
        "member_id": member_id,
        "number": number,
        "tier": "GOLD" if gold else "SILVER",
        "points": str(draw.randrange(5_000, 40_000) if gold else draw.randrange(0, 5_000)),
        "expires_on": (today + timedelta(days=draw.randint(30, 720))).isoformat(),
        "state": "Enrolled",
    }


def _another(name: str, names: tuple[str, ...]) -> str:
    return names[(names.index(name) + 1) % len(names)]
