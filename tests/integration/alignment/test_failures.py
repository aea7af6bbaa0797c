"""What goes wrong on the way: refused records, lost answers, conflicts, heavy requests, limits, unreadable records."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log2
from pathlib import Path
from typing import Any

import pytest

from connector.errors import Conflict, ConnectorError, Lost, Unfinished
from connector.jobs import applying
from connector.mews.answers import Failing
from connector.mews.client import Mews
from connector.sandbox.mews.state import State
from connector.store.engine import Database
from tests.integration.alignment.hotel import ADD, SET_UP, UPDATE, Hotel, guest, member, membership, opened

MEMBERSHIPS = "loyaltyMemberships/getAll"


def second_membership(hotel: Hotel) -> list[str]:
    """Return the guests with more than one membership of the program."""
    return [name for name, held in hotel.held().items() if len(held) > 1]


class TestRefusedRecords:
    async def test_one_of_a_thousand_is_found_and_the_others_are_written(
        self, tmp_path: Path, database: Database
    ) -> None:
        names = [f"n{number:04}" for number in range(1000)]
        async with opened(tmp_path, database, *SET_UP, *(guest(name) for name in names)) as hotel:
            hotel.members(*(member(name) for name in names))
            await hotel.preview()  # the mirror knows the guest, then he is merged
            with hotel.unseen():
                hotel.merge("n0617", "n0001", "keep")
            hotel.calls.made.clear()
            done = await hotel.align()
            assert (done.refused, len(hotel.held())) == (1, 999)
            assert hotel.calls.writes()[ADD] <= 2 * ceil(log2(1000)) + 2
            assert hotel.calls.writes()[UPDATE] == 1
            words = (await hotel.cases())["m-n0617", "refused_by_mews"]
            assert "'g-n0617' does not exist" in words

    async def test_its_case_is_closed_when_it_is_written(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"))
        await hotel.preview()
        with hotel.unseen():
            hotel.edit("Customers", "g-anna", IsActive=False)
        await hotel.align()
        assert set(await hotel.cases()) == {("m-anna", "refused_by_mews")}
        hotel.edit("Customers", "g-anna", IsActive=True)
        hotel.later()
        await hotel.align()
        assert (set(hotel.held()), await hotel.cases()) == ({"anna", "bea"}, {})


class TestLostAnswers:
    async def test_what_was_added_is_read_back_and_finished_in_the_same_pass(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"))
        hotel.fault(ADD, "lose")
        done = await hotel.align()
        assert (hotel.calls.writes(), done.lost, done.postponed) == ({ADD: 1, UPDATE: 1}, False, 0)
        assert second_membership(hotel) == []
        assert hotel.one("anna")["ProviderMembershipId"] == "m-anna"
        assert (await hotel.preview()).plan.is_empty

    async def test_what_was_not_added_is_added_only_when_mews_had_time_to_show_it(self, hotel: Hotel) -> None:
        hotel.members(member("anna"))
        hotel.fault(ADD, "drop")
        assert (await hotel.align()).postponed == 1
        hotel.later(58)
        assert (await hotel.align()).postponed == 1
        assert hotel.calls.writes() == {}
        hotel.later(2)
        assert (await hotel.align()).postponed == 0
        assert hotel.one("anna")["ProviderMembershipId"] == "m-anna"

    async def test_what_shows_late_is_not_added_again(self, hotel: Hotel, monkeypatch: pytest.MonkeyPatch) -> None:
        """Mews took the add, but does not list it yet."""
        hotel.members(member("anna"))
        hotel.fault(ADD, "lose")
        page = State.page

        def late(self: State, kind: str, *others: object) -> object:
            found = page(self, kind, *others)  # type: ignore[arg-type]
            return type(found)([], None) if kind == "LoyaltyMemberships" else found

        with monkeypatch.context() as patched:
            patched.setattr(State, "page", late)
            assert (await hotel.align()).postponed == 1
            hotel.later(50)
            assert (await hotel.align()).postponed == 1
        hotel.later(20)
        await hotel.align()
        assert (hotel.calls.writes(), second_membership(hotel)) == ({UPDATE: 1}, [])

    async def test_a_crash_between_the_two_writes_is_healed(self, hotel: Hotel) -> None:
        hotel.members(member("anna"))
        hotel.fault(UPDATE, "drop", times=None)
        assert (await hotel.align()).lost
        assert hotel.one("anna")["ProviderMembershipId"] is None
        hotel.faults.clear()
        await hotel.start()
        hotel.later()
        await hotel.align()
        assert (hotel.calls.writes(), hotel.one("anna")["ProviderMembershipId"]) == ({UPDATE: 1}, "m-anna")

    async def test_a_crash_between_the_answer_and_our_note_of_it_adds_nothing_twice(
        self, hotel: Hotel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Killed(Exception):
            """The end of the process."""

        async def killed(*_: object) -> None:
            raise Killed

        hotel.members(member("anna"))
        with monkeypatch.context() as patched:
            patched.setattr(applying.mirror, "save_memberships", killed)
            with pytest.raises(Killed):
                await hotel.align()
        await hotel.start()
        await hotel.align()  # within the minute, and the listing may not show it yet: read back
        assert (second_membership(hotel), hotel.one("anna")["ProviderMembershipId"]) == ([], "m-anna")

    async def test_garbage_is_a_lost_answer(self, hotel: Hotel) -> None:
        hotel.members(member("anna"))
        hotel.fault(ADD, "garbage")
        await hotel.align()
        assert (hotel.calls.writes()[ADD], second_membership(hotel)) == (1, [])


class TestOtherAnswers:
    @pytest.mark.parametrize("operation", [ADD, UPDATE])
    async def test_a_conflict_ends_the_pass_and_the_next_is_right(self, hotel: Hotel, operation: str) -> None:
        hotel.members(member("anna"))
        hotel.fault(operation, "status", status=409)
        assert (await hotel.align()).lost
        hotel.later(1)
        done = await hotel.align()
        assert (done.lost, done.postponed) == (False, 0)
        assert hotel.one("anna")["ProviderMembershipId"] == "m-anna"

    async def test_a_request_that_is_too_heavy_is_asked_for_in_smaller_pages(self, hotel: Hotel) -> None:
        hotel.fault("customers/getAll", "status", status=408, times=2)
        hotel.members(member("anna"))
        await hotel.align()
        counts = [body["Limitation"]["Count"] for body in hotel.calls.bodies("customers/getAll")]
        assert counts[:3] == [1000, 500, 250]
        assert set(hotel.held()) == {"anna"}

    async def test_additions_that_are_too_heavy_are_made_in_smaller_batches(self, hotel: Hotel) -> None:
        names = ("anna", "bea", "carl")
        hotel.members(*(member(name) for name in names))
        hotel.fault(ADD, "status", status=408)
        assert (await hotel.align()).postponed == 3  # Mews may have added them, and show them later
        hotel.later(61)
        await hotel.align()
        assert [len(body["LoyaltyMemberships"]) for body in hotel.calls.bodies(ADD)] == [1, 1, 1]
        assert [hotel.one(name)["ProviderMembershipId"] for name in names] == [f"m-{name}" for name in names]

    async def test_updates_that_are_too_heavy_are_made_in_smaller_batches(self, hotel: Hotel) -> None:
        names = ("anna", "bea", "carl")
        hotel.members(*(member(name) for name in names))
        await hotel.align()
        hotel.members(*(member(name, points=77) for name in names))
        hotel.fault(UPDATE, "status", status=408)
        await hotel.align()
        assert [len(body["LoyaltyMembershipUpdates"]) for body in hotel.calls.bodies(UPDATE)] == [3, 1, 1, 1]
        assert [hotel.one(name)["Points"] for name in names] == [77, 77, 77]

    @pytest.mark.parametrize("operation", [MEMBERSHIPS, ADD, UPDATE])
    async def test_the_wait_that_mews_asks_for_is_kept(self, hotel: Hotel, operation: str) -> None:
        hotel.fault(operation, "status", status=429, headers={"Retry-After": "7"})
        hotel.members(member("anna"))
        await hotel.align()
        assert hotel.clock.slept == [7.0]
        assert hotel.one("anna")["ProviderMembershipId"] == "m-anna"

    @pytest.mark.parametrize("effect", ["garbage", "drop"])
    async def test_a_reading_that_fails_is_tried_again(self, hotel: Hotel, effect: str) -> None:
        hotel.fault(MEMBERSHIPS, effect, times=2)
        hotel.members(member("anna"))
        await hotel.align()
        assert set(hotel.held()) == {"anna"}

    async def test_nothing_is_added_before_the_first_whole_reading(self, hotel: Hotel) -> None:
        hotel.fault("customers/getAll", "garbage", times=None, after=1)
        hotel.members(member("anna"))
        with pytest.raises(Lost):
            await hotel.align()
        assert hotel.calls.writes() == {}


class TestUnreadableRecords:
    """A record without a needed field, or with a word that nobody knows, is set aside; the rest goes on."""

    @pytest.mark.parametrize(
        "change", [{"State": "Frozen"}, {"IsPrimary": None}], ids=["unknown word", "lacks a field"]
    )
    async def test_the_guest_of_an_unreadable_membership_is_left_alone(
        self, hotel: Hotel, change: dict[str, str | None]
    ) -> None:
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        own = hotel.id_of("anna")
        hotel.edit("LoyaltyMemberships", own, **change)
        hotel.members(member("anna", tier="GOLD"), member("bea", tier="GOLD"))
        hotel.later()
        await hotel.align()
        assert hotel.one("bea")["Tier"] == "GOLD"
        assert len(hotel.held()["anna"]) == 1
        assert set(await hotel.cases()) == {(own, "unreadable"), ("g-anna", "unreadable_membership")}

    async def test_no_second_membership_is_added_while_one_is_unreadable(self, hotel: Hotel) -> None:
        """Another membership of the guest that changes meanwhile says nothing about the unreadable one."""
        hotel.load(membership("ms-odd", "anna", State="Frozen"), membership("ms-mm", "anna", "p-MM"))
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        for _ in range(2):
            hotel.later()
            hotel.edit("LoyaltyMemberships", "ms-mm", Points=5)
            hotel.later()
            await hotel.align()
        assert {name: len(held) for name, held in hotel.held().items()} == {"anna": 1, "bea": 1}
        hotel.edit("LoyaltyMemberships", "ms-odd", State="Enrolled")
        hotel.later()
        await hotel.align()
        assert (hotel.one("anna")["ProviderMembershipId"], await hotel.cases()) == ("m-anna", {})

    async def test_a_guest_with_two_unreadable_memberships_waits_for_both(self, hotel: Hotel) -> None:
        odd = (membership("ms-a", "anna", State="Frozen"), membership("ms-b", "anna", "p-MM", State="Frozen"))
        hotel.load(*odd)
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        hotel.edit("LoyaltyMemberships", "ms-b", State="Enrolled")
        for _ in range(2):
            hotel.later(600)
            await hotel.align()
        assert second_membership(hotel) == []
        assert set(await hotel.cases()) == {("ms-a", "unreadable"), ("g-anna", "unreadable_membership")}
        hotel.edit("LoyaltyMemberships", "ms-a", State="Enrolled")
        hotel.later(600)
        await hotel.align()
        assert (hotel.id_of("anna"), await hotel.cases()) == ("ms-a", {})

    async def test_the_guest_of_an_unreadable_membership_that_is_deleted_goes_on(self, hotel: Hotel) -> None:
        """Its deletion moves no update time, so that no stream tells of it today."""
        hotel.load(membership("ms-odd", "anna", "p-MM", State="Frozen"))
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        hotel.later(3600)
        hotel.delete_by_staff("ms-odd")
        await hotel.align()
        assert hotel.one("anna")["ProviderMembershipId"] == "m-anna"
        assert ("g-anna", "unreadable_membership") not in await hotel.cases()

    async def test_what_is_read_back_unreadable_is_not_added_again(self, hotel: Hotel) -> None:
        hotel.members(member("anna"))
        hotel.fault(ADD, "drop")
        await hotel.align()
        hotel.load(membership("ms-odd", "anna", State="Frozen"))  # what the lost add made after all
        hotel.later(90)
        await hotel.align()
        assert (hotel.calls.writes(), second_membership(hotel)) == ({}, [])

    async def test_an_unreadable_guest_is_set_aside(self, hotel: Hotel) -> None:
        hotel.edit("Customers", "g-anna", IsActive=None)
        hotel.members(member("anna"), member("bea"))
        hotel.later()
        await hotel.align()
        assert (set(hotel.held()), set(await hotel.cases())) == ({"bea"}, {("g-anna", "unreadable")})
        hotel.edit("Customers", "g-anna", IsActive=True)
        hotel.later()
        await hotel.align()
        assert (set(hotel.held()), await hotel.cases()) == ({"anna", "bea"}, {})

    async def test_an_unreadable_program_is_not_added_again(self, hotel: Hotel) -> None:
        hotel.members(member("anna"))
        await hotel.align()
        hotel.edit("LoyaltyPrograms", "p-ALPEN", Name=None)
        hotel.later()
        with pytest.raises(Unfinished, match="0 readable programs with the code ALPEN"):
            await hotel.align()
        assert (hotel.calls.writes(), set(await hotel.cases())) == ({}, {("p-ALPEN", "unreadable")})
        hotel.edit("LoyaltyPrograms", "p-ALPEN", Name="Alpenglow Club")
        hotel.later()
        await hotel.align()
        assert (hotel.calls.writes(), await hotel.cases()) == ({}, {})

    async def test_the_older_memberships_of_a_program_seen_for_the_first_time_are_read(self, hotel: Hotel) -> None:
        hotel.load(membership("ms-anna", "anna", ProviderMembershipId="m-anna"))
        hotel.edit("LoyaltyPrograms", "p-ALPEN", Name=None)
        hotel.members(member("anna"))
        with pytest.raises(Unfinished):
            await hotel.align()
        hotel.edit("LoyaltyPrograms", "p-ALPEN", Name="Alpenglow Club")
        hotel.later(3600)
        await hotel.align()
        assert (second_membership(hotel), hotel.id_of("anna")) == ([], "ms-anna")

    async def test_what_happened_while_a_program_was_unreadable_is_read_afterwards(self, hotel: Hotel) -> None:
        hotel.members(member("anna"))
        await hotel.align()
        hotel.later(3600)
        hotel.edit("LoyaltyPrograms", "p-ALPEN", Name=None)
        hotel.edit("LoyaltyMemberships", hotel.id_of("anna"), Points=99)
        hotel.load(membership("ms-typed", "bea", MembershipNumber="N-bea"))
        hotel.edit("LoyaltyMemberships", "ms-typed", Points=1)
        hotel.later(3600)
        with pytest.raises(Unfinished):
            await hotel.align()
        hotel.edit("LoyaltyPrograms", "p-ALPEN", Name="Alpenglow Club")
        hotel.members(member("anna"), member("bea"))
        hotel.later(3600)
        await hotel.align()
        assert (second_membership(hotel), hotel.id_of("bea")) == ([], "ms-typed")
        assert (hotel.one("anna")["Points"], await hotel.cases()) == (10, {})

    async def test_programs_that_stay_as_they_are_make_nothing_be_read_again(self, hotel: Hotel) -> None:
        hotel.members(member("anna"))
        await hotel.align()
        hotel.later(3600)
        await hotel.align()
        assert all("UpdatedUtc" in body for body in hotel.calls.bodies(MEMBERSHIPS))

    async def test_an_unreadable_tier_is_not_added_again(self, hotel: Hotel) -> None:
        hotel.edit("LoyaltyTiers", "t-GOLD", Ordering=None)
        hotel.members(member("anna", tier="GOLD"), member("bea"))
        await hotel.align()
        assert (set(hotel.held()), len(hotel.records("LoyaltyTiers"))) == ({"bea"}, 2)
        assert set(await hotel.cases()) == {("t-GOLD", "unreadable"), ("m-anna", "unknown_tier")}


class TestARecordAtWhichMewsFails:
    """Mews answers 500 or 409 to every write that holds it; the others, and other kinds, do not wait for it."""

    @pytest.fixture
    def failing(self, hotel: Hotel, monkeypatch: pytest.MonkeyPatch) -> dict[str, ConnectorError]:
        """What Mews answers to a write that holds an id."""
        found: dict[str, ConnectorError] = {}
        plain = Mews.write

        async def write(self: Mews, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
            for each, error in found.items():
                if operation.startswith("loyaltyMemberships") and each in str(body):
                    hotel.calls.made.append((operation, dict(body)))
                    raise error
            return await plain(self, operation, body)

        monkeypatch.setattr(Mews, "write", write)
        return found

    @pytest.mark.parametrize("error", [Failing("HTTP 500"), Conflict("HTTP 409")], ids=["500", "409"])
    async def test_of_an_update_becomes_a_case(
        self, hotel: Hotel, failing: dict[str, ConnectorError], error: ConnectorError
    ) -> None:
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        failing[hotel.id_of("anna")] = error
        hotel.members(*(member(name, tier="GOLD") for name in ("anna", "bea", "carl")))
        for _ in range(3):
            hotel.later(600)
            await hotel.align()
        assert [hotel.one(name)["Tier"] for name in ("anna", "bea", "carl")] == ["SILVER", "GOLD", "GOLD"]
        assert set(await hotel.cases()) == {(hotel.id_of("anna"), "refused_by_mews")}
        failing.clear()
        hotel.later(600)
        await hotel.align()
        assert (hotel.one("anna")["Tier"], await hotel.cases()) == ("GOLD", {})

    @pytest.mark.parametrize("error", [Failing("HTTP 500"), Conflict("HTTP 409")], ids=["500", "409"])
    async def test_of_an_add_becomes_a_case(
        self, hotel: Hotel, failing: dict[str, ConnectorError], error: ConnectorError
    ) -> None:
        failing["g-anna"] = error
        hotel.members(*map(member, ("anna", "bea", "carl")))
        for _ in range(3):
            hotel.later(600)
            await hotel.align()
        assert (set(hotel.held()), second_membership(hotel)) == ({"bea", "carl"}, [])
        assert set(await hotel.cases()) == {("m-anna", "refused_by_mews")}
        failing.clear()
        hotel.later(600)
        await hotel.align()
        assert (set(hotel.held()), await hotel.cases()) == ({"anna", "bea", "carl"}, {})

    async def test_that_was_added_all_the_same_is_not_added_again(
        self, hotel: Hotel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plain = Mews.write

        async def write(self: Mews, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
            await plain(self, operation, body)
            raise Failing("HTTP 500")

        hotel.members(*map(member, ("anna", "bea")))
        with monkeypatch.context() as patched:
            patched.setattr(Mews, "write", write)
            assert (await hotel.align()).lost
        for _ in range(3):
            hotel.later(600)
            await hotel.align()
        assert (set(hotel.held()), second_membership(hotel)) == ({"anna", "bea"}, [])

    async def test_counts_as_harm_because_it_may_have_been_done(
        self, hotel: Hotel, failing: dict[str, ConnectorError]
    ) -> None:
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        failing[hotel.id_of("anna")] = Failing("HTTP 500")
        hotel.members(member("bea", points=5))
        hotel.later()
        await hotel.align()
        assert (await hotel.rows("SELECT kind, membership_id FROM harm")) == [("removal", hotel.id_of("anna"))]

    async def test_an_outage_is_noticed_by_few_requests_and_opens_no_case(
        self, tmp_path: Path, database: Database
    ) -> None:
        names = [f"n{number:03}" for number in range(200)]
        async with opened(tmp_path, database, *SET_UP, *(guest(name) for name in names)) as hotel:
            hotel.members(*(member(name) for name in names[:100]))
            await hotel.align()
            hotel.later()
            for operation in (ADD, UPDATE):
                hotel.fault(operation, "status", status=500, times=None)
            hotel.members(*(member(name, tier="GOLD") for name in names))
            assert (await hotel.align()).lost
            assert sum(hotel.calls.writes().values()) <= log2(100) + 10
            assert await hotel.cases() == {}
            hotel.faults.clear()
            hotel.later()
            await hotel.align()
            assert {hotel.one(name)["Tier"] for name in names} == {"GOLD"}
