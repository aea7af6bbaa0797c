"""Under which offer code each mile of an award is issued.

A rule may have an offer code of its own; "" stands for the partner's. Miles are rounded down once, for the whole award,
so the shares follow them: each code's exact miles are rounded down, what rounding the sum leaves over goes to the first
code, and what a cap cuts off is cut from the last. The partner's own code is first, the others come in the order in
which their rules apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

#: Whole miles > 0 by offer code; together they are the miles of the award. Empty: all under the partner's own code.
Shares = tuple[tuple[str, int], ...]
Told = tuple[Shares, int]  # the shares of so many miles


def shares(given: Iterable[tuple[str, Fraction]], miles: int) -> Shares:
    """Return the shares of an award of ``miles``: what each applied rule gives, by its offer code, in their order.

    ``miles`` are at most what the rules give together, rounded down.
    """
    parts = list(given)
    if not any(code for code, _ in parts):
        return ()
    exact: dict[str, Fraction] = {}
    for code, each in sorted(parts, key=lambda one: one[0] != ""):
        if each:
            exact[code] = exact.get(code, Fraction(0)) + each
    whole = {code: int(each) for code, each in exact.items()}
    floor = int(sum(exact.values(), Fraction(0)))
    for first in list(whole)[:1]:
        whole[first] += floor - sum(whole.values())
    return _told(_cut(whole, floor - miles))


def _cut(whole: dict[str, int], over: int) -> dict[str, int]:
    """Return the miles by code with ``over`` of them taken away, from the last code on."""
    left = dict(whole)
    for code in reversed(whole):
        cut = min(over, left[code])
        left[code] -= cut
        over -= cut
    return left


def added(several: Iterable[Told]) -> Shares:
    """Return the shares of several awards that are one."""
    whole: dict[str, int] = {}
    for each in several:
        for code, miles in by_code(each).items():
            whole[code] = whole.get(code, 0) + miles
    return _told(whole)


def less(earned: Told, said: Iterable[Told]) -> Shares | None:
    """Return the shares of what was not said yet; None where more was said under some code than it has now."""
    left = by_code(earned)
    for each in said:
        for code, miles in by_code(each).items():
            left[code] = left.get(code, 0) - miles
    return None if min(left.values(), default=0) < 0 else _told(left)


def by_code(told: Told) -> dict[str, int]:
    """Return the miles by offer code, also where all of them are the partner's own."""
    found, miles = told
    return dict(found) or {"": miles}


def _told(whole: Mapping[str, int]) -> Shares:
    given = {code: miles for code, miles in whole.items() if miles}
    return () if set(given) <= {""} else tuple(given.items())
