"""Months that were closed, with the figures that they were closed with."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel


class Closing(SQLModel, table=True):
    """A closed month (its first day); every month before the last closed one is closed."""

    __tablename__ = "closing"

    month: date = Field(primary_key=True)
    closed_at: datetime
    closed_by: str


class ClosedFigures(SQLModel, table=True):
    """What a closed month came to for a partner, property and currency. ``figures`` is JSON.

    ``adjustment``: about stays of months that were closed before. ``price`` is what a mile cost then, as text.
    """

    __tablename__ = "closed_figures"

    month: date = Field(primary_key=True, foreign_key="closing.month")
    partner: str = Field(primary_key=True)
    property_id: str = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    adjustment: bool = Field(primary_key=True)
    figures: str
    price: str | None = None
