"""What belongs to the order items of stays: the bills that they stand on."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel


class Bill(SQLModel, table=True):
    """A bill that items of a stay stand on, where a partner's contract asks who pays or whether it is paid.

    ``fault`` says why one could not be read; "" for one that was.
    """

    __tablename__ = "bill"

    id: str = Field(primary_key=True)
    account_id: str
    state: str
    type: str
    paid: datetime | None = None
    fault: str = ""


class BillOfStay(SQLModel, table=True):
    """A bill that a reservation was decided by: when the bill changes, the reservation is decided again."""

    __tablename__ = "bill_of_stay"

    bill_id: str = Field(primary_key=True)
    reservation_id: str = Field(primary_key=True)
