"""Memberships for which the scheme was asked to make a member.

Revision ID: 0021
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrolment",
        sa.Column("membership_id", sqltypes.AutoString(), nullable=False),
        sa.Column("outcome", sqltypes.AutoString(), nullable=False),
        sa.Column("member_id", sqltypes.AutoString(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("pk_enrolment")),
    )
    op.create_index(op.f("ix_enrolment_member_id"), "enrolment", ["member_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_enrolment_member_id"), "enrolment")
    op.drop_table("enrolment")
