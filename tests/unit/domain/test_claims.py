from __future__ import annotations

from datetime import date, timedelta

import pytest

from connector.domain import seat
from connector.domain.claims import CLAIMED, as_claimed, is_late
from connector.domain.seat import Seat
from tests.unit.domain.stay_makers import contract, membership, stay

NUMBER = "992003669288601"
DAY = date(2026, 11, 2)


@pytest.mark.parametrize(
    "held",
    [
        (),
        (membership(number=None),),
        (membership(state="Canceled"),),
        (membership(expires=date(2020, 1, 1)),),
        (membership(id="am", program_code="AM", is_primary=True),),
        (membership(is_primary=False), membership(id="am", program_code="AM", is_primary=True)),
    ],
)
def test_the_claimed_number_earns_whatever_the_guest_holds(held: tuple[object, ...]) -> None:
    terms = contract(competing=frozenset({"MM", "AM"}))
    claimed = as_claimed(stay(memberships=held), terms, NUMBER)
    assert seat.take(claimed, terms, DAY) == Seat(CLAIMED, NUMBER)


def test_memberships_of_other_programs_stay_so_that_the_tier_is_noted() -> None:
    terms = contract(tier_program="ALPEN")
    held = membership(id="own", program_code="ALPEN", tier_code="GOLD")
    assert seat.tier(as_claimed(stay(memberships=(held,)), terms, NUMBER), terms, DAY) == "GOLD"


@pytest.mark.parametrize(("days", "late"), [(0, False), (183, False), (184, True)])
def test_a_claim_comes_within_its_window(days: int, late: bool) -> None:
    assert is_late(DAY, DAY + timedelta(days=days), contract()) is late
