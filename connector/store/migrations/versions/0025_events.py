"""Hints of what changed in Mews, and what partners tell of miles exchanged for points.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hint",
        sa.Column("kind", sqltypes.AutoString(), nullable=False),
        sa.Column("id", sqltypes.AutoString(), nullable=False),
        sa.Column("place", sqltypes.AutoString(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_hint")),
    )
    op.create_index(op.f("ix_hint_received_at"), "hint", ["received_at"])
    op.create_table(
        "deposit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("partner", sqltypes.AutoString(), nullable=False),
        sa.Column("reference", sqltypes.AutoString(), nullable=False),
        sa.Column("member", sqltypes.AutoString(), nullable=False),
        sa.Column("points", sqltypes.AutoString(), nullable=False),
        sa.Column("token", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reverts", sqltypes.AutoString(), nullable=False),
        sa.Column("fault", sqltypes.AutoString(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit")),
        sa.UniqueConstraint("partner", "reference", name=op.f("uq_deposit_partner_reference")),
    )
    op.create_index(op.f("ix_deposit_handed_at"), "deposit", ["handed_at"])
    op.create_index(op.f("ix_deposit_reverts"), "deposit", ["reverts"])


def downgrade() -> None:
    op.drop_table("deposit")
    op.drop_table("hint")
