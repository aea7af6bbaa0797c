"""Names of what rules may name, and where reservations came from.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TEXT = sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "mews_name",
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("property_id", _TEXT, nullable=False),
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("group_id", _TEXT, nullable=True),
        sa.PrimaryKeyConstraint("kind", "property_id", "id", "name", name=op.f("pk_mews_name")),
    )
    op.create_table(
        "primary_source",
        sa.Column("reservation_id", _TEXT, nullable=False),
        sa.Column("source_id", _TEXT, nullable=True),
        sa.PrimaryKeyConstraint("reservation_id", name=op.f("pk_primary_source")),
    )


def downgrade() -> None:
    op.drop_table("primary_source")
    op.drop_table("mews_name")
