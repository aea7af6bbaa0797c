"""What the console remembers: logins, who did what, and what waits for a second person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index
from sqlmodel import Field, SQLModel

from connector.store.tables.running import ROW_ID


class Login(SQLModel, table=True):
    """An open login. ``id`` is the digest of the cookie, so that a copy of the database opens nothing.

    ``proof`` is the operator's token, keyed by the cookie: another token ends the login, and none can be guessed here.
    """

    __tablename__ = "login"

    id: str = Field(primary_key=True)
    operator: str
    proof: str
    began_at: datetime
    seen_at: datetime = Field(index=True)


class Deed(SQLModel, table=True):
    """What an operator did on the console: never changed, only added to."""

    __tablename__ = "deed"
    __table_args__ = (Index("ix_deed_operator_id", "operator", "id"),)

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    at: datetime
    operator: str
    action: str
    subject: str = ""
    text: str


class Proposal(SQLModel, table=True):
    """An action that one operator asked for and another may accept. ``details`` is JSON without personal data.

    ``outcome`` is what came of it. One that is accepted without an outcome was interrupted: nobody repeats it.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'done', 'failed')", name="state"),
        Index("ix_proposal_state_id", "state", "id"),
    )

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    state: str
    action: str
    details: str
    text: str
    miles: int | None = None
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    outcome: str | None = None
