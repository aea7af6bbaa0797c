"""Memberships of the partners' programs that staff typed into guest profiles, good numbers and bad.

Miles & More is at home in Wien, AIR MILES in Montréal. Membership records carry no times: these stand in side
keys for the server.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Literal

from .clock import Clock, stamp
from .guests import Guest
from .identity import identity
from .numbers import collector, in_blocks, miles_and_more, mistyped, wrong_digit
from .properties import CHAIN_ID, WIEN

Program = Literal["MM", "AM"]
NAMES: dict[Program, str] = {"MM": "Miles & More", "AM": "AIR MILES"}
SHARES: dict[bool, dict[Program, float]] = {True: {"MM": 0.36, "AM": 0.05}, False: {"MM": 0.08, "AM": 0.32}}
BY_AGENCY = 0.25
PERSONAL = {"Discriminator": "Personal"}


@dataclass(frozen=True, slots=True)
class Card:
    program: Program
    number: str
    state: str
    expires: date | None


def program_id(program: Program) -> str:
    return identity("program", program)


def programs(clock: Clock) -> Iterator[tuple[str, dict[str, Any]]]:
    """The partners' programs; the chain's own is for the connector to make."""
    opened = stamp(clock.opened)
    for program, name in NAMES.items():
        record = {"Id": program_id(program), "ChainId": CHAIN_ID, "Code": program, "Name": name}
        record |= {"Type": "ExternalPartner", "Subscription": "Free"}
        yield "LoyaltyPrograms", record | {"_CreatedUtc": opened, "_UpdatedUtc": opened}


def memberships(guest: Guest, clock: Clock, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """What staff entered for a guest, minutes after the profile was made and so before any stay."""
    if guest.merged_into:
        return
    draw = Random(f"{seed}:cards:{guest.number}")
    cards = list(_cards(guest, clock, draw))
    entered = stamp(clock.past(guest.since + timedelta(minutes=draw.randint(5, 110))))
    flags = _primary(len(cards), draw.random())
    for card, primary in zip(cards, flags, strict=True):
        times = {"_CreatedUtc": entered, "_UpdatedUtc": entered}
        yield "LoyaltyMemberships", _record(guest, card, primary) | times


def _record(guest: Guest, card: Card, primary: bool) -> dict[str, Any]:
    record: dict[str, Any] = {
        "Id": identity("membership", guest.number, card.program),
        "ChainId": CHAIN_ID,
        "AccountId": guest.id,
        "LoyaltyProgramId": program_id(card.program),
        "MembershipNumber": card.number,
        "State": card.state,
        "IsPrimary": primary,
        "CreatorProfile": dict(PERSONAL),
        "UpdaterProfile": dict(PERSONAL),
    }
    return record | ({"ExpirationDate": card.expires.isoformat()} if card.expires else {})


def _cards(guest: Guest, clock: Clock, draw: Random) -> Iterator[Card]:
    for program, share in SHARES[guest.home is WIEN].items():
        if draw.random() < share * (1 if guest.own else BY_AGENCY):
            number = miles_and_more(guest.number) if program == "MM" else collector(guest.number)
            state = draw.choices(("Enrolled", "New", "Pending", "Canceled", "Declined"), (91, 3, 2, 3, 1))[0]
            yield Card(program, _typed(number, draw), state, _expiry(clock.now.date(), draw))


def _typed(number: str, draw: Random) -> str:
    """As staff typed it: nearly always right, at times in blocks."""
    chance = draw.random()
    if chance < 0.02:
        return mistyped(number, draw.randrange(4))
    if chance < 0.04:
        return wrong_digit(number)
    return in_blocks(number) if chance < 0.16 else number


def _expiry(today: date, draw: Random) -> date | None:
    chance = draw.random()
    if chance < 0.02:
        return today - timedelta(days=draw.randint(500, 900))
    return today + timedelta(days=draw.randint(200, 900)) if chance < 0.15 else None


def _primary(count: int, chance: float) -> tuple[bool, ...]:
    """One of several is flagged, but for a few guests none or all; a single one nearly always is."""
    if chance < 0.06:
        return (False,) * count
    if chance < 0.12:
        return (True,) * count
    return tuple(place == int(chance * 1000) % count for place in range(count))
