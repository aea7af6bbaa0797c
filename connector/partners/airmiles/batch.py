"""The batch file: one record of 250 bytes for each issuance. Unofficial.

Its layout is not published. It is put together from two independent third parties whose widths agree; columns 83 to
250 come from one of them alone, and how the last digit carries its sign is the convention of such files. So it is a
way out for a partner that is not let on the API, to be compared with AIR MILES's own specification before it is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from connector.domain.awards import Credit, Kind
from connector.errors import Misconfigured, Skippable
from connector.partners.airmiles.activities import Days
from connector.partners.airmiles.issuance import by_offer, location
from connector.partners.airmiles.terms import Terms

#: The last digits of numbers that are not negative, then of those that are.
OVERPUNCH = "{ABCDEFGHI}JKLMNOPQR"
WIDTH = 250


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file says of itself, and the readings of its layout.

    ``provider`` (who transmits) and ``sponsor`` (who awards) have 4 characters. ``signs`` are 20 last digits, for +0 to
    +9 and for -0 to -9; ``tender`` is how guests paid (empty: not told); ``newline`` ends each record.
    """

    provider: str
    sequence: int
    sponsor: str
    signs: str = OVERPUNCH
    tender: str = ""
    newline: str = "\r\n"

    @property
    def name(self) -> str:
        """The file's name: the provider and four digits of the sequence."""
        return f"{self.provider}{self.sequence:04}"


@dataclass(frozen=True, slots=True)
class Batch:
    """A file's bytes, how many issuances it has, and their net miles."""

    content: bytes
    issuances: int
    miles: int


def batch(credits_: Iterable[Credit], terms: Terms, days: Days, layout: Layout, now: datetime) -> Batch:
    """Write the file; raises Misconfigured with a sentence for everything that its columns cannot hold."""
    faults = list(_faults(layout))
    details: list[str] = []
    miles = 0
    for credit in credits_:
        try:
            details += _details(credit, terms, days, layout)
            miles += credit.miles if credit.kind is Kind.CREDIT else -credit.miles
        except (Skippable, _TooWide) as fault:
            faults.append(f"stay {credit.reservation_number}: {fault}")
    if faults:
        raise Misconfigured(*faults)
    records = [_header(layout, days, now, len(details), miles), *details]
    return Batch("".join(each + layout.newline for each in records).encode("ascii"), len(details), miles)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the files of one partner; ``sponsor`` is its only sponsor code, empty where it has none or several."""

    terms: Terms
    days: Days
    sponsor: str

    def write(self, credits_: Iterable[Credit], layout: Layout, now: datetime) -> Batch:
        """Write one file; see ``batch``."""
        return batch(credits_, self.terms, self.days, layout, now)


class _TooWide(ValueError):
    """A value that its columns cannot hold."""


def _faults(layout: Layout) -> Iterator[str]:
    for name, text in (("provider", layout.provider), ("sponsor", layout.sponsor)):
        if not _is_code(text, 4) or len(text) != 4:
            yield f"the {name} code {text!r} is not one; expected 4 letters or digits"
    if not 1 <= layout.sequence <= 9999:
        yield f"the sequence {layout.sequence} does not fit in the file's name; expected 1 to 9999"
    if len(layout.signs) != 20 or len(set(layout.signs)) != 20 or not layout.signs.isascii():
        yield "the signs are not told apart; expected 20 different characters, for +0 to +9 and -0 to -9"


def _header(layout: Layout, days: Days, now: datetime, details: int, miles: int) -> str:
    there = days.there(now)
    parts = (
        "TH",
        " " * 6,
        layout.provider,
        f"{layout.sequence:06}",
        f"{there:%Y%m%d%H%M%S}",
        f"{details:08}",
        _signed(miles, 13, layout),
    )
    return "".join(parts).ljust(WIDTH)


def _details(credit: Credit, terms: Terms, days: Days, layout: Layout) -> Sequence[str]:
    """Return the records of a message; its sale stands on the first one, so that sales add up."""
    place, sign = location(credit, terms), 1 if credit.kind is Kind.CREDIT else -1
    sale = int(credit.value_net.quantize(Decimal(1), ROUND_HALF_UP))
    records = []
    for number, (offer, miles) in enumerate(by_offer(credit, terms).items()):
        parts = (
            "TD".ljust(17),
            _code(credit.member_number, 11, "collector number").ljust(11),
            _code(credit.reservation_number, 20, "reservation number").rjust(20, "0"),
            layout.sponsor,
            _code(offer, 8, "offer code").ljust(8),
            _code(place, 4, "location code").ljust(4),
            " " * 9,
            _signed(sign * miles, 9, layout),
            " " * 18,
            f"{days.of(credit.departed_at):%Y%m%d}",
            "001",
            "0" * 7,
            layout.tender.ljust(8),
            "M",
            _signed(0 if number else sign * sale, 5, layout),
        )
        records.append("".join(parts).ljust(WIDTH))
    return records


def _signed(number: int, width: int, layout: Layout) -> str:
    digits = f"{abs(number):0{width}}"
    if len(digits) > width:
        raise _TooWide(f"{number} does not fit in {width} digits")
    return digits[:-1] + layout.signs[int(digits[-1]) + (10 if number < 0 else 0)]


def _code(text: str, width: int, what: str) -> str:
    if not _is_code(text, width):
        raise _TooWide(f"the {what} does not fit; expected at most {width} letters, digits or hyphens")
    return text


def _is_code(text: str, width: int) -> bool:
    return 0 < len(text) <= width and text.isascii() and text.replace("-", "").isalnum()
