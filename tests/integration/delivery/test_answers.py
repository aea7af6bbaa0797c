"""Each message is credited once, whatever the partner answers."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from starlette.responses import JSONResponse, Response

from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.partners.uplyft import Form
from connector.sandbox.uplyft.events import Duplicate
from connector.store import outbox
from connector.store.rows import table
from connector.store.tables.ledger import Message
from tests.conftest import ENGINES
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.recorder import Recorder
from tests.integration.delivery.sending import deliver, members, miles_given
from tests.integration.earning.books import Books, Counter, uplyft_counter
from tests.integration.earning.chain import (
    AM,
    COLLECTOR,
    MEMBER,
    MM,
    HandClock,
    air_miles,
    miles_and_more,
)

COLLECTORS = [f"8008510202{digit}" for digit in range(7)]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestAnswers:
    @pytest.mark.parametrize("fault", ["lose", "garbage", "drop", "500", "503"])
    async def test_a_doubt_is_resolved_by_the_same_bytes_with_one_effect(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter, fault: str
    ) -> None:
        await check_out(chain, mm, MEMBER)
        at_uplyft.fault(f"{fault},times=2")
        for _ in range(2):
            report = await deliver(chain, mm)
            assert await books.states() == ["in_doubt"]
            assert report.written == 0
            clock.advance(minutes=2)
        await deliver(chain, mm)
        assert await books.states() == ["credited"]
        assert at_uplyft.given() == [(MEMBER, 220)]
        assert await miles_given(chain, MM) == {MM: 220}

    async def test_a_doubt_is_not_looked_at_before_its_time(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, MEMBER)
        at_uplyft.fault("500,times=1")
        await deliver(chain, mm)
        clock.advance(seconds=22)
        await deliver(chain, mm)
        assert at_uplyft.given() == []
        clock.advance(seconds=8)
        await deliver(chain, mm)
        assert at_uplyft.given() == [(MEMBER, 220)]

    async def test_too_many_requests_wait_as_long_as_the_partner_says(
        self, chain: Chain, clock: HandClock, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await check_out(chain, am, COLLECTOR)
        at_airmiles.fault("429,times=1,header.Retry-After=700")
        await deliver(chain, am)
        clock.advance(seconds=699)
        await deliver(chain, am)
        assert at_airmiles.given() == []
        clock.advance(seconds=1)
        await deliver(chain, am)
        assert at_airmiles.given() == [(COLLECTOR, 10)]

    async def test_a_request_that_never_left_is_ready_again_and_was_not_sent(
        self, chain: Chain, clock: HandClock, books: Books, at_uplyft: Counter
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        unreachable = replace(at_uplyft, url=nowhere)
        mm = miles_and_more(unreachable.uplyft(form=Form(unique_id=False)))
        await check_out(chain, mm, MEMBER)
        report = await deliver(chain, mm)
        assert report.written == 0
        assert await books.rows("SELECT state, last_sent_at FROM message") == [("ready", None)]
        clock.advance(minutes=1)
        await deliver(chain, miles_and_more(at_uplyft.uplyft(form=Form(unique_id=False))))
        assert at_uplyft.given() == [(MEMBER, 220)]

    async def test_what_is_taken_and_confirmed_later_is_accepted(
        self, chain: Chain, books: Books, recorder: Recorder
    ) -> None:
        counter = Counter(None, None, recorder.url, "post")  # type: ignore[arg-type]
        am = air_miles(counter.airmiles())
        recorder.answers = [Response(status_code=202)]
        await check_out(chain, am, COLLECTOR)
        await deliver(chain, am)
        await am.channel.aclose()
        assert await books.states() == ["accepted"]
        assert await miles_given(chain, AM) == {AM: 10}

    async def test_what_is_refused_is_a_case_for_a_person(
        self, chain: Chain, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await check_out(chain, am, COLLECTOR)
        at_airmiles.fault("400,times=1")
        await deliver(chain, am)
        assert await books.states() == ["refused"]
        assert await books.cases() == [("refused", "credit of 10 for stay n001: refused: HTTP 400")]
        assert at_airmiles.given() == []
        assert await books.rows("SELECT * FROM lane") == []

    async def test_a_web_page_refuses_nothing_and_opens_the_circuit(
        self, chain: Chain, clock: HandClock, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        serial = replace(am, concurrency=1)
        await check_out(chain, serial, *COLLECTORS)
        at_airmiles.fault("page,status=400,times=5")
        report = await deliver(chain, serial)
        assert "its circuit is open" in report.error
        assert await books.states() == ["in_doubt"] * 5 + ["ready"] * 2
        for _ in range(3):
            clock.advance(minutes=5)
            await deliver(chain, serial)
        assert await books.states() == ["credited"] * 7
        assert sorted(at_airmiles.given()) == [(each, 10) for each in COLLECTORS]
        assert await books.cases() == []

    async def test_a_false_of_uplyft_is_asked_about(self, chain: Chain, books: Books, recorder: Recorder) -> None:
        counter = Counter(None, None, recorder.url, "createEvent")  # type: ignore[arg-type]
        mm = miles_and_more(counter.uplyft())
        recorder.answers = [JSONResponse({"data": {"createEvent": False}})]
        await check_out(chain, mm, MEMBER)
        await deliver(chain, mm)
        await mm.channel.aclose()
        assert await books.states() == ["suspended"]
        assert [reason for reason, _ in await books.cases()] == ["outcome"]

    async def test_an_error_of_uplyft_before_anything_was_executed_is_a_refusal(
        self, chain: Chain, books: Books, recorder: Recorder
    ) -> None:
        counter = Counter(None, None, recorder.url, "createEvent")  # type: ignore[arg-type]
        mm = miles_and_more(counter.uplyft())
        recorder.answers = [JSONResponse({"errors": [{"message": "no such wallet 992003669288601"}]})]
        await check_out(chain, mm, MEMBER)
        await deliver(chain, mm)
        await mm.channel.aclose()
        assert await books.states() == ["refused"]
        ((_, text),) = await books.cases()
        assert "no such wallet" in text
        assert MEMBER not in text

    async def test_an_error_of_uplyft_that_may_have_come_after_the_event_gives_no_second_credit(
        self, chain: Chain, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, MEMBER)
        at_uplyft.fault("fail,times=1")
        await deliver(chain, mm)
        assert await books.states() == ["suspended"]
        ((reason, text),) = await books.cases()
        assert (reason, "refusal_words" in text) == ("outcome", True)
        await check_out(chain, mm, MEMBER, net=210)
        await deliver(chain, mm)
        assert at_uplyft.given() == [(MEMBER, 220)]

    @pytest.mark.parametrize("duplicate", ["error", "false"])
    async def test_too_many_requests_make_no_repeat_of_which_an_answer_could_be_misread(
        self, chain: Chain, clock: HandClock, books: Books, recorder: Recorder, duplicate: str
    ) -> None:
        counter = Counter(None, None, recorder.url, "createEvent")  # type: ignore[arg-type]
        mm = miles_and_more(counter.uplyft(duplicate=duplicate, duplicate_words=("blocked",)))
        error = {"errors": [{"message": "this card is blocked", "path": ["createEvent"]}], "data": None}
        refused = error if duplicate == "error" else {"data": {"createEvent": False}}
        recorder.answers = [Response(status_code=429), JSONResponse(refused)]
        await check_out(chain, mm, MEMBER)
        for _ in range(2):
            await deliver(chain, mm)
            clock.advance(minutes=2)
        await mm.channel.aclose()
        assert await books.states() == ["suspended"]

    async def test_an_error_of_uplyft_to_a_repeat_is_no_credit_but_in_the_agreed_words(
        self, chain: Chain, clock: HandClock, books: Books, recorder: Recorder
    ) -> None:
        counter = Counter(None, None, recorder.url, "createEvent")  # type: ignore[arg-type]
        mm = miles_and_more(counter.uplyft(duplicate="error", duplicate_words=("processed before",)))
        blocked = {"errors": [{"message": "this card is blocked", "path": ["createEvent"]}], "data": None}
        recorder.answers = [Response(status_code=502), JSONResponse(blocked)]
        await check_out(chain, mm, MEMBER)
        for _ in range(2):
            await deliver(chain, mm)
            clock.advance(minutes=2)
        await mm.channel.aclose()
        assert await books.states() == ["suspended"]
        assert [reason for reason, _ in await books.cases()] == ["outcome"]

    @pytest.mark.parametrize("answer", [Duplicate.FALSE, Duplicate.ERROR])
    async def test_a_repeat_is_credited_only_where_its_answer_is_agreed(
        self, chain: Chain, clock: HandClock, books: Books, tmp_path: Any, answer: Duplicate
    ) -> None:
        async with uplyft_counter(tmp_path, duplicate=answer) as counter:
            agreed = {"duplicate": str(answer), "duplicate_words": ("processed before",)}
            known, unknown = miles_and_more(counter.uplyft(**agreed)), miles_and_more(counter.uplyft())
            await check_out(chain, known, *members(2))
            counter.fault("lose,times=2")
            await deliver(chain, known)
            clock.advance(minutes=2)
            first = await books.rows("SELECT key FROM message ORDER BY due_at, key LIMIT 1")
            async with chain.database.write() as connection:
                later = update(table(Message)).where(table(Message).c.key != first[0][0])
                await connection.execute(later.values(due_at=clock.moment + timedelta(hours=12)))
            await deliver(chain, known)
            assert await books.states() == ["credited", "in_doubt"]
            clock.advance(days=1)
            await deliver(chain, unknown)
            assert await books.states() == ["credited", "suspended"]
            assert len(counter.given()) == 2


class TestWaits:
    async def test_they_grow_with_the_attempts(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, MEMBER)
        at_uplyft.fault("500,times=4")
        for seconds in (30, 60, 120, 240):
            await deliver(chain, mm)
            async with chain.database.read() as connection:
                due = await outbox.next_due(connection, [MM])
            assert due
            assert 0.75 * seconds <= (due - clock.moment).total_seconds() <= seconds
            clock.moment = due
        await deliver(chain, mm)
        assert await books.states() == ["credited"]
