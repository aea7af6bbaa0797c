"""Pages that are asked for by offset, joined so that nobody is missed when the list changes meanwhile.

Whatever is added or removed between two requests moves everything behind it, and a record that passes the place where
the next page begins is seen by nobody. So each page is asked for from the last record of the one before, and must begin
with it. Then nobody is missed who was there all the time, be the newest first or last, or the order any other that
stays: such a record lies behind one that ended a page, and the page that begins with that one holds what follows it.

- Something removed in front of the page: it begins behind that record. The reading is given up.
- Something added in front of it (the newest are first): it begins with more of the last records, in the same order.
  They are known, and the reading goes on; the next one will see what was added.
- As much added as removed in front of it: it begins with that record, and what follows is what followed before.

To compare totals would not do: one added at the end and one removed at the beginning leave the total as it was, and one
is missed.

Where the order does not stay, because who changes becomes the first, it looks as if somebody had been added, but the
one who moved was not seen. Only the total tells: whoever reads must compare it when ``moved`` is true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.errors import Unfinished

SHIFTED = (
    "scheme: users were added or removed while their list was read; expected it to stand still, "
    "so nothing of it was applied."
)


class Overlap:
    """One reading in pages of ``limit`` records, at least 2, which are known again by the field ``key``.

    ``offset`` is where the next page begins; ``ended``: there is none; ``moved``: something was added in front.
    """

    def __init__(self, limit: int, key: str) -> None:
        self.offset = 0
        self.ended = self.moved = False
        self._limit = limit
        self._key = key
        self._before: list[object] = []

    def join(self, page: Sequence[object]) -> Sequence[object]:
        """Return the records that a page brings; raises Unfinished where it does not join the one before."""
        keys = [self._key_of(each) for each in page]
        known = self._known(keys) if self._before else 0
        self.moved |= known > 1
        self.ended = len(page) < self._limit
        self.offset += len(page) - 1
        self._before = keys
        return page[known:]

    def _known(self, keys: list[object]) -> int:
        """Return with how many records of the page before this one begins."""
        # never all of them: a server that knows no offset would answer so for ever
        for count in range(1, len(self._before)):
            if keys[:count] == self._before[-count:]:
                return count
        raise Unfinished(SHIFTED)

    def _key_of(self, record: object) -> object:
        key = record.get(self._key) if isinstance(record, Mapping) else None
        return record if key is None else key
