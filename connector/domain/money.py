"""Exact money: decimals that are never rounded on the way, and exchange at known rates."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, localcontext
from fractions import Fraction

from connector.domain.ruling import Suspense

Pair = tuple[str, str]

# Far more digits than money has: what does not fit is no amount, and raises ArithmeticError instead of
# rounding.
_EXACT = Context(prec=200, Emax=100, Emin=-100, traps=[Inexact, InvalidOperation, Overflow, DivisionByZero])


def exact() -> AbstractContextManager[Context]:
    """Return a context in which decimal arithmetic is exact or raises ArithmeticError."""
    return localcontext(_EXACT)


def plus(amount: Decimal, other: Decimal) -> Decimal:
    """Return an exact sum, or raise ArithmeticError; much faster than a context for each addition."""
    return _EXACT.add(amount, other)


def plain(amount: Decimal) -> str:
    """Write an amount without an exponent."""
    return format(amount, "f")


def told(number: Fraction) -> str:
    """Write an exact number: with decimals where they end, else as a fraction."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return str(number)
    return plain(Decimal(number.numerator) / Decimal(number.denominator))


@dataclass(frozen=True, slots=True)
class Exchange:
    """Exchange rates by (source, target): one unit of source is that many of target. Notes those ``used``."""

    rates: Mapping[Pair, Decimal]
    used: dict[Pair, Decimal] = field(default_factory=dict)

    def convert(self, amount: Decimal, source: str, target: str) -> Decimal:
        """Return the amount in the target currency, unrounded; raise Suspense when the rate is not known."""
        if source == target or not amount:
            return amount
        rate = self.rates.get((source, target))
        if rate is None or not rate > 0:
            raise Suspense("no_exchange_rate", f"no exchange rate {source}→{target}")
        self.used[source, target] = rate
        return amount * rate
