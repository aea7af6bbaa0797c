"""Who is erased leaves nothing behind but miles, dates and properties, and does not come back by themselves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connector.domain.ledger import TRANSITIONS, State
from connector.domain.matching import Hasher
from connector.errors import Misconfigured, Refused
from connector.jobs import erasing
from connector.jobs.claims import Claim, claim
from connector.jobs.contracts import Partnership
from connector.jobs.report import JobOutcome
from connector.sandbox.mews import edits
from connector.store import backup, suspense
from connector.store.integrity import examine
from connector.store.ledger import miles_by_partner
from connector.store.resolutions import Signature, acknowledge
from connector.store.suspense import Case
from connector.store.tables import metadata
from connector.store.traces import IMPERSONAL, TRACES
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import (
    AM,
    CHECK_OUT,
    COLLECTOR,
    MM,
    NOW,
    air_miles,
    miles_and_more,
    runner_for,
)
from tests.integration.earning.front_desk import FrontDesk, wire

ADA, BEN = "6e0f9d04-ada0-4a55-9a63-1c5f5b1f0001", "6e0f9d04-be00-4a55-9a63-1c5f5b1f0002"
NUMBERS = {ADA: "992003669288601", BEN: "992000000000018"}
HASHER = Hasher(b"a key of the tests")
TRACES_OF_ADA = (
    ADA.encode(),
    b"membership-of-ada",
    NUMBERS[ADA].encode(),
    b"9920 0366 9288 601",
    b"Lovelace",
    b"ada@engine.example",
    b"n-stay-of-ada",
    b"she called about her miles",
    HASHER.lane(MM, NUMBERS[ADA]).encode(),
    HASHER.email_and_name("ada@engine.example", "Ada", "Lovelace"),
    HASHER.last_name("Lovelace"),
)


def guests(desk: FrontDesk) -> None:
    """Two guests with a stay each; reception has Ben's number only."""
    desk.guest(ADA, FirstName="Ada", LastName="Lovelace", Email="ada@engine.example")
    desk.guest(BEN)
    desk.membership("membership-of-ben", BEN, number=NUMBERS[BEN])
    for stay, owner in (("stay-of-ada", ADA), ("stay-of-ben", BEN)):
        desk.stay(stay, owner)
        desk.charge(f"night-{stay}", 100, stay)


def company(desk: FrontDesk) -> None:
    """Ada's number is typed; both guests come along on the stay of a company that she booked."""
    desk.membership("membership-of-ada", ADA, number="9920 0366 9288 601")
    desk.stay("stay-of-firm", "firm", AccountType="Company", BookerId=ADA)
    desk.charge("night-of-firm", 200, "stay-of-firm")
    for guest in (ADA, BEN):
        body = {"Id": f"c-{guest}", "CustomerId": guest, "ReservationGroupId": "x", "ReservationId": "stay-of-firm"}
        times = {"_EnterpriseId": "e-wien", "_CreatedUtc": wire(NOW), "_UpdatedUtc": wire(NOW)}
        edits.add(desk.state, "Companionships", body | times)


def hotel(desk: FrontDesk) -> None:
    """All of it at once."""
    guests(desk)
    company(desk)


def partner(at: Counter) -> Partnership:
    return miles_and_more(at.uplyft(), contract={"earner": "companions", "number_check": "off", "rooms": 5})


async def erase(desk: FrontDesk, mm: Partnership, word: str = ADA) -> dict[str, int]:
    return (await erasing.erase(runner_for(desk.chain(), [mm]), word)).rows


async def credited(desk: FrontDesk, mm: Partnership) -> None:
    """Read, decide and deliver everything, with a claim and a corrected folio; two cases tell of Ada."""
    guests(desk)
    await desk.read(mm)
    why = Signature("anna", desk.clock.now(), "she called about her miles")
    await claim(runner_for(desk.chain(), [mm]), Claim("n-stay-of-ada", MM, NUMBERS[ADA]), why)
    company(desk)
    await desk.read(mm)
    await desk.deliver(mm)
    desk.rebate("rebate", 40, "night-stay-of-ada", "stay-of-ada")
    await desk.read(mm)
    await desk.deliver(mm)
    async with desk.database.write() as connection:
        texts = [f"guest {ADA}: two profiles", f"guest {ADA} fits this member too, number {NUMBERS[ADA]}"]
        cases = [Case("guest", ADA, "odd", texts[0]), Case("member", "someone else", "odd", texts[1])]
        await suspense.open_cases(connection, cases, desk.clock.now())
        for each in await suspense.listing(connection):
            note = Signature("anna", desk.clock.now(), f"asked {ADA}")
            await acknowledge(connection, each.id, note)


async def left(books: Books, folder: Path) -> dict[str, list[bytes]]:
    """Return which traces are where: in the rows, and in the files of the database."""
    rows = (await books.everything()).encode()
    found = {"rows": [each for each in TRACES_OF_ADA if each in rows or repr(each).encode() in rows]}
    return found | {path.name: _within(path) for path in folder.glob("connector*")}  # noqa: ASYNC240  # few, small


def _within(path: Path) -> list[bytes]:
    content = path.read_bytes()
    return [each for each in TRACES_OF_ADA if each in content]


class TestAnErasedPerson:
    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    async def test_is_nowhere_any_more_and_the_books_still_tie(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter, tmp_path: Path
    ) -> None:
        mm = partner(at_uplyft)
        await credited(desk, mm)
        sums = "SELECT property_id, departure, unit, miles FROM award ORDER BY departure, miles"
        before = await books.rows(sums), await books.messages()
        assert set((await left(books, tmp_path))["rows"]) >= {ADA.encode(), NUMBERS[ADA].encode()}
        rows = await erase(desk, mm)
        assert rows["profiles"] == rows["stays"] == rows["memberships"] == 1
        assert rows["awards"] == 2
        if (file := desk.database.file) is not None:
            await backup.copy(desk.database, tmp_path / f"{file.name}.copy")
        assert {where: traces for where, traces in (await left(books, tmp_path)).items() if traces} == {}
        assert (await books.rows(sums), await books.messages()) == before
        assert await examine(desk.database) == []
        async with desk.database.read() as connection:
            assert await miles_by_partner(connection) == {MM: sum(miles for _, miles in at_uplyft.given())}

    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    async def test_does_not_come_back_when_mews_tells_everything_again(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter, tmp_path: Path
    ) -> None:
        mm = partner(at_uplyft)
        await credited(desk, mm)
        await erase(desk, mm)
        given, messages = at_uplyft.given(), await books.messages()
        for kind, id_ in (("Customers", ADA), ("LoyaltyMemberships", "membership-of-ada")):
            desk.edit(kind, id_, UpdatedUtc=wire(desk.clock.moment))
        for stay in ("stay-of-ada", "stay-of-ben", "stay-of-firm"):
            desk.edit("Reservations", stay, AdultCount=2)
        desk.charge("minibar", 30, "stay-of-ada")
        await books.database.aclose()
        async with desk.database.write() as connection:
            await connection.execute(metadata.tables["cursor"].delete())
        for _ in range(2):
            report = await desk.read(mm)
            assert (report.outcome, report.error) == ("ok", "")
            await desk.deliver(mm)
        assert at_uplyft.given() == given
        assert await books.messages() == messages
        assert (await left(books, tmp_path))["rows"] == []
        assert set(await books.decisions(MM)) == {"stay-of-ben", "stay-of-firm"}

    async def test_of_others_nothing_is_gone(self, desk: FrontDesk, books: Books, at_uplyft: Counter) -> None:
        mm = partner(at_uplyft)
        await credited(desk, mm)
        awards = "SELECT * FROM award WHERE membership_id = 'membership-of-ben' ORDER BY id"
        before = await books.rows(awards), await books.rows(f"SELECT * FROM guest WHERE id = '{BEN}'")
        await erase(desk, mm)
        assert (await books.rows(awards), await books.rows(f"SELECT * FROM guest WHERE id = '{BEN}'")) == before
        assert await books.rows("SELECT text, note FROM suspense WHERE subject_id = 'someone else'") == [
            ("guest erased fits this member too, number erased", "asked erased")
        ]

    async def test_is_refused_as_long_as_a_message_is_not_decided(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter
    ) -> None:
        mm = partner(at_uplyft)
        hotel(desk)
        await desk.read(mm)
        before = await books.everything()
        with pytest.raises(Refused, match=r"2 ready \(is due: let `sync deliver` send it, or withdraw it"):
            await erase(desk, mm)
        assert await books.rows("SELECT count(*) FROM erased") == [(0,)]
        assert (await books.everything()).count(ADA) == before.count(ADA)


async def test_every_state_that_is_not_final_keeps_a_person(desk: FrontDesk, books: Books, at_uplyft: Counter) -> None:
    mm, message = partner(at_uplyft), metadata.tables["message"]
    hotel(desk)
    await desk.read(mm)
    await desk.deliver(mm)
    for state in State:
        async with desk.database.write() as connection:
            await connection.execute(message.update().values(state=state))
        if TRANSITIONS[state]:
            with pytest.raises(Refused, match=f"2 {state} "):
                await erasing.look(runner_for(desk.chain(), [mm]), ADA)
        else:
            for word in (ADA, "9920 0366 9288 601", "membership-of-ada"):
                assert (await erasing.look(runner_for(desk.chain(), [mm]), word)).rows["awards"] == 2


async def test_a_stay_of_nobody_any_more_joins_no_other_stay(
    desk: FrontDesk, books: Books, at_airmiles: Counter
) -> None:
    am = air_miles(at_airmiles.airmiles(), contract={"earner": "booker", "stitch": True})
    firm = {"guest": "firm", "hotel": "montreal", "AccountType": "Company"}
    for guest, number in ((ADA, COLLECTOR), (BEN, "80000000110")):
        desk.guest(guest)
        desk.membership(f"m-{guest}", guest, "AM", number)
    desk.stay("r1", BookerId=ADA, **firm)
    desk.charge("i1", 200, "r1", "montreal")
    await desk.read(am)
    await desk.deliver(am)
    await erase(desk, am)
    for id_, days, net in (("r0", -2, 400), ("r2", 2, 600)):  # before and after it
        desk.later(days=2)
        begin, end = (wire(CHECK_OUT + timedelta(days=day + days)) for day in (-2, 0))
        times = {"ScheduledStartUtc": begin, "ScheduledEndUtc": end, "ActualEndUtc": end}
        desk.stay(id_, BookerId=BEN, UpdatedUtc=wire(desk.state.now()), **firm, **times)
        desk.charge(f"i-{id_}", net, id_, "montreal", UpdatedUtc=wire(desk.state.now()))
    await desk.read(am)
    await desk.deliver(am)
    desk.edit("Reservations", "r1", BookerId=BEN, UpdatedUtc=wire(desk.state.now()))
    for _ in range(2):
        report = await desk.read(am)
        assert report.outcome is JobOutcome.OK, report.error
        await desk.deliver(am)
    assert at_airmiles.given() == [(COLLECTOR, 10), ("80000000110", 20), ("80000000110", 30)]
    assert (await books.decisions(AM))["r1"] == ("excluded", "erased")


async def test_a_number_that_two_people_have_is_not_enough(desk: FrontDesk, at_uplyft: Counter) -> None:
    mm = partner(at_uplyft)
    hotel(desk)
    desk.edit("LoyaltyMemberships", "membership-of-ben", MembershipNumber="9920 0366 9288 601")
    await desk.read(mm)
    with pytest.raises(Refused, match="several people are known by this word"):
        await erase(desk, mm, "9920 0366 9288 601")


async def test_nobody_is_erased_by_a_word_that_nobody_has(desk: FrontDesk, at_uplyft: Counter) -> None:
    with pytest.raises(Misconfigured, match="nobody is known by this word; expected a guest id of Mews"):
        await erase(desk, partner(at_uplyft), "nobody")


async def test_a_profile_that_was_merged_into_theirs_goes_too(
    desk: FrontDesk, books: Books, at_uplyft: Counter
) -> None:
    mm = partner(at_uplyft)
    hotel(desk)
    desk.guest("old-profile-of-ada")
    desk.merge("old-profile-of-ada", ADA)
    await desk.read(mm)
    await desk.deliver(mm)
    assert (await erase(desk, mm))["profiles"] == 2
    assert "old-profile-of-ada" not in await books.everything()


def test_every_table_is_either_searched_for_a_person_or_says_why_not() -> None:
    searched = {trace.table.name for trace in TRACES}
    assert searched | set(IMPERSONAL) == set(metadata.tables)
    assert searched.isdisjoint(IMPERSONAL)
