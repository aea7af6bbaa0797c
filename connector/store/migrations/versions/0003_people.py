"""What people decide: links by hand, notes on cases, edits in Mews; and a member's partner numbers and address.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TEXT = sqltypes.AutoString()


def upgrade() -> None:
    op.add_column("member", sa.Column("url", _TEXT, nullable=True))
    op.add_column("member", sa.Column("digest", sa.LargeBinary(), nullable=True))
    op.add_column("link", sa.Column("linked_by", _TEXT, nullable=True))
    op.add_column("link", sa.Column("unlinked_by", _TEXT, nullable=True))
    op.add_column("suspense", sa.Column("note", _TEXT, nullable=True))
    op.create_table(
        "partner_number",
        sa.Column("member_id", _TEXT, nullable=False),
        sa.Column("program_code", _TEXT, nullable=False),
        sa.Column("number", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("member_id", "program_code", name=op.f("pk_partner_number")),
    )
    op.create_table(
        "edit",
        sa.Column("membership_id", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("after", sa.LargeBinary(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("membership_id", "name", name=op.f("pk_edit")),
    )


def downgrade() -> None:
    op.drop_table("edit")
    op.drop_table("partner_number")
    with op.batch_alter_table("suspense") as suspense:
        suspense.drop_column("note")
    with op.batch_alter_table("link") as link:
        link.drop_column("unlinked_by")
        link.drop_column("linked_by")
    with op.batch_alter_table("member") as member:
        member.drop_column("digest")
        member.drop_column("url")
