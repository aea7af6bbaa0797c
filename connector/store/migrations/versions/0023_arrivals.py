"""Who arrives in the next days is found without a look at every reservation.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_COMING = sa.text("seen_processed_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_reservation_near_from", "reservation", ["near_from"], sqlite_where=_COMING, postgresql_where=_COMING
    )


def downgrade() -> None:
    op.drop_index("ix_reservation_near_from", "reservation")
