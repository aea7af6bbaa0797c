"""AIR MILES's transaction history in conversation with the sandbox: what was issued is found, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from connector.domain.awards import Kind
from connector.errors import Permanent, Retryable, Unauthorized
from connector.http.auth import ClientCredentials
from connector.http.client import Client
from connector.partners.airmiles import AirMiles, Days, History, Terms
from connector.ports import Outcome, Sight, Sought
from connector.sandbox.airmiles import application as airmiles
from connector.sandbox.airmiles import tokens
from connector.sandbox.airmiles.requests import Sponsor
from connector.sandbox.fault_layer import FaultLayer
from connector.sandbox.faults import FaultPlan
from tests.contract.partner_rehearsal import CHANNELS, Rehearsal
from tests.serving import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
CHANNEL, CLOSED = CHANNELS["airmiles"], "84095202006"


class Later:
    def now(self) -> datetime:
        return datetime(2026, 11, 20, tzinfo=UTC)


def opened(url: str, secret: str) -> AirMiles:
    client = Client(url, name="AIR MILES", auth=ClientCredentials(f"{url}/oauth/token", tokens.CLIENT_ID, secret))
    terms = Terms("STANDARD", {"montreal": "0037"}, {"CA-GST": "GST", "CA-QST": "QST"})
    books = History(client, name="am", sponsors=("SBOX",), channel_code="MOBAPP", days=Days(), clock=Later())
    return AirMiles(client, name="am", terms=terms, books=books)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rehearsal]:
    path: Path = tmp_path_factory.mktemp("partner") / "state.db"
    app, plan = airmiles.create_app(path, accept=202, sponsor=Sponsor(inactive=frozenset({CLOSED}))), FaultPlan()
    async with serving(FaultLayer(app, airmiles.operation_of, plan)) as url:
        partner = opened(url, tokens.CLIENT_SECRET)
        yield Rehearsal(CHANNEL, partner, app.state.journal, plan, url)
        await partner.aclose()


async def found(rehearsal: Rehearsal, sought: Sought) -> Sight:
    assert rehearsal.partner.books is not None
    return await rehearsal.partner.books.look_up(sought)


async def test_what_was_taken_is_shown_once_for_each_message(rehearsal: Rehearsal) -> None:
    one = rehearsal.credit(1, miles=13, shares=(("", 10), ("STANDAR2", 3)))
    two = replace(one, key=rehearsal.key(2))
    assert await found(rehearsal, Sought(one, "")) is Sight.ABSENT
    receipt = await rehearsal.partner.deliver(rehearsal.partner.compose(one), again=False)
    assert receipt.outcome is Outcome.ACCEPTED
    assert await found(rehearsal, Sought(one, "")) is Sight.SHOWN
    assert await found(rehearsal, Sought(two, "", (one,))) is Sight.UNCLEAR
    await rehearsal.partner.deliver(rehearsal.partner.compose(two), again=False)
    assert await found(rehearsal, Sought(two, "", (one,))) is Sight.SHOWN


async def test_a_reversal_is_shown_apart_from_its_credit(rehearsal: Rehearsal) -> None:
    credit = rehearsal.credit(3, miles=21)
    reversal = replace(credit, key=rehearsal.key(4), kind=Kind.REVERSAL)
    await rehearsal.partner.deliver(rehearsal.partner.compose(credit), again=False)
    assert await found(rehearsal, Sought(reversal, "", (credit,))) is Sight.ABSENT
    await rehearsal.partner.deliver(rehearsal.partner.compose(reversal), again=False)
    assert await found(rehearsal, Sought(reversal, "", (credit,))) is Sight.SHOWN


async def test_many_activities_are_read_to_their_end(rehearsal: Rehearsal) -> None:
    credits_ = [rehearsal.credit(100 + n, miles=1000 + n, member_number="80060860886") for n in range(120)]
    for each in credits_:
        await rehearsal.partner.deliver(rehearsal.partner.compose(each), again=False)
    assert await found(rehearsal, Sought(credits_[-1], "")) is Sight.SHOWN
    assert await found(rehearsal, Sought(replace(credits_[0], miles=999), "")) is Sight.ABSENT


async def test_a_record_of_nothing_is_taken_and_moves_no_miles(rehearsal: Rehearsal) -> None:
    assert isinstance(rehearsal.partner, AirMiles)
    before = rehearsal.journal.totals()
    assert await rehearsal.partner.transmit(Later().now()) == "HTTP 200, responseCode 0000"
    after = rehearsal.journal.totals()
    assert (after["miles"], after["without_miles"]) == (before["miles"], before["without_miles"] + 1)


@pytest.mark.parametrize(
    ("fault", "error"), [("400", Permanent), ("503", Retryable), ("403", Unauthorized), ("drop", Retryable)]
)
async def test_a_record_that_is_not_taken_says_why(rehearsal: Rehearsal, fault: str, error: type[Exception]) -> None:
    assert isinstance(rehearsal.partner, AirMiles)
    rehearsal.fault(f"{fault},times=1", "record")
    with pytest.raises(error):
        await rehearsal.partner.transmit(Later().now())


@pytest.mark.parametrize("fault", ["503,times=1", "500,times=1", "408,times=1", "drop,times=1", "garbage,times=1"])
async def test_books_that_cannot_be_read_leave_it_unclear(rehearsal: Rehearsal, fault: str) -> None:
    rehearsal.plan.clear()
    rehearsal.fault(fault, "history")
    assert await found(rehearsal, Sought(rehearsal.credit(5, miles=77), "")) is Sight.UNCLEAR
    assert await found(rehearsal, Sought(rehearsal.credit(5, miles=77), "")) is Sight.ABSENT


async def test_an_account_that_is_not_active_is_no_fault_of_the_token(rehearsal: Rehearsal) -> None:
    assert await found(rehearsal, Sought(rehearsal.credit(6, member_number=CLOSED), "")) is Sight.UNCLEAR


async def test_a_secret_that_is_refused_stops_the_looking(rehearsal: Rehearsal) -> None:
    partner = opened(rehearsal.url, "a-wrong-secret")
    assert partner.books is not None
    with pytest.raises(Unauthorized):
        await partner.books.look_up(Sought(rehearsal.credit(7), ""))
    await partner.aclose()
