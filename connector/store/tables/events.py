"""What came in by itself: hints from Mews, deposits from partners."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from connector.store.tables.running import ROW_ID


class Hint(SQLModel, table=True):
    """Something that Mews said changed; there for wanting to be looked at, gone when a reading begins."""

    __tablename__ = "hint"

    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    place: str
    received_at: datetime = Field(index=True)


class Deposit(SQLModel, table=True):
    """Miles exchanged for points of the scheme, as a partner told it; ``points`` is a decimal number as text."""

    __tablename__ = "deposit"
    __table_args__ = (UniqueConstraint("partner", "reference"),)

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    partner: str
    reference: str
    member: str
    points: str
    token: str
    at: datetime | None = None
    reverts: str = Field(index=True)
    fault: str
    received_at: datetime
    handed_at: datetime | None = Field(default=None, index=True)
