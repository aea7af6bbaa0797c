"""What people said about their own data: who does not share it, and that somebody was erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel


class OptOut(SQLModel, table=True):
    """A guest or member whose stays are told to no partner; ``subject_kind`` is guest or member, the id Mews's or the
    scheme's. ``note`` says why, in an operator's words.
    """

    __tablename__ = "opt_out"

    subject_kind: str = Field(primary_key=True)
    subject_id: str = Field(primary_key=True)
    said_at: datetime
    said_by: str
    note: str | None = None


class Erased(SQLModel, table=True):
    """A keyed hash of an id of somebody who was erased: what is read about that id is not stored again."""

    __tablename__ = "erased"

    key: bytes = Field(sa_type=LargeBinary, primary_key=True)
    erased_at: datetime
