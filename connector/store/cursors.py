"""How far each stream was read.

The end of a window is fixed before its first page; every page commits its rows together with the mark of the next
one; the watermark moves in the transaction of the last page. Pages run from new to old, so a watermark that moved
earlier would leave the older part unread after a crash.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import table, upsert
from connector.store.tables.running import Cursor as CursorRow


@dataclass(frozen=True, slots=True)
class Cursor:
    """One stream of one scope (a property table, or "chain")."""

    stream: str
    scope: str
    watermark: datetime | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    page: str | None = None
    rows_read: int = 0
    updated_at: datetime | None = None

    @property
    def window_is_open(self) -> bool:
        """Tell whether a window was begun and not finished."""
        return self.window_end is not None

    def opened(self, start: datetime | None, end: datetime) -> Cursor:
        """Return the cursor with a new window; ``start`` None means from the beginning, without a time filter."""
        return replace(self, window_start=start, window_end=end, page=None)

    def turned(self, page: str | None, rows: int) -> Cursor:
        """Return the cursor after a page: None as the next page closes the window and moves the watermark."""
        if page is not None:
            return replace(self, page=page, rows_read=self.rows_read + rows)
        return replace(
            self,
            watermark=self.window_end,
            window_start=None,
            window_end=None,
            page=None,
            rows_read=self.rows_read + rows,
        )


_FIELDS = ("stream", "scope", "watermark", "window_start", "window_end", "page", "rows_read", "updated_at")
_COLUMNS = tuple(table(CursorRow).c[name] for name in _FIELDS)


async def load(connection: AsyncConnection, stream: str, scope: str) -> Cursor:
    """Return a cursor; one never stored has no watermark."""
    found = await connection.execute(
        select(*_COLUMNS).where(CursorRow.stream == stream, CursorRow.scope == scope)  # type: ignore[arg-type]
    )
    row = found.one_or_none()
    return Cursor(*row) if row else Cursor(stream, scope)


async def save(connection: AsyncConnection, cursor: Cursor, now: datetime) -> None:
    """Store a cursor."""
    row = {name: getattr(cursor, name) for name in _FIELDS} | {"updated_at": now}
    await upsert(connection, CursorRow, [row])


async def forget(connection: AsyncConnection, stream: str, scope: str) -> None:
    """Remove a cursor, so that its stream is read from the beginning."""
    cursor = table(CursorRow)
    await connection.execute(delete(cursor).where(cursor.c.stream == stream, cursor.c.scope == scope))


async def every(connection: AsyncConnection) -> list[Cursor]:
    """Return all cursors, by stream and scope."""
    found = await connection.execute(select(*_COLUMNS).order_by(*_COLUMNS[:2]))
    return [Cursor(*row) for row in found]
