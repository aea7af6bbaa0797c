"""The messages of one member at a partner are found by their lane: a look-up must know those that look alike.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_message_partner_lane", "message", ["partner", "lane"])


def downgrade() -> None:
    op.drop_index("ix_message_partner_lane", table_name="message")
