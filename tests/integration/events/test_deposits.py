"""Miles to points: what the partner told is handed to the scheme once, and what cannot be is a case."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.domain.deposits import Deposit, without_card
from connector.domain.members import Member
from connector.jobs import deposits as handing
from connector.jobs.chain import Chain
from connector.jobs.contracts import Deposits, Partnership
from connector.jobs.report import JobOutcome, JobReport
from connector.schemes.deposit_file import DepositFile
from connector.store import deposits as store
from connector.store import members
from connector.store.deposits import Arrival
from connector.store.engine import Database
from tests.conftest import ENGINES
from tests.integration.earning.books import Books
from tests.integration.earning.chain import (
    NOW,
    PAYMENT_CARD,
    HandClock,
    chain_for,
    miles_and_more,
    runner_for,
    uplyft_channel,
    uplyft_client,
)


def credit(reference: str = "x1", member: str = "A-1", points: str = "50", **more: Any) -> Deposit:
    return Deposit(reference, member, Decimal(points), "ALP", NOW, **more)


def reversal(reference: str, of: str, **more: Any) -> Deposit:
    return replace(credit(reference, **more), reverts=of)


@dataclass
class Till:
    """What the partner tells, and what the scheme reads of it."""

    chain: Chain
    partnership: Partnership
    path: Path

    async def told(self, *found: Deposit, partner: str = "miles_and_more") -> list[Arrival]:
        """Hear deposits, each by itself."""
        arrivals = []
        for each in found:
            async with self.chain.database.write() as connection:
                arrivals.append(await store.keep(connection, partner, without_card(each), self.chain.clock.now()))
        return arrivals

    async def run(self) -> JobReport:
        """Let a moment pass and run the job."""
        self.chain.clock.advance(seconds=1)  # type: ignore[attr-defined]
        return await runner_for(self.chain, [self.partnership]).run("deliver")

    def lines(self) -> list[tuple[str, str, str, str, str]]:
        """Return reference, kind, member, points and what is taken back of each line."""
        if not self.path.exists():
            return []
        with self.path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return [(row["reference"], row["kind"], row["member"], row["points"], row["reverts"]) for row in rows]

    async def enrolled(self, *found: Member) -> None:
        """Let the scheme know members."""
        async with self.chain.database.write() as connection:
            await members.save(connection, list(found), 1, self.chain.member_keys, lambda _: b"said")


@pytest.fixture
async def till(database: Database, tmp_path: Path) -> Till:
    """A scheme with the members A-1 and A-2, the second known by a number too."""
    chain, path = chain_for(database, HandClock()), tmp_path / "deposits.csv"
    partnership = miles_and_more(uplyft_channel(uplyft_client("http://127.0.0.1:9")))
    opened = Till(chain, replace(partnership, deposits=Deposits(DepositFile(path), members_are_known=True)), path)
    await opened.enrolled(Member("A-1"), Member("A-2", number="77001"))
    return opened


async def dies(*_: Any) -> None:
    raise KilledError


class KilledError(Exception):
    """The process ends here."""


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestEachIsHandedOverOnce:
    async def test_in_the_order_of_arrival_however_often_it_is_told(self, till: Till, books: Books) -> None:
        both = (credit("x1"), credit("x2", "77001", "7.5"))
        assert await till.told(*both) == [Arrival.NEW, Arrival.NEW]
        report = await till.run()
        assert (report.outcome, report.written) == (JobOutcome.OK, 2)
        assert await till.told(*reversed(both)) == [Arrival.KNOWN, Arrival.KNOWN]
        assert (await till.run()).written == 0
        assert till.lines() == [("x1", "credit", "A-1", "50", ""), ("x2", "credit", "77001", "7.5", "")]
        assert await books.cases() == []

    async def test_when_the_process_dies_between_the_line_and_the_note(
        self, till: Till, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await till.told(credit("x1"))
        with monkeypatch.context() as patched:
            patched.setattr(store, "handed", dies)
            with pytest.raises(KilledError):
                await handing.hand_over(till.chain, till.partnership)
        assert [line[0] for line in till.lines()] == ["x1"]
        await till.told(credit("x2"))
        await till.run()
        assert [line[0] for line in till.lines()] == ["x1", "x2"]

    async def test_when_the_file_cannot_be_written_at_first(self, till: Till, books: Books) -> None:
        till.path.mkdir()
        await till.told(credit("x1"))
        report = await till.run()
        assert report.outcome is JobOutcome.PARTIAL
        assert report.error == f"{till.path}: cannot be written: Is a directory; expected a place to write"
        till.path.rmdir()
        assert (await till.run()).outcome is JobOutcome.OK
        assert [line[0] for line in till.lines()] == ["x1"]

    async def test_in_many_pages_with_those_that_wait_left_behind(
        self, till: Till, books: Books, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(handing, "_CHUNK", 2)
        await till.told(*(credit(f"x{n}", "A-1" if n % 3 else "stranger") for n in range(9)))
        await till.run()
        assert [line[0] for line in till.lines()] == ["x1", "x2", "x4", "x5", "x7", "x8"]
        assert len(await books.cases()) == 3


async def test_two_partners_may_call_theirs_alike(till: Till, books: Books) -> None:
    await till.told(credit("x1"))
    assert await till.told(credit("x1", "A-2"), partner="other") == [Arrival.NEW]
    await till.run()
    assert [line[2] for line in till.lines()] == ["A-1"]


@pytest.mark.parametrize(
    "other", [credit(points="51"), credit(member="A-2"), credit(reverts="x0"), credit(fault="its amount is odd")]
)
async def test_the_first_words_stand(till: Till, other: Deposit) -> None:
    assert await till.told(credit(), credit(points="50.0"), other) == [Arrival.NEW, Arrival.KNOWN, Arrival.CHANGED]
    await till.run()
    assert till.lines() == [("x1", "credit", "A-1", "50", "")]


class TestAMemberThatTheSchemeDoesNotKnow:
    async def test_is_a_case_until_it_does(self, till: Till, books: Books) -> None:
        await till.told(credit(member="A-12345"))
        for _ in range(2):
            await till.run()
            assert await books.cases() == [
                (
                    "deposit_no_member",
                    "deposit x1 is not handed to the scheme: the scheme knows no such member; "
                    "it is handed over once the scheme does",
                )
            ]
        await till.enrolled(Member("A-12345"))
        await till.run()
        assert [line[2] for line in till.lines()] == ["A-12345"]
        assert await books.cases() == []

    async def test_is_not_asked_for_where_there_is_no_scheme(self, till: Till) -> None:
        file = DepositFile(till.path)
        till.partnership = replace(till.partnership, deposits=Deposits(file, members_are_known=False))
        await till.told(credit(member="anybody"))
        await till.run()
        assert [line[2] for line in till.lines()] == ["anybody"]

    async def test_is_kept_nowhere_when_it_looks_like_a_payment_card(self, till: Till, books: Books) -> None:
        await till.told(credit(member=PAYMENT_CARD))
        await till.run()
        ((reason, text),) = await books.cases()
        assert (reason, text.partition(": ")[2]) == (
            "deposit_faulty",
            "its member looks like a payment card number, which is not kept",
        )
        assert PAYMENT_CARD not in await books.everything()


class TestAReversal:
    async def test_is_a_line_of_its_own(self, till: Till, books: Books) -> None:
        await till.told(credit(), reversal("x2", of="x1", points="20"))
        await till.run()
        assert till.lines() == [("x1", "credit", "A-1", "50", ""), ("x2", "reversal", "A-1", "20", "x1")]
        assert await books.cases() == []

    async def test_that_comes_first_waits_for_what_it_takes_back(self, till: Till, books: Books) -> None:
        await till.told(reversal("x2", of="x1"))
        await till.run()
        assert till.lines() == []
        assert [text.partition(": ")[2] for _, text in await books.cases()] == [
            "what it takes back, x1, was never received"
        ]
        await till.told(credit())
        await till.run()
        await till.run()
        assert [line[0] for line in till.lines()] == ["x1", "x2"]
        assert await books.cases() == []

    async def test_waits_while_what_it_takes_back_does(self, till: Till, books: Books) -> None:
        await till.told(credit(fault="its amount is odd"), reversal("x2", of="x1"))
        await till.run()
        assert till.lines() == []
        assert [reason for reason, _ in await books.cases()] == ["deposit_faulty"]

    @pytest.mark.parametrize(
        ("odd", "why"),
        [
            (reversal("x2", of="x1", member="A-2"), "what it takes back, x1, is another member's"),
            (reversal("x2", of="x1", points="50.5"), "it takes back 50.5 points of 50"),
            (reversal("x2", of="x0"), "what it takes back, x0, is a reversal itself"),
        ],
    )
    async def test_that_does_not_fit_is_a_case(self, till: Till, books: Books, odd: Deposit, why: str) -> None:
        await till.told(credit(), reversal("x0", of="y"), odd)
        await till.run()
        assert [line[0] for line in till.lines()] == ["x1"]
        assert ("deposit_bad_reversal", f"reversal x2 is not handed to the scheme: {why}") in await books.cases()

    async def test_takes_back_once(self, till: Till, books: Books) -> None:
        await till.told(credit(), reversal("x2", of="x1"), reversal("x3", of="x1"))
        await till.run()
        assert [line[0] for line in till.lines()] == ["x1", "x2"]
        assert [text for _, text in await books.cases()] == [
            "reversal x3 is not handed to the scheme: x1 is taken back already"
        ]
