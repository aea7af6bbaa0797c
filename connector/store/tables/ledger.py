"""The award ledger. What stands here is money: its keys and claims never change once written."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from connector.domain.ledger import State

_STATES = ", ".join(f"'{state}'" for state in State)


class Award(SQLModel, table=True):
    """What one stay earns one person at one partner. ``frozen`` is JSON: rule fingerprint, rates, tier.

    ``seat`` says as whom the person earns (owner, booker, or a companion's customer id). ``unsure_since``: the partner
    may have been told other things since a copy was made, from which this database was restored then.
    """

    __tablename__ = "award"
    __table_args__ = (
        UniqueConstraint("partner", "root_id", "seat"),
        Index("ix_award_partner_member_number", "partner", "member_number"),
    )

    id: str = Field(primary_key=True)
    partner: str
    root_id: str = Field(index=True)
    seat: str
    program_code: str
    membership_id: str = Field(index=True)
    member_number: str | None
    property_id: str
    departure: date
    unit: str
    miles: int
    revision: int
    frozen: str
    created_at: datetime
    unsure_since: datetime | None = None


class Claim(SQLModel, table=True):
    """Ties a reservation to an award for good."""

    __tablename__ = "claim"
    __table_args__ = (Index("ix_claim_partner_reservation", "partner", "reservation_id"),)

    partner: str = Field(primary_key=True)
    seat: str = Field(primary_key=True)
    reservation_id: str = Field(primary_key=True)
    award_id: str = Field(foreign_key="award.id", index=True)


class Elsewhere(SQLModel, table=True):
    """A reservation for which somebody else gave a partner's miles; ``miles`` as they said, if they did."""

    __tablename__ = "elsewhere"

    partner: str = Field(primary_key=True)
    reservation_id: str = Field(primary_key=True)
    miles: int | None = None
    imported_at: datetime
    imported_by: str
    note: str


class Message(SQLModel, table=True):
    """One credit or reversal: the exact bytes, when they are due, and what became of them.

    ``lane`` is a keyed hash of partner and member number. ``waits_for`` names the message (a reversal) that must
    be credited before this one may be sent. ``mark`` is what the partner's books were before the first send, and
    ``absences`` how often they were read since the last one without showing the message. ``account`` names under which
    of our accounts at the partner it goes ("" is the partner's own).
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("award_id", "kind", "revision"),
        CheckConstraint("kind IN ('credit', 'reversal')", name="kind"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("miles > 0 AND miles < 1000000", name="miles"),
        # the last three are not searched by: with them the figures of the queue are read from the index alone
        Index("ix_message_partner_state_due_at", "partner", "state", "due_at", "created_at", "kind", "miles"),
        Index("ix_message_partner_lane", "partner", "lane"),
    )

    key: str = Field(primary_key=True)
    award_id: str = Field(foreign_key="award.id", index=True)
    partner: str
    kind: str
    revision: int
    miles: int
    state: str
    due_at: datetime
    attempts: int = 0
    lane: str
    waits_for: str | None = None
    mark: str = ""
    absences: int = 0
    account: str = ""
    credit: str
    path: str | None = None
    headers: str | None = None
    content: bytes | None = Field(default=None, sa_type=LargeBinary)
    owner: str | None = None
    lease_until: datetime | None = None
    first_sent_at: datetime | None = Field(default=None, index=True)
    last_sent_at: datetime | None = None
    settled_at: datetime | None = None
    reference: str = ""
    reason: str = ""
    created_at: datetime


class Lane(SQLModel, table=True):
    """One request in flight per member number and partner: whoever holds the row may send."""

    __tablename__ = "lane"

    partner: str = Field(primary_key=True)
    lane: str = Field(primary_key=True)
    message_key: str = Field(index=True)
    taken_at: datetime


class History(SQLModel, table=True):
    """Every transition of an award's messages; each row's hash covers the row before it.

    ``month`` is the closed month (its first day) in whose figures the row was counted, None until one was. It is no
    part of what the hash covers.
    """

    __tablename__ = "history"

    award_id: str = Field(primary_key=True, foreign_key="award.id")
    seq: int = Field(primary_key=True)
    at: datetime
    actor: str
    message_key: str
    before: str
    after: str
    detail: str
    hash: str
    month: date | None = None
