"""The mirror of what Mews holds. E-mails and names are never stored, only keyed hashes of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

_MERGED = text("merge_target_id IS NOT NULL")


class Program(SQLModel, table=True):
    """A loyalty program in Mews."""

    __tablename__ = "program"

    id: str = Field(primary_key=True)
    code: str
    name: str
    type: str
    subscription: str


class Tier(SQLModel, table=True):
    """A loyalty tier in Mews."""

    __tablename__ = "tier"

    id: str = Field(primary_key=True)
    program_id: str = Field(index=True)
    code: str
    name: str
    ordering: int


class Membership(SQLModel, table=True):
    """A guest's membership in Mews, deleted ones included.

    ``number_source`` says where its present number came from (see ``connector.store.numbers``), ``number_seen_at``
    when it was first seen; None where that was before it was noted.
    """

    __tablename__ = "membership"
    __table_args__ = (Index("ix_membership_account_program", "account_id", "program_id"),)

    id: str = Field(primary_key=True)
    account_id: str
    program_id: str = Field(index=True)
    state: str
    is_primary: bool
    number: str | None = Field(default=None, index=True)
    points: int | None = None
    expires_on: date | None = None
    tier_id: str | None = None
    provider_id: str | None = Field(default=None, index=True)
    url: str | None = None
    deleted: bool = False
    number_source: str | None = None
    number_seen_at: datetime | None = None


class Guest(SQLModel, table=True):
    """A guest profile, as far as matching and earning need it."""

    __tablename__ = "guest"
    __table_args__ = (
        Index("ix_guest_merge_target_id", "merge_target_id", sqlite_where=_MERGED, postgresql_where=_MERGED),
    )

    id: str = Field(primary_key=True)
    active: bool
    merge_target_id: str | None = None
    has_ota_email: bool
    classifications: str = ""
    email_key: bytes | None = Field(default=None, index=True)
    name_key: bytes | None = None
    loyalty_key: bytes | None = Field(default=None, index=True)
    updated: datetime
