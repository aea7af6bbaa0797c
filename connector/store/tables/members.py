"""The scheme's members, their links to guests, and what was done about them in Mews."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from connector.store.tables.running import ROW_ID


class Member(SQLModel, table=True):
    """A member of the scheme; ``generation`` is the last listing that held it, ``digest`` stands for all it said.

    ``share``: whether stays may be told to partners; None where the scheme does not say.
    """

    __tablename__ = "member"
    __table_args__ = (
        # few are, and each delivery asks whether anybody is
        Index("ix_member_share", "share", sqlite_where=text("share IS 0"), postgresql_where=text("share IS FALSE")),
    )

    member_id: str = Field(primary_key=True)
    number: str | None = Field(default=None, index=True)
    tier: str | None = None
    points: int | None = None
    expires_on: date | None = None
    state: str | None = None
    url: str | None = None
    share: bool | None = None
    mews_id: str | None = Field(default=None, index=True)
    email_key: bytes | None = Field(default=None, index=True)
    name_key: bytes | None = None
    loyalty_key: bytes | None = Field(default=None, index=True)
    digest: bytes | None = None
    generation: int
    protected: bool = False


class PartnerNumber(SQLModel, table=True):
    """A member's number at a partner, as the scheme knows it, by the code of the partner's program."""

    __tablename__ = "partner_number"

    member_id: str = Field(primary_key=True)
    program_code: str = Field(primary_key=True)
    number: str


class Link(SQLModel, table=True):
    """Which guest a member is, how that was found, whether it was undone, and whether we cancelled for them.

    ``linked_by`` and ``unlinked_by`` name the operator who did so by hand; staff who delete or move a membership in
    Mews unlink it too, without a name.
    """

    __tablename__ = "link"

    member_id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    method: str
    membership_id: str | None = Field(default=None, index=True)
    linked_at: datetime
    linked_by: str | None = None
    unlinked_at: datetime | None = None
    unlinked_by: str | None = None
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


class Edit(SQLModel, table=True):
    """A field of a managed membership that somebody else changed in Mews: from what, to what, and how often.

    ``before`` and ``after`` are digests of the values, which may be numbers of members.
    """

    __tablename__ = "edit"

    membership_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    before: bytes
    after: bytes
    times: int
    first_at: datetime
    last_at: datetime


class Harm(SQLModel, table=True):
    """A removal, downgrade, cleared tier or changed number that was applied: what the harm guard looks back at.

    Also one that Mews refused when it was tried last (``kind`` refused), which is no harm done.
    """

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


class Enrolment(SQLModel, table=True):
    """A membership for which the scheme was asked to make a member; ``outcome`` is asked, enrolled or refused."""

    __tablename__ = "enrolment"

    membership_id: str = Field(primary_key=True)
    outcome: str
    member_id: str | None = Field(default=None, index=True)
    at: datetime
