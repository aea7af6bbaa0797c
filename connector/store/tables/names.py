"""Names of what rules may name: rates, segments, categories and the like; never of a person or a company."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class Name(SQLModel, table=True):
    """One of the names, in one language, of something at a property; "" where Mews gives none."""

    __tablename__ = "mews_name"

    kind: str = Field(primary_key=True)
    property_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    group_id: str | None = None


class PrimarySource(SQLModel, table=True):
    """Where a reservation came from; "" where it has no source, NULL where that cannot be read."""

    __tablename__ = "primary_source"

    reservation_id: str = Field(primary_key=True)
    source_id: str | None = None
