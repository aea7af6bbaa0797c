"""Stays as Mews shows them, and what was decided about each for each partner."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

_DUE = text("due_at IS NOT NULL")  # few decisions have a due time, and each pass asks for those
_COMING = text("seen_processed_at IS NULL")  # those that may still arrive; the others only grow in number


class Property(SQLModel, table=True):
    """A property of the chain (Mews enterprise) and the settings table through which it is reached."""

    __tablename__ = "property"

    id: str = Field(primary_key=True)
    chain_id: str
    table_name: str
    name: str
    time_zone: str
    currency: str
    editable_seconds: int
    day_offset_seconds: int
    created: datetime
    read_at: datetime


class Service(SQLModel, table=True):
    """Which property a Mews service belongs to: reservations name only their service."""

    __tablename__ = "service"

    id: str = Field(primary_key=True)
    property_id: str


class Reservation(SQLModel, table=True):
    """A reservation; ``body`` holds the facts that only rules look at, as JSON.

    ``dirty`` says that something about it changed since it was last decided. From ``near_from`` to ``near_until``
    is its time with a day more on either side: what does not meet that cannot lie beside it on any calendar.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        Index("ix_reservation_dirty_id", "dirty", "id"),
        Index("ix_reservation_near_from", "near_from", sqlite_where=_COMING, postgresql_where=_COMING),
    )

    id: str = Field(primary_key=True)
    property_id: str
    number: str = Field(index=True)
    channel_number: str | None = Field(default=None, index=True)
    state: str
    account_id: str = Field(index=True)
    departed_at: datetime | None = None
    near_from: datetime | None = None
    near_until: datetime | None = None
    updated: datetime
    seen_processed_at: datetime | None = None
    items_complete: bool = False
    dirty: bool
    body: str


class OrderItem(SQLModel, table=True):
    """An order item of a reservation, as JSON."""

    __tablename__ = "order_item"

    id: str = Field(primary_key=True)
    order_id: str = Field(index=True)
    updated: datetime
    body: str


class Companion(SQLModel, table=True):
    """A guest who comes along on a company's reservation; one who no longer does is not ``present``."""

    __tablename__ = "companion"

    reservation_id: str = Field(primary_key=True)
    customer_id: str = Field(primary_key=True)
    first_at: datetime
    present: bool


class Decision(SQLModel, table=True):
    """What was decided about a reservation for one partner, with its explanation (JSON)."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_partner_due_at", "partner", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_decision_partner_status", "partner", "status"),
        Index("ix_decision_partner_root_id", "partner", "root_id"),
    )

    partner: str = Field(primary_key=True)
    reservation_id: str = Field(primary_key=True)
    root_id: str
    status: str
    reason: str
    text: str
    due_at: datetime | None = None
    decided_at: datetime
    explanation: str
