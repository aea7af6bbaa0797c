"""A tier in Mews makes more of the miles."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connector.jobs.contracts import Partnership
from connector.sandbox.mews import edits
from tests.integration.earning.books import Books
from tests.integration.earning.chain import CHAIN_ID, MM, per_euro
from tests.integration.earning.front_desk import FrontDesk

BY_TIER = per_euro(tier_bonus=(("GOLD", Decimal("1.5")), ("SILVER", Decimal("1.1"))), bonus=5)


@pytest.fixture
def club(mm: Partnership) -> Partnership:
    """Miles & More with more miles for members of the chain's own club."""
    return replace(mm, contract=replace(mm.contract, rules=(BY_TIER,), tier_program="ALPEN"))


@pytest.fixture
def gold(desk: FrontDesk) -> FrontDesk:
    """A front desk at which the guest is a gold member."""
    edits.add(desk.state, "LoyaltyPrograms", {"Id": "p-ALPEN", "ChainId": CHAIN_ID, "Name": "Club", "Code": "ALPEN",
                                              "Type": "Hotel", "Subscription": "Free"})  # fmt: skip
    for ordering, code in enumerate(("SILVER", "GOLD")):
        edits.add(desk.state, "LoyaltyTiers", {"Id": f"t-{code}", "LoyaltyProgramId": "p-ALPEN", "Name": code,
                                               "Code": code, "Ordering": ordering})  # fmt: skip
    desk.member()
    desk.membership("m-own", "g1", "ALPEN", "A-1", IsPrimary=False, LoyaltyTierId="t-GOLD")
    desk.stay()
    desk.charge("i1", 100)
    return desk


async def test_a_revision_uses_the_tier_of_the_first_decision(gold: FrontDesk, books: Books, club: Partnership) -> None:
    await gold.read(club)
    assert await books.messages() == [("credit", 1, 170, "ready")]
    gold.edit("LoyaltyMemberships", "m-own", LoyaltyTierId="t-SILVER")
    gold.rebate("i2", 20, lowers="i1")
    await gold.read(club)
    assert await books.messages() == [("credit", 1, 170, "superseded"), ("credit", 2, 137, "ready")]


async def test_an_expired_tier_earns_as_none(gold: FrontDesk, books: Books, club: Partnership) -> None:
    gold.edit("LoyaltyMemberships", "m-own", ExpirationDate="2020-01-01")
    await gold.read(club)
    assert await books.messages() == [("credit", 1, 115, "ready")]
    assert await books.decisions(MM) == {"r1": ("awarded", "awarded")}
