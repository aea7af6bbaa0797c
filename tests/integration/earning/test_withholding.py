"""Miles that one person decided wait, where they are many, until a second one lets them go."""

from __future__ import annotations

import pytest

from connector.domain.operating import Deed
from connector.jobs import grants
from connector.jobs.choosing import Choice, Order
from connector.jobs.claims import Claim, Claimed, claim
from connector.jobs.contracts import Partnership
from connector.jobs.operating import operate
from connector.store.resolutions import Signature
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import COLLECTOR, MEMBER, MM, air_miles, miles_and_more, runner_for
from tests.integration.earning.front_desk import FrontDesk


async def claimed(desk: FrontDesk, partnership: Partnership, above: int) -> Claimed:
    desk.guest("g1")
    desk.stay("r1", "g1")
    desk.charge("i1", 200)
    await desk.read(partnership)
    runner = runner_for(desk.chain(), [partnership])
    return await claim(runner, Claim("n-r1", MM, MEMBER), Signature("anna", desk.clock.now(), "card"), above=above)


async def messages(books: Books) -> list[tuple[object, ...]]:
    return await books.rows("SELECT miles, state FROM message ORDER BY revision")


@pytest.mark.parametrize(("above", "state"), [(0, "ready"), (220, "ready"), (219, "held")])
async def test_a_claim_of_more_miles_than_the_limit_is_held(
    desk: FrontDesk, books: Books, mm: Partnership, above: int, state: str
) -> None:
    made = await claimed(desk, mm, above)
    assert await books.rows("SELECT state FROM message") == [(state,)]
    assert bool(made.withheld) is (state == "held")


async def test_what_is_held_is_sent_when_it_is_released_and_not_before(
    desk: FrontDesk, books: Books, at_uplyft: Counter
) -> None:
    mm = miles_and_more(at_uplyft.uplyft())
    made = await claimed(desk, mm, 100)
    await desk.deliver(mm)
    assert at_uplyft.given() == []
    order = Order(Deed.RELEASE, Choice([made.withheld]), Signature("petra", desk.clock.now(), "looked at it"))
    await operate(runner_for(desk.chain(), [mm]), order)
    await desk.deliver(mm)
    assert at_uplyft.given() == [(MEMBER, 220)]


async def test_what_takes_the_place_of_a_held_credit_is_held_too(
    desk: FrontDesk, books: Books, mm: Partnership
) -> None:
    await claimed(desk, mm, 100)
    desk.later(minutes=5)
    desk.charge("i2", 100)
    await desk.read(mm)
    assert await messages(books) == [(220, "superseded"), (330, "held")]


async def test_a_grant_of_more_miles_than_the_limit_is_held(
    desk: FrontDesk, books: Books, at_airmiles: Counter
) -> None:
    am = air_miles(at_airmiles.airmiles())
    await desk.read(am)
    runner, signed = runner_for(desk.chain(), [am]), Signature("anna", desk.clock.now(), "late room")
    within = await grants.grant(runner, am.name, grants.Wish(COLLECTOR, 50, "g-1", "montreal"), signed, above=50)
    beyond = await grants.grant(runner, am.name, grants.Wish(COLLECTOR, 51, "g-2", "montreal"), signed, above=50)
    assert (within.withheld, bool(beyond.withheld)) == ("", True)
    assert await books.rows("SELECT miles, state FROM message ORDER BY miles") == [(50, "ready"), (51, "held")]
