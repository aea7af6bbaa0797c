"""From the cells of one line to a member, or to the one sentence that says why not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter

from connector.domain.members import BadLine, Member
from connector.domain.numbers import looks_like_payment_card
from connector.telemetry import redact

COLUMNS = (
    "member_id",
    "number",
    "email",
    "first_name",
    "last_name",
    "tier",
    "points",
    "expires_on",
    "state",
    "url",
    "mews_id",
    "share",
)

# Limits of Mews (contract: loyaltyMemberships): ProviderMembershipId, MembershipNumber, State.
LONGEST_ID = 100
LONGEST_NUMBER = 255
STATES = frozenset({"New", "Pending", "Enrolled", "Canceled", "Declined"})
LARGEST_POINTS = 2**31 - 1  # Mews says no more than "integer": what every integer type holds
LONGEST_URL = 2000  # Mews names no limit: what every browser takes

_WHOLE = re.compile(r"-?[0-9]{1,10}", re.ASCII)
_DIGITS = re.compile(r"[\d .-]{15,}")
_LINE_BREAK = re.compile(r"[\r\n]")
_SHARE = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_ADDRESS = re.compile(r"https?://\S+")


class _LineError(ValueError):
    """Why a line cannot be taken; ``readable`` tells whether its member_id can be trusted nevertheless."""

    def __init__(self, text: str, *, readable: bool = True) -> None:
        super().__init__(text)
        self.readable = readable


def not_read(names: Iterable[str]) -> Iterator[str]:
    """Yield one warning of the columns of these names, when there are some; what looks like a member's is left out."""
    if told := ", ".join(redact.scrub(name) or "(no name)" for name in names):
        yield f"Columns not read: {told}; expected only {', '.join(COLUMNS)}."


class Cells:
    """Reads lines under the given header; ``repeated`` holds the hashes of member ids that are not unique.

    ``partner_columns`` names the column of the header that holds the numbers in a partner's program, by program code.
    ``noun`` is what a line is called where people read of it.
    """

    def __init__(
        self,
        header: Sequence[str],
        repeated: frozenset[int],
        partner_columns: Mapping[str, str],
        noun: str = "Line",
    ) -> None:
        self._noun = noun
        self._width = len(header)
        self._numbers = [(code, header.index(column)) for code, column in partner_columns.items()]
        # A column that the file lacks reads the empty cell that is put behind every line.
        self._pick = itemgetter(*(header.index(name) if name in header else -1 for name in COLUMNS))
        self._id_first = header[0] == "member_id"
        self._repeated = repeated

    def read(self, cells: list[str], line: int, spans: int = 1) -> Member | BadLine:
        """Return the member of a record that ends in physical line ``line`` and takes ``spans`` of them."""
        try:
            if len(cells) != self._width:
                raise self._wrong_width(cells, spans)
            cells.append("")
            return self._member(cells, spans)
        except _LineError as fault:
            member_id = self._readable_id(cells) if fault.readable else None
            return BadLine(line, f"{self._noun} {line}: {fault}", member_id)

    def _member(self, cells: list[str], spans: int) -> Member:
        picked = self._pick(cells)
        if spans > 1 and self._runs_on(cells):
            raise _LineError("a cell runs over several lines; expected every quote to be closed.", readable=False)
        member_id, number, email, first, last, tier, points, expires_on, state, url, mews_id, share = map(
            str.strip, picked
        )
        self._check_id(member_id)
        if number:
            _check_number(number)
        return Member(
            member_id,
            number or None,
            tier or None,
            _points(points) if points else None,
            _day(expires_on) if expires_on else None,
            _state(state) if state else None,
            mews_id or None,
            email or None,
            first or None,
            last or None,
            _address(url) if url else None,
            {code: _partner_number(cells[place], code) for code, place in self._numbers} if self._numbers else {},
            _share(share) if share else None,
        )

    def _runs_on(self, cells: list[str]) -> bool:
        read = (*self._pick(cells), *(cells[place] for _, place in self._numbers))
        return any(map(_LINE_BREAK.search, read))

    def _check_id(self, member_id: str) -> None:
        if not member_id:
            raise _LineError(f"member_id is empty; expected an id in every {self._noun.lower()}.", readable=False)
        if len(member_id) > LONGEST_ID:
            raise _LineError(f"member_id is too long; expected at most {LONGEST_ID} characters.", readable=False)
        if _is_card(member_id):
            raise _LineError("member_id looks like a payment card; expected the scheme's own id.", readable=False)
        if self._repeated and hash(member_id) in self._repeated:
            raise _LineError("member_id stands in the file more than once; expected one line for each member.")

    def _wrong_width(self, cells: list[str], spans: int) -> _LineError:
        # Several physical lines in one: members may have been swallowed whose ids nobody can read.
        text = f"{len(cells)} fields; expected {self._width}, as in the header."
        return _LineError(text, readable=spans == 1 and self._id_first)

    def _readable_id(self, cells: list[str]) -> str | None:
        return readable_id(cells[0] if self._id_first else self._pick(cells)[0])


def readable_id(text: str) -> str | None:
    """Return a member id that can be trusted though the rest of its line cannot be taken."""
    member_id = text.strip()
    readable = 0 < len(member_id) <= LONGEST_ID and not _is_card(member_id)
    return member_id if readable else None


def _is_card(member_id: str) -> bool:
    # Digits alone: an id such as a UUID may well hold 16 digits among its letters.
    return _DIGITS.fullmatch(member_id) is not None and looks_like_payment_card(member_id)


def _check_number(number: str, name: str = "number") -> None:
    if len(number) > LONGEST_NUMBER:
        raise _LineError(f"{name} is too long; expected at most {LONGEST_NUMBER} characters.")
    if len(number) > 14 and looks_like_payment_card(number):
        raise _LineError(f"{name} looks like a payment card; expected a membership number.")


def _partner_number(text: str, code: str) -> str | None:
    if number := text.strip():
        _check_number(number, f"the number in {code}")
    return number or None


def _points(text: str) -> int:
    if _WHOLE.fullmatch(text) is None or abs(points := int(text)) > LARGEST_POINTS:
        raise _LineError("points is not a whole number; expected digits only, such as 1500.")
    return points


@lru_cache(maxsize=8192)
def _day(text: str) -> date:
    try:
        # fromisoformat also takes 20261231 and week dates, which nobody means here.
        if len(text) == 10 and text[4] == text[7] == "-":
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _LineError("expires_on is not a date; expected YYYY-MM-DD, such as 2027-12-31.")


def _state(text: str) -> str:
    if text not in STATES:
        raise _LineError(f"state is unknown; expected {', '.join(sorted(STATES))} or nothing.")
    return text


def _share(text: str) -> bool:
    if (said := _SHARE.get(text.lower())) is None:
        raise _LineError("share is neither yes nor no; expected whether partners may be told of the member's stays.")
    return said


def _address(url: str) -> str:
    if len(url) > LONGEST_URL or _ADDRESS.fullmatch(url) is None:
        raise _LineError(f"url is not an address; expected https://… with at most {LONGEST_URL} characters.")
    return url
