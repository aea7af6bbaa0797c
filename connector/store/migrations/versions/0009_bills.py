"""Bills: who pays for the items of a stay, and whether they are paid.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TEXT = sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "bill",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("account_id", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("type", _TEXT, nullable=False),
        sa.Column("paid", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill")),
    )
    op.create_table(
        "bill_of_stay",
        sa.Column("bill_id", _TEXT, nullable=False),
        sa.Column("reservation_id", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("bill_id", "reservation_id", name=op.f("pk_bill_of_stay")),
    )


def downgrade() -> None:
    op.drop_table("bill_of_stay")
    op.drop_table("bill")
