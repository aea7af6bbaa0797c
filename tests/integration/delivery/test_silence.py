"""A partner that takes a request and does not answer keeps nobody else waiting."""

from __future__ import annotations

import asyncio

import pytest

from connector.jobs import dispatch
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.ports import Outcome, PartnerRequest, Receipt
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import deliver, members
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import COLLECTOR, miles_and_more


async def test_what_becomes_due_elsewhere_meanwhile_is_sent_before_the_silent_partner_answers(
    chain: Chain, books: Books, at_uplyft: Counter, am: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "AGAIN", 0.01)
    channel, asked, speaks = at_uplyft.uplyft(), asyncio.Event(), asyncio.Event()

    async def silent(request: PartnerRequest, *, again: bool) -> Receipt:
        asked.set()
        await speaks.wait()
        return Receipt(Outcome.CREDITED, "at last")

    monkeypatch.setattr(channel, "deliver", silent)
    silent_partner = miles_and_more(channel)
    await check_out(chain, silent_partner, *members(1))
    await check_out(chain, am, COLLECTOR, first=5)
    passing = asyncio.create_task(deliver(chain, silent_partner, am))
    await asked.wait()
    await _until_credited(books, 1)
    await check_out(chain, am, COLLECTOR, first=9)
    await _until_credited(books, 2)
    assert not passing.done()
    speaks.set()
    report = await passing
    assert (str(report.outcome), report.error) == ("ok", "")
    assert await books.states() == ["credited"] * 3


async def test_a_defect_at_one_partner_waits_for_the_others_to_end(
    chain: Chain, books: Books, at_uplyft: Counter, am: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = at_uplyft.uplyft()

    async def defective(request: PartnerRequest, *, again: bool) -> Receipt:
        raise ZeroDivisionError

    monkeypatch.setattr(channel, "deliver", defective)
    broken = miles_and_more(channel)
    await check_out(chain, broken, *members(1))
    await check_out(chain, am, COLLECTOR, first=5)
    report = await deliver(chain, broken, am)
    assert report.unexpected
    assert await books.states() == ["credited", "in_flight"]


async def _until_credited(books: Books, count: int) -> None:
    async with asyncio.timeout(20):
        while (await books.states()).count("credited") < count:  # noqa: ASYNC110  # the store tells nobody
            await asyncio.sleep(0.01)
