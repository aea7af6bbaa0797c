"""Mews's WebSocket: what it says is looked at at once, and whatever ends it, nothing is lost by that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from connector.domain.hints import Hint
from connector.errors import Lost
from connector.jobs import hints
from connector.jobs.listening import LEASE
from connector.jobs.runner import Runner
from connector.sandbox.mews.events import PATH
from connector.sandbox.mews.tokens import PORTFOLIO_TOKEN
from tests.conftest import ENGINES
from tests.integration.earning.books import Counter
from tests.integration.earning.chain import MEMBER, chain_for, miles_and_more, runner_for
from tests.integration.earning.front_desk import FrontDesk
from tests.integration.events.listeners import forget, hinted, listening, never, sockets, soon, until, wakes

ANYTHING = [("customer", "", "wien"), ("reservation", "", "wien")]


async def run(runner: Runner, job: str) -> None:
    """Run a job as the daemon does."""
    if (await runner.run(job)).written and job == "stays":
        await runner.run("deliver")


async def test_a_check_out_is_credited_by_what_mews_says_and_not_by_the_schedule(
    desk: FrontDesk, at_uplyft: Counter
) -> None:
    desk.member()
    desk.stay(State="Started")
    desk.charge("i1", 200)
    chain = desk.chain()
    runner = runner_for(chain, [miles_and_more(at_uplyft.uplyft())])
    waker = hints.Waker(chain, lambda job: asyncio.create_task(run(runner, job)))
    async with listening(chain, sockets(desk), never):
        await until(lambda: len(desk.events.ears) == 2)
        await until(lambda: hinted(desk.database))
        desk.later(seconds=3)
        await wakes(waker, "stays")
        assert at_uplyft.given() == []
        desk.later(seconds=10)
        desk.edit("Reservations", "r1", State="Processed")
        await until(lambda: hinted_about(desk, 1))
        desk.later(seconds=3)
        await wakes(waker, "stays")
    assert at_uplyft.given() == [(MEMBER, 220)]
    assert [each for each in await hinted(desk.database) if each[0] == "reservation"] == []


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_a_connection_that_breaks_is_made_again_and_anything_may_have_changed_meanwhile(desk: FrontDesk) -> None:
    async with listening(desk.chain(), {"wien": sockets(desk)["wien"]}):
        await until(lambda: hinted(desk.database))
        await forget(desk.database)
        desk.events.cut()
        await until(lambda: hinted(desk.database))
        assert await hinted(desk.database) == [("customer", "", "wien"), ("reservation", "", "wien")]


class TestFaults:
    @pytest.mark.parametrize("fault", ["503,times=2", "429,times=1", "drop,times=2", "garbage,times=1", "302,times=1"])
    async def test_of_opening_are_gone_over(self, desk: FrontDesk, fault: str) -> None:
        desk.fault(f"{PATH}={fault}")
        with capture_logs() as logs:
            async with listening(desk.chain(), {"wien": sockets(desk)["wien"]}):
                await until(lambda: desk.events.ears)
                await until(lambda: len(logs) >= 2)
        assert [each["event"] for each in logs][:2] == [
            "Mews is not listened to for the moment",
            "Mews is listened to again",
        ]

    async def test_garbage_says_nothing_and_stops_nothing(self, desk: FrontDesk) -> None:
        desk.stay()
        async with listening(desk.chain(), sockets(desk)):
            await until(lambda: len(desk.events.ears) == 2)
            await until(lambda: hinted(desk.database))
            await forget(desk.database)
            for text in ("", "nothing", "[]", '{"Events": 3}', '{"Events": [3, {"Type": "Resource", "Id": "x"}]}'):
                desk.events.say(text)
            desk.edit("Reservations", "r1", State="Processed")
            await until(lambda: hinted(desk.database))
            assert ("reservation", "r1", "wien") in await hinted(desk.database)
            assert len(desk.events.ears) == 2

    async def test_a_message_that_is_too_large_ends_the_connection_and_not_the_listening(self, desk: FrontDesk) -> None:
        async with listening(desk.chain(), {"wien": sockets(desk)["wien"]}):
            await until(lambda: desk.events.ears)
            first = set(desk.events.ears)
            desk.events.say("x" * (2 << 20))
            await until(lambda: desk.events.ears and desk.events.ears.isdisjoint(first))


class TestATokenThatMewsDoesNotAccept:
    async def test_is_told_once_and_not_tried_again_while_the_others_are_heard(self, desk: FrontDesk) -> None:
        desk.stay("r2", hotel="montreal")
        with capture_logs() as logs:
            async with listening(desk.chain(), sockets(desk, wien="wrong")):
                await until(lambda: desk.events.ears)
                await until(lambda: logs)
                desk.edit("Reservations", "r2", State="Canceled")
                await until(lambda: hinted(desk.database))
                await asyncio.sleep(0.05)
        (told,) = logs
        assert (told["event"], told["property"]) == ("Mews is not listened to", "wien")
        assert told["error"] == (
            "Mews's WebSocket for [mews.properties.wien]: HTTP 401; "
            "expected an access token and a client token that Mews accepts"
        )

    async def test_is_tried_once(self, desk: FrontDesk) -> None:
        desk.fault(f"{PATH}=401")
        async with listening(desk.chain(), sockets(desk)):
            await until(lambda: desk.plan.as_json()["faults"][0]["seen"] == 2)
            await asyncio.sleep(0.05)
        assert desk.plan.as_json()["faults"][0]["seen"] == 2

    async def test_says_nothing_of_itself(self, desk: FrontDesk) -> None:
        socket = replace(sockets(desk)["wien"], client_token="geheim-1", access_token="geheim-2")
        with pytest.raises(Exception, match="HTTP 401") as refused:
            await anext(socket.hints())
        assert "geheim" not in f"{socket!r} {refused.value!r} {refused.value}"


async def test_a_portfolio_token_hears_of_every_hotel(desk: FrontDesk) -> None:
    for hotel in ("wien", "montreal"):
        desk.stay(f"r-{hotel}", hotel=hotel)
    socket = replace(sockets(desk)["wien"], table="group", access_token=PORTFOLIO_TOKEN)
    async with listening(desk.chain(), {"group": socket}):
        await until(lambda: desk.events.ears)
        await until(lambda: hinted(desk.database))
        for hotel in ("wien", "montreal"):
            desk.edit("Reservations", f"r-{hotel}", State="Processed")
        await until(lambda: hinted_about(desk, 2))


async def hinted_about(desk: FrontDesk, stays: int) -> bool:
    return sum(bool(id_) for _, id_, _ in await hinted(desk.database)) == stays


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestOfSeveralProcesses:
    async def test_one_listens_and_the_next_when_that_one_ends(self, desk: FrontDesk) -> None:
        one, two = desk.chain(), desk.chain()
        async with listening(two, {}), listening(one, sockets(desk), never):
            await until(lambda: len(desk.events.ears) == 2)
            first = set(desk.events.ears)
            async with listening(two, sockets(desk)):
                await asyncio.sleep(0.05)
                assert desk.events.ears == first
        async with listening(two, sockets(desk)):
            await until(lambda: len(desk.events.ears) == 2 and desk.events.ears.isdisjoint(first))

    async def test_one_whose_lease_was_taken_over_stops(self, desk: FrontDesk) -> None:
        one, two = desk.chain(), desk.chain()
        asleep = asyncio.Event()

        async def told(_seconds: float) -> None:
            await asleep.wait()

        async with listening(one, sockets(desk), told):
            await until(lambda: len(desk.events.ears) == 2)
            first = set(desk.events.ears)
            desk.clock.advance(seconds=LEASE.total_seconds() + 1)
            async with listening(two, sockets(desk), never):
                await until(lambda: len(desk.events.ears) == 4)
                asleep.set()
                await until(lambda: len(desk.events.ears) == 2 and desk.events.ears.isdisjoint(first))


class Odd:
    """Something to listen to that has a defect at first."""

    def __init__(self) -> None:
        self.calls = 0

    async def hints(self) -> AsyncGenerator[list[Hint], None]:
        self.calls += 1
        if self.calls == 1:
            raise RuntimeError("a defect")
        yield [Hint("reservation", "r1", "wien")]
        raise Lost("over")


async def test_a_defect_ends_no_more_than_a_turn(desk: FrontDesk) -> None:
    with capture_logs() as logs:
        async with listening(chain_for(desk.database, desk.clock), {"wien": Odd()}):
            await until(lambda: hinted(desk.database))
    assert logs[0]["event"] == "listening to Mews failed unexpectedly"


async def test_nobody_listens_where_nothing_is_to_be_heard(desk: FrontDesk) -> None:
    async with listening(desk.chain(), {}, soon):
        await asyncio.sleep(0)
    assert desk.events.ears == set()
