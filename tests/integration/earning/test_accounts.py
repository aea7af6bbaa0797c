"""Hotels that have an account of their own at a partner: every mile goes, and comes back, under its account."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from connector.domain.operating import Deed
from connector.errors import Refused
from connector.jobs.adoption import adopt
from connector.jobs.choosing import Choice, Order
from connector.jobs.contracts import Account, Partnership
from connector.jobs.operating import operate
from connector.jobs.report import JobOutcome
from connector.partners.airmiles import Terms
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter, airmiles_counter
from tests.integration.earning.chain import AM, COLLECTOR, air_miles, runner_for
from tests.integration.earning.front_desk import FrontDesk

WRONG = "a-wrong-secret"


@pytest.fixture
async def at_west(tmp_path: Path) -> AsyncIterator[Counter]:
    """The partner's server as the account of the west sees it."""
    (tmp_path / "west").mkdir()
    async with airmiles_counter(tmp_path / "west") as opened:
        yield opened


@pytest.fixture
def own(at_airmiles: Counter) -> Partnership:
    """AIR MILES by the partner's own account alone."""
    return air_miles(at_airmiles.airmiles())


def divided(own: Partnership, west: Counter, **fields: object) -> Partnership:
    """Return the partner with an account for Montréal, where all stays of these tests are."""
    secret = fields.pop("secret", None)
    channel = west.airmiles(**({"secret": secret} if secret else {}))
    return replace(own, accounts=(Account("west", channel, frozenset({"montreal"}), **fields),))  # type: ignore[arg-type]


def checked_out(desk: FrontDesk, number: int = 1, member: str = COLLECTOR) -> None:
    """Have a guest leave Montréal after spending 200."""
    desk.member(f"g{number}", "AM", member)
    desk.stay(f"r{number}", f"g{number}", hotel="montreal")
    desk.charge(f"i{number}", 200, stay=f"r{number}", hotel="montreal")


async def by_hand(desk: FrontDesk, partnership: Partnership, deed: Deed) -> None:
    """Have a person do something to the message of the only stay."""
    order = Order(deed, Choice(("r1",)), Signature("anna", desk.clock.now(), "the partner says so"), "", "")
    await operate(runner_for(desk.chain(), [partnership]), order)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_a_stay_is_credited_under_the_account_of_its_property(
    desk: FrontDesk, books: Books, own: Partnership, at_airmiles: Counter, at_west: Counter
) -> None:
    am = divided(own, at_west)
    checked_out(desk)
    await desk.read(am)
    assert (await desk.deliver(am)).outcome is JobOutcome.OK
    assert (at_airmiles.given(), at_west.given()) == ([], [(COLLECTOR, 10)])
    assert await books.rows("SELECT account, state FROM message") == [("west", "credited")]


async def test_a_property_that_no_account_names_goes_by_the_partners_own(
    desk: FrontDesk, own: Partnership, at_airmiles: Counter, at_west: Counter
) -> None:
    (west,) = divided(own, at_west).accounts
    am = replace(own, accounts=(replace(west, properties=frozenset({"wien"})),))
    checked_out(desk)
    await desk.read(am)
    await desk.deliver(am)
    assert (at_airmiles.given(), at_west.given()) == ([(COLLECTOR, 10)], [])


async def test_miles_are_taken_back_where_they_were_given_and_given_again_by_the_new_account(
    desk: FrontDesk, books: Books, own: Partnership, at_airmiles: Counter, at_west: Counter
) -> None:
    checked_out(desk)
    await desk.read(own)
    await desk.deliver(own)
    am = divided(own, at_west)
    desk.rebate("i2", 100, lowers="i1", stay="r1", hotel="montreal")
    await desk.read(am)
    for _ in range(2):
        await desk.deliver(am)
    assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, -10)]
    assert at_west.given() == [(COLLECTOR, 5)]
    told = "SELECT kind, revision, account FROM message ORDER BY revision, kind"
    assert await books.rows(told) == [("credit", 1, ""), ("reversal", 1, ""), ("credit", 2, "west")]


async def test_refused_credentials_pause_their_account_alone(
    desk: FrontDesk, books: Books, own: Partnership, at_airmiles: Counter, at_west: Counter
) -> None:
    checked_out(desk, 1)
    await desk.read(own)
    am = divided(own, at_west, secret=WRONG)
    checked_out(desk, 2, "80000000110")
    await desk.read(am)
    report = await desk.deliver(am)
    assert report.outcome is JobOutcome.PARTIAL
    assert report.error.startswith(f"{AM}.accounts.west: The token endpoint")
    assert at_airmiles.given() == [(COLLECTOR, 10)]
    assert await books.states() == ["credited", "ready"]


async def test_the_ceiling_of_an_account_leaves_the_partners_own_alone(
    desk: FrontDesk, books: Books, own: Partnership, at_airmiles: Counter, at_west: Counter
) -> None:
    bounded = replace(own, daily_ceiling=10)
    checked_out(desk, 1)
    await desk.read(bounded)
    am = divided(bounded, at_west, daily_ceiling=19)
    for number, member in ((2, "80000000110"), (3, "80000000210")):
        checked_out(desk, number, member)
    await desk.read(am)
    report = await desk.deliver(am)
    assert f"{AM}.accounts.west: the daily ceiling of 19 miles is reached" in report.error
    assert at_airmiles.given() == [(COLLECTOR, 10)]
    assert len(at_west.given()) == 1
    assert [reason for reason, _ in await books.cases()] == ["daily_ceiling"]


async def test_messages_of_an_account_that_is_gone_from_the_settings_are_told_and_kept(
    desk: FrontDesk, books: Books, own: Partnership, at_airmiles: Counter, at_west: Counter
) -> None:
    checked_out(desk)
    await desk.read(divided(own, at_west))
    report = await desk.deliver(own)
    assert report.outcome is JobOutcome.PARTIAL
    assert report.error == (
        "air_miles: 1 messages wait for account west, which the settings do not name; expected "
        "[partners.air_miles.accounts.west] back until they are sent"
    )
    assert at_airmiles.given() == []
    assert await books.states() == ["ready"]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_what_an_account_refused_is_said_again_by_the_account_of_its_property(
    desk: FrontDesk, books: Books, own: Partnership, at_airmiles: Counter, at_west: Counter
) -> None:
    am = divided(own, at_west)
    checked_out(desk)
    at_west.fault("400,times=1")
    await desk.read(am)
    await desk.deliver(am)
    await by_hand(desk, am, Deed.RETRY)
    await desk.deliver(am)
    assert (at_airmiles.given(), at_west.given()) == ([], [(COLLECTOR, 10)])
    assert await books.rows("SELECT account, state FROM message ORDER BY revision") == [
        ("west", "refused"),
        ("west", "credited"),
    ]


async def test_what_a_lost_database_may_have_said_is_written_anew_as_its_account_says_it(
    desk: FrontDesk, books: Books, own: Partnership, at_west: Counter
) -> None:
    am = divided(own, at_west)
    (west,) = am.accounts
    terms = Terms("WEST-OFFER", {"montreal": "0099"}, {"CA-GST": "GST"})
    am = replace(am, accounts=(replace(west, channel=at_west.airmiles(terms=terms)),))
    checked_out(desk)
    await desk.read(am)
    await adopt(desk.chain(), [am], Signature("anna", desk.clock.now(), "restored"), unmarked=True)
    with pytest.raises(Refused, match=r"expected \[partners.air_miles.accounts.west\] back"):
        await by_hand(desk, own, Deed.RESEND)
    await by_hand(desk, am, Deed.RESEND)
    ((content,),) = await books.rows("SELECT content FROM message")
    assert b"WEST-OFFER" in bytes(content)


async def test_a_property_that_mews_does_not_show_stops_the_job_before_anything_is_decided(
    desk: FrontDesk, books: Books, own: Partnership, at_west: Counter
) -> None:
    (west,) = divided(own, at_west).accounts
    am = replace(own, accounts=(replace(west, properties=frozenset({"montreal", "quebec"})),))
    checked_out(desk)
    report = await desk.read(am)
    assert report.misconfigured
    assert report.error == (
        'partners.air_miles.accounts.west.properties: Mews shows no property "quebec"; expected a table of '
        "[mews.properties], an id or a name"
    )
    assert await books.messages() == []
