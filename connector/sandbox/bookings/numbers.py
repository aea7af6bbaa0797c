"""Card numbers of the partners, with their check digits, unique per guest, and the bad ones people type.

Miles & More: 15 digits, prefix of four, the last digit by Luhn (published by third parties only). AIR MILES
Collector: 11 digits beginning with 8, the last by a weighted sum modulo 11 (likewise). All are made up.
"""

from __future__ import annotations

WEIGHTS = (6, 5, 4, 3, 8, 7, 6, 5, 4, 3)
PREFIXES = ("9920", "9920", "9920", "9999", "9922", "2220")
TEST_CARD = "4111111111111111"


def miles_and_more(guest: int) -> str:
    """The card number of guest number ``guest``; no two guests share one."""
    body = PREFIXES[guest % len(PREFIXES)] + f"{(guest * 7_654_321 + 123_456_789) % 10**10:010}"
    return body + str(luhn_digit(body))


def luhn_digit(body: str) -> int:
    """The digit that makes ``body`` followed by it pass the Luhn test."""
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return -sum(sum(divmod(value, 10)) for value in doubled) % 10


def collector(guest: int) -> str:
    """The AIR MILES Collector number of guest number ``guest``; no two guests share one."""
    body = f"8{(guest * 7_654_321 + 12_345_678) % 10**9:09}"
    return body + str(collector_digit(body))


def collector_digit(body: str) -> int:
    rest = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True)) % 11
    return 0 if rest < 2 else 11 - rest


def in_blocks(number: str) -> str:
    """As printed on the card: blocks of four."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def wrong_digit(number: str) -> str:
    """``number`` with a last digit that fails the check."""
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def mistyped(number: str, way: int) -> str:
    """One of four faults that staff make: a digit short, a letter, half a number, a payment card instead."""
    return (number[:-1], f"{number[:-1]}O", number[:6], TEST_CARD)[way % 4]
