"""A stay as Mews tells it: one reservation with its order items, its property and the memberships of its
owner.

Every ``datetime`` is aware and UTC; every amount is a ``Decimal`` in the currency that stands beside it;
states and types are Mews's own words (``reservations/getAll/2023-06-06``, ``orderItems/getAll``), whose
lists are open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from connector.domain.offers import Told

OWNER, BOOKER = "owner", "booker"
NOBODY = ""  # the seat of a company's stay in which nobody is known who could earn


@dataclass(frozen=True, slots=True)
class Property:
    """A Mews enterprise. ``table`` is its name in our settings, ``time_zone`` an IANA name, ``currency``
    ISO 4217.

    ``editable`` is the longer of the two editable history intervals, ``day_offset`` the time after midnight
    at which the business day closes.
    """

    id: str
    name: str
    table: str
    time_zone: str
    currency: str
    editable: timedelta = timedelta(0)
    day_offset: timedelta = timedelta(0)

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the names under which settings may know the property."""
        return (self.table, self.id, self.name)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A reservation of one room; ``account_type`` is Customer or Company."""

    id: str
    number: str
    property_id: str
    service_id: str
    state: str
    account_id: str
    account_type: str
    scheduled_start: datetime
    scheduled_end: datetime
    created: datetime
    updated: datetime
    actual_start: datetime | None = None
    actual_end: datetime | None = None
    booker_id: str | None = None
    group_id: str | None = None
    rate_id: str | None = None
    segment_id: str | None = None
    agency_id: str | None = None
    company_id: str | None = None
    block_id: str | None = None
    origin: str | None = None
    channel_number: str | None = None

    @property
    def departed_at(self) -> datetime:
        """Return the moment of check-out; the scheduled one where Mews names no actual one."""
        return self.actual_end or self.scheduled_end


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One charge or rebate. ``state`` is its accounting state: Open, Closed, Inactive or Canceled.

    ``reservation_id`` is its order: the reservation, or a product service order that is linked to it.
    ``lowers_id`` is the item that this one lowers: ``Data.Rebate.RebatedItemId`` or
    ``Data.AllowanceDiscount.DiscountedOrderItemId``. ``bookkeeping`` marks what is no purchase although its
    type may look like one: allowance products (``Data.Product.ProductType`` Allowance) and allowance
    profits.
    """

    id: str
    reservation_id: str
    type: str
    state: str
    currency: str
    net: Decimal
    gross: Decimal
    updated: datetime
    taxes: tuple[tuple[str, Decimal], ...] = ()
    revenue_type: str | None = None
    category_id: str | None = None
    service_id: str | None = None
    bill_id: str | None = None
    consumed: datetime | None = None
    closed: datetime | None = None
    lowers_id: str | None = None
    bookkeeping: bool = False


@dataclass(frozen=True, slots=True)
class ProductOrder:
    """An order of a restaurant, spa and the like; its items count like those of the reservation it is linked to."""

    id: str
    reservation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """The bill that an item stands on: its account pays. A closed Receipt is paid in full; an Invoice once ``paid``.

    ``fault`` says why a bill cannot be read; nothing else is known of it then.
    """

    id: str
    account_id: str
    state: str
    type: str
    paid: datetime | None = None
    fault: str = ""

    @classmethod
    def unread(cls, id_: str, fault: str) -> Bill:
        """Return a bill that cannot be read."""
        return cls(id_, "", "", "", fault=fault)

    @property
    def is_paid(self) -> bool:
        """Tell whether nothing is owed any more."""
        return self.state == "Closed" and (self.type == "Receipt" or self.paid is not None)


@dataclass(frozen=True, slots=True)
class Holder:
    """The account that owns the stay, with Mews's classifications of it (Staff, PaymasterAccount, ...).

    One that does not ``share`` opted out, here or in the scheme: partners are told nothing of its stays.
    ``promised`` are the programs in which the scheme knows a number of the person that Mews does not have yet.
    """

    account_id: str
    classifications: frozenset[str] = frozenset()
    share: bool = True
    promised: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Membership:
    """A loyalty membership of the owner, in any program and state but deleted; ``number`` as it was typed."""

    id: str
    program_code: str
    number: str | None
    state: str
    is_primary: bool
    expires: date | None = None
    tier_code: str | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """Everything that decides what one reservation earns one person, or several that are one stay.

    ``parts`` are those several: ``reservation`` then tells of all of them together, under the name of their root.

    ``seat`` says as whom: the owner, the booker, or a companion (the customer id as first seen). ``holder`` and
    ``memberships`` are that person's.
    ``visited`` is the reservation of another room by which the person's visit earns already.
    ``source_id`` is the primary one of the reservation's sources, "" where there is none, None where nobody knows.
    ``elsewhere`` names the partners whose miles somebody else gave for it, ``erased`` those at which it was awarded to
    somebody who was erased since. ``rates`` holds exchange rates by (source,
    target) currency: one unit of source is that many of target.
    ``bills`` are those of the items, by id, as far as a contract asks for them; their accounts are the profiles that
    live after merges.
    ``opt_ins`` is what the partner that is decided for said of members' opt-ins, as far as it was asked.
    """

    reservation: Reservation
    items: tuple[OrderItem, ...]
    property: Property
    holder: Holder
    memberships: tuple[Membership, ...] = ()
    rates: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    seat: str = OWNER
    elsewhere: frozenset[str] = frozenset()
    erased: frozenset[str] = frozenset()
    source_id: str | None = None
    bills: Mapping[str, Bill] = field(default_factory=dict)
    opt_ins: Told = field(default_factory=dict)
    visited: str = ""
    parts: tuple[Stay, ...] = ()
