"""Indexes for deciding: what is due for a partner, and the awards of a reservation.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_decision_partner_due_at", "decision", ["partner", "due_at"], sqlite_where=_DUE, postgresql_where=_DUE
    )
    op.drop_index("ix_decision_status_due_at", table_name="decision")
    op.create_index("ix_claim_partner_reservation", "claim", ["partner", "reservation_id"])


def downgrade() -> None:
    op.drop_index("ix_claim_partner_reservation", table_name="claim")
    op.create_index("ix_decision_status_due_at", "decision", ["status", "due_at"])
    op.drop_index("ix_decision_partner_due_at", table_name="decision")
