"""An index for what a member is given at a partner: caps per day and year ask for it.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_award_partner_member_number", "award", ["partner", "member_number"])


def downgrade() -> None:
    op.drop_index("ix_award_partner_member_number", table_name="award")
