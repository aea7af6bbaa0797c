"""Contracts, each told twice: to the connector as its settings would, and to the reference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from connector.domain.contract import Contract, Hold
from connector.domain.rules import Rule
from tests.reference.earning import Term

ROOM = frozenset({"SpaceOrder"})
WHOLE_FOLIO: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Agreement:
    """One contract: rules and terms say the same."""

    name: str
    rules: tuple[Rule, ...]
    terms: tuple[Term, ...]

    @property
    def contract(self) -> Contract:
        """The contract as the connector takes it; what the bookings are too old for does not hold them back."""
        return Contract(
            *(self.name, "MM", "miles_and_more", self.rules),
            number_check="off",
            hold=Hold("none"),
            max_age=timedelta(days=5000),
            competing=frozenset({"MM"}),
        )


FLAT = Agreement(
    "flat",
    (Rule("stay", Decimal(500), items=ROOM),),
    (Term("stay", Fraction(500), items=ROOM),),
)
PER_NIGHT = Agreement(
    "per_night",
    (Rule("night", Decimal(125), items=ROOM, min_nights=2, cap_stay=1000),),
    (Term("night", Fraction(125), items=ROOM, min_nights=2, cap_stay=1000),),
)
PER_EURO_NET = Agreement(
    "per_euro_net",
    (Rule("spend", Decimal(1), currency="EUR", amount="net", items=ROOM),),
    (Term("spend", Fraction(1), amount="net", items=ROOM),),
)
WHOLE = Agreement(
    "whole_folio_and_bonus",
    (
        Rule("spend", Decimal("1.5"), per=Decimal(3), currency="EUR", items=WHOLE_FOLIO, bonus=3),
        Rule("night", Decimal("0.3"), bonus=7),
    ),
    (
        Term("spend", Fraction(3, 2), per=Fraction(3), items=WHOLE_FOLIO, bonus=3),
        Term("night", Fraction(3, 10), bonus=7),
    ),
)
PER_TWENTY_DOLLARS = Agreement(
    "per_twenty_dollars",
    (Rule("spend", Decimal(1), per=Decimal(20), currency="CAD", amount="net", items=ROOM),),
    (Term("spend", Fraction(1), per=Fraction(20), currency="CAD", amount="net", items=ROOM),),
)
BOUNDED = Agreement(
    "bounded",
    (
        Rule("spend", Decimal(1), currency="EUR", exclude_items=frozenset({"ProductOrder"}), min_spend=Decimal(150)),
        Rule("night", Decimal(20), items=ROOM, cap_stay=900),
        Rule("stay", Decimal(1), items=ROOM, cap_stay=600, over_cap="refuse"),
    ),
    (
        Term("spend", Fraction(1), exclude_items=frozenset({"ProductOrder"}), min_spend=Fraction(150)),
        Term("night", Fraction(20), items=ROOM, cap_stay=900),
        Term("stay", Fraction(1), items=ROOM, cap_stay=600, refuse_above_cap=True),
    ),
)
AGREEMENTS = (FLAT, PER_NIGHT, PER_EURO_NET, WHOLE, PER_TWENTY_DOLLARS, BOUNDED)
