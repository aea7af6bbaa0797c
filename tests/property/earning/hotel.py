"""A hotel whose folios change, as the mirror of Mews shows them, and what its guests should have by the reference."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from connector.domain.loyalty import Guest, Membership, Program
from connector.domain.stays import OrderItem, Property, Reservation
from connector.store import facts, loyalty, stays
from connector.store.engine import Database
from tests.reference import earning as reference
from tests.reference.earning import Charge, Room, Term

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BEGIN = datetime(2026, 11, 2, 12, tzinfo=UTC)
EDITABLE = timedelta(days=2)
PLACE = Property("h", "Wien", "wien", "Europe/Vienna", "EUR", EDITABLE)
CHAIN_ID = "chain-1"
_KEYS = {"email_key": None, "name_key": None, "loyalty_key": None}


def number(place: int) -> str:
    """Return a member number."""
    return f"99200000000{place:04}"


@dataclass(slots=True)
class Hotel:
    """Guests, memberships, stays and folios; ``ever`` are the stays that were ever checked out."""

    moment: datetime = BEGIN
    reservations: dict[str, Reservation] = field(default_factory=dict)
    items: dict[str, OrderItem] = field(default_factory=dict)
    memberships: dict[str, Membership] = field(default_factory=dict)
    guests: dict[str, Guest] = field(default_factory=dict)
    rate: Decimal = Decimal("0.66")
    ever: set[str] = field(default_factory=set)
    _numbers: int = 0

    def now(self) -> datetime:
        """Return the time of everybody."""
        return self.moment

    # -- what happens

    def open(self, stay: str, guest: str, currency: str, *, nights: int, checked_out: bool) -> None:
        """A guest with a membership has stayed here until two hours ago; the room is charged."""
        self.guests[guest] = Guest(guest, True, None, False, BEGIN)
        self._enter(guest)
        leaving = BEGIN - 2 * HOUR
        self.reservations[stay] = Reservation(
            *(stay, f"n-{stay}", PLACE.id, "s", "Processed" if checked_out else "Started", guest, "Customer"),
            scheduled_start=leaving - nights * DAY,
            scheduled_end=leaving,
            created=BEGIN - 30 * DAY,
            updated=BEGIN,
            actual_end=leaving,
        )
        self.charge(stay, 30_000, "SpaceOrder", currency)

    def charge(self, stay: str, cents: int, kind: str, currency: str = "", *, is_open: bool = False) -> None:
        """Something is bought; on a bill that is closed at once, or ``is_open`` for now."""
        currency = currency or next(each.currency for each in self.items.values() if each.reservation_id == stay)
        self._item(stay, cents, kind, currency, "Open" if is_open else "Closed", None)

    def charge_openly(self, stay: str, cents: int, kind: str) -> None:
        """Something is bought and not paid yet."""
        self.charge(stay, cents, kind, is_open=True)

    def rebate(self, stay: str, place: int, percent: int) -> None:
        """Part of an item is given back, be that item a rebate itself."""
        lowered = self._chosen(stay, place)
        cents = -int(lowered.gross * percent) if lowered else 0
        if lowered and cents:
            self._item(stay, cents, "NightRebate", lowered.currency, "Closed", lowered.id)

    def cancel(self, stay: str, place: int) -> None:
        """An item is canceled, and with it whatever lowers it."""
        chosen = self._chosen(stay, place)
        doomed = [chosen] if chosen else []
        while doomed:
            item = doomed.pop()
            self.items[item.id] = replace(item, state="Canceled", updated=self.moment)
            doomed += [each for each in self.items.values() if each.lowers_id == item.id and each.state != "Canceled"]

    def close_bills(self, stay: str) -> None:
        """What is open on a folio is paid."""
        for item in self.items.values():
            if item.reservation_id == stay and item.state == "Open":
                self.items[item.id] = replace(item, state="Closed", closed=self.moment, updated=self.moment)

    def turn(self, stay: str, state: str) -> None:
        """A stay is checked out, opened again, or canceled."""
        self.reservations[stay] = replace(self.reservations[stay], state=state, updated=self.moment)

    def renumber(self, place: int) -> None:
        """A member number is typed anew."""
        found = self._membership(place)
        self.memberships[found.id] = found._replace(number=self._number())

    def respell(self, place: int) -> None:
        """A member number is written with blanks."""
        found = self._membership(place)
        bare = (found.number or "").replace(" ", "")
        self.memberships[found.id] = found._replace(number=f"{bare[:4]} {bare[4:]}")

    def reissue(self, place: int) -> None:
        """A membership is deleted and another one entered."""
        found = self._membership(place)
        self.memberships[found.id] = found._replace(deleted=True)
        self._enter(found.account_id)

    def end(self, place: int) -> None:
        """A membership ends."""
        found = self._membership(place)
        self.memberships[found.id] = found._replace(state="Canceled")

    def lose(self, place: int) -> None:
        """A membership is deleted."""
        found = self._membership(place)
        self.memberships[found.id] = found._replace(deleted=True)

    def merge(self, source: int, target: int, fate: str) -> None:
        """A profile is merged into another; its memberships are kept, moved or deleted."""
        names = sorted(self.guests)
        gone, lives = names[source % len(names)], names[target % len(names)]
        if gone == lives or not self.guests[gone].active or not self.guests[lives].active:
            return
        self.guests[gone] = self.guests[gone]._replace(active=False, merge_target_id=lives)
        for each in list(self.memberships.values()):
            if each.account_id == gone and fate != "keep":
                moved = {"account_id": lives} if fate == "move" else {"deleted": True}
                self.memberships[each.id] = each._replace(**moved)

    def exchange(self, percent: int) -> None:
        """The exchange rate changes."""
        self.rate = Decimal(percent) / 100

    # -- what the mirror is told

    async def show(self, database: Database, *, first: bool = False) -> None:
        """Store everything as the readings of Mews would."""
        self.ever |= {each.id for each in self.reservations.values() if each.state == "Processed"}
        async with database.write() as connection:
            if first:
                await facts.hold_chain(connection, CHAIN_ID)
                await loyalty.replace_programs(connection, [Program("p-MM", "MM", "MM", "", "")], [])
                await stays.save_property(connection, PLACE, CHAIN_ID, BEGIN.replace(year=2010), ["s"], BEGIN)
            await stays.save_rates(connection, PLACE.id, self.rates())
            await loyalty.save_guests(connection, self.guests.values(), lambda _guest: _KEYS)
            await loyalty.save_memberships(connection, list(self.memberships.values()), self.moment)
            await stays.save_reservations(connection, self.reservations.values(), BEGIN.replace(year=2010), self.moment)
            await stays.save_items(connection, self.items.values())

    def rates(self) -> dict[tuple[str, str], Decimal]:
        """Return today's rates."""
        return {("CAD", "EUR"): self.rate, ("EUR", "CAD"): Decimal("1.5")}

    # -- what the reference says

    def miles(self, stay: str, terms: tuple[Term, ...], rates: dict[tuple[str, str], Decimal]) -> int:
        """Return what the stay earns as it is."""
        found = self.reservations[stay]
        if found.state != "Processed":
            return 0
        zone = ZoneInfo(PLACE.time_zone)
        arrival, left = (each.astimezone(zone).date() for each in (found.scheduled_start, found.scheduled_end))
        charges = [_charge(each) for each in self.items.values() if each.reservation_id == stay]
        exact = {pair: Fraction(rate) for pair, rate in rates.items()}
        return reference.miles([Room(arrival, left, left, charges)], terms, exact)

    def has_membership(self, stay: str) -> bool:
        """Tell whether the guest of a stay, or who that guest was merged into, has a membership that is active."""
        guest: str | None = self.reservations[stay].account_id
        while guest is not None:
            mine = [each for each in self.memberships.values() if each.account_id == guest and not each.deleted]
            if any(each.state == "Enrolled" for each in mine):
                return True
            guest = self.guests[guest].merge_target_id
        return False

    def settled_at(self, stay: str) -> datetime | None:
        """Return the earliest moment at which the rooms of a folio can be settled; None while one is not paid."""
        rooms = [each for each in self.items.values() if each.reservation_id == stay and each.type == "SpaceOrder"]
        rooms = [each for each in rooms if each.state != "Canceled"]
        if any(each.closed is None for each in rooms):
            return None
        left = self.reservations[stay].departed_at
        return max([left, *(each.closed for each in rooms if each.closed)]) + EDITABLE

    # -- small things

    def _enter(self, guest: str) -> None:
        name = f"m{len(self.memberships)}"
        self.memberships[name] = Membership(name, guest, "p-MM", "Enrolled", True, self._number())

    def _number(self) -> str:
        self._numbers += 1
        return number(self._numbers)

    def _membership(self, place: int) -> Membership:
        return list(self.memberships.values())[place % len(self.memberships)]

    def _chosen(self, stay: str, place: int) -> OrderItem | None:
        mine = [each for each in self.items.values() if each.reservation_id == stay and each.state != "Canceled"]
        return mine[place % len(mine)] if mine else None

    def _item(self, stay: str, cents: int, kind: str, currency: str, state: str, lowers: str | None) -> None:
        gross = Decimal(cents) / 100
        name = f"i{len(self.items):03}"
        self.items[name] = OrderItem(
            *(name, stay, kind, state, currency, gross * Decimal("0.9"), gross, self.moment),
            closed=self.moment if state == "Closed" else None,
            lowers_id=lowers,
        )


def _charge(item: OrderItem) -> Charge:
    return Charge(
        id=item.id,
        kind=item.type,
        net=Fraction(item.net),
        gross=Fraction(item.gross),
        currency=item.currency,
        lowers=item.lowers_id or "",
        canceled=item.state == "Canceled",
    )
