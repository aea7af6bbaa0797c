"""A channel with a key, whose books tell messages apart: they confirm what was accepted, and resolve no doubt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.domain.awards import Credit
from connector.errors import Unauthorized
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.ports import Capabilities, Outcome, PartnerRequest, Receipt, Sight, Sought
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import deliver, members
from tests.integration.earning.books import Books
from tests.integration.earning.chain import MEMBER, HandClock, miles_and_more

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])


class Channel:
    """A partner in memory; ``outcomes`` are its next answers, ``sight`` is what its books show, ``sought`` what of."""

    name = "a partner with books"
    capabilities = Capabilities(reverses=False, idempotent=True)
    counts = False

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.sent: list[bytes] = []
        self.sight: Sight | Exception = Sight.ABSENT
        self.sought: list[Sought] = []

    @property
    def books(self) -> Channel:
        return self

    def compose(self, credit: Credit) -> PartnerRequest:
        return PartnerRequest("/", str(credit.key).encode())

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        self.sent.append(request.content)
        return Receipt(self.outcomes.pop(0) if self.outcomes else Outcome.ACCEPTED)

    async def mark(self, credit: Credit) -> str:
        raise AssertionError("a mark is read where books count, and nowhere else")

    async def look_up(self, sought: Sought) -> Sight:
        self.sought.append(sought)
        if isinstance(self.sight, Exception):
            raise self.sight
        return self.sight

    async def aclose(self) -> None:
        """Nothing is open."""


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def mm(channel: Channel) -> Partnership:
    return miles_and_more(channel)


async def test_what_was_accepted_is_credited_when_they_show_it(
    chain: Chain, clock: HandClock, books: Books, mm: Partnership, channel: Channel
) -> None:
    await check_out(chain, mm, MEMBER)
    await deliver(chain, mm)
    await deliver(chain, mm)
    assert channel.sought == [], "not before its time"
    clock.advance(seconds=5)
    await deliver(chain, mm)
    assert await books.states() == ["accepted"]
    channel.sight = Sight.SHOWN
    clock.advance(seconds=5)
    await deliver(chain, mm)
    assert await books.states() == ["credited"]
    assert len(channel.sent) == 1


async def test_it_is_looked_for_ever_more_seldom(
    chain: Chain, clock: HandClock, books: Books, mm: Partnership, channel: Channel
) -> None:
    await check_out(chain, mm, MEMBER)
    await deliver(chain, mm)
    sent, looks = clock.moment, []
    while len(looks) < 17:
        ((due,),) = await books.rows("SELECT due_at FROM message")
        clock.moment = due if not isinstance(due, str) else clock.moment.fromisoformat(due).replace(tzinfo=sent.tzinfo)
        await deliver(chain, mm)
        looks.append((clock.moment - sent).total_seconds())
    assert looks[:5] == [5, 10, 20, 40, 80]
    assert looks[-1] - looks[-2] == 86_400


async def test_the_members_next_message_does_not_wait_and_is_told_apart(
    chain: Chain, clock: HandClock, books: Books, mm: Partnership, channel: Channel
) -> None:
    await check_out(chain, mm, MEMBER, MEMBER, members(1)[0])
    await deliver(chain, mm)
    assert await books.states() == ["accepted"] * 3
    clock.advance(minutes=1)
    await deliver(chain, mm)
    beside = {
        sought.credit.reservation_number: sorted(c.reservation_number for c in sought.others)
        for sought in channel.sought
    }
    assert beside == {"n001": ["n002"], "n002": ["n001"], "n003": []}


async def test_a_doubt_is_resolved_by_the_key_without_a_look(
    chain: Chain, clock: HandClock, books: Books, mm: Partnership, channel: Channel
) -> None:
    channel.outcomes = [Outcome.DOUBT]
    await check_out(chain, mm, MEMBER)
    await deliver(chain, mm)
    clock.advance(minutes=1)
    await deliver(chain, mm)
    assert await books.states() == ["accepted"]
    assert channel.sent == channel.sent[:1] * 2
    assert channel.sought == []


async def test_looking_ends_after_some_looks_that_told_nothing(
    chain: Chain, clock: HandClock, books: Books, mm: Partnership, channel: Channel
) -> None:
    channel.sight = Sight.UNCLEAR
    serial = replace(mm, concurrency=1)
    await check_out(chain, serial, *members(8))
    await deliver(chain, serial)
    clock.advance(minutes=1)
    await deliver(chain, serial)
    assert len(channel.sought) == 5
    await deliver(chain, serial)
    assert len(channel.sought) == 8, "the others have their turn, and those who had it wait"
    assert await books.states() == ["accepted"] * 8


async def test_credentials_that_are_not_accepted_end_the_pass(
    chain: Chain, clock: HandClock, books: Books, mm: Partnership, channel: Channel
) -> None:
    await check_out(chain, mm, *members(2))
    await deliver(chain, mm)
    channel.sight = Unauthorized("check the key")
    clock.advance(minutes=1)
    report = await deliver(chain, mm)
    assert (report.error, report.unauthorized) == ("miles_and_more: check the key", True)
    assert await books.states() == ["accepted"] * 2


@pytest.mark.parametrize("changes", [{"mode": "shadow"}, {"mode": "test"}])
async def test_a_rehearsal_has_nothing_to_look_for(
    chain: Chain, clock: HandClock, books: Books, mm: Partnership, channel: Channel, changes: dict[str, Any]
) -> None:
    rehearsal = replace(mm, **changes)
    await check_out(chain, rehearsal, MEMBER)
    await deliver(chain, rehearsal)
    clock.advance(days=1)
    await deliver(chain, rehearsal)
    assert await books.states() == [changes["mode"]]
    assert channel.sought == []


async def test_what_was_accepted_live_is_not_looked_for_in_the_books_of_a_test(
    chain: Chain, clock: HandClock, books: Books, mm: Partnership, channel: Channel
) -> None:
    await check_out(chain, mm, MEMBER)
    await deliver(chain, mm)
    looks = len(channel.sought)
    clock.advance(days=1)
    channel.sight = Sight.SHOWN
    report = await deliver(chain, replace(mm, mode="test"))
    assert "1 messages about miles given live wait until it is live again" in report.error
    assert (await books.states(), len(channel.sought)) == (["accepted"], looks)
