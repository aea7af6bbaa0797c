"""What keeps the jobs going: cursors, leases, rate limits, circuits, what waits for a person."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Column, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

# SQLite numbers rows by itself only for INTEGER keys.
ROW_ID = BigInteger().with_variant(Integer, "sqlite")
_UNDER_WAY = text("ended_at IS NULL")


class Fact(SQLModel, table=True):
    """One fact about this database: the chain it belongs to, whether it is a marked backup, and the like."""

    __tablename__ = "fact"

    name: str = Field(primary_key=True)
    value: str


class Cursor(SQLModel, table=True):
    """How far a stream was read, and how far the open window is (``page`` is the mark of the next page)."""

    __tablename__ = "cursor"

    stream: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    watermark: datetime | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    page: str | None = None
    rows_read: int = 0
    updated_at: datetime


class Lease(SQLModel, table=True):
    """Who does a job now; a lease past ``until`` is anybody's."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    owner: str
    until: datetime


class JobRun(SQLModel, table=True):
    """One run of a job: what it did, or that it is under way (no ``ended_at``).

    ``run`` is the word that all log lines of the run carry. ``skipped`` counts the starts that were left out because
    this run went on. ``error`` is a sentence without personal data; ``unauthorized``: a credential was refused.
    """

    __tablename__ = "job_run"
    __table_args__ = (
        Index("ix_job_run_job_id", "job", "id"),
        Index("ix_job_run_under_way", "job", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
    )

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    job: str
    run: str
    instance: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = ""
    read: int = 0
    written: int = 0
    requests: int = 0
    seconds: float = 0.0
    skipped: int = 0
    error: str = ""
    unauthorized: bool = False


class Send(SQLModel, table=True):
    """The send log of the rate limiters: a stamp is the latest moment at which its send may happen."""

    __tablename__ = "send"
    __table_args__ = (Index("ix_send_key_stamp", "key", "stamp"),)

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    key: str
    stamp: datetime


class Circuit(SQLModel, table=True):
    """State of a circuit breaker."""

    __tablename__ = "circuit"

    key: str = Field(primary_key=True)
    failures: int
    opened_at: datetime | None = None
    probe_at: datetime | None = None
    probe_owner: str | None = None


class Pause(SQLModel, table=True):
    """A day on which a property gave far more miles of a partner than it usually does: it waits until released."""

    __tablename__ = "pause"

    partner: str = Field(primary_key=True)
    property_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    paused_at: datetime
    released_at: datetime | None = None
    released_by: str | None = None
    note: str | None = None


class Suspense(SQLModel, table=True):
    """What needs a person; one row per subject and reason, closed when the subject is well again or a person said so.

    ``resolved_by`` is an operator, with what they noted, or "connector".
    """

    __tablename__ = "suspense"
    __table_args__ = (UniqueConstraint("subject_kind", "subject_id", "reason", "partner"),)

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    subject_kind: str
    subject_id: str
    reason: str
    partner: str = ""
    text: str
    first_at: datetime
    last_at: datetime
    resolved_at: datetime | None = Field(default=None, index=True)
    resolved_by: str | None = None
    note: str | None = None


class Incident(SQLModel, table=True):
    """Something that is wrong with the service, from when to when; one row is open for a kind and subject."""

    __tablename__ = "incident"
    __table_args__ = (
        Index(
            "ix_incident_kind_subject",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    kind: str
    subject: str
    text: str
    opened_at: datetime
    seen_at: datetime
    closed_at: datetime | None = None


class Notice(SQLModel, table=True):
    """What somebody is to be told, a row for each way (``teller``). ``about`` says of what, so that it is told once."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_told_at_due_at", "told_at", "due_at"),)

    about: str = Field(primary_key=True)
    teller: str = Field(primary_key=True)
    event: str
    title: str
    text: str
    facts: str
    at: datetime
    due_at: datetime
    attempts: int = 0
    told_at: datetime | None = None
