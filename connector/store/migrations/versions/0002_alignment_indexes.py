"""Indexes for a chain of a million members: each guest's membership of a program, and the link of a membership.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_membership_account_program", "membership", ["account_id", "program_id"])
    op.drop_index("ix_membership_account_id", table_name="membership")
    op.create_index("ix_link_membership_id", "link", ["membership_id"])


def downgrade() -> None:
    op.drop_index("ix_link_membership_id", table_name="link")
    op.create_index("ix_membership_account_id", "membership", ["account_id"])
    op.drop_index("ix_membership_account_program", table_name="membership")
