"""Contracts, each told twice: to the connector as its settings would, and to the reference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from connector.domain.contract import Contract, Hold
from connector.domain.rules import Rule
from tests.reference.earning import Term

ROOM = frozenset({"SpaceOrder"})
WHOLE_FOLIO: frozenset[str] = frozenset()
AGENCIES = frozenset({"Online TA", "Offline TA/TO"})
SUMMER = date(2016, 6, 1), date(2016, 8, 31)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One contract: rules and terms say the same."""

    name: str
    rules: tuple[Rule, ...]
    terms: tuple[Term, ...]
    rooms: int = 1
    stitch: bool = False

    @property
    def contract(self) -> Contract:
        """The contract as the connector takes it; what the bookings are too old for does not hold them back."""
        return Contract(
            *(self.name, "MM", "miles_and_more", self.rules),
            number_check="off",
            hold=Hold("none"),
            max_age=timedelta(days=5000),
            competing=frozenset({"MM"}),
            tier_program="MM",
            rooms=self.rooms,
            stitch=self.stitch,
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
WEEKENDS = Agreement(
    "weekend_nights_and_early_birds",
    (
        Rule("night", Decimal(200), items=ROOM, weekdays=frozenset({"Friday", "Saturday"}), exclude_rates=AGENCIES),
        Rule("stay", Decimal(50), weekdays=frozenset({"Monday"}), booked_to=date(2015, 12, 31)),
    ),
    (
        Term("night", Fraction(200), items=ROOM, weekdays=frozenset({4, 5}), not_rates=AGENCIES),
        Term("stay", Fraction(50), weekdays=frozenset({0}), booked=(date.min, date(2015, 12, 31))),
    ),
)
DIRECT = Agreement(
    "direct_and_the_bar",
    (
        Rule("spend", Decimal(2), currency="EUR", items=ROOM, rates=frozenset({"Direct"}), arrival_from=SUMMER[0]),
        Rule("spend", Decimal(3), currency="EUR", categories=frozenset({"bar"}), arrival_to=SUMMER[1]),
    ),
    (
        Term("spend", Fraction(2), items=ROOM, rates=frozenset({"Direct"}), arrived=(SUMMER[0], date.max)),
        Term("spend", Fraction(3), categories=frozenset({"bar"}), arrived=(date.min, SUMMER[1])),
    ),
)
HIGH, SINCE = (date(2016, 7, 1), date(2016, 8, 31)), date(2016, 8, 15)
TIERED = Agreement(
    "tiered",
    (
        Rule("stay", Decimal(50), priority=20, min_spend=Decimal("400.00"), currency="EUR"),
        Rule(
            *("spend", Decimal(2)),
            currency="EUR",
            items=WHOLE_FOLIO,
            tiers=((Decimal("100.00"), Decimal("2.00")), (Decimal(500), Decimal("1.5")), (Decimal(0), Decimal("0.7"))),
            tier_bonus=(("GOLD", Decimal("1.25")), ("SILVER", Decimal("1.1"))),
            multipliers=((*HIGH, Decimal(2)), (SINCE, date.max, Decimal("1.3"))),
            bonus=5,
        ),
        Rule("night", Decimal(120), priority=1, stop=True, min_nights=8, tier_bonus=(("GOLD", Decimal("1.5")),)),
        Rule(
            *("spend", Decimal(3)),
            priority=5,
            stop=True,
            currency="EUR",
            amount="net",
            items=ROOM,
            tiers=((Decimal(900), Decimal(1)),),
            min_spend=Decimal("700.50"),
        ),
    ),
    (
        Term("stay", Fraction(50), priority=20, min_spend=Fraction(400)),
        Term(
            *("spend", Fraction(2)),
            items=WHOLE_FOLIO,
            steps=((Fraction(100), Fraction(2)), (Fraction(500), Fraction(3, 2)), (None, Fraction(7, 10))),
            by_tier={"GOLD": Fraction(5, 4), "SILVER": Fraction(11, 10)},
            by_date=((*HIGH, Fraction(2)), (SINCE, None, Fraction(13, 10))),
            bonus=5,
        ),
        Term("night", Fraction(120), priority=1, stop=True, min_nights=8, by_tier={"GOLD": Fraction(3, 2)}),
        Term(
            *("spend", Fraction(3)),
            priority=5,
            stop=True,
            amount="net",
            items=ROOM,
            steps=((Fraction(900), Fraction(1)),),
            min_spend=Fraction(1401, 2),
        ),
    ),
)
AGREEMENTS = (FLAT, PER_NIGHT, PER_EURO_NET, WHOLE, PER_TWENTY_DOLLARS, BOUNDED, WEEKENDS, DIRECT, TIERED)
STITCHED = Agreement(
    "stitched_with_three_rooms",
    (
        Rule("night", Decimal(125), items=ROOM, bonus=50, min_nights=3, cap_stay=2500),
        Rule("spend", Decimal(1), per=Decimal("1.5"), currency="EUR", amount="net", items=ROOM),
    ),
    (
        Term("night", Fraction(125), items=ROOM, bonus=50, min_nights=3, cap_stay=2500),
        Term("spend", Fraction(1), per=Fraction(3, 2), amount="net", items=ROOM),
    ),
    rooms=3,
    stitch=True,
)
