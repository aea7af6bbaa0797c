"""The report and the partners' own books agree to the mile and the cent, whatever the partners answered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connector.jobs.contracts import Partnership
from connector.store.exports import Chosen, exported
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import AM, MM
from tests.integration.earning.front_desk import FrontDesk
from tests.integration.reconciliation.accounting import reconcile, together, told

NIGHTS = ("199.99", "80.35", "1234.56", "77.70", "310.01")


async def checked_out(desk: FrontDesk, hotel: str, program: str, first: str) -> None:
    """Enter a stay for each of the nights, each of another member."""
    for n, net in enumerate(NIGHTS, start=1):
        guest = f"{program}{n}"
        desk.member(guest, program, f"{first}{n}")
        desk.stay(f"r-{guest}", guest, hotel)
        desk.charge(f"i-{guest}", float(net), f"r-{guest}", hotel)


def effects(counter: Counter, kind: str) -> list[dict[str, Any]]:
    return [each for each in counter.journal.credits() if each["kind"] == kind]


async def ties(desk: FrontDesk, counter: Counter, partnership: Partnership) -> None:
    """Whatever is certain agrees; the partner may hold what is in doubt besides."""
    found = together(await told(desk, partnership), partnership.name)
    credited = sum(each["miles"] for each in effects(counter, "credit"))
    reversals = -sum(each["miles"] for each in effects(counter, "reversal"))
    assert found.acknowledged <= credited <= found.acknowledged + found.in_doubt
    assert found.reversed <= reversals <= found.reversed + found.in_doubt
    assert found.sent == found.acknowledged + found.reversed + found.refused + found.difference


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_with_corrections_refusals_and_doubts(
    desk: FrontDesk, books: Books, mm: Partnership, am: Partnership, at_uplyft: Counter, at_airmiles: Counter
) -> None:
    await checked_out(desk, "wien", "MM", "99200000000000")
    await checked_out(desk, "montreal", "AM", "8000000000")
    await desk.read(mm, am)
    before = together(await told(desk, mm, am), AM)
    assert (before.stays, before.held, before.sent, before.net) == (5, 92, 0, sum(map(Decimal, NIGHTS)))
    at_uplyft.fault("lose,times=1")
    at_airmiles.fault("lose,times=1")
    at_airmiles.fault("400,times=1")
    await desk.deliver(mm, am)
    doubtful = {name: together(await told(desk, mm, am), name) for name in (MM, AM)}
    assert all(each.difference == each.in_doubt > 0 for each in doubtful.values())
    assert doubtful[AM].refused > 0
    await ties(desk, at_uplyft, mm)
    await ties(desk, at_airmiles, am)
    desk.later(minutes=2)
    await desk.deliver(mm, am)
    someone = effects(at_airmiles, "credit")[0]["member"][-1]
    desk.rebate("late", 40, f"i-AM{someone}", f"r-AM{someone}", "montreal")
    await desk.read(mm, am)
    at_airmiles.fault("lose,times=1", "reverse")
    await desk.deliver(mm, am)
    await ties(desk, at_airmiles, am)
    desk.later(minutes=2)
    await desk.deliver(mm, am)

    found = await told(desk, mm, am, by="day")
    for partner, counter, price in ((MM, at_uplyft, "0.0075"), (AM, at_airmiles, "0.12")):
        own, totals = together(found, partner), counter.totals()
        assert (own.difference, own.held, own.suspended) == (0, 0, 0)
        assert own.given == totals["miles"]
        assert own.acknowledged == sum(each["miles"] for each in effects(counter, "credit"))
        assert own.reversed == -sum(each["miles"] for each in effects(counter, "reversal"))
        costs = [line.figures.cost(line.price) for line in found if line.slot.partner == partner]
        assert sum(cost for cost in costs if cost is not None) == totals["miles"] * Decimal(price)
    assert at_airmiles.totals()["reversals"] == 1
    value = sum(Decimal(str(each["detail"]["businessValue"]["amount"])) for each in effects(at_uplyft, "credit"))
    assert together(found, MM).gross == value
    await _every_mile_has_its_answer(desk, books, at_uplyft, at_airmiles)
    assert (await reconcile(desk, mm, am)).read == 0


async def _every_mile_has_its_answer(desk: FrontDesk, books: Books, *counters: Counter) -> None:
    """Each effect at a partner is one exported message by our reference, of these miles, and the other way round."""
    theirs = {each["key"]: each["miles"] for counter in counters for each in counter.journal.credits()}
    messages = [each async for each in exported(desk.database, Chosen())]
    ours = {each.reference: each.miles for each in messages if each.state == "credited"}
    assert ours == theirs
    assert {each.stay for each in messages} == {f"n-r-{program}{n}" for program in ("MM", "AM") for n in range(1, 6)}
    assert all("*" in each.member for each in messages)
    assert sorted(await books.states()) == ["credited"] * (len(messages) - 1) + ["refused"]
