"""Runs of the jobs; the queue's figures are read from its index alone.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UNDER_WAY = sa.text("ended_at IS NULL")
_QUEUE = "ix_message_partner_state_due_at"
_SOUGHT = ["partner", "state", "due_at"]


def upgrade() -> None:
    op.create_table(
        "job_run",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("job", sqltypes.AutoString(), nullable=False),
        sa.Column("run", sqltypes.AutoString(), nullable=False),
        sa.Column("instance", sqltypes.AutoString(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sqltypes.AutoString(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("error", sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
    )
    op.create_index("ix_job_run_job_id", "job_run", ["job", "id"])
    op.create_index("ix_job_run_under_way", "job_run", ["job"], sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY)
    op.drop_index(_QUEUE, table_name="message")
    op.create_index(_QUEUE, "message", [*_SOUGHT, "created_at", "kind", "miles"])


def downgrade() -> None:
    op.drop_index(_QUEUE, table_name="message")
    op.create_index(_QUEUE, "message", _SOUGHT)
    op.drop_table("job_run")
