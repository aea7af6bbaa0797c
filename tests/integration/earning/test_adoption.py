"""A database restored from a copy: nobody is given miles twice for what the lost one did, and what is unsure waits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.domain.contract import Hold
from connector.domain.operating import Deed
from connector.errors import Refused
from connector.jobs import adoption as adopting
from connector.jobs.adoption import Adopted, adopt
from connector.jobs.choosing import Choice, Order
from connector.jobs.contracts import Partnership
from connector.jobs.moving import export, take_in
from connector.jobs.operating import operate
from connector.jobs.report import JobOutcome
from connector.sandbox.mews.instants import wire
from connector.store.backup import copy
from connector.store.engine import Database
from connector.store.integrity import examine
from connector.store.resolutions import Signature
from connector.store.tables import metadata
from tests.conftest import ENGINES
from tests.integration.delivery.sending import collectors, dies, members
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import AM, MM, air_miles, miles_and_more, runner_for
from tests.integration.earning.front_desk import FrontDesk

Restore = Callable[[], Coroutine[Any, Any, None]]
LOST_DAYS = 7
on_both = pytest.mark.parametrize("engine", ENGINES, indirect=True)


@pytest.fixture
def am(at_airmiles: Counter) -> Partnership:
    return air_miles(at_airmiles.airmiles())


@pytest.fixture
def mm(at_uplyft: Counter) -> Partnership:
    return miles_and_more(at_uplyft.uplyft())


KEY = b"a key for tests"


def unwatched(_what: str, _done: int, _total: int | None = None) -> None:
    """Nobody looks."""


class Vault:
    """Where a copy is kept: a file made by ``db backup``, and of PostgreSQL one of ``state export``."""

    def __init__(self, desk: FrontDesk, folder: Path, stack: AsyncExitStack) -> None:
        self._desk, self._folder, self._stack = desk, folder, stack
        self._signature = Signature("anna", desk.clock.now())

    @property
    def _is_file(self) -> bool:
        return self._desk.database.file is not None

    async def store(self) -> None:
        if self._is_file:
            await copy(self._desk.database, self._folder / "copy.db")
            return
        file = self._folder / "copy.state.gz"
        await export(self._desk.database, KEY, file, self._signature, unwatched, retire=False, force=False)

    async def restore(self) -> None:
        if self._is_file:
            self._desk.database = Database(f"sqlite:///{self._folder / 'copy.db'}")
            self._stack.push_async_callback(self._desk.database.aclose)
            return
        async with self._desk.database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                await connection.execute(table.delete())
        file, tokens = self._folder / "copy.state.gz", [each.digest for each in self._desk.chain().tokens.values()]
        await take_in(self._desk.database, KEY, file, tokens, self._signature, unwatched)


@pytest.fixture
async def vault(desk: FrontDesk, tmp_path: Path) -> AsyncIterator[Vault]:
    async with AsyncExitStack() as stack:
        yield Vault(desk, tmp_path, stack)


class House:
    """The hotels, both partners, and the numbers of the guests."""

    def __init__(self, desk: FrontDesk, am: Partnership, mm: Partnership) -> None:
        self.desk, self.am, self.mm = desk, am, mm

    def leaves(self, name: str, number: int, hotel: str) -> None:
        """Let a guest of 200 leave now."""
        program, own = ("AM", collectors(20)[number]) if hotel == "montreal" else ("MM", members(20)[number])
        self.desk.member(f"g-{name}", program, own)
        now = wire(self.desk.clock.moment)
        self.desk.stay(name, f"g-{name}", hotel, ScheduledEndUtc=now, ActualEndUtc=now)
        self.desk.charge(f"i-{name}", 200, name, hotel, UpdatedUtc=now)

    def rebate(self, name: str, hotel: str = "montreal") -> None:
        """Halve what a stay costs."""
        self.desk.rebate(f"{name}-rebate-{self.desk.offset}", 100, f"i-{name}", name, hotel)

    async def works(self, *, sends: bool = True) -> None:
        """Let the connector read, and deliver."""
        report = await self.desk.read(self.am, self.mm)
        assert report.outcome is JobOutcome.OK, report.error
        if sends:
            await self.delivers()

    async def delivers(self) -> JobOutcome:
        return (await self.desk.deliver(self.am, self.mm)).outcome

    async def adopts(self) -> Adopted:
        chain = self.desk.chain()
        return await adopt(chain, [self.am, self.mm], Signature("anna", chain.clock.now(), "the disk broke"))

    async def by_hand(self, deed: Deed, key: str) -> None:
        runner = runner_for(self.desk.chain(), [self.am, self.mm])
        await operate(runner, Order(deed, Choice([key]), Signature("anna", self.desk.clock.now(), "compared")))


@pytest.fixture
def house(desk: FrontDesk, am: Partnership, mm: Partnership) -> House:
    return House(desk, am, mm)


async def listed(house: House) -> list[tuple[str, str, int, str]]:
    """Return stay, kind, revision and state of what is not credited, superseded or held."""
    rows = await Books(house.desk.database).rows(
        "SELECT award.root_id, kind, message.revision, state FROM message JOIN award ON award.id = award_id "
        "WHERE state NOT IN ('credited', 'superseded') ORDER BY award.root_id, kind DESC, message.revision"
    )
    return [(root, kind, revision, state) for root, kind, revision, state in rows]


class TestAWeekThatIsLost:
    @on_both
    async def test_nobody_is_credited_twice_and_what_is_unsure_is_listed(
        self, house: House, vault: Vault, at_airmiles: Counter, at_uplyft: Counter
    ) -> None:
        # before the copy: two credited at AIR MILES, one in doubt there, one not sent yet at Miles & More
        house.leaves("corrected", 1, "montreal")
        house.leaves("untouched", 2, "montreal")
        await house.works()
        house.leaves("doubtful", 3, "montreal")
        at_airmiles.fault("lose,times=1")
        await house.works()
        house.leaves("unsent", 4, "wien")
        await house.works(sends=False)
        await vault.store()
        # the week that is lost: a correction, a revision that was superseded before it was sent, and a plain credit
        await house.works()
        house.rebate("corrected")
        house.desk.later(days=1)
        house.leaves("revised", 5, "montreal")
        house.leaves("plain", 6, "wien")
        await house.works(sends=False)
        house.rebate("revised")
        await house.works()
        before = sorted(at_airmiles.given()), sorted(at_uplyft.given())
        assert at_airmiles.totals()["miles"] == 5 + 10 + 10 + 5
        house.desk.later(days=LOST_DAYS - 1)

        await vault.restore()
        assert await house.delivers() is JobOutcome.REFUSED
        done = await house.adopts()
        assert (done.in_doubt, done.suspended) == ({}, {MM: 1})
        await house.works()
        house.desk.later(hours=1)
        await house.works()

        assert (sorted(at_airmiles.given()), sorted(at_uplyft.given())) == before
        assert at_airmiles.totals()["duplicates_answered"] >= 1  # the doubt, by the same bytes
        assert await listed(house) == [
            ("corrected", "reversal", 1, "suspended"),
            ("corrected", "credit", 2, "suspended"),
            ("plain", "credit", 1, "suspended"),
            ("revised", "credit", 1, "suspended"),
            ("unsent", "credit", 1, "suspended"),
        ]
        cases = await Books(house.desk.database).cases()
        assert [reason for reason, _ in cases] == [adopting.RESTORED] * 5
        assert all("may have been sent before this database was restored from a copy" in text for _, text in cases)
        assert await examine(house.desk.database) == []

    async def test_what_comes_afterwards_goes_on(self, house: House, vault: Vault, at_airmiles: Counter) -> None:
        house.leaves("untouched", 2, "montreal")
        await house.works()
        await vault.store()
        house.desk.later(days=LOST_DAYS)
        await vault.restore()
        await house.adopts()
        await house.works()
        house.desk.later(hours=1)
        house.leaves("new", 7, "montreal")
        house.rebate("untouched")
        await house.works()
        untouched, new = collectors(20)[2], collectors(20)[7]
        assert sorted(at_airmiles.given()) == sorted([(untouched, 10), (untouched, -10), (untouched, 5), (new, 10)])
        assert await listed(house) == []

    async def test_after_a_persons_word_a_stay_goes_on_as_any_other(
        self, house: House, vault: Vault, at_airmiles: Counter
    ) -> None:
        await house.works()
        await vault.store()
        house.leaves("left", 1, "montreal")
        await house.works()
        house.desk.later(days=LOST_DAYS)
        await vault.restore()
        await house.adopts()
        await house.works()
        with pytest.raises(Refused, match="the partner may have it"):
            await house.by_hand(Deed.RELEASE, "left")
        with pytest.raises(Refused, match="what was sent is never withdrawn"):
            await house.by_hand(Deed.VOID, "left")
        await house.by_hand(Deed.CREDITED, "left")
        house.rebate("left")
        await house.works()
        number = collectors(20)[1]
        assert at_airmiles.given() == [(number, 10), (number, -10), (number, 5)]
        assert await listed(house) == []

    async def test_what_the_partner_does_not_have_is_sent_with_its_bytes_stored(
        self, house: House, vault: Vault, at_uplyft: Counter
    ) -> None:
        house.leaves("unsent", 1, "wien")
        await house.works(sends=False)
        await vault.store()
        await vault.restore()
        await house.adopts()
        await house.by_hand(Deed.RESEND, "unsent")
        await house.delivers()
        assert at_uplyft.given() == [(members(20)[1], 220)]
        books = Books(house.desk.database)
        assert await books.rows("SELECT state FROM message WHERE content IS NULL") == []

    async def test_what_was_under_way_is_asked_for_again_with_the_same_bytes(
        self, house: House, vault: Vault, at_airmiles: Counter
    ) -> None:
        house.leaves("flying", 1, "montreal")
        await house.works(sends=False)
        await dies(house.desk.chain(), house.am, sends=True)
        await vault.store()
        await vault.restore()
        assert (await house.adopts()).in_doubt == {AM: 1}
        await house.delivers()
        assert at_airmiles.given() == [(collectors(20)[1], 10)]
        assert at_airmiles.totals()["duplicates_answered"] == 1
        assert await listed(house) == []

    async def test_a_refused_one_may_have_been_said_anew(
        self, house: House, vault: Vault, at_airmiles: Counter
    ) -> None:
        house.leaves("refused", 1, "montreal")
        at_airmiles.fault("400,times=1")
        await house.works()
        await vault.store()
        await vault.restore()
        await house.adopts()
        with pytest.raises(Refused, match="it may have been said anew before"):
            await house.by_hand(Deed.RETRY, "refused")
        await house.by_hand(Deed.RESEND, "refused")
        await house.delivers()
        assert at_airmiles.given() == [(collectors(20)[1], 10)]

    async def test_a_stay_whose_hold_ended_later_cannot_have_been_sent(
        self, house: House, vault: Vault, at_airmiles: Counter
    ) -> None:
        patient = replace(house.am, contract=replace(house.am.contract, hold=Hold("after", timedelta(days=10))))
        house.am = patient
        await house.works()
        await vault.store()
        house.leaves("waiting", 1, "montreal")
        house.desk.later(days=LOST_DAYS)
        await vault.restore()
        await house.adopts()
        house.desk.later(days=4)
        await house.works()
        assert at_airmiles.given() == [(collectors(20)[1], 10)]


class TestWhatIsRehearsed:
    async def test_it_is_sent_nowhere_and_waits_for_nobody(self, house: House, vault: Vault) -> None:
        house.am = replace(house.am, mode="shadow")
        house.leaves("rehearsed", 1, "montreal")
        await house.works(sends=False)
        await vault.store()
        await vault.restore()
        assert (await house.adopts()).suspended == {}
        await house.works()
        assert await listed(house) == [("rehearsed", "credit", 1, "shadow")]


@on_both
async def test_what_bears_no_mark_is_not_adopted_by_mistake(house: House, at_airmiles: Counter) -> None:
    house.leaves("ready", 1, "montreal")
    await house.works(sends=False)
    with pytest.raises(Refused, match="the database bears no mark of a copy"):
        await house.adopts()
    chain = house.desk.chain()
    signature = Signature("anna", chain.clock.now(), "restored by pg_restore")
    done = await adopt(chain, [house.am, house.mm], signature, unmarked=True)
    assert done.suspended == {AM: 1}
    assert done.last_step is not None
    await house.works()
    assert at_airmiles.given() == []
