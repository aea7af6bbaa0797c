"""Members who come twice in one reading: pages that shift while they are read, or a source that is not clean."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter

from connector.domain.members import BadLine, Member

_PLAIN = attrgetter(*(each.name for each in fields(Member) if each.name != "partner_numbers"))
_UNREADABLE = 0  # no content: what comes later under the same id is another record


class Once:
    """Remembers what one reading has brought: two hashes of 64 bits a member, about 150 MB for a million.

    The hashes are salted by the process and never leave it. Two ids that share one by chance make a bad record,
    never a wrong member.
    """

    def __init__(self, noun: str = "Record") -> None:
        self._noun = noun
        self._seen: dict[int, int] = {}

    def admit(self, record: Member | BadLine, number: int) -> Member | BadLine | None:
        """Return what to make of the ``number``-th record: None for one that came before exactly as it is now.

        Another record under a known member id is a BadLine with that id: nobody can tell which of the two holds.
        """
        if record.member_id is None:
            return record
        key, content = hash(record.member_id), _content(record)
        before = self._seen.get(key)
        if before is None:
            self._seen[key] = content
        if before is None or isinstance(record, BadLine):
            return record
        if before == content:
            return None
        text = "member_id came before with other values; expected one record for each member."
        return BadLine(number, f"{self._noun} {number}: {text}", record.member_id)


def _content(record: Member | BadLine) -> int:
    if isinstance(record, BadLine):
        return _UNREADABLE
    numbers = sorted((code, number or "") for code, number in record.partner_numbers.items())
    # as texts: hash() of -1 and of -2 is the same
    return hash((*map(str, _PLAIN(record)), *numbers))
