"""The scheme's members, their links to guests, and what was done about them in Mews."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from connector.store.tables.running import ROW_ID


class Member(SQLModel, table=True):
    """A member of the scheme; ``generation`` is the last listing that held it."""

    __tablename__ = "member"

    member_id: str = Field(primary_key=True)
    number: str | None = Field(default=None, index=True)
    tier: str | None = None
    points: int | None = None
    expires_on: date | None = None
    state: str | None = None
    mews_id: str | None = Field(default=None, index=True)
    email_key: bytes | None = Field(default=None, index=True)
    name_key: bytes | None = None
    loyalty_key: bytes | None = Field(default=None, index=True)
    generation: int
    protected: bool = False


class Link(SQLModel, table=True):
    """Which guest a member is, how that was found, whether staff undid it, and whether we cancelled for them."""

    __tablename__ = "link"

    member_id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    method: str
    membership_id: str | None = Field(default=None, index=True)
    linked_at: datetime
    unlinked_at: datetime | None = None
    cancelled_at: datetime | None = None


class Candidate(SQLModel, table=True):
    """A pair that one pass of matching found; the table is emptied before each pass."""

    __tablename__ = "candidate"
    __table_args__ = (Index("ix_candidate_account_id", "account_id"),)

    member_id: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    method: str


class Intent(SQLModel, table=True):
    """A membership that we are about to add, or added without learning the outcome."""

    __tablename__ = "intent"

    account_id: str = Field(primary_key=True)
    program_id: str = Field(primary_key=True)
    member_id: str
    created_at: datetime


class Harm(SQLModel, table=True):
    """A removal, downgrade, cleared tier or changed number that was applied: what the harm guard looks back at."""

    __tablename__ = "harm"

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    at: datetime = Field(index=True)
    kind: str
    membership_id: str
    plan_id: str
    deletes: bool = False


class Confirmation(SQLModel, table=True):
    """A person's word that exactly this plan may be applied."""

    __tablename__ = "confirmation"
    __table_args__ = (UniqueConstraint("plan_id"),)

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    plan_id: str
    operator: str
    at: datetime
    used_at: datetime | None = None
