"""Closed months, their figures, and which lines of history they hold.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closing",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_closing")),
    )
    op.create_table(
        "closed_figures",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("partner", sqltypes.AutoString(), nullable=False),
        sa.Column("property_id", sqltypes.AutoString(), nullable=False),
        sa.Column("currency", sqltypes.AutoString(), nullable=False),
        sa.Column("adjustment", sa.Boolean(), nullable=False),
        sa.Column("figures", sqltypes.AutoString(), nullable=False),
        sa.Column("price", sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["month"], ["closing.month"], name=op.f("fk_closed_figures_month_closing")),
        sa.PrimaryKeyConstraint(
            "month", "partner", "property_id", "currency", "adjustment", name=op.f("pk_closed_figures")
        ),
    )
    # a new column at the end: SQLite need not copy the table, which is the longest of all
    op.add_column("history", sa.Column("month", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("history") as batch:
        batch.drop_column("month")
    op.drop_table("closed_figures")
    op.drop_table("closing")
