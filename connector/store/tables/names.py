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
