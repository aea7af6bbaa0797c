"""From a record with typed values, of an API or a database, to a member, or to the sentence that says why not."""

from __future__ import annotations

from collections.abc import Mapping

from connector.domain.members import OWNABLE, BadLine, Member
from connector.schemes.cells import COLUMNS, Cells, readable_id
from connector.schemes.plain import NotText, day_of, kind_of, text_of


class _RecordError(ValueError):
    """Why a record cannot be taken: the rest of a sentence."""


class Records:
    """Reads records by ``fields`` (column or dotted path by field of ``Member``) and ``partner_numbers`` (by program).

    A path that a record lacks is empty there, as is null: an owned field is cleared by it. Only ``member_id`` must
    have a value. ``columns`` and ``programs`` are those of the roll: a field that is not mapped is not owned.
    """

    def __init__(self, fields: Mapping[str, str], partner_numbers: Mapping[str, str], noun: str = "Record") -> None:
        self._noun = noun
        self._id = fields["member_id"]
        names = {code: f"the number in {code}" for code in partner_numbers}
        self._picked = [(name, path) for name, path in fields.items() if name in COLUMNS]
        self._picked += [(names[code], path) for code, path in partner_numbers.items()]
        self._cells = Cells([name for name, _ in self._picked], frozenset(), names, noun)
        self.columns = frozenset(OWNABLE).intersection(fields)
        self.programs = frozenset(partner_numbers)

    def read(self, record: object, number: int) -> Member | BadLine:
        """Return the member of the ``number``-th record of a reading; never raises, whatever the record holds."""
        if not isinstance(record, Mapping):
            text = f"it is {kind_of(record)}; expected an object with the fields of a member."
            return BadLine(number, f"{self._noun} {number}: {text}")
        try:
            return self._cells.read([_text(record, name, path) for name, path in self._picked], number)
        except _RecordError as fault:
            return BadLine(number, f"{self._noun} {number}: {fault}", self._readable_id(record))

    def _readable_id(self, record: Mapping[str, object]) -> str | None:
        try:
            return readable_id(text_of(at(record, self._id)))
        except NotText:
            return None


def at(record: Mapping[str, object], path: str) -> object:
    """Return what stands at a dotted path (or under exactly this name), None where there is nothing.

    Raises NotText when something else than an object stands on the way: nobody can tell what was meant there.
    """
    if path in record:
        return record[path]
    found: object = record
    for part in path.split("."):
        if found is None:
            return None
        if not isinstance(found, Mapping):
            raise NotText(f"is looked for in {kind_of(found)}; expected an object on the path to it")
        found = found.get(part)
    return found


def _text(record: Mapping[str, object], name: str, path: str) -> str:
    try:
        value = at(record, path)
        if name == "share" and isinstance(value, bool):
            return "yes" if value else "no"
        return day_of(value) if name == "expires_on" else text_of(value)
    except NotText as what:
        raise _RecordError(f"{name} {what}.") from what
