"""A guest as reception sees it: the profile, its memberships, its stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from connector.sandbox.mews.filters import Filter, among, visible
from connector.sandbox.mews.records import Record
from connector.sandbox.mews.state import State

# The plus takes the column's affinity away, without which the index on the expression is not used.
_HOLDS = (
    'EXISTS (SELECT 1 FROM "LoyaltyMemberships" AS held WHERE held.deleted IS NULL'
    " AND json_extract(held.body, '$.AccountId') = +\"Customers\".id)"
)
_NAMES = " || ' ' || ".join(
    f"coalesce(json_extract(body, '$.{name}'), '')" for name in ("FirstName", "LastName", "Email", "LoyaltyCode")
)


@dataclass(frozen=True, slots=True)
class Held:
    """A membership with the names of its program and tier."""

    record: Record
    program: str
    tier: str | None


@dataclass(frozen=True, slots=True)
class Stay:
    """A reservation of the guest, its days local to the property; ``role`` is Owner or Companion."""

    record: Record
    hotel: str
    arrival: datetime
    departure: datetime
    role: str

    @property
    def nights(self) -> int:
        """The booked nights."""
        return (self.departure.date() - self.arrival.date()).days


@dataclass(frozen=True, slots=True)
class Profile:
    """All that one page shows."""

    guest: Record
    memberships: list[Held]
    stays: list[Stay]


def profile(state: State, id_: str) -> Profile | None:
    """Return a guest's profile, None when there is no such guest."""
    if (guest := state.named("Customers", [id_]).get(id_)) is None:
        return None
    return Profile(guest, held(state, [id_]).get(id_, []), _stays(state, id_))


def found(state: State, words: str, limit: int = 60) -> list[Record]:
    """Return guests by part of name, e-mail or code, or by member number; members first."""
    filters = [visible(None), *_matching(state, words)]
    members = state.first("Customers", [Filter(_HOLDS), *filters], limit)
    others = state.first("Customers", [Filter(f"NOT {_HOLDS}"), *filters], limit - len(members))
    return members + others


def _matching(state: State, words: str) -> list[Filter]:
    if not words:
        return []
    numbered = state.every("LoyaltyMemberships", [among("MembershipNumber", [words], narrow=True)])
    if numbered:
        return [among("Id", {record.body["AccountId"] for record in numbered}, narrow=True)]
    first_word = words.split(maxsplit=1)[0]
    return [Filter(f"body LIKE ? AND {_NAMES} LIKE ?", (f"%{first_word}%", f"%{words}%"))]


def held(state: State, guests: Iterable[str]) -> Mapping[str, list[Held]]:
    """Return the active memberships of each guest."""
    memberships = state.every("LoyaltyMemberships", [visible(None), among("AccountId", guests, narrow=True)])
    programs = _names(state, "LoyaltyPrograms", (record.body["LoyaltyProgramId"] for record in memberships))
    tiers = _names(state, "LoyaltyTiers", (record.body.get("LoyaltyTierId") for record in memberships))
    by_guest: dict[str, list[Held]] = {}
    for record in memberships:
        body = record.body
        item = Held(record, programs.get(body["LoyaltyProgramId"], "?"), tiers.get(body.get("LoyaltyTierId", "")))
        by_guest.setdefault(body["AccountId"], []).append(item)
    return by_guest


def _names(state: State, kind: str, ids: Iterable[str | None]) -> dict[str, str]:
    wanted = {id_ for id_ in ids if id_ is not None}
    return {id_: str(record.body["Name"]) for id_, record in state.named(kind, wanted).items()}


def _stays(state: State, guest: str) -> list[Stay]:
    own = state.every("Reservations", [among("AccountId", [guest], narrow=True)])
    companionships = state.every("Companionships", [among("CustomerId", [guest], narrow=True)])
    others = {record.body.get("ReservationId") for record in companionships} - {record.id for record in own}
    joined = state.named("Reservations", (id_ for id_ in others if id_ is not None))
    hotels = {record.id: record for record in state.every("Enterprises")}
    stays = [_stay(record, hotels, "Owner") for record in own]
    stays += [_stay(record, hotels, "Companion") for record in joined.values()]
    return sorted(stays, key=lambda stay: stay.arrival, reverse=True)


def _stay(record: Record, hotels: Mapping[str, Record], role: str) -> Stay:
    hotel = hotels[record.owner or ""].body
    zone = ZoneInfo(hotel["TimeZoneIdentifier"])
    arrival, departure = (
        datetime.fromisoformat(record.body[name]).astimezone(zone) for name in ("ScheduledStartUtc", "ScheduledEndUtc")
    )
    return Stay(record, hotel["Name"], arrival, departure, role)
