from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import resolutions, suspense
from connector.store.engine import Database
from connector.store.resolutions import Signature
from connector.store.suspense import Case
from tests.integration.store.makers import HOUR, NOW

MEMBER = Case("member", "m1", "two_candidates", "member m1, 2 guests: link one.")
THREE = Case("member", "m1", "two_candidates", "member m1, 3 guests: link one.")
STAY = Case("reservation", "r1", "open_bill", "reservation r1: its bill is open", "air_miles")
GUEST = Case("guest", "g1", "unreadable_membership", "membership ms1: State is missing")
ANNA = Signature("anna", NOW, "the family shares a profile")
LINKED = "member m1: linked to guest g1 by hand"


async def open_texts(connection: AsyncConnection) -> list[str]:
    return [each.case.text for each in await suspense.listing(connection)]


async def seen(connection: AsyncConnection, case: Case, signature: Signature = ANNA) -> int:
    """Open a case and let a person acknowledge it; return its number."""
    await suspense.open_cases(connection, [case], NOW)
    (found,) = await suspense.listing(connection)
    await resolutions.acknowledge(connection, found.id, signature)
    return found.id


class TestAnAcknowledgedCase:
    async def test_is_listed_and_counted_no_more_and_says_who_saw_it(self, database: Database) -> None:
        async with database.write() as connection:
            number = await seen(connection, MEMBER)
            assert await suspense.listing(connection) == []
            assert await suspense.count(connection) == 0
            assert await suspense.of_id(connection, number) is None
            assert await resolutions.resolved(connection, number) == (MEMBER, ANNA)

    async def test_stays_quiet_while_the_same_is_found_by_pass_after_pass(self, database: Database) -> None:
        async with database.write() as connection:
            number = await seen(connection, MEMBER)
            for hours in (1, 2, 3):
                await suspense.open_cases(connection, [MEMBER], NOW + hours * HOUR)
                await suspense.close_stale(connection, "member", ["two_candidates"], NOW + hours * HOUR)
            assert await open_texts(connection) == []
            assert await resolutions.resolved(connection, number) == (MEMBER, ANNA)

    async def test_is_open_again_when_something_else_is_found(self, database: Database) -> None:
        async with database.write() as connection:
            number = await seen(connection, MEMBER)
            await suspense.open_cases(connection, [THREE], NOW + HOUR)
            (found,) = await suspense.listing(connection)
            assert (found.id, found.case, found.last_at) == (number, THREE, NOW + HOUR)
            await suspense.open_cases(connection, [MEMBER], NOW + HOUR)  # what was seen is news now
            assert await open_texts(connection) == [MEMBER.text]

    async def test_is_open_again_when_it_was_gone_for_a_pass(self, database: Database) -> None:
        async with database.write() as connection:
            await seen(connection, MEMBER)
            await suspense.close_stale(connection, "member", ["two_candidates"], NOW + HOUR)
            assert await open_texts(connection) == []
            await suspense.open_cases(connection, [MEMBER], NOW + 2 * HOUR)
            assert await open_texts(connection) == [MEMBER.text]

    async def test_is_open_again_when_its_subject_was_well_meanwhile(self, database: Database) -> None:
        async with database.write() as connection:
            await seen(connection, GUEST)
            await suspense.close_cases(connection, "guest", ["g1"], NOW + HOUR, reasons=["unreadable_membership"])
            await suspense.open_cases(connection, [GUEST], NOW + 2 * HOUR)
            assert await open_texts(connection) == [GUEST.text]

    async def test_still_stands_for_whoever_asks_about_its_subject(self, database: Database) -> None:
        async with database.write() as connection:
            await seen(connection, GUEST)
            asked = ("guest", "unreadable_membership", ["g1", "g2"])
            assert await suspense.subjects_with(connection, *asked) == {"g1"}
            await suspense.close_cases(connection, "guest", ["g1"], NOW + HOUR)
            assert await suspense.subjects_with(connection, *asked) == set()

    async def test_is_one_by_a_person_whatever_that_person_is_called(self, database: Database) -> None:
        async with database.write() as connection:
            number = await seen(connection, MEMBER, Signature("connector", NOW))
            await suspense.open_cases(connection, [MEMBER], NOW + HOUR)
            assert await open_texts(connection) == []
            assert (await resolutions.resolved(connection, number))[1].by == "user connector"


class TestReplacing:
    async def test_what_is_found_again_stays_acknowledged(self, database: Database) -> None:
        async with database.write() as connection:
            await seen(connection, STAY)
            await suspense.replace_cases(connection, "reservation", ["r1"], [STAY], NOW + HOUR, "air_miles")
            assert await open_texts(connection) == []

    async def test_another_reason_takes_its_place(self, database: Database) -> None:
        other = Case("reservation", "r1", "bad_number", "reservation r1: no number", "air_miles")
        async with database.write() as connection:
            await seen(connection, STAY)
            await suspense.replace_cases(connection, "reservation", ["r1"], [other], NOW + HOUR, "air_miles")
            assert await open_texts(connection) == [other.text]
            await suspense.replace_cases(connection, "reservation", ["r1"], [STAY], NOW + HOUR, "air_miles")
            assert await open_texts(connection) == [STAY.text]

    async def test_the_well_are_closed_and_the_others_and_other_partners_are_left_alone(
        self, database: Database
    ) -> None:
        elsewhere = Case("reservation", "r1", "open_bill", "elsewhere", "miles_and_more")
        another = Case("reservation", "r2", "open_bill", "another", "air_miles")
        async with database.write() as connection:
            await suspense.open_cases(connection, [STAY, elsewhere, another], NOW)
            await suspense.replace_cases(connection, "reservation", ["r1"], [], NOW + HOUR, "air_miles")
            assert await open_texts(connection) == ["elsewhere", "another"]
            await suspense.replace_cases(connection, "reservation", ["r2", "r3"], [], NOW + HOUR, "air_miles")
            assert await open_texts(connection) == ["elsewhere"]


class TestWhatAPersonDid:
    async def test_settles_the_named_cases_of_the_subject(self, database: Database) -> None:
        other = Case("member", "m1", "bad_line", "Line 3: no points")
        somebody = Case("member", "m2", "two_candidates", "member m2")
        async with database.write() as connection:
            await suspense.open_cases(connection, [MEMBER, other, somebody], NOW)
            number = (await suspense.listing(connection))[0].id
            await resolutions.settle(connection, ("member", "m1"), ["two_candidates"], LINKED, ANNA)
            assert await open_texts(connection) == [other.text, somebody.text]
            case, signature = await resolutions.resolved(connection, number)
            assert (case.text, signature) == (LINKED, ANNA)

    async def test_does_not_silence_what_is_found_afterwards(self, database: Database) -> None:
        async with database.write() as connection:
            await suspense.open_cases(connection, [MEMBER], NOW)
            await resolutions.settle(connection, ("member", "m1"), ["two_candidates"], LINKED, ANNA)
            await suspense.open_cases(connection, [MEMBER], NOW + HOUR)
            assert await open_texts(connection) == [MEMBER.text]

    async def test_settles_what_was_only_acknowledged(self, database: Database) -> None:
        async with database.write() as connection:
            await seen(connection, MEMBER)
            await resolutions.settle(connection, ("member", "m1"), ["two_candidates"], LINKED, ANNA)
            await suspense.open_cases(connection, [MEMBER], NOW + HOUR)
            assert await open_texts(connection) == [MEMBER.text]

    async def test_is_remembered_with_its_reason_and_never_waits_for_anybody(self, database: Database) -> None:
        subject = ("member", "m1")
        async with database.write() as connection:
            assert await resolutions.reason_given(connection, subject) is None
            await resolutions.remember(connection, subject, LINKED, ANNA)
            assert await resolutions.reason_given(connection, subject) == "the family shares a profile"
            await resolutions.remember(connection, subject, "unlinked", Signature("ben", NOW + HOUR))
            assert await resolutions.reason_given(connection, subject) is None
            assert await suspense.count(connection) == 0


async def test_cases_can_be_narrowed_by_reason_and_partner_and_asked_for_by_subject(database: Database) -> None:
    async with database.write() as connection:
        await suspense.open_cases(connection, [MEMBER, STAY, GUEST], NOW)
        for found, expected in (
            (await suspense.listing(connection, reason="two_candidates"), [MEMBER]),
            (await suspense.listing(connection, partner="air_miles"), [STAY]),
            (await suspense.listing(connection, reason="two_candidates", partner="air_miles"), []),
            (await suspense.about(connection, [("guest", "g1"), ("member", "m1"), ("member", "g1")]), [MEMBER, GUEST]),
        ):
            assert [each.case for each in found] == expected
