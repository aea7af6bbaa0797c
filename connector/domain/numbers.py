"""Member numbers of the partners: their canonical form, their check digits, and what must never be kept.

Miles & More: 15 digits, check digit by Luhn as third parties publish it; accounts have 9 digits and no
published check digit. AIR MILES: 11 digits beginning with 8, check digit weighted modulo 11 (a third
party's validator). No partner publishes its check digit itself, so a failing one is a warning unless the
settings are strict.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Scheme = Literal["miles_and_more", "air_miles"]
Strictness = Literal["strict", "warn", "off"]

PAYMENT_CARD = "(looks like a payment card)"
_SHORTEST_CARD = 15
# Between two digits of a card stand up to three characters that are neither digit nor letter, in any script.
_CARD = re.compile(r"(?<!\d)(?:\d(?:[\W_]{0,3}\d){15}|3[\W_]{0,3}[47](?:[\W_]{0,3}\d){13})(?!\d)")
# In a text, where dates and times stand too: in the groups that are printed on cards, and no part of a UUID.
_GAP = r"[\W_]{0,3}"
_PRINTED = re.compile(
    rf"(?<![\da-fA-F])(?:(?:\d{{4}}{_GAP}){{3}}\d{{4}}|3[47]\d\d{_GAP}\d{{6}}{_GAP}\d{{5}})(?![\da-fA-F])"
)
# Blanks, hyphens, and the invisible characters that pasting brings along.
_SEPARATORS = frozenset({"Zs", "Pd", "Cf", "Cc"})
_AIR_MILES_WEIGHTS = (6, 5, 4, 3, 8, 7, 6, 5, 4, 3)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``number`` is canonical, None when there is a ``fault``; neither fault nor warning holds the number."""

    number: str | None
    fault: str = ""
    warning: str = ""


def check(scheme: Scheme, raw: str | None, strictness: Strictness = "warn", *, accounts: bool = False) -> Verdict:
    """Judge what somebody typed as a member number; ``accounts`` also takes 9-digit Miles & More accounts."""
    number = canonical(raw or "")
    if looks_like_payment_card(raw or ""):
        return Verdict(None, "looks like a payment card number")
    if fault := _shape(scheme, number, accounts=accounts):
        return Verdict(None, fault)
    if strictness == "off" or _check_digit_holds(scheme, number):
        return Verdict(number)
    fault = "its check digit does not fit"
    return Verdict(None, fault) if strictness == "strict" else Verdict(number, warning=fault)


def canonical(raw: str) -> str:
    """Return a number as it is compared: without blanks, hyphens and what pasting brings along."""
    return _bare(_ascii(raw))


def keepable(raw: str | None) -> str | None:
    """Return what may be stored of a typed number: PAYMENT_CARD stands for what looks like one."""
    return PAYMENT_CARD if raw and looks_like_payment_card(raw) else raw


def looks_like_payment_card(raw: str) -> bool:
    """Tell whether the text is, or holds, 16 digits, or 15 that begin with 34 or 37; or stands for such a text."""
    if len(raw) < _SHORTEST_CARD:
        return False
    text = raw if raw.isascii() else "".join(str(unicodedata.digit(each, each)) for each in raw)
    digits = re.sub(r"\D", "", text)
    is_one = len(digits) == 16 or (len(digits) == 15 and digits[:2] in {"34", "37"})
    return is_one or raw == PAYMENT_CARD or bool(_CARD.search(text))


def without_payment_cards(text: str) -> str:
    """Return a text in which PAYMENT_CARD stands for each number that is written as payment cards are."""
    return _PRINTED.sub(PAYMENT_CARD, text)


def mask(number: str) -> str:
    """Return the number with only its last digits readable: four at most, and never more than a third."""
    shown = min(4, len(number) // 3)
    return "*" * (len(number) - shown) + number[len(number) - shown :]


def _ascii(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(character, character)) for character in text)


def _bare(text: str) -> str:
    if text.isalnum():
        return text
    return "".join(character for character in text if unicodedata.category(character) not in _SEPARATORS)


def _shape(scheme: Scheme, number: str, *, accounts: bool) -> str:
    if not number:
        return "there is no number"
    if not (number.isascii() and number.isdigit()):
        return "it holds characters other than digits"
    if scheme == "air_miles":
        right = len(number) == 11 and number[0] == "8"
        return "" if right else "an AIR MILES number is 11 digits beginning with 8"
    if len(number) in ({15, 9} if accounts else {15}):
        return ""
    return f"a Miles & More number has 15 digits, this one {len(number)}"


def _check_digit_holds(scheme: Scheme, number: str) -> bool:
    if scheme == "air_miles":
        return _weighted_mod_11(number)
    return len(number) == 9 or _luhn(number)


def _weighted_mod_11(number: str) -> bool:
    rest = sum(weight * int(digit) for weight, digit in zip(_AIR_MILES_WEIGHTS, number, strict=False)) % 11
    return int(number[10]) == (0 if rest < 2 else 11 - rest)


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0
