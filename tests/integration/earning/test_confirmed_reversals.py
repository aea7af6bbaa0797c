"""A reversal that was only accepted (HTTP 202): what replaces its credit waits until the partner's books show it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.domain.awards import Kind
from connector.domain.ledger import State
from connector.domain.operating import Deed
from connector.jobs import deliver as delivery
from connector.jobs.choosing import Choice, Order
from connector.jobs.contracts import Partnership
from connector.jobs.following import release
from connector.jobs.operating import operate
from connector.jobs.report import JobOutcome
from connector.jobs.resolving import resolve
from connector.partners.airmiles import AirMiles, Days, History, Terms
from connector.sandbox.airmiles.requests import Sponsor
from connector.store import ledger, suspense
from connector.store.integrity import examine
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.delivery.sending import KilledError
from tests.integration.earning.books import Books, Counter, airmiles_counter
from tests.integration.earning.chain import AM, CHECK_OUT, COLLECTOR, air_miles, airmiles_client, runner_for
from tests.integration.earning.front_desk import FrontDesk, wire
from tests.integration.store.makers import FROZEN, award, message

HELD = [("credit", 1, 5, "credited"), ("reversal", 1, 5, "accepted"), ("credit", 2, 3, "held")]
DONE = [("credit", 1, 5, "credited"), ("reversal", 1, 5, "credited"), ("credit", 2, 3, "credited")]


@dataclass(slots=True)
class Hotel:
    """A hotel whose AIR MILES answers 202, with its history as the books unless ``confirms`` is false."""

    desk: FrontDesk
    books: Books
    counter: Counter
    partner: Partnership

    async def correct(self) -> None:
        """Have five miles credited, then lower the folio to three miles and say so."""
        self.desk.member("g1", "AM", COLLECTOR)
        self.desk.stay(hotel="montreal")
        self.desk.charge("i1", 100, hotel="montreal")
        await self.desk.read(self.partner)
        await self.look()
        await self.look()
        self.desk.rebate("i2", 40, lowers="i1", hotel="montreal")
        await self.desk.read(self.partner)
        await self.desk.deliver(self.partner)

    async def look(self, **later: float) -> None:
        """Let time pass, and deliver."""
        self.desk.later(**(later or {"minutes": 1}))
        assert (await self.desk.deliver(self.partner)).outcome is JobOutcome.OK

    async def say(self, deed: Deed, kind: str) -> None:
        """Do something by hand to the newest message of a kind."""
        ((key, *_),) = await self.books.rows(
            "SELECT key FROM message WHERE kind = :k ORDER BY revision DESC LIMIT 1", k=kind
        )
        order = Order(deed, Choice([str(key)]), Signature("anna", self.desk.clock.now(), "told by phone"))
        await operate(runner_for(self.desk.chain(), [self.partner]), order)

    async def reasons(self) -> list[str]:
        """Return why people are asked."""
        return sorted(reason for reason, _ in await self.books.cases())


@pytest.fixture
async def hotel(desk: FrontDesk, books: Books, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Hotel]:
    """A hotel; the test's ``hotel`` parameter are options of the simulator, and ``confirms``."""
    options: dict[str, Any] = dict(getattr(request, "param", {"accept": 202}))
    confirms = options.pop("confirms", True)
    async with AsyncExitStack() as stack:
        counter = await stack.enter_async_context(airmiles_counter(tmp_path, **options))
        client = airmiles_client(counter.url)
        stack.push_async_callback(client.aclose)
        terms = Terms("STANDARD", {"montreal": "0037"}, {"CA-GST": "GST", "CA-QST": "QST"})
        sponsors = (Sponsor().code,)
        shown = History(client, name=AM, sponsors=sponsors, channel_code="", days=Days(), clock=desk.clock)
        channel = AirMiles(client, name=AM, terms=terms, books=shown if confirms else None)
        yield Hotel(desk, books, counter, air_miles(channel))


DROPPED = pytest.mark.parametrize("hotel", [{"dropped": ["reverse"]}], indirect=True)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestTheNewCredit:
    async def test_goes_in_the_pass_in_which_the_books_show_the_reversal(self, hotel: Hotel) -> None:
        await hotel.correct()
        assert await hotel.books.messages() == HELD
        assert hotel.counter.given() == [(COLLECTOR, 5), (COLLECTOR, -5)]
        await hotel.look(seconds=5)
        assert [state for *_, state in await hotel.books.messages()] == ["credited", "credited", "accepted"]
        assert hotel.counter.given() == [(COLLECTOR, 5), (COLLECTOR, -5), (COLLECTOR, 3)]
        await hotel.look()
        assert await hotel.books.messages() == DONE

    async def test_goes_though_the_process_ends_when_the_reversal_is_confirmed(
        self, hotel: Hotel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await hotel.correct()

        async def dies(*_: Any) -> None:
            raise KilledError

        monkeypatch.setattr(delivery, "release", dies)
        hotel.desk.later(seconds=5)
        with pytest.raises(KilledError):
            await delivery.deliver(
                hotel.desk.chain(), hotel.partner, runner_for(hotel.desk.chain(), [hotel.partner]).breakers[AM]
            )
        assert await hotel.books.states() == ["credited", "credited", "held"]
        monkeypatch.setattr(delivery, "release", release)
        await hotel.look()
        await hotel.look()
        assert await hotel.books.messages() == DONE
        assert hotel.counter.totals()["miles"] == 3

    @DROPPED
    async def test_never_stands_beside_a_credit_whose_reversal_was_dropped(self, hotel: Hotel) -> None:
        await hotel.correct()
        for _ in range(2):
            await hotel.look(days=1)
            assert (await hotel.books.messages(), await hotel.books.cases()) == (HELD, [])
        for _ in range(3):
            await hotel.look(days=1)
            await hotel.desk.read(hotel.partner)
        assert await hotel.books.messages() == [*HELD[:2], ("credit", 2, 3, "suspended")]
        assert await hotel.reasons() == ["not_reversed", "not_shown"]
        assert hotel.counter.given() == [(COLLECTOR, 5)]

    @DROPPED
    async def test_goes_when_a_person_is_told_that_the_reversal_was_done(self, hotel: Hotel) -> None:
        await hotel.correct()
        await hotel.look(days=3)
        await hotel.say(Deed.CREDITED, "reversal")
        await hotel.look()
        assert await hotel.books.messages() == DONE
        assert await hotel.books.cases() == []

    @DROPPED
    async def test_ends_with_a_person_who_is_told_that_the_reversal_was_not_done(self, hotel: Hotel) -> None:
        await hotel.correct()
        await hotel.look()
        await hotel.say(Deed.NOT_CREDITED, "reversal")
        await hotel.look()
        assert await hotel.books.messages() == [
            ("credit", 1, 5, "credited"),
            ("reversal", 1, 5, "refused"),
            ("credit", 2, 3, "suspended"),
        ]
        assert await hotel.reasons() == ["not_reversed"]
        await hotel.say(Deed.VOID, "credit")
        await hotel.look(days=1)
        assert await hotel.books.cases() == []
        assert hotel.counter.given() == [(COLLECTOR, 5)]

    async def test_goes_by_itself_when_the_books_show_the_reversal_late(self, hotel: Hotel) -> None:
        await hotel.correct()
        hotel.counter.fault("500", "history")
        await hotel.look(days=3)
        assert await hotel.reasons() == ["not_reversed", "not_shown"]
        hotel.counter.plan.clear()
        await hotel.look(days=1)
        await hotel.look()
        assert await hotel.books.messages() == DONE
        assert await hotel.books.cases() == []
        assert await examine(hotel.desk.database) == []

    async def test_stays_with_the_person_who_has_seen_its_case(self, hotel: Hotel) -> None:
        await hotel.correct()
        hotel.counter.fault("500", "history")
        await hotel.look(days=3)
        async with hotel.desk.database.read() as connection:
            (case,) = await suspense.listing(connection, reason="not_reversed")
        await resolve(hotel.desk.chain(), case.id, Signature("anna", hotel.desk.clock.now()), None)
        hotel.counter.plan.clear()
        for _ in range(3):
            await hotel.look(days=1)
        assert await hotel.books.messages() == [*DONE[:2], ("credit", 2, 3, "suspended")]
        assert hotel.counter.totals()["miles"] == 0

    async def test_goes_on_waiting_while_nobody_looks_into_the_books(self, hotel: Hotel) -> None:
        await hotel.correct()
        hotel.desk.later(days=4)
        for mode in ("shadow", "test"):
            await hotel.desk.deliver(replace(hotel.partner, mode=mode))
            assert (await hotel.books.messages(), await hotel.books.cases()) == (HELD, [])

    @pytest.mark.parametrize("hotel", [{"dropped": ["reverse"], "confirms": False}], indirect=True)
    async def test_goes_at_once_where_no_books_will_ever_tell_more(self, hotel: Hotel) -> None:
        await hotel.correct()
        assert await hotel.books.messages() == [*HELD[:2], ("credit", 2, 3, "credited")]


@DROPPED
async def test_another_change_still_waits_for_the_reversal(hotel: Hotel) -> None:
    await hotel.correct()
    hotel.desk.charge("i3", 60, hotel="montreal")
    await hotel.desk.read(hotel.partner)
    await hotel.look()
    assert await hotel.books.messages() == [*HELD[:2], ("credit", 2, 3, "superseded"), ("credit", 3, 6, "held")]
    assert hotel.counter.given() == [(COLLECTOR, 5)]


@DROPPED
async def test_an_award_does_not_rise_while_only_accepted_is_what_another_one_gives_back(hotel: Hotel) -> None:
    """Two stays with an award each become one by the reservation between them: the second award must fall first."""
    hotel.partner = replace(hotel.partner, contract=replace(hotel.partner.contract, stitch=True))
    hotel.desk.member("g1", "AM", COLLECTOR)
    for number, (arrival, departure) in {"1": (6, 4), "3": (2, 0), "2": (4, 2)}.items():
        begin, end = (wire(CHECK_OUT - timedelta(days=day)) for day in (arrival, departure))
        times = {"ScheduledStartUtc": begin, "ScheduledEndUtc": end, "ActualEndUtc": end}
        hotel.desk.stay(f"r{number}", hotel="montreal", **times)
        hotel.desk.charge(f"i{number}", 100, f"r{number}", "montreal")
        await hotel.desk.read(hotel.partner)
        await hotel.look()
    for _ in range(3):
        await hotel.desk.read(hotel.partner)
        await hotel.look()
    assert await hotel.books.states() == ["accepted", "credited", "credited"]
    assert set((await hotel.books.decisions(AM)).values()) == {("waiting", "returning")}
    await hotel.say(Deed.CREDITED, "reversal")
    for _ in range(3):
        await hotel.desk.read(hotel.partner)
        await hotel.look()
    assert {status for status, _ in (await hotel.books.decisions(AM)).values()} == {"awarded"}


async def test_nothing_is_written_for_what_waits_where_nothing_does(
    hotel: Hotel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asked(*_: Any) -> None:
        raise KilledError

    hotel.desk.member("g1", "AM", COLLECTOR)
    hotel.desk.stay(hotel="montreal")
    hotel.desk.charge("i1", 100, hotel="montreal")
    await hotel.desk.read(hotel.partner)
    monkeypatch.setattr(delivery, "release", asked)
    await hotel.look()
    assert await hotel.books.states() == ["accepted"]


async def test_a_reversal_waits_for_no_confirmation_of_another_one(hotel: Hotel) -> None:
    now = hotel.desk.clock.now()
    before = message("r1", Kind.REVERSAL, partner=AM, state=State.ACCEPTED, last_sent_at=now - timedelta(days=4))
    unsent = message("r1", Kind.REVERSAL, partner=AM, revision=2)
    held = message("r1", Kind.REVERSAL, partner=AM, revision=3, state=State.HELD, waits_for=unsent.key)
    opening = ledger.Opening(award("r1", id=before.award_id, partner=AM), FROZEN, ["r1"])
    async with hotel.desk.database.write() as connection:
        await ledger.open_awards(connection, [opening], now)
        await ledger.append(connection, [before, unsent, held], "test", now)
        await release(connection, hotel.partner, "test", now)
    assert sorted(await hotel.books.states()) == ["accepted", "held", "ready"]
    assert await hotel.books.cases() == []
