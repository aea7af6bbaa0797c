"""Which reservations of a guest lie beside one another: their time with a day's slack, and merged profiles by target,
and which were decided as one.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_DAY = timedelta(days=1)
_PAGE = 5000
_MERGED = sa.text("merge_target_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("reservation") as batch:
        batch.add_column(sa.Column("near_from", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("near_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_guest_merge_target_id", "guest", ["merge_target_id"], sqlite_where=_MERGED, postgresql_where=_MERGED
    )
    op.create_index("ix_decision_partner_root_id", "decision", ["partner", "root_id"])
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    known = sa.table(
        "reservation",
        sa.column("id", sa.String),
        sa.column("body", sa.String),
        sa.column("near_from", sa.DateTime(timezone=True)),
        sa.column("near_until", sa.DateTime(timezone=True)),
    )
    change = known.update().where(known.c.id == sa.bindparam("_id"))
    change = change.values(near_from=sa.bindparam("_from"), near_until=sa.bindparam("_until"))
    for rows in _pages(connection, known):
        connection.execute(change, rows)


def _pages(connection: sa.Connection, known: sa.TableClause) -> Iterator[list[dict[str, Any]]]:
    after = ""
    statement = sa.select(known.c.id, known.c.body).order_by(known.c.id).limit(_PAGE)
    while found := connection.execute(statement.where(known.c.id > after)).all():
        yield [{"_id": identity} | _near(json.loads(body)) for identity, body in found]
        after = found[-1][0]


def _near(facts: dict[str, str]) -> dict[str, datetime]:
    ends = [datetime.fromisoformat(facts[name]) for name in ("scheduled_end", "actual_end") if name in facts]
    return {"_from": datetime.fromisoformat(facts["scheduled_start"]) - _DAY, "_until": max(ends) + _DAY}


def downgrade() -> None:
    op.drop_index("ix_decision_partner_root_id", table_name="decision")
    op.drop_index("ix_guest_merge_target_id", table_name="guest")
    with op.batch_alter_table("reservation") as batch:
        batch.drop_column("near_until")
        batch.drop_column("near_from")
