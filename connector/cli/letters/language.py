"""A language as letters need it: its phrases, and how it writes days, numbers and money.

Three languages need too little of what a library of locales brings (see ``connector/README.md``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import trunc

Forms = tuple[str, str]  # of one, of several

#: Currencies without a minor unit (ISO 4217) in which hotels charge.
_WHOLE = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"})
_COLON = re.compile(r" (?=[:;?!%»])")


@dataclass(frozen=True, slots=True)
class Phrases:
    """What a code is in plain words; ``other`` stands for every code that has no phrase of its own."""

    known: Mapping[str, str]
    other: str

    def __getitem__(self, code: str) -> str:
        """Return the phrase of a code."""
        return self.known.get(code, self.other)


@dataclass(frozen=True, slots=True)
class Style:
    """How a language writes. ``day`` is a pattern of day, month and year, ``money`` one of amount and currency."""

    months: str
    day: str
    first: str
    money: str
    thousands: str
    decimals: str
    about: str
    one_below_two: bool = False
    spaced_colons: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    """One language. The phrases of ``frame`` are patterns; the others stand as they are.

    ``reasons`` are those of decisions, ``conditions`` what stands against a rule, ``verdicts`` why an item counts or
    not, ``types`` Mews order item types.
    """

    style: Style
    frame: Mapping[str, str]
    units: Mapping[str, Forms]
    nights: Forms
    reasons: Phrases
    conditions: Phrases
    verdicts: Phrases
    types: Phrases

    def say(self, phrase: str, **values: str) -> str:
        """Return a phrase of the frame."""
        return self.typeset(self.frame[phrase].format(**values))

    def typeset(self, text: str) -> str:
        """Keep a spaced colon on the line of the word before it, where the language spaces it."""
        return _COLON.sub("\u00a0", text) if self.style.spaced_colons else text

    def day(self, day: date) -> str:
        """Write a date."""
        number = self.style.first if day.day == 1 else str(day.day)
        return self.style.day.format(day=number, month=self.style.months.split()[day.month - 1], year=day.year)

    def number(self, value: Fraction, places: int = 2) -> str:
        """Write a number; one with more than ``places`` decimals is cut there, and called about that much."""
        cut = Fraction(trunc(value * 10**places), 10**places)
        about = "" if cut == value else f"{self.style.about} "
        return about + self._marked(f"{Decimal(cut.numerator) / Decimal(cut.denominator):,f}")

    def money(self, amount: Fraction, currency: str) -> str:
        """Write an amount, with as many decimals as it has and no fewer than the currency."""
        least = 0 if currency in _WHOLE else 2
        if round(amount, least) == amount:
            written = self._marked(f"{Decimal(amount.numerator) / Decimal(amount.denominator):,.{least}f}")
        else:
            written = self.number(amount, 6)
        return self.style.money.format(amount=written, currency=currency)

    def counted(self, value: Fraction, forms: Forms) -> str:
        """Write how many of something."""
        single = abs(value) < 2 if self.style.one_below_two else value == 1
        return f"{self.number(value)} {forms[0] if single else forms[1]}"

    def unit(self, unit: str) -> Forms:
        """Return what a partner's unit is called; one that is a name stays as it is."""
        return self.units.get(unit, (unit, unit))

    def _marked(self, written: str) -> str:
        marks = {",": self.style.thousands, ".": self.style.decimals, "-": "−"}
        return "".join(marks.get(each, each) for each in written)
