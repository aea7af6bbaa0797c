"""Properties whose messages to a partner wait because a day's miles are far above what is usual.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pause",
        sa.Column("partner", sqltypes.AutoString(), nullable=False),
        sa.Column("property_id", sqltypes.AutoString(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sqltypes.AutoString(), nullable=True),
        sa.Column("note", sqltypes.AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("partner", "property_id", "day", name=op.f("pk_pause")),
    )


def downgrade() -> None:
    op.drop_table("pause")
