"""Whatever happens to a guest's reservations, in whatever order it is read: no miles are lost, none are given twice."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.contract import Contract, Hold
from connector.domain.loyalty import Guest, Membership, Program
from connector.domain.rules import Rule
from connector.domain.stays import OrderItem, Property, Reservation
from connector.jobs.contracts import Partnership
from connector.jobs.deciding import decide_all
from connector.jobs.report import summary
from connector.store import loyalty, neighbours, stays
from connector.store.engine import Database
from connector.store.integrity import examine
from tests.integration.earning.books import Books
from tests.integration.earning.chain import CHAIN_ID, HandClock, chain_for, runner_for
from tests.property.earning.channel import Channel
from tests.property.earning.histories import NIGHTLY
from tests.reference import earning, staying

STORIES = int(os.environ.get("STORIES", "2000")) if NIGHTLY else 30
PLACE = Property("p", "Resort", "resort", "UTC", "EUR")
FIRST = date(2026, 5, 1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ROOM = frozenset({"SpaceOrder"})
CONTRACT = Contract(
    *("partner", "MM", "miles_and_more"),
    (
        Rule("spend", Decimal(1), currency="EUR", items=ROOM),
        Rule("night", Decimal(10), items=ROOM, bonus=3, min_nights=2, cap_stay=150),
    ),
    number_check="off",
    hold=Hold("none"),
    competing=frozenset({"MM"}),
    stitch=True,
    rooms=9,
)
TERMS = (
    earning.Term("spend", Fraction(1), items=ROOM),
    earning.Term("night", Fraction(10), items=ROOM, bonus=3, min_nights=2, cap_stay=150),
)

slots, arrivals, lengths = st.integers(1, 5), st.integers(0, 7), st.integers(0, 3)
states = st.sampled_from(["Processed", "Processed", "Processed", "Started", "Canceled"])
steps = st.one_of(
    st.tuples(st.just("book"), slots, st.sampled_from(["g1", "g1", "g2"]), arrivals, lengths, states),
    st.tuples(st.just("move"), slots, arrivals, lengths),
    st.tuples(st.just("state"), slots, states),
    st.tuples(st.just("charge"), slots, st.sampled_from([0, 1, 40, 77])),
    st.tuples(st.just("read")),
    st.tuples(st.just("read and deliver")),
    st.tuples(st.just("merge")),
)
Step = tuple[str | int, ...]


@dataclass
class Hotel:
    """What Mews holds: reservations by slot, what each cost, and whether the two guests turned out to be one."""

    reservations: dict[int, Reservation] = field(default_factory=dict)
    costs: dict[int, int] = field(default_factory=dict)
    merged: bool = False

    def take(self, step: Step) -> None:
        """Do what happens to the records."""
        match step:
            case ("book", int(slot), str(guest), int(arrival), int(length), str(state)) if slot not in self.costs:
                made = Reservation(
                    *(f"r{slot}", str(slot), "p", "s", state, guest, "Customer", LONG_AGO, LONG_AGO),
                    created=LONG_AGO + timedelta(days=slot),
                    updated=LONG_AGO,
                )
                self.reservations[slot] = _between(made, arrival, length)
                self.costs[slot] = 30 + slot
            case ("move", int(slot), int(arrival), int(length)) if slot in self.costs:
                self.reservations[slot] = _between(self.reservations[slot], arrival, length)
            case ("state", int(slot), str(state)) if slot in self.costs:
                self.reservations[slot] = replace(self.reservations[slot], state=state)
            case ("charge", int(slot), int(cost)) if slot in self.costs:
                self.costs[slot] = cost
            case ("merge",):
                self.merged = True

    def leave(self) -> None:
        """Check out everybody who is in the house."""
        for slot, each in self.reservations.items():
            if each.state == "Started":
                self.reservations[slot] = replace(each, state="Processed")

    def due(self) -> int:
        """Return what all the stays earn."""
        by_guest: dict[str, list[staying.Booking]] = {}
        for slot, each in self.reservations.items():
            if each.state == "Processed":
                days = each.scheduled_start.date(), each.scheduled_end.date()
                booking = staying.Booking(each.id, slot, *days, days[1])
                by_guest.setdefault("g1" if self.merged else each.account_id, []).append(booking)
        every = [stay for own in by_guest.values() for stay in staying.stays(own, 9)]
        return sum(earning.miles([self._room(each) for each in stay], TERMS, {}) for stay in every)

    def _room(self, booking: staying.Booking) -> earning.Room:
        cost = Fraction(self.costs[int(booking.id[1:])])
        charge = earning.Charge(f"i-{booking.id}", "SpaceOrder", cost, cost)
        return earning.Room(booking.arrival, booking.scheduled_departure, booking.left, [charge])

    async def write(self, database: Database, now: datetime) -> None:
        """Store all that there is, as the reading of Mews does."""
        found = [*self.reservations.values()]
        items = [_item(each, self.costs[slot]) for slot, each in self.reservations.items()]
        async with database.write() as connection:
            await stays.save_reservations(connection, found, LONG_AGO, now)
            await stays.save_items(connection, items)
            if self.merged:
                await neighbours.disturb_merged(connection, {"g2": "g1"})
                await loyalty.save_guests(connection, [_guest("g2", "g1")], _no_keys)


def _between(reservation: Reservation, arrival: int, length: int) -> Reservation:
    begin = datetime(FIRST.year, FIRST.month, FIRST.day, 10, tzinfo=UTC) + timedelta(days=arrival)
    return replace(reservation, scheduled_start=begin, scheduled_end=begin + timedelta(days=length))


def _item(reservation: Reservation, cost: int) -> OrderItem:
    amount = Decimal(cost)
    identity = f"i-{reservation.id}"
    return OrderItem(identity, reservation.id, "SpaceOrder", "Closed", "EUR", amount, amount, LONG_AGO)


def _guest(name: str, target: str | None = None) -> Guest:
    return Guest(id=name, active=True, merge_target_id=target, has_ota_email=False, updated=LONG_AGO)


def _no_keys(_guest: Guest) -> dict[str, None]:
    return dict.fromkeys(("email_key", "name_key", "loyalty_key"))


@dataclass
class Office:
    """One connector with its partner."""

    database: Database
    hotel: Hotel
    clock: HandClock
    channel: Channel

    @property
    def partnership(self) -> Partnership:
        return Partnership(CONTRACT, self.channel, "live", "miles")

    async def open(self) -> None:
        self.clock.moment = datetime(2026, 6, 1, tzinfo=UTC)
        async with self.database.write() as connection:
            await loyalty.replace_programs(connection, [Program("p-MM", "MM", "MM", "", "")], [])
            await stays.save_property(connection, PLACE, CHAIN_ID, LONG_AGO, ["s"], LONG_AGO)
            await loyalty.save_guests(connection, [_guest("g1"), _guest("g2")], _no_keys)
            await loyalty.save_memberships(
                connection,
                [Membership(f"m{n}", f"g{n}", "p-MM", "Enrolled", True, number=f"99200000000000{n}") for n in (1, 2)],
            )

    async def take(self, step: Step) -> None:
        self.hotel.take(step)
        self.clock.advance(minutes=5)
        if str(step[0]).startswith("read"):
            await self.work(deliver=step[0] != "read")

    async def work(self, *, deliver: bool) -> None:
        await self.hotel.write(self.database, self.clock.now())
        chain = chain_for(self.database, self.clock)
        await decide_all(chain, [self.partnership])
        if deliver:
            await runner_for(chain, [self.partnership]).run("deliver")
        told = (await summary(chain, ["partner"], [])).stays["partner"]
        assert told["seen"] == sum(number for status, number in told.items() if status != "seen")

    async def settle(self) -> None:
        self.hotel.leave()
        for _ in range(8):
            self.clock.advance(hours=25)
            await self.work(deliver=True)


async def told(url: str, story: Sequence[Step], *, reverses: bool) -> None:
    database = Database(url)
    office = Office(database, Hotel(), HandClock(), Channel(reverses=reverses))
    await office.open()
    for step in story:
        await office.take(step)
    await office.settle()
    books = Books(database)
    assert await examine(database) == []
    given = sum(miles for _, miles, _ in office.channel.given)
    open_ones = [
        status for status, _ in (await books.decisions("partner")).values() if status in {"suspended", "waiting"}
    ]
    if reverses:
        assert open_ones == []
    if not open_ones:
        assert given == office.hotel.due()
    await database.aclose()


def tell(template: Path, story: Sequence[Step], *, reverses: bool) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "connector.db"
        shutil.copyfile(template, file)
        asyncio.run(told(f"sqlite:///{file}", story, reverses=reverses))


@settings(max_examples=STORIES)
@given(story=st.lists(steps, min_size=4, max_size=14))
def test_a_partner_that_takes_miles_back_has_what_the_stays_earn(sqlite_template: Path, story: list[Step]) -> None:
    tell(sqlite_template, story, reverses=True)


@settings(max_examples=STORIES // 2)
@given(story=st.lists(steps, min_size=4, max_size=14))
def test_at_another_every_difference_waits_for_a_person(sqlite_template: Path, story: list[Step]) -> None:
    tell(sqlite_template, story, reverses=False)
