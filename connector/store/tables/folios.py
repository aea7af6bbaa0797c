"""What belongs to the order items of stays: the bills that they stand on, and the orders linked to reservations."""

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


class ProductOrder(SQLModel, table=True):
    """A product service order that is linked to a reservation, or once was."""

    __tablename__ = "product_order"

    id: str = Field(primary_key=True)
    reservation_id: str | None = Field(default=None, index=True)
