"""Members from a CSV file, read twice: first to know that it is whole, then to take its members.

Both passes stream. Unless the settings name an encoding, the file is UTF-8 (with or without byte order mark) or
UTF-16 with byte order mark, and any other is refused whole: guessing would spoil names without anybody noticing.

One thing cannot be noticed of a file for which its export states nothing (``Form.control``): that it was cut where
a line ends. Its missing members look like members who left.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, pairwise
from pathlib import Path
from types import MappingProxyType

from connector.domain.members import OWNABLE, BadLine, Member
from connector.schemes.cells import COLUMNS, Cells, not_read
from connector.schemes.form import Form
from connector.schemes.listing import Listing
from connector.schemes.reading import CHANGED, Reading, column_name, opened
from connector.schemes.spelling import Spelling


class CsvFile:
    """A members file on this machine, in the form that its export gives it.

    ``partner_columns`` hold numbers at partners: columns by program code.
    """

    def __init__(
        self, path: Path, partner_columns: Mapping[str, str] = MappingProxyType({}), form: Form | None = None
    ) -> None:
        self._path = path
        self._form = form or Form()
        self._partner_columns = {code: column_name(column) for code, column in partner_columns.items()}

    @property
    def programs(self) -> frozenset[str]:
        """Codes of the programs whose numbers the file holds."""
        return frozenset(self._partner_columns)

    @property
    def meaning(self) -> str:
        """What the same bytes are read by: where it differs, the same file brings other members."""
        columns = "".join(f" {code}={column}" for code, column in sorted(self._partner_columns.items()))
        return columns if self._form.delimiter == "auto" else f"{columns} {self._form.delimiter}"

    def verify(self) -> Listing:
        """Read the whole file once and return what it holds.

        Raises Unfinished when the file is missing, empty, truncated, not decodable, without a member_id or
        partner column, broken in its quotes, spoilt in its letters, changed while being read, or not what its
        export states: then nothing of it may be applied. It is truncated when its last line has no line break, or
        fewer or more fields than the header.
        """
        spelling = Spelling()
        with opened(self._path, self._form, spelling) as reading:
            self._require_partner_columns(reading)
            hashes = _hashes_of_ids(reading)
            reading.require(hashes, "holds no member; expected at least one line below the header")
            reading.require_stated(len(hashes))
            reading.require(not spelling.is_lost, str(spelling))
            return Listing(
                columns=frozenset(OWNABLE).intersection(reading.header),
                rows=len(hashes),
                sha256=reading.digest(),
                size=reading.size,
                warnings=tuple(self._warnings(reading.header, spelling)),
                repeated=_repeated(hashes),
            )

    def chunks(self, listing: Listing, size: int = 2000) -> Iterator[list[Member | BadLine]]:
        """Yield the file's members in lists of ``size``; ``listing`` came from ``verify`` in this process.

        Raises Unfinished at the end when the content was not the verified one: nothing of it may be applied
        before the iterator has ended.
        """
        with opened(self._path, self._form) as reading:
            read = Cells(reading.header, listing.repeated, self._partner_columns).read
            members = (read(*row) for row in reading.rows())
            while chunk := list(islice(members, size)):
                yield chunk
            reading.require(reading.digest() == listing.sha256, CHANGED)

    def _require_partner_columns(self, reading: Reading) -> None:
        for code, column in self._partner_columns.items():
            there = column in reading.header
            reading.require(there, f"has no column {column} with the numbers in {code}; expected it in the first line")

    def _warnings(self, header: list[str], spelling: Spelling) -> Iterator[str]:
        known = {*COLUMNS, *self._partner_columns.values()}
        yield from not_read(name for name in header if name not in known)
        if spoilt := str(spelling):
            yield f"The file {spoilt}."


def _hashes_of_ids(reading: Reading) -> array[int]:
    # Eight bytes a member: a set of the ids themselves would take a hundred.
    hashes = array("q")
    position, fields = reading.header.index("member_id"), 0
    for cells, _, _ in reading.rows():
        fields = len(cells)
        hashes.append(hash(cells[position].strip()) if position < fields else 0)
    whole = reading.ends_whole and fields in {0, len(reading.header)}
    reading.require(whole, "is truncated; expected a complete last line that ends with a line break")
    return hashes


def _repeated(hashes: Iterable[int]) -> frozenset[int]:
    return frozenset(one for one, following in pairwise(sorted(hashes)) if one == following)
