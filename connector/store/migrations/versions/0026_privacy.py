"""Erasure and opting out; a line of history is covered by a digest of its detail, so that the detail can be blanked.

The hashes of the history are written anew over digests; a chain that is broken already stays broken.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import hashlib
import secrets
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TEXTS = ("award_id", "actor", "message_key", "before", "after", "detail", "salt", "digest", "hash")
_HISTORY = sa.table(
    "history",
    sa.column("seq", sa.Integer()),
    sa.column("at", sqltypes.UTCDateTime()),
    *(sa.column(name, sa.String()) for name in _TEXTS),
)
_PAGE = 2000


def upgrade() -> None:
    op.create_table(
        "opt_out",
        sa.Column("subject_kind", sqltypes.AutoString(), nullable=False),
        sa.Column("subject_id", sqltypes.AutoString(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqltypes.AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("subject_kind", "subject_id", name=op.f("pk_opt_out")),
    )
    op.create_table(
        "erased",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_erased")),
    )
    op.add_column("member", sa.Column("share", sa.Boolean(), nullable=True))
    where: dict[str, Any] = {"sqlite_where": sa.text("share IS 0"), "postgresql_where": sa.text("share IS FALSE")}
    op.create_index("ix_member_share", "member", ["share"], **where)
    op.add_column("membership", sa.Column("number_source", sqltypes.AutoString(), nullable=True))
    op.add_column("membership", sa.Column("number_seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("award", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    for name in ("salt", "digest"):
        op.add_column("history", sa.Column(name, sqltypes.AutoString(), nullable=False, server_default=""))
    _rewrite(op.get_bind(), digests=True)


def downgrade() -> None:
    _rewrite(op.get_bind(), digests=False)
    op.drop_index("ix_member_share", table_name="member")
    for table, name in (
        ("history", "digest"),
        ("history", "salt"),
        ("award", "erased_at"),
        ("membership", "number_seen_at"),
        ("membership", "number_source"),
        ("member", "share"),
    ):
        op.drop_column(table, name)  # not in a batch: that drops a table to which others point
    op.drop_table("erased")
    op.drop_table("opt_out")


def _rewrite(connection: sa.Connection, *, digests: bool) -> None:
    """Write the chains anew, award by award; a history longer than a page is read to its end."""
    after = ""
    while True:
        page = sa.select(_HISTORY.c.award_id).where(_HISTORY.c.award_id > after).distinct()
        awards = connection.execute(page.order_by(_HISTORY.c.award_id).limit(_PAGE)).scalars().all()
        if not awards:
            return
        own = _HISTORY.c.award_id.between(awards[0], awards[-1])
        rows = connection.execute(sa.select(_HISTORY).where(own).order_by(_HISTORY.c.award_id, _HISTORY.c.seq)).all()
        changed = [row for _, chain in groupby(rows, attrgetter("award_id")) for row in _chain(chain, digests)]
        if changed:
            connection.execute(_update(), changed)
        after = awards[-1]


def _update() -> sa.Update:
    own = sa.and_(_HISTORY.c.award_id == sa.bindparam("_award"), _HISTORY.c.seq == sa.bindparam("_seq"))
    values: dict[str, Any] = {name: sa.bindparam(f"_{name}") for name in ("salt", "digest", "hash")}
    return sa.update(_HISTORY).where(own).values(**values)


def _chain(rows: Any, digests: bool) -> list[dict[str, object]]:
    """Return a chain's rows with new hashes, as far as the old ones are right."""
    written: list[dict[str, object]] = []
    before = previous = ""
    for row in rows:
        parts = (row.award_id, str(row.seq), row.at.isoformat(), row.actor, row.message_key, row.before, row.after)
        if row.hash != _hash(before, *parts, row.detail if digests else row.digest):
            break
        salt = secrets.token_hex(8) if row.detail and digests else ""
        digest = _hash(salt, row.detail) if salt else ""
        before, previous = row.hash, _hash(previous, *parts, digest if digests else row.detail)
        written.append({"_award": row.award_id, "_seq": row.seq, "_salt": salt, "_digest": digest, "_hash": previous})
    return written


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
