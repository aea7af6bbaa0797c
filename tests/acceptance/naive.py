"""What every stay should earn, computed the slow and plain way from the hotels' records.

Written from the rules in words alone, and sharing no code with the connector: were one thought wrong in both, two
people would have had to make the same mistake. Amounts are exact; miles are rounded down once per stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Record = Mapping[str, Any]
LOOKS_ACTIVE = ("Enrolled", "New", "Pending")
PARTNER_PROGRAMS = ("MM", "AM")
NOBODYS = {"Staff", "PaymasterAccount"}
CAP = 10_000


@dataclass(frozen=True)
class Terms:
    """A contract in the words of this computation: ``each`` units of ``currency`` are worth one mile."""

    program: str
    currency: str
    amount: str  # NetValue or GrossValue
    each: Decimal
    settled: bool
    cities: frozenset[str]
    number: Callable[[str], bool]
    start: date
    max_age: timedelta


def miles_and_more(start: date, max_age: timedelta) -> Terms:
    """A mile per euro, tax included, in both hotels, once the bill is settled."""
    both = frozenset({"wien", "montreal"})
    return Terms("MM", "EUR", "GrossValue", Decimal(1), True, both, is_miles_and_more, start, max_age)


def air_miles(start: date, max_age: timedelta) -> Terms:
    """A mile per 20 dollars before tax, in Montréal, at once."""
    montreal = frozenset({"montreal"})
    return Terms("AM", "CAD", "NetValue", Decimal(20), False, montreal, is_air_miles, start, max_age)


def is_miles_and_more(digits: str) -> bool:
    """15 digits; the last one is not checked, but for beginning like a payment card of 15."""
    return re.fullmatch(r"[0-9]{15}", digits) is not None and digits[:2] not in ("34", "37")


def is_air_miles(digits: str) -> bool:
    """11 digits beginning with 8."""
    return re.fullmatch(r"8[0-9]{10}", digits) is not None


class Hotels:
    """The records of the chain, as dictionaries by what one asks for."""

    def __init__(self, read: Callable[[str], Iterable[Record]]) -> None:
        self.enterprises = {each["Id"]: each for each in read("Enterprises")}
        self.service = {each["Id"]: each["EnterpriseId"] for each in read("Services")}
        self.rate = {
            (each["EnterpriseId"], each["SourceCurrency"], each["TargetCurrency"]): each["Value"]
            for each in read("ExchangeRates")
        }
        self.customers = {each["Id"]: each for each in read("Customers")}
        self.program = {each["Id"]: each["Code"] for each in read("LoyaltyPrograms")}
        self.cards = grouped((each for each in read("LoyaltyMemberships") if not each["_Deleted"]), "AccountId")
        self.items = grouped(read("OrderItems"), "ServiceOrderId")
        self.rooms = [each for each in read("Reservations") if each["State"] in ("Processed", "Started", "Confirmed")]
        self.stays = [each for each in self.rooms if each["State"] == "Processed"]

    def earn(self, terms: Terms, now: datetime) -> dict[str, tuple[str, int]]:
        """Return member number and miles by reservation, for those that earn any as of ``now``."""
        further = self._further_rooms(terms, now)
        found = {stay["Id"]: self._earns(stay, terms, now) for stay in self.stays if stay["Id"] not in further}
        return {stay: earned for stay, earned in found.items() if earned is not None}

    def _further_rooms(self, terms: Terms, now: datetime) -> set[str]:
        """Return the rooms of guests who have another one at the same time, which was booked first and can earn."""
        further: set[str] = set()
        taken: dict[tuple[str, str], list[tuple[date, date]]] = {}
        for room in sorted(self.rooms, key=lambda each: (when(each["CreatedUtc"]), each["Id"])):
            if room["AccountType"] != "Customer":
                continue
            hotel = self.enterprises[self.service[room["ServiceId"]]]
            left = when(room.get("ActualEndUtc") or room["ScheduledEndUtc"])
            arrival = day(when(room["ScheduledStartUtc"]), hotel)
            end = max(arrival, day(min(left, when(room["ScheduledEndUtc"])), hotel))
            own = taken.setdefault((self._living(room["AccountId"])["Id"], hotel["Id"]), [])
            if any((begin < end and arrival < until) or (begin, until) == (arrival, end) for begin, until in own):
                further.add(room["Id"])
            elif self._takes_a_place(room, terms, now):
                own.append((arrival, end))
        return further

    def _takes_a_place(self, room: Record, terms: Terms, now: datetime) -> bool:
        if room["State"] != "Processed":
            return room["State"] == "Started" or when(room["ScheduledEndUtc"]) > now
        charged = room_charges(self.items.get(room["Id"], []))
        paid = sum((worth(item, "GrossValue") for item in charged), Decimal(0)) > 0
        guest = self._living(room["AccountId"])
        return paid and self._qualifies(room, terms, now) and not NOBODYS & set(guest["Classifications"])

    def _qualifies(self, stay: Record, terms: Terms, now: datetime) -> bool:
        """Tell whether the contract is for such a stay, whoever made it and whatever was paid."""
        hotel = self.enterprises[self.service[stay["ServiceId"]]]
        left = when(stay.get("ActualEndUtc") or stay["ScheduledEndUtc"])
        departure, today = day(left, hotel), day(now, hotel)
        if departure < terms.start or today - departure > terms.max_age or hotel["_Table"] not in terms.cities:
            return False
        if stay["AccountType"] != "Customer" or stay.get("TravelAgencyId"):
            return False
        last = day(min(left, when(stay["ScheduledEndUtc"])), hotel)
        return (last - day(when(stay["ScheduledStartUtc"]), hotel)).days >= 1

    def seen_since(self, moment: datetime) -> int:
        """Return how many checked-out reservations changed since."""
        return sum(when(stay["UpdatedUtc"]) >= moment for stay in self.stays)

    def _earns(self, stay: Record, terms: Terms, now: datetime) -> tuple[str, int] | None:
        hotel = self.enterprises[self.service[stay["ServiceId"]]]
        left = when(stay.get("ActualEndUtc") or stay["ScheduledEndUtc"])
        charged = room_charges(self.items.get(stay["Id"], []))
        judged = settled(charged, left, hotel, now) if terms.settled else now
        if judged is None or not self._qualifies(stay, terms, now):
            return None
        number = self._number(stay, terms, day(judged, hotel))
        miles = self._miles(charged, terms, hotel)
        return (number, miles) if number and miles > 0 else None

    def _number(self, stay: Record, terms: Terms, judged: date) -> str | None:
        guest = self._living(stay["AccountId"])
        if NOBODYS & set(guest["Classifications"]):
            return None
        active = [card for card in self.cards.get(guest["Id"], []) if self._is_active(card, judged)]
        own = [card for card in active if self.program[card["LoyaltyProgramId"]] == terms.program]
        if len(own) != 1 or not (len(active) == 1 or [card for card in active if card["IsPrimary"]] == own):
            return None
        typed = own[0].get("MembershipNumber") or ""
        digits = re.sub(r"[\s-]", "", typed)
        return digits if terms.number(digits) else None

    def _living(self, account: str) -> Record:
        guest = self.customers[account]
        while guest.get("MergeTargetId"):
            guest = self.customers[guest["MergeTargetId"]]
        return guest

    def _is_active(self, card: Record, judged: date) -> bool:
        if self.program[card["LoyaltyProgramId"]] not in PARTNER_PROGRAMS or card["State"] not in LOOKS_ACTIVE:
            return False
        return not card.get("ExpirationDate") or date.fromisoformat(card["ExpirationDate"]) >= judged

    def _miles(self, charged: list[Record], terms: Terms, hotel: Record) -> int:
        room = sum((worth(item, "GrossValue") for item in charged), Decimal(0))
        if room <= 0:
            return 0
        spent = Decimal(0)
        for item in charged:
            own = item["Amount"]["Currency"]
            factor = Decimal(1) if own == terms.currency else self.rate[hotel["Id"], own, terms.currency]
            spent += worth(item, terms.amount) * factor
        return min(int(max(spent, Decimal(0)) / terms.each), CAP)


def grouped(records: Iterable[Record], name: str) -> dict[str, list[Record]]:
    """Return records by one of their properties."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record[name], []).append(record)
    return groups


def when(text: str) -> datetime:
    """Return a moment."""
    return datetime.fromisoformat(text).astimezone(UTC)


def day(moment: datetime, hotel: Record) -> date:
    """Return the hotel's business day: it closes some hours after midnight."""
    wall = moment.astimezone(ZoneInfo(hotel["TimeZoneIdentifier"])).replace(tzinfo=None)
    return (wall - span(hotel["BusinessDayClosingOffset"])).date()


def span(text: str) -> timedelta:
    """Return a duration such as P0M7DT0H0M0S; those of the rehearsal have no months."""
    found = re.fullmatch(r"P0M(\d+)DT(\d+)H(\d+)M(\d+)S", text)
    assert found, text
    days, hours, minutes, seconds = map(int, found.groups())
    return timedelta(days, seconds, hours=hours, minutes=minutes)


def room_charges(items: list[Record]) -> list[Record]:
    """Return the nights, and whatever lowers a night, or lowers what lowers a night, and so on."""
    nights = {
        item["Id"]: item for item in items if item["Type"] == "SpaceOrder" and item["AccountingState"] != "Canceled"
    }
    found = dict(nights)
    while True:
        lower = {
            item["Id"]: item
            for item in items
            if item["Id"] not in found and lowered(item) in found and item["AccountingState"] != "Canceled"
        }
        if not lower:
            return list(found.values())
        found |= lower


def lowered(item: Record) -> str | None:
    """Return the item that this one lowers."""
    found: str | None = item.get("Data", {}).get("Rebate", {}).get("RebatedItemId")
    return found


def worth(item: Record, amount: str) -> Decimal:
    """Return an amount; what stayed inactive is worth nothing."""
    found: Decimal = item["Amount"][amount]
    return Decimal(0) if item["AccountingState"] == "Inactive" else found


def settled(charged: list[Record], left: datetime, hotel: Record, now: datetime) -> datetime | None:
    """Return when the bill could change no more, if it is closed and that moment has passed."""
    states = {item["AccountingState"] for item in charged}
    if "Open" in states or "Closed" not in states:
        return None
    closings = [when(item["ClosedUtc"]) for item in charged if item["AccountingState"] == "Closed"]
    editable = max(span(hotel[f"{kind}EditableHistoryInterval"]) for kind in ("Accounting", "Operational"))
    end = max(left, *closings) + editable
    return end if end <= now else None
