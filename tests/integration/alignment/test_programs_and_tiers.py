"""Programs and tiers that are renamed, ranked anew, or gone, and what becomes of the memberships meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connector.domain.harm import Limits
from connector.domain.programs import WantedProgram, WantedTier
from connector.errors import Refused
from connector.jobs import align as alignment
from connector.sandbox.mews.state import State
from connector.sandbox.mews.tokens import ACCESS_TOKENS, PORTFOLIO_TOKEN
from connector.store.engine import Database
from tests.integration.alignment.hotel import (
    ADD,
    PROGRAMS,
    SET_UP,
    TIERS,
    UPDATE,
    WITHOUT_GUARD,
    Hotel,
    guest,
    member,
    membership,
    opened,
    program,
)

SILVER, GOLD = TIERS
BASIC = WantedTier("BASIC", "Silver member", 1, formerly="SILVER")
OLD = WantedProgram("OLD", "Old Club", "Hotel", "Free", gone=True)
TIER_ADD, TIER_UPDATE, TIER_DELETE = (f"loyaltyTiers/{verb}" for verb in ("add", "update", "delete"))
PROGRAM_ADD, PROGRAM_DELETE = "loyaltyPrograms/add", "loyaltyPrograms/delete"
NAMES = ("anna", "bea", "carl")


def tiers(hotel: Hotel, *wanted: WantedTier) -> None:
    """Let the configuration name these tiers of the scheme's program."""
    hotel.settings(programs=(replace(PROGRAMS[0], tiers=wanted), PROGRAMS[1]))


def programs(hotel: Hotel, *more: WantedProgram) -> None:
    """Let the configuration name these programs besides its own."""
    hotel.settings(programs=(*PROGRAMS, *more))


def codes(hotel: Hotel) -> list[str]:
    """The tiers in Mews."""
    return [one["Code"] for one in hotel.records("LoyaltyTiers")]


def order(hotel: Hotel) -> list[str]:
    """The writes of the last pass in their order."""
    return [name for name, _ in hotel.calls.made if name in hotel.calls.writes()]


@pytest.fixture
async def silver(hotel: Hotel) -> Hotel:
    """Anna and bea are silver members."""
    hotel.members(member("anna"), member("bea"))
    await hotel.align()
    hotel.later()
    return hotel


class TestTiersThatAreGone:
    async def test_are_deleted_after_their_members_were_moved(self, silver: Hotel) -> None:
        tiers(silver, replace(SILVER, gone=True), GOLD)
        silver.members(member("anna", tier="GOLD"), member("bea", tier="GOLD"))
        before = await silver.preview()
        assert before.plan.counts == {"update_membership": 2, "delete_tier": 1}
        assert (before.plan.examples["delete_tier"], before.warnings) == (("ALPEN/SILVER",), ())
        done = await silver.align()
        assert (done.written, order(silver), codes(silver)) == (3, [UPDATE, TIER_DELETE], ["GOLD"])
        assert [silver.one(name)["Tier"] for name in ("anna", "bea")] == ["GOLD", "GOLD"]
        after = await silver.preview()
        assert (after.plan.is_empty, await silver.cases()) == (True, {})
        await silver.align()
        assert silver.calls.writes() == {}

    async def test_are_kept_while_a_member_is_on_them_and_given_to_nobody(self, silver: Hotel) -> None:
        tiers(silver, replace(SILVER, gone=True), GOLD)
        silver.members(member("anna", points=99), member("bea", tier="GOLD"), member("carl"))
        planned = await silver.preview()
        done = await silver.align()
        assert (silver.calls.writes(), done.lost, done.doubt) == ({UPDATE: 1}, False, "")
        assert (codes(silver), set(silver.held())) == (["SILVER", "GOLD"], {"anna", "bea"})
        assert silver.one("anna")["Points"] == 10
        cases = await silver.cases()
        assert set(cases) == {
            ("m-anna", "unknown_tier"),
            ("m-carl", "unknown_tier"),
            ("ALPEN/SILVER", "still_used"),
        }
        assert "the member's tier code is gone in the configuration" in cases["m-anna", "unknown_tier"].lower()
        assert cases["ALPEN/SILVER", "still_used"] == (
            "Tier SILVER of program ALPEN is gone in the configuration, but memberships are still on it: 1, of which 0 "
            "not active. Give the members another tier in the scheme, or the memberships one in Mews; it is deleted "
            "when none is left."
        )
        assert planned.warnings == (cases["ALPEN/SILVER", "still_used"],)
        assert (await silver.preview()).plan.is_empty
        silver.later()
        silver.members(*(member(name, tier="GOLD") for name in NAMES))
        await silver.align()
        assert (codes(silver), await silver.cases()) == (["GOLD"], {})

    @pytest.mark.parametrize(("state", "inactive"), [("Enrolled", 0), ("Canceled", 1)])
    async def test_are_kept_for_memberships_that_the_scheme_does_not_know(
        self, silver: Hotel, state: str, inactive: int
    ) -> None:
        """What Mews does with a membership on a deleted tier is not documented, whatever the membership's state."""
        silver.load(membership("ms-carl", "carl", State=state))
        silver.edit("LoyaltyMemberships", "ms-carl", LoyaltyTierId="t-SILVER")
        silver.later(1)
        tiers(silver, replace(SILVER, gone=True), GOLD)
        silver.members(member("anna", tier="GOLD"), member("bea", tier="GOLD"))
        for _ in range(2):
            await silver.align()
            assert codes(silver) == ["SILVER", "GOLD"]
            said = (await silver.cases())["ALPEN/SILVER", "still_used"]
            assert f"still on it: 1, of which {inactive} not active" in said
            silver.later()
        assert silver.calls.writes() == {}
        silver.edit("LoyaltyMemberships", "ms-carl", LoyaltyTierId=None)
        silver.later()
        await silver.align()
        assert (codes(silver), await silver.cases()) == (["GOLD"], {})

    async def test_are_kept_when_staff_used_one_while_the_pass_ran(
        self, hotel: Hotel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        aligned = alignment._align_memberships

        async def and_staff(*given: object) -> None:
            await aligned(*given)  # type: ignore[arg-type]
            hotel.edit("LoyaltyMemberships", "ms-carl", LoyaltyTierId="t-SILVER")
            hotel.later(1)

        monkeypatch.setattr(alignment, "_align_memberships", and_staff)
        hotel.load(membership("ms-carl", "carl"))
        hotel.members(member("anna", tier="GOLD"))
        tiers(hotel, replace(SILVER, gone=True), GOLD)
        await hotel.align()
        assert (codes(hotel), order(hotel)) == (["SILVER", "GOLD"], [ADD, UPDATE])
        assert set(await hotel.cases()) == {("ALPEN/SILVER", "still_used")}

    async def test_are_kept_while_a_membership_cannot_be_read(self, hotel: Hotel) -> None:
        hotel.load(membership("ms-odd", "carl", State="Frozen", LoyaltyTierId="t-SILVER"))
        tiers(hotel, replace(SILVER, gone=True), GOLD)
        hotel.members(member("anna", tier="GOLD"))
        await hotel.align()
        assert codes(hotel) == ["SILVER", "GOLD"]
        assert "cannot be read and may be on it" in (await hotel.cases())["ALPEN/SILVER", "still_used"]
        hotel.edit("LoyaltyMemberships", "ms-odd", _DeletedUtc="now", State="Canceled")
        hotel.edit("LoyaltyMemberships", "ms-odd", LoyaltyTierId=None, _DeletedUtc=None)
        hotel.later()
        await hotel.align()
        assert codes(hotel) == ["GOLD"]

    async def test_are_kept_while_it_is_unknown_what_was_written(self, silver: Hotel) -> None:
        tiers(silver, replace(SILVER, gone=True), GOLD)
        silver.members(member("anna", tier="GOLD"), member("bea", tier="GOLD"))
        silver.fault(UPDATE, "drop", times=None)
        assert (await silver.align()).lost
        assert TIER_DELETE not in silver.calls.writes()
        silver.faults.clear()
        silver.later()
        await silver.align()
        assert codes(silver) == ["GOLD"]

    @pytest.mark.parametrize("stays", [True, False], ids=["still a member", "left the scheme"])
    async def test_are_kept_while_an_addition_to_one_may_show_up(
        self, hotel: Hotel, monkeypatch: pytest.MonkeyPatch, *, stays: bool
    ) -> None:
        hotel.members(member("anna"), member("bea", tier="GOLD"))
        await hotel.preview()
        page = State.page

        def late(self: State, kind: str, *others: object) -> object:
            found = page(self, kind, *others)  # type: ignore[arg-type]
            return type(found)([], None) if kind == "LoyaltyMemberships" else found

        with monkeypatch.context() as patched:
            patched.setattr(State, "page", late)
            hotel.fault(ADD, "lose")
            assert (await hotel.align()).postponed == 2
            tiers(hotel, replace(SILVER, gone=True), GOLD)
            hotel.members(*([member("anna", tier="GOLD")] if stays else []), member("carl", tier="GOLD"))
            hotel.later(50)
            await hotel.align()
            assert codes(hotel) == ["SILVER", "GOLD"]
        hotel.later(20)
        hotel.members(*(member(name, tier="GOLD") for name in NAMES))
        await hotel.align()
        assert (codes(hotel), hotel.one("anna")["Tier"], await hotel.cases()) == (["GOLD"], "GOLD", {})

    async def test_their_members_are_no_downgrade_when_the_other_tier_is_higher(self, silver: Hotel) -> None:
        silver.settings(limits=Limits(0, 0.0, 0.0))
        tiers(silver, replace(SILVER, gone=True), GOLD)
        silver.members(member("anna", tier="GOLD"), member("bea", tier="GOLD"))
        await silver.align()
        assert codes(silver) == ["GOLD"]

    async def test_are_not_deleted_by_a_pass_that_the_guard_refuses(self, hotel: Hotel) -> None:
        hotel.members(*(member(name, tier="GOLD") for name in NAMES))
        await hotel.align()
        hotel.later()
        hotel.settings(limits=Limits(1, 0.02, 0.02))
        tiers(hotel, SILVER, replace(GOLD, gone=True))
        hotel.members(*map(member, NAMES))
        with pytest.raises(Refused) as refused:
            await hotel.align()
        assert hotel.calls.writes() == {}
        await hotel.align(confirm=str(refused.value).partition("--confirm ")[2].rstrip("`."))
        assert codes(hotel) == ["SILVER"]


class TestDeletionsThatGoWrong:
    @pytest.fixture(autouse=True)
    async def unused(self, hotel: Hotel) -> None:
        hotel.members(member("anna", tier="GOLD"))
        await hotel.align()
        hotel.later()
        tiers(hotel, replace(SILVER, gone=True), GOLD)

    async def test_a_lost_answer_is_read_again(self, hotel: Hotel) -> None:
        hotel.fault(TIER_DELETE, "lose")
        done = await hotel.align()
        assert (codes(hotel), done.doubt, await hotel.cases()) == (["GOLD"], "", {})

    @pytest.mark.parametrize("fault", [{"effect": "drop"}, {"effect": "status", "status": 409}])
    async def test_what_was_not_deleted_is_the_next_passs(self, hotel: Hotel, fault: dict[str, object]) -> None:
        hotel.fault(TIER_DELETE, **fault)  # type: ignore[arg-type]
        done = await hotel.align()
        assert (hotel.calls.writes(), codes(hotel)) == ({TIER_DELETE: 1}, ["SILVER", "GOLD"])
        assert (TIER_DELETE in done.doubt, await hotel.cases()) == (True, {})
        assert (await hotel.align()).doubt == ""
        assert codes(hotel) == ["GOLD"]

    async def test_a_refusal_is_shown_in_mewss_words_once_a_pass(self, hotel: Hotel) -> None:
        hotel.fault(TIER_DELETE, "status", status=403, times=None)
        done = await hotel.align()
        assert (hotel.calls.writes(), done.doubt) == ({TIER_DELETE: 1}, "")
        said = (await hotel.cases())["ALPEN/SILVER", "refused_by_mews"]
        assert said.startswith("tier ALPEN/SILVER: Mews loyaltyTiers/delete for [mews.properties.")
        assert "HTTP 403" in said
        hotel.faults.clear()
        hotel.later()
        await hotel.align()
        assert (codes(hotel), await hotel.cases()) == (["GOLD"], {})


class TestProgramsThatAreGone:
    @pytest.fixture(autouse=True)
    async def old(self, hotel: Hotel) -> None:
        hotel.load(program("OLD", "Old Club"))
        kind, bronze = SET_UP[2]
        hotel.load((kind, bronze | {"Id": "t-BRONZE", "Code": "BRONZE", "LoyaltyProgramId": "p-OLD"}))
        hotel.members(member("anna", tier="GOLD"))
        programs(hotel, OLD)

    async def test_are_deleted_in_one_call_with_their_tiers(self, hotel: Hotel) -> None:
        assert (await hotel.preview()).plan.examples["delete_program"] == ("OLD",)
        await hotel.align()
        assert hotel.calls.bodies(PROGRAM_DELETE) == [{"LoyaltyProgramIds": ["p-OLD"]}]
        assert order(hotel) == [ADD, UPDATE, PROGRAM_DELETE]
        assert [one["Code"] for one in hotel.records("LoyaltyPrograms")] == ["ALPEN", "MM"]
        assert (await hotel.preview()).plan.is_empty

    @pytest.mark.parametrize("state", ["New", "Pending", "Enrolled"])
    async def test_are_kept_while_a_membership_is_active(self, hotel: Hotel, state: str) -> None:
        hotel.load(membership("ms-old", "bea", "p-OLD", State=state))
        for _ in range(2):
            await hotel.align()
            hotel.later()
        assert PROGRAM_DELETE not in hotel.calls.count()
        said = (await hotel.cases())["OLD", "still_used"]
        assert said == (
            "Program OLD is gone in the configuration, but memberships of it are still active: 1. Cancel or delete "
            "them in Mews; the program is deleted when none is left."
        )
        planned = await hotel.preview()
        assert (planned.plan.is_empty, planned.warnings) == (True, (said,))
        hotel.edit("LoyaltyMemberships", "ms-old", _DeletedUtc="now")
        hotel.later(25 * 3600)
        await hotel.align()
        assert (hotel.calls.writes(), await hotel.cases()) == ({PROGRAM_DELETE: 1}, {})

    async def test_are_mewss_to_judge_when_no_membership_is_active(self, hotel: Hotel) -> None:
        hotel.load(membership("ms-old", "bea", "p-OLD", State="Canceled"))
        await hotel.align()
        assert hotel.calls.writes()[PROGRAM_DELETE] == 1
        cases = await hotel.cases()
        assert set(cases) == {("OLD", "refused_by_mews")}
        assert "HTTP 403, Loyalty program 'p-OLD' has active memberships" in cases["OLD", "refused_by_mews"]
        programs(hotel)
        hotel.later()
        await hotel.align()
        assert await hotel.cases() == {}


class TestRenamedTiers:
    async def test_keep_their_members_and_warn_once(self, silver: Hotel) -> None:
        tiers(silver, BASIC, GOLD)
        silver.members(member("anna", tier="BASIC"), member("bea", tier="BASIC"), member("carl", tier="BASIC"))
        silver.settings(limits=Limits(0, 0.0, 0.0))
        planned = await silver.preview()
        assert planned.plan.counts == {"update_tier": 1, "add_membership": 1}
        assert planned.plan.plan_id == ""
        with capture_logs() as logs:
            await silver.align()
            silver.later()
            await silver.align()
        assert [log["warning"] for log in logs if "warning" in log] == list(planned.warnings)
        assert planned.warnings[0].startswith("Tier code SILVER of program ALPEN becomes BASIC: channel bookings match")
        assert codes(silver) == ["BASIC", "GOLD"]
        assert {record["LoyaltyTierId"] for held in silver.held().values() for record in held} == {"t-SILVER"}
        assert (await silver.preview()).plan.is_empty

    async def test_touch_no_membership_in_their_pass(self, silver: Hotel) -> None:
        tiers(silver, BASIC, GOLD)
        silver.members(member("anna", tier="BASIC"), member("bea", tier="BASIC"))
        await silver.align()
        assert silver.calls.bodies(TIER_UPDATE) == [
            {"LoyaltyTierUpdates": [{"LoyaltyTierId": "t-SILVER", "Code": {"Value": "BASIC"}}]}
        ]
        assert (silver.calls.writes(), await silver.cases()) == ({TIER_UPDATE: 1}, {})

    @pytest.mark.parametrize(
        "fault", [{"effect": "drop"}, {"effect": "status", "status": 409}, {"effect": "status", "status": 403}]
    )
    async def test_leave_the_members_in_peace_when_mews_does_not_take_the_code(
        self, silver: Hotel, fault: dict[str, object]
    ) -> None:
        tiers(silver, BASIC, GOLD)
        silver.members(member("anna", tier="BASIC"), member("bea", tier="BASIC", points=5))
        silver.fault(TIER_UPDATE, **fault, times=None)  # type: ignore[arg-type]
        done = await silver.align()
        refused = fault.get("status") == 403
        assert (bool(done.doubt), set(await silver.cases())) == (
            not refused,
            {("ALPEN/BASIC", "refused_by_mews")} if refused else set(),
        )
        assert (silver.one("bea")["Points"], silver.one("anna")["Tier"]) == (5, "SILVER")
        silver.faults.clear()
        silver.later()
        await silver.align()
        assert (codes(silver), await silver.cases()) == (["BASIC", "GOLD"], {})

    async def test_a_lost_answer_is_read_again(self, silver: Hotel) -> None:
        tiers(silver, BASIC, GOLD)
        silver.fault(TIER_UPDATE, "lose")
        done = await silver.align()
        assert (done.doubt, silver.calls.writes(), codes(silver)) == ("", {TIER_UPDATE: 1}, ["BASIC", "GOLD"])

    async def test_both_codes_in_mews_are_a_case_and_nothing_is_changed(self, silver: Hotel) -> None:
        kind, other = SET_UP[3]
        silver.load((kind, other | {"Id": "t-BASIC", "Code": "BASIC", "Ordering": 5}))
        tiers(silver, BASIC, GOLD)
        await silver.align()
        assert silver.calls.writes() == {}
        assert "both stand in Mews" in (await silver.cases())["ALPEN/BASIC", "duplicate_code"]

    async def test_a_new_rank_and_a_downgrade_by_it_are_confirmed_once(self, hotel: Hotel) -> None:
        """Gold becomes the lower tier in the very pass that moves everybody to it."""
        hotel.members(*map(member, NAMES))
        await hotel.align()
        hotel.later()
        hotel.settings(limits=Limits(0, 0.02, 0.02))
        tiers(hotel, SILVER, replace(GOLD, ordering=0))
        hotel.members(*(member(name, tier="GOLD") for name in NAMES))
        planned = await hotel.preview()
        assert (planned.plan.changes, planned.verdict.allowed) == (3, False)
        with pytest.raises(Refused):
            await hotel.align()
        assert hotel.calls.writes() == {}
        await hotel.align(confirm=planned.plan.plan_id)
        assert hotel.calls.writes() == {TIER_UPDATE: 1, UPDATE: 1}

    async def test_swapped_ranks_are_one_write(self, silver: Hotel) -> None:
        tiers(silver, replace(SILVER, ordering=2), replace(GOLD, ordering=1))
        await silver.align()
        assert silver.calls.writes() == {TIER_UPDATE: 1}
        assert [one["Ordering"] for one in silver.records("LoyaltyTiers")] == [2, 1]


class TestAddsInDoubt:
    PLATIN = WantedTier("PLATIN", "Platinum member", 3)

    async def test_what_was_added_is_found_and_used_in_the_same_pass(self, hotel: Hotel) -> None:
        tiers(hotel, SILVER, GOLD, self.PLATIN)
        hotel.members(member("anna", tier="PLATIN"))
        hotel.fault(TIER_ADD, "lose")
        done = await hotel.align()
        assert (done.doubt, hotel.calls.writes()[TIER_ADD], hotel.one("anna")["Tier"]) == ("", 1, "PLATIN")

    async def test_what_was_not_added_is_added_only_when_mews_had_time_to_show_it(self, hotel: Hotel) -> None:
        tiers(hotel, SILVER, GOLD, self.PLATIN)
        hotel.members(member("anna", tier="PLATIN"))
        hotel.fault(TIER_ADD, "drop")
        assert TIER_ADD in (await hotel.align()).doubt
        hotel.later(58)
        done = await hotel.align()
        assert (hotel.calls.writes(), "does not show yet" in done.doubt) == ({}, True)
        assert (hotel.held(), await hotel.cases()) == ({}, {})
        hotel.later(2)
        assert (await hotel.align()).doubt == ""
        assert hotel.one("anna")["Tier"] == "PLATIN"

    @pytest.mark.parametrize("effect", ["lose", None], ids=["answer lost", "answered"])
    async def test_what_shows_late_is_not_added_twice(
        self, hotel: Hotel, monkeypatch: pytest.MonkeyPatch, effect: str | None
    ) -> None:
        tiers(hotel, SILVER, GOLD, self.PLATIN)
        hotel.members(member("anna", tier="PLATIN"))
        if effect:
            hotel.fault(TIER_ADD, effect)
        page = State.page

        def late(self: State, kind: str, *others: object) -> object:
            found = page(self, kind, *others)  # type: ignore[arg-type]
            if kind != "LoyaltyTiers":
                return found
            return type(found)([body for body in found.bodies if "PLATIN" not in body], None)

        with monkeypatch.context() as patched:
            patched.setattr(State, "page", late)
            assert (await hotel.align()).doubt
            hotel.later(50)
            assert (await hotel.align()).doubt
            assert hotel.calls.writes() == {}
        hotel.later(20)
        assert (await hotel.align()).doubt == ""
        assert codes(hotel).count("PLATIN") == 1
        assert hotel.one("anna")["Tier"] == "PLATIN"

    async def test_the_schemes_own_program_is_waited_for(self, tmp_path: Path, database: Database) -> None:
        async with opened(tmp_path, database, guest("anna")) as hotel:
            hotel.members(member("anna"))
            hotel.fault(PROGRAM_ADD, "drop")
            done = await hotel.align()
            assert PROGRAM_ADD in done.doubt
            assert hotel.calls.writes() == {PROGRAM_ADD: 1}
            hotel.later()
            await hotel.align()
            assert [one["Code"] for one in hotel.records("LoyaltyPrograms")] == ["ALPEN", "MM"]
            assert hotel.one("anna")["Tier"] == "SILVER"

    async def test_another_program_keeps_no_membership_waiting(self, hotel: Hotel) -> None:
        programs(hotel, WantedProgram("NEW", "New Club", "Hotel", "Free"))
        hotel.members(member("anna"))
        hotel.fault(PROGRAM_ADD, "drop")
        assert PROGRAM_ADD in (await hotel.align()).doubt
        assert hotel.one("anna")["Tier"] == "SILVER"

    async def test_what_mews_refuses_is_a_case_and_may_be_asked_for_again_at_once(self, hotel: Hotel) -> None:
        tiers(hotel, SILVER, GOLD, self.PLATIN)
        hotel.members(member("anna"))
        hotel.fault(TIER_ADD, "status", status=400)
        done = await hotel.align()
        assert (done.doubt, hotel.one("anna")["Tier"]) == ("", "SILVER")
        assert set(await hotel.cases()) == {("ALPEN/PLATIN", "refused_by_mews")}
        hotel.later(1)
        await hotel.align()
        assert (codes(hotel), await hotel.cases()) == (["SILVER", "GOLD", "PLATIN"], {})


class TestProgramCodes:
    async def test_a_changed_code_is_a_new_program_and_the_old_one_is_left_with_its_members(self, hotel: Hotel) -> None:
        hotel.load(membership("ms-1", "anna", "p-MM"), membership("ms-2", "bea", "p-MM", State="Canceled"))
        hotel.members(member("carl"))
        hotel.settings(programs=(PROGRAMS[0], replace(PROGRAMS[1], code="MILES")))
        planned = await hotel.preview()
        assert planned.plan.counts["add_program"] == 1
        assert planned.warnings == (
            "Mews cannot change a program's code: MILES is added as a new program, and MM of the same name and type is "
            "left alone with its 2 memberships.",
        )
        with capture_logs() as logs:
            await hotel.align()
            await hotel.align()
        assert [log["warning"] for log in logs if "warning" in log] == list(planned.warnings)
        assert [one["Code"] for one in hotel.records("LoyaltyPrograms")] == ["ALPEN", "MM", "MILES"]


class TestPortfolioTokens:
    """Mews does not state that they may rename or delete; the simulator refuses it."""

    PORTFOLIO = frozenset({"group"})

    async def _renamed(self, hotel: Hotel) -> Sequence[str]:
        hotel.members(member("anna"))
        hotel.settings(limits=WITHOUT_GUARD)
        await hotel.align()
        hotel.later()
        tiers(hotel, BASIC, replace(GOLD, gone=True))
        hotel.members(member("anna", tier="BASIC", points=5))
        await hotel.align()
        return codes(hotel)

    async def test_leave_it_to_a_propertys_own_token(self, tmp_path: Path, database: Database) -> None:
        tokens = {"group": PORTFOLIO_TOKEN, "wien": ACCESS_TOKENS["wien"]}
        async with opened(
            tmp_path, database, *SET_UP, guest("anna"), tokens=tokens, portfolios=self.PORTFOLIO
        ) as hotel:
            assert await self._renamed(hotel) == ["BASIC"]
            assert await hotel.cases() == {}

    async def test_alone_say_what_mews_says_and_align_the_rest(self, tmp_path: Path, database: Database) -> None:
        tokens = {"group": PORTFOLIO_TOKEN}
        async with opened(
            tmp_path, database, *SET_UP, guest("anna"), tokens=tokens, portfolios=self.PORTFOLIO
        ) as hotel:
            assert await self._renamed(hotel) == ["SILVER", "GOLD"]
            cases = await hotel.cases()
            assert set(cases) == {("ALPEN/BASIC", "refused_by_mews"), ("ALPEN/GOLD", "refused_by_mews")}
            for words in cases.values():
                assert "Portfolio access tokens are not supported by loyaltyTiers/" in words
                assert words.endswith("name a property's own token in [mews.properties], or do it in Mews")
            assert hotel.one("anna")["Points"] == 5
