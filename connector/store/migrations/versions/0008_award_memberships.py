"""Which stays a membership earned: they are decided again when its number changes.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_award_membership_id", "award", ["membership_id"])


def downgrade() -> None:
    op.drop_index("ix_award_membership_id", table_name="award")
