"""A chain of two hotels so small that every record of it can be named, and what happens there from day to day.

Everything that the connector does is wanted at least once: programs and tiers, adds, changes and removals, people who
ask to join, stays of one and of several reservations at four partners, and folios that change after they were paid.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.sandbox.bookings.numbers import collector, miles_and_more
from connector.sandbox.mews.state import State

CHAIN = "chain-1"
CURRENCIES = {"wien": "EUR", "montreal": "CAD"}
PROGRAMS = {"MM": "Miles & More", "AM": "AIR MILES", "QB": "Exchanged miles", "LH": "Earned miles"}
# guest: the partner's program of a card that staff typed
CARDS = {"g1": "MM", "g2": "MM", "g4": "AM", "g5": "AM", "g6": "AM", "g7": "QB", "g8": "QB", "g9": "LH"}
GUESTS = 15
Record = tuple[str, dict[str, Any]]
Post = tuple[str, dict[str, Any]]  # a control endpoint of the sandbox and what it is sent


def wire(moment: datetime) -> str:
    """Write a moment as Mews does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def card(guest: str, program: str) -> str:
    """Return the number of a guest's card."""
    return (collector if program == "AM" else miles_and_more)(int(guest[1:]))


@dataclass(frozen=True, slots=True)
class Desk:
    """The reception: everything as of one moment, which is the noon from which the story counts."""

    noon: datetime

    def ago(self, **parts: float) -> str:
        """Return a moment before the story's noon."""
        return wire(self.noon - timedelta(**parts))

    def property(self, table: str) -> Iterator[Record]:
        """A hotel with its service."""
        opened = self.ago(days=50)
        body = {"Id": f"e-{table}", "ChainId": CHAIN, "Name": table.title(), "CreatedUtc": opened, "UpdatedUtc": opened}
        body["TimeZoneIdentifier"] = "Europe/Vienna" if table == "wien" else "America/Toronto"
        body["AccountingEditableHistoryInterval"] = body["OperationalEditableHistoryInterval"] = "P0M0DT2H0M0S"
        yield "Enterprises", {**body, "_Table": table, "_Currency": CURRENCIES[table]}
        yield "Services", {"Id": f"s-{table}", "EnterpriseId": f"e-{table}"}

    def program(self, code: str, name: str, kind: str = "ExternalPartner") -> Record:
        """A loyalty program."""
        words = {"Name": name, "Code": code, "Type": kind, "Subscription": "Free"}
        return "LoyaltyPrograms", {"Id": f"p-{code}", "ChainId": CHAIN, **words, "_UpdatedUtc": self.ago(days=49)}

    def guest(self, id_: str, **more: Any) -> Record:
        """A guest profile."""
        names = {"FirstName": f"Anna{id_}", "LastName": f"Berger{id_}", "Email": f"{id_}@guests.example"}
        flags = {"IsActive": True, "HasOtaEmail": False, "UpdatedUtc": self.ago(days=30)}
        return "Customers", {"Id": id_, "ChainId": CHAIN, **names, **flags, **more}

    def membership(self, guest: str, program: str, **more: Any) -> Record:
        """A membership as staff typed it."""
        number = {"MembershipNumber": card(guest, program)} if program in PROGRAMS else {}
        body = {"AccountId": guest, "LoyaltyProgramId": f"p-{program}", "State": "Enrolled", "IsPrimary": True}
        times = {"_CreatedUtc": self.ago(days=29), "_UpdatedUtc": self.ago(days=29)}
        return "LoyaltyMemberships", {"Id": f"m-{guest}-{program}", "ChainId": CHAIN, **body, **number, **times, **more}

    def stay(self, id_: str, guest: str, hotel: str, left: float, nights: float = 2, **more: Any) -> Record:
        """A reservation that ended ``left`` days ago."""
        ended = self.ago(days=left)
        times = {
            "CreatedUtc": self.ago(days=20),
            "UpdatedUtc": ended,
            "ScheduledStartUtc": self.ago(days=left + nights),
            "ScheduledEndUtc": ended,
            "ActualEndUtc": ended,
        }
        body = {"ServiceId": f"s-{hotel}", "AccountId": guest, "AccountType": "Customer", "State": "Processed"}
        return "Reservations", {"Id": id_, "Number": f"n-{id_}", **body, **times, **more}

    def charge(self, id_: str, net: float, stay: str, hotel: str, left: float, **more: Any) -> Record:
        """A night on a closed bill, with ten percent of tax."""
        tax, closed = round(net * 0.1, 2), self.ago(days=left)
        code = "CA-GST" if hotel == "montreal" else "AT-10"
        amount = {"NetValue": net, "GrossValue": round(net + tax, 2), "TaxValues": [{"Code": code, "Value": tax}]}
        amount["Currency"] = CURRENCIES[hotel]  # type: ignore[assignment]
        times = {"CreatedUtc": closed, "UpdatedUtc": closed, "ClosedUtc": closed}
        body = {"Type": "SpaceOrder", "AccountingState": "Closed", "ServiceOrderId": stay, "Amount": amount}
        return "OrderItems", {"Id": id_, "EnterpriseId": f"e-{hotel}", **body, **times, **more}

    def paid(self, id_: str, guest: str, hotel: str, left: float, *nets: float, **more: Any) -> Iterator[Record]:
        """A stay with its charges."""
        yield self.stay(id_, guest, hotel, left, **more)
        for number, net in enumerate(nets, 1):
            yield self.charge(f"{id_}-{number}", net, id_, hotel, left)

    def rebate(self, id_: str, net: float, lowers: str, hotel: str) -> Record:
        """A charge lowered, at noon."""
        data = {"Discriminator": "Rebate", "Rebate": {"ProductId": "x", "RebatedItemId": lowers}}
        return self.charge(id_, -net, lowers.rsplit("-", 1)[0], hotel, 0, Type="NightRebate", Data=data)


def begun(noon: datetime) -> Iterator[Record]:
    """The chain as the connector first finds it."""
    desk = Desk(noon)
    for table in CURRENCIES:
        yield from desk.property(table)
    for code, name in PROGRAMS.items():
        yield desk.program(code, name)
    for number in range(1, GUESTS):
        more = {"LoyaltyCode": "N-3"} if number == 3 else {}
        yield desk.guest(f"g{number}", **more)
    for guest, program in CARDS.items():
        yield desk.membership(guest, program)
    yield from _stays(desk)


def _stays(desk: Desk) -> Iterator[Record]:
    yield from desk.paid("s1", "g1", "wien", 3, 200, 35.5)
    yield from desk.paid("s2", "g2", "wien", 4, 90)
    yield from desk.paid("s3", "g3", "wien", 0.03, 310)  # the number comes from the scheme, before the hold ends
    yield from desk.paid("s4", "g2", "wien", 0.02, 120)  # its hold ends after two hours
    yield from desk.paid("a1", "g4", "montreal", 2, 400)
    yield from desk.paid("a2", "g5", "montreal", 3, 260, 80)
    yield from desk.paid("a3", "g6", "montreal", 5, 150)
    yield from desk.paid("a4", "g6", "montreal", 3, 170)  # begins when a3 ends: one stay
    yield from desk.paid("q1", "g7", "wien", 3, 100)
    yield from desk.paid("q2", "g7", "wien", 9, 60)
    yield from desk.paid("q3", "g8", "wien", 2, 75)
    yield from desk.paid("l1", "g9", "wien", 2, 140)
    yield from desk.paid("l2", "g9", "wien", 8, 55)
    yield from desk.paid("x1", "g10", "wien", 2, 70)  # a guest without a card
    yield desk.stay("c1", "g1", "wien", 1, State="Canceled")
    yield from desk.paid("p1", "g1", "wien", 0, 130, State="Started")


def changed(noon: datetime, program: str) -> Sequence[Post]:
    """What reception does on the second day, as the sandbox is told it; ``program`` is the id of the scheme's own."""
    desk = Desk(noon)
    done: list[Post] = [_added(each, desk.ago()) for each in _later_records(desk, program)]
    left = {"State": "Processed", "ActualEndUtc": desk.ago(hours=1)}
    done += [
        _edited("Reservations", "p1", **left),
        _edited("Reservations", "a2", State="Started"),  # the check-out was a mistake
        ("merge", {"source": "g13", "target": "g14", "memberships": "keep"}),
    ]
    return done


def _later_records(desk: Desk, program: str) -> Iterator[Record]:
    yield desk.rebate("s1-9", 50, "s1-1", "wien")
    yield desk.rebate("a1-9", 100, "a1-1", "montreal")
    yield desk.rebate("q1-9", 20, "q1-1", "wien")
    yield desk.rebate("l1-9", 40, "l1-1", "wien")
    yield from desk.paid("a5", "g6", "montreal", 2, 190)  # begins when a4 ends
    yield from desk.paid("q4", "g7", "wien", 0.1, 88)
    yield from desk.paid("l3", "g9", "wien", 0.1, 99)
    yield from desk.paid("s5", "g3", "wien", 0.1, 145, nights=0.5)
    applies = {"State": "Pending", "IsPrimary": False, "_UpdatedUtc": desk.ago(), "LoyaltyProgramId": program}
    yield desk.membership("g12", "ALPEN", **applies)


def _added(record: Record, now: str) -> Post:
    kind, body = record
    return "add", {"kind": kind, "record": {**body, "UpdatedUtc": now} if "UpdatedUtc" in body else body}


def _edited(kind: str, id_: str, **changes: Any) -> Post:
    return "edit", {"kind": kind, "id": id_, "changes": changes}


@dataclass(frozen=True, slots=True)
class Scheme:
    """The members of the chain's own scheme, as its API lists them."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def add_to(self, path: Path) -> None:
        """Write them to the file that the API reads; whom it enrolled by itself stays in it."""
        enrolled = [each for each in json.loads(path.read_text()) if "reference" in each] if path.exists() else []
        path.write_text(json.dumps(self.rows + enrolled))


def member(guest: str, **more: Any) -> dict[str, Any]:
    """The record of a guest who is a member, found by e-mail and names."""
    names = {"first_name": f"Anna{guest}", "last_name": f"Berger{guest}", "email": f"{guest}@guests.example"}
    standing = {"tier": "SILVER", "points": 10, "expires_on": "2030-12-31", "state": "Enrolled"}
    return {"member_id": f"M-{guest}", "number": f"N-{guest[1:]}", **names, **standing, **more}


def members(day: int) -> Scheme:
    """The scheme on the first day (0) and after what happened until the second (1)."""
    nameless = {"first_name": "", "last_name": "", "email": ""}
    rows = [
        member("g1", **nameless, mews_id="g1"),
        member("g2", tier="GOLD" if day else "SILVER"),
        member("g3", **nameless, mm=card("g3", "MM")),
        member("g4", tier="SILVER" if day else "GOLD"),
        member("g6", points=500 if day else 10),
        member("g8"),
        member("g9", state="Enrolled"),
        member("g13"),
    ]
    late = [member("g7", tier="GOLD"), member("g10", mm=card("g10", "MM"))]
    return Scheme([each for each in rows if each["member_id"] != "M-g8"] + late if day else rows)


def load(folder: Path, noon: datetime) -> None:
    """Make the state of a sandbox that has this chain, and the members of its scheme."""
    folder.mkdir(parents=True)
    state = State(folder / "mews.db")
    state.load(begun(noon))
    state.close()
    members(0).add_to(folder / "members.json")
