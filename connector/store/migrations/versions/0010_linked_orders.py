"""Product service orders that are linked to reservations.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TEXT = sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "product_order",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("reservation_id", _TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_order")),
    )
    op.create_index("ix_product_order_reservation_id", "product_order", ["reservation_id"])


def downgrade() -> None:
    op.drop_index("ix_product_order_reservation_id", "product_order")
    op.drop_table("product_order")
