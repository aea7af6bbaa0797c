"""A channel without a key, whose books only count: each message is credited once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from connector.domain.awards import Credit
from connector.domain.ledger import State
from connector.jobs import deliver as delivery
from connector.jobs.chain import Chain
from connector.jobs.confirming import PATIENCE
from connector.jobs.contracts import Partnership
from connector.partners.uplyft import Form
from connector.sandbox.qiibee.exchange import Trade
from connector.store.rows import table
from connector.store.tables.ledger import Message
from tests.conftest import ENGINES
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import Dying, KilledError, deliver, dies, members, miles_given
from tests.integration.earning.books import Books, Counter, qiibee_counter
from tests.integration.earning.chain import MEMBER, MM, HandClock, chain_for, miles_and_more, runner_for

LATE = 300  # seconds until an exchange shows
LIST = "GET transactions"


def seconds(clock: HandClock) -> float:
    """Return the time as qiibee's server asks for it."""
    return clock.moment.timestamp()


@pytest.fixture
async def at_qiibee(tmp_path: Path, clock: HandClock) -> AsyncIterator[Counter]:
    """qiibee's server, which shows an exchange at once."""
    async with qiibee_counter(tmp_path, clock=lambda: seconds(clock)) as opened:
        yield opened


@pytest.fixture
async def late_qiibee(tmp_path: Path, clock: HandClock) -> AsyncIterator[Counter]:
    """qiibee's server, which shows an exchange after five minutes."""
    trade = Trade(processing=LATE)
    async with qiibee_counter(tmp_path, trade=trade, clock=lambda: seconds(clock)) as opened:
        yield opened


@pytest.fixture
def mq(at_qiibee: Counter) -> Partnership:
    """Miles & More through qiibee."""
    return miles_and_more(at_qiibee.qiibee())


@pytest.fixture
def late(late_qiibee: Counter) -> Partnership:
    """Miles & More through a qiibee that shows exchanges late."""
    return miles_and_more(late_qiibee.qiibee())


async def lanes(books: Books) -> int:
    """Return how many members have a message under way."""
    return len(await books.rows("SELECT * FROM lane"))


@pytest.mark.parametrize("engine", ["sqlite"])
class TestWhatWasAccepted:
    async def test_is_credited_when_the_books_show_it(
        self, chain: Chain, clock: HandClock, books: Books, late: Partnership, late_qiibee: Counter
    ) -> None:
        await check_out(chain, late, *members(2))
        await deliver(chain, late)
        assert await books.states() == ["accepted"] * 2
        assert await miles_given(chain, MM) == {MM: 440}
        clock.advance(seconds=LATE - 1)
        await deliver(chain, late)
        assert await books.states() == ["accepted"] * 2
        clock.advance(seconds=LATE)
        report = await deliver(chain, late)
        assert report.written == 2
        assert await books.states() == ["credited"] * 2
        assert sorted(late_qiibee.given()) == [(number, 220) for number in members(2)]
        assert await lanes(books) == 0

    @pytest.mark.parametrize("fault", ["", "lose,times=1"])
    async def test_is_credited_when_its_status_says_so(
        self, chain: Chain, clock: HandClock, books: Books, tmp_path: Path, fault: str
    ) -> None:
        trade = Trade(processing=6 * 3600, pending="pending")
        async with qiibee_counter(tmp_path, trade=trade, clock=lambda: seconds(clock)) as counter:
            partner = miles_and_more(counter.qiibee())
            await check_out(chain, partner, MEMBER)
            if fault:
                counter.fault(fault)
            await deliver(chain, partner)
            for _ in range(5):
                clock.advance(hours=1)
                await deliver(chain, partner)
            assert await books.states() == ["in_doubt" if fault else "accepted"]
            for _ in range(8):
                clock.advance(hours=1)
                await deliver(chain, partner)
            assert await books.states() == ["credited"]
            assert counter.given() == [(MEMBER, 220)]

    async def test_does_not_keep_a_run_from_its_rest(self, chain: Chain, books: Books, late: Partnership) -> None:
        await check_out(chain, late, MEMBER)
        runner = runner_for(chain, [late])
        (report,) = await runner.to_rest(["deliver"], timedelta(0))
        assert await books.states() == ["accepted"]
        assert await runner.is_at_rest()
        assert not report.error

    async def test_holds_back_the_members_next_message_until_it_shows(
        self, chain: Chain, clock: HandClock, books: Books, late: Partnership, late_qiibee: Counter
    ) -> None:
        await check_out(chain, late, MEMBER, MEMBER, members(1)[0])
        for states in (["accepted", "accepted", "ready"], ["accepted", "credited", "credited"], ["credited"] * 3):
            await deliver(chain, late)
            assert await books.states() == states
            clock.advance(seconds=LATE)
        assert late_qiibee.totals()["overlaps"] == 0
        assert sorted(late_qiibee.given()) == sorted([(MEMBER, 220), (MEMBER, 220), (members(1)[0], 220)])

    async def test_and_never_shown_is_a_case_that_ends_when_it_is(
        self, chain: Chain, clock: HandClock, books: Books, late: Partnership
    ) -> None:
        await check_out(chain, late, MEMBER)
        await deliver(chain, late)
        async with chain.database.write() as connection:  # looked for long after it was sent
            values = {"last_sent_at": clock.moment - PATIENCE, "due_at": clock.moment}
            await connection.execute(update(table(Message)).values(values))
        await deliver(chain, late)
        assert await books.states() == ["accepted"]
        assert [reason for reason, _ in await books.cases()] == ["not_shown"]
        clock.advance(hours=23)
        await deliver(chain, late)
        assert await books.states() == ["accepted"], "it is looked for daily"
        clock.advance(hours=1)
        await deliver(chain, late)
        assert await books.states() == ["credited"]
        assert await books.cases() == []


@pytest.mark.parametrize("engine", ["sqlite"])
class TestADoubt:
    @pytest.mark.parametrize("fault", ["lose", "garbage"])
    async def test_that_the_books_show_is_not_sent_again(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter, fault: str
    ) -> None:
        await check_out(chain, mq, MEMBER)
        at_qiibee.fault(f"{fault},times=1")
        await deliver(chain, mq)
        assert await books.states() == ["in_doubt"]
        clock.advance(seconds=30)
        await deliver(chain, mq)
        assert await books.states() == ["credited"]
        assert at_qiibee.given() == [(MEMBER, 220)]
        assert at_qiibee.plan.as_json()["faults"][0]["seen"] == 1
        assert await lanes(books) == 0

    @pytest.mark.parametrize("fault", ["drop", "500"])
    async def test_is_sent_again_after_two_looks_that_are_long_enough_apart(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter, fault: str
    ) -> None:
        await check_out(chain, mq, MEMBER)
        at_qiibee.fault(f"{fault},times=1")
        await deliver(chain, mq)
        first = await books.rows("SELECT content FROM message")
        clock.advance(seconds=30)
        await deliver(chain, mq)
        assert await books.rows("SELECT state, absences FROM message") == [("in_doubt", 1)]
        clock.advance(minutes=9, seconds=59)
        await deliver(chain, mq)
        assert at_qiibee.given() == []
        clock.advance(seconds=1)
        await deliver(chain, mq)
        assert await books.rows("SELECT state, absences FROM message") == [("accepted", 0)]
        assert await books.rows("SELECT content FROM message") == first
        clock.advance(seconds=5)
        await deliver(chain, mq)
        assert await books.states() == ["credited"]
        assert at_qiibee.given() == [(MEMBER, 220)]
        details = [
            row[0] for row in await books.rows("SELECT detail FROM history WHERE after = 'in_flight' ORDER BY seq")
        ]
        assert details == ["attempt 1", "attempt 2, not shown by 2 looks into the books"]

    async def test_whose_exchange_shows_late_is_credited_by_the_second_look(
        self, chain: Chain, clock: HandClock, books: Books, late: Partnership, late_qiibee: Counter
    ) -> None:
        await check_out(chain, late, MEMBER)
        late_qiibee.fault("lose,times=1")
        await deliver(chain, late)
        clock.advance(seconds=30)
        await deliver(chain, late)
        assert await books.states() == ["in_doubt"]
        clock.advance(minutes=10)
        await deliver(chain, late)
        assert await books.states() == ["credited"]
        assert late_qiibee.given() == [(MEMBER, 220)]

    @pytest.mark.parametrize("status", [500, 404])
    async def test_is_never_assumed_while_the_books_cannot_be_read(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter, status: int
    ) -> None:
        await check_out(chain, mq, MEMBER)
        at_qiibee.fault("drop,times=1")
        await deliver(chain, mq)
        at_qiibee.fault(str(status), LIST)
        for _ in range(5):
            clock.advance(hours=2)
            await deliver(chain, mq)
        assert await books.rows("SELECT state, absences FROM message") == [("in_doubt", 0)]
        assert at_qiibee.given() == []
        clock.advance(days=3)
        await deliver(chain, mq)
        ((reason, text),) = await books.cases()
        assert reason == "not_shown"
        assert "ask it whether the miles were given" in text

    async def test_is_not_sent_again_because_a_router_shows_no_list(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter
    ) -> None:
        await check_out(chain, mq, MEMBER)
        at_qiibee.fault("lose,times=1")
        await deliver(chain, mq)
        at_qiibee.fault("404,times=3", LIST)
        for _ in range(8):
            clock.advance(minutes=15)
            await deliver(chain, mq)
        assert await books.states() == ["credited"]
        assert at_qiibee.given() == [(MEMBER, 220)]

    async def test_goes_to_a_person_when_its_repeat_is_refused_and_keeps_the_lane_until_that_person_decides(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter
    ) -> None:
        await check_out(chain, mq, MEMBER, MEMBER)
        at_qiibee.fault("drop,times=1")
        await deliver(chain, mq)
        at_qiibee.fault("400,times=1")
        for minutes in (1, 10):
            clock.advance(minutes=minutes)
            await deliver(chain, mq)
        assert await books.states() == ["ready", "suspended"]
        assert at_qiibee.given() == []
        async with chain.database.write() as connection:
            suspended = update(table(Message)).where(table(Message).c.state == State.SUSPENDED)
            await connection.execute(suspended.values(state=State.REFUSED))
        await deliver(chain, mq)
        assert await books.states() == ["accepted", "refused"]

    async def test_counts_for_the_user_of_its_mark_whatever_the_hash_key_is_by_now(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter
    ) -> None:
        await check_out(chain, mq, MEMBER)
        at_qiibee.fault("lose,times=1")
        await deliver(chain, mq)
        clock.advance(seconds=30)
        await deliver(chain, miles_and_more(at_qiibee.qiibee(hash_key=b"another key")))
        assert await books.states() == ["credited"]

    async def test_that_was_sent_through_another_channel_goes_to_a_person(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter, at_uplyft: Counter
    ) -> None:
        uplyft = miles_and_more(at_uplyft.uplyft(form=Form(unique_id=True)))
        await check_out(chain, uplyft, MEMBER)
        at_uplyft.fault("lose,times=1")
        await deliver(chain, uplyft)
        clock.advance(hours=1)
        await deliver(chain, mq)
        assert await books.states() == ["suspended"]
        assert at_qiibee.given() == []
        ((_, text),) = await books.cases()
        assert "another channel" in text


@pytest.mark.parametrize("engine", ["sqlite"])
class TestAnswers:
    async def test_too_many_requests_are_no_doubt_and_wait_as_long_as_the_partner_says(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter
    ) -> None:
        await check_out(chain, mq, MEMBER)
        at_qiibee.fault("429,times=1,header.Retry-After=700")
        await deliver(chain, mq)
        assert await books.rows("SELECT state, last_sent_at FROM message") == [("ready", None)]
        assert await lanes(books) == 0
        clock.advance(seconds=699)
        await deliver(chain, mq)
        assert at_qiibee.given() == []
        clock.advance(seconds=1)
        await deliver(chain, mq)
        assert at_qiibee.given() == [(MEMBER, 220)]

    async def test_what_was_not_sent_yet_is_written_for_the_user_who_is_counted(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter
    ) -> None:
        await check_out(chain, mq, MEMBER)
        at_qiibee.fault("429,times=1")
        await deliver(chain, mq)
        clock.advance(minutes=1)
        await deliver(chain, miles_and_more(at_qiibee.qiibee(hash_key=b"another key")))
        ((mark, content),) = await books.rows("SELECT mark, content FROM message")
        assert mark.partition(" ")[0] in bytes(content).decode()
        assert at_qiibee.given() == [(MEMBER, 220)]

    async def test_nothing_is_sent_while_the_books_cannot_be_counted(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter
    ) -> None:
        await check_out(chain, mq, *members(3))
        at_qiibee.fault("503,times=3", LIST)
        await deliver(chain, mq)
        assert await books.states() == ["ready"] * 3
        assert at_qiibee.given() == []
        clock.advance(minutes=1)
        await deliver(chain, mq)
        assert len(at_qiibee.given()) == 3

    async def test_a_wrong_key_pauses_the_partner_before_anything_is_sent(
        self, chain: Chain, books: Books, at_qiibee: Counter
    ) -> None:
        stranger = miles_and_more(at_qiibee.qiibee(secret="a-wrong-key"))
        await check_out(chain, stranger, *members(2))
        report = await deliver(chain, stranger)
        assert "qiibee does not accept the API key (HTTP 401); check api_key" in report.error
        assert report.unauthorized
        assert await books.states() == ["ready"] * 2

    async def test_a_key_that_is_refused_later_pauses_it_at_the_first_look(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter
    ) -> None:
        await check_out(chain, mq, MEMBER)
        await deliver(chain, mq)
        clock.advance(minutes=1)
        report = await deliver(chain, miles_and_more(at_qiibee.qiibee(secret="a-wrong-key")))
        assert "check api_key" in report.error
        assert await books.states() == ["accepted"]


@pytest.mark.parametrize("engine", ["sqlite"])
class TestPrepaidCredits:
    async def test_that_are_used_up_pause_the_partner_and_refuse_nothing(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter
    ) -> None:
        at_qiibee.app.state.exchange.prepaid = 300
        serial = replace(mq, concurrency=1)
        await check_out(chain, serial, *members(4))
        report = await deliver(chain, serial)
        assert "the prepaid credits are used up" in report.error
        assert await books.states() == ["accepted", "ready", "ready", "ready"]
        assert [reason for reason, _ in await books.cases()] == ["out_of_credit"]
        for pause in (30, 60):  # its circuit is open, and each probe doubles the pause
            clock.advance(seconds=pause - 1)
            assert "used up" not in (await deliver(chain, serial)).error
            clock.advance(seconds=1)
            assert "used up" in (await deliver(chain, serial)).error
        assert len(at_qiibee.given()) == 1
        at_qiibee.app.state.exchange.prepaid = 1000
        clock.advance(minutes=15)
        await deliver(chain, serial)
        assert await books.cases() == []
        clock.advance(minutes=15)
        await deliver(chain, serial)
        assert await books.states() == ["credited"] * 4
        assert len(at_qiibee.given()) == 4

    async def test_leave_a_doubt_one(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter
    ) -> None:
        await check_out(chain, mq, MEMBER)
        at_qiibee.fault("drop,times=1")
        await deliver(chain, mq)
        at_qiibee.app.state.exchange.prepaid = 0
        for minutes in (1, 10):
            clock.advance(minutes=minutes)
            await deliver(chain, mq)
        assert await books.states() == ["in_doubt"]


class AtTheMark:
    """Books whose reader's process ends before or after they were read."""

    counts = True

    def __init__(self, books: object, *, reads: bool) -> None:
        self._books, self._reads = books, reads

    async def mark(self, credit: Credit) -> str:
        if self._reads:
            await self._books.mark(credit)  # type: ignore[attr-defined]
        raise KilledError


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestDeaths:
    @pytest.mark.parametrize("reads", [False, True])
    async def test_before_the_mark_is_stored_has_sent_nothing(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter, *, reads: bool
    ) -> None:
        await check_out(chain, mq, *members(2))
        dying = Dying(mq.channel, sends=False)
        dying.books = AtTheMark(mq.channel.books, reads=reads)
        broken = replace(mq, channel=dying)  # type: ignore[arg-type]
        with pytest.raises(ExceptionGroup):
            await delivery.deliver(chain, broken, runner_for(chain, [mq]).breakers[MM])
        assert await books.states() == ["in_flight"] * 2
        clock.advance(minutes=6)
        again = chain_for(chain.database, clock)
        await deliver(again, mq)
        assert await books.states() == ["accepted"] * 2
        afters = await books.rows("SELECT DISTINCT after FROM history WHERE before = 'in_flight'")
        assert sorted(afters) == [("accepted",), ("ready",)]
        assert sorted(at_qiibee.given()) == [(number, 220) for number in members(2)]

    @pytest.mark.parametrize("sends", [False, True], ids=["before_the_send", "after_the_send"])
    async def test_are_followed_by_one_who_looks_before_it_sends(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter, *, sends: bool
    ) -> None:
        await check_out(chain, mq, MEMBER, MEMBER, *members(2))
        await dies(chain, mq, sends=sends)
        for minutes in (6, 10, 10, 10):
            clock.advance(minutes=minutes)
            await deliver(chain_for(chain.database, clock), mq)
        assert await books.states() == ["credited"] * 4
        assert sorted(at_qiibee.given()) == sorted([(MEMBER, 220), (MEMBER, 220), *((n, 220) for n in members(2))])
        assert at_qiibee.totals()["overlaps"] == 0
        assert await lanes(books) == 0

    async def test_a_mark_of_an_earlier_attempt_is_read_anew(
        self, chain: Chain, clock: HandClock, books: Books, mq: Partnership, at_qiibee: Counter
    ) -> None:
        await check_out(chain, mq, MEMBER, MEMBER)
        at_qiibee.fault("429,times=1")
        await deliver(chain, mq)  # takes the other message of the member in its second group
        assert await books.states() == ["accepted", "ready"]
        clock.advance(minutes=1)
        at_qiibee.fault("drop,times=1")
        await deliver(chain, mq)
        assert await books.states() == ["credited", "in_doubt"]
        clock.advance(minutes=1)
        await deliver(chain, mq)
        assert await books.states() == ["credited", "in_doubt"], "the mark was 0 before, and is 1"
        for _ in range(2):
            clock.advance(minutes=10)
            await deliver(chain, mq)
        assert await books.states() == ["credited"] * 2
        assert len(at_qiibee.given()) == 2
