"""Reservations for which somebody else gave a partner's miles.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEXT = sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "elsewhere",
        sa.Column("partner", _TEXT, nullable=False),
        sa.Column("reservation_id", _TEXT, nullable=False),
        sa.Column("miles", sa.Integer(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", _TEXT, nullable=False),
        sa.Column("note", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("partner", "reservation_id", name=op.f("pk_elsewhere")),
    )


def downgrade() -> None:
    op.drop_table("elsewhere")
