"""The harm guard: what it stops, what a person can confirm, and that it remembers a day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from connector.domain.harm import Limits
from connector.domain.programs import WantedTier
from connector.errors import Permanent, Refused
from connector.jobs.confirmed import served
from connector.mews.client import Mews
from connector.store import pending
from connector.store.pending import Pending
from tests.integration.alignment.hotel import DELETE, PROGRAMS, TIERS, UPDATE, Hotel, guest, member

DAY = 24 * 3600.0
NAMES = ("anna", "bea", "carl", "dora", "emil", "fini", "gerd", "hugo", "ida", "jan")


@pytest.fixture
async def full(hotel: Hotel) -> Hotel:
    """Ten members aligned; two removals and three other harms pass in a day."""
    hotel.load(*(guest(name) for name in NAMES[3:]))
    hotel.members(*(member(name, tier="GOLD") for name in NAMES))
    await hotel.align()
    hotel.settings(limits=Limits(50, 0.2, 0.3))
    hotel.later()
    return hotel


def without(hotel: Hotel, *gone: str) -> None:
    hotel.members(*(member(name, tier="GOLD") for name in NAMES if name not in gone))


async def refused(hotel: Hotel, confirm: str | None = None) -> str:
    """Run a pass that the guard must refuse without a write; return the plan id that its sentence names."""
    with pytest.raises(Refused) as caught:
        await hotel.align(confirm)
    assert hotel.calls.writes() == {}
    sentence = str(caught.value)
    assert "\n" not in sentence
    found = re.search(r"--confirm ([0-9a-f]{12})`", sentence)
    assert found, sentence
    return found[1]


async def test_as_many_as_allowed_go(full: Hotel) -> None:
    without(full, "anna", "bea")
    await full.align()
    assert [full.one(name)["State"] for name in NAMES[:3]] == ["Canceled", "Canceled", "Enrolled"]


async def test_one_more_is_refused_and_nothing_is_written(full: Hotel) -> None:
    full.edit("LoyaltyTiers", "t-SILVER", Name="Argent")  # a program's write is held back too
    without(full, "anna", "bea", "carl")
    plan_id = await refused(full)
    preview = await full.preview()
    assert (preview.plan.plan_id, preview.verdict.allowed, preview.plan.removals) == (plan_id, False, 3)


async def test_exactly_the_confirmed_plan_is_applied(full: Hotel) -> None:
    without(full, "anna", "bea", "carl")
    plan_id, began = await refused(full), full.chain.clock.now()
    await full.align(confirm=plan_id)
    assert [full.one(name)["State"] for name in NAMES[:4]] == ["Canceled"] * 3 + ["Enrolled"]
    assert await served(full.chain, [], plan_id, began)
    assert not await served(full.chain, [], "another", began)
    full.later()
    assert not await served(full.chain, [], plan_id, full.chain.clock.now())
    assert (await full.preview()).plan.is_empty


async def test_a_plan_that_waits_is_kept_with_its_age_until_a_pass_is_allowed(full: Hotel) -> None:
    without(full, "anna", "bea", "carl")
    plan_id = await refused(full)
    first = await waiting(full)
    assert first
    assert (first.plan_id, first.removals) == (plan_id, 3)
    assert "3 removals planned" in first.sentence
    full.later()
    await refused(full)
    assert await waiting(full) == first
    without(full)
    await full.align()
    assert await waiting(full) is None


async def waiting(hotel: Hotel) -> Pending | None:
    async with hotel.database.read() as connection:
        return await pending.load(connection)


async def test_another_plans_id_confirms_nothing(full: Hotel) -> None:
    without(full, "anna", "bea", "carl")
    earlier = await refused(full)
    without(full, "anna", "bea", "dora")
    later = await refused(full, confirm=earlier)
    assert later != earlier


async def test_two_small_passes_within_a_day_count_together(full: Hotel) -> None:
    without(full, "anna", "bea")
    await full.align()
    full.later(23 * 3600)
    without(full, "anna", "bea", "carl")
    await refused(full)
    full.later(3600 + 1)
    await full.align()
    assert full.one("carl")["State"] == "Canceled"


async def test_what_was_confirmed_does_not_use_up_the_day(full: Hotel) -> None:
    without(full, "anna", "bea", "carl")
    await full.align(confirm=await refused(full))
    full.later()
    without(full, "anna", "bea", "carl", "dora")
    await full.align()
    assert full.one("dora")["State"] == "Canceled"


@pytest.mark.parametrize(
    "change",
    [{"tier": "SILVER"}, {"tier": ""}, {"number": "changed"}, {"number": ""}],
    ids=["downgrade", "cleared tier", "changed number", "cleared number"],
)
async def test_other_harm_has_a_limit_of_its_own(full: Hotel, change: dict[str, str]) -> None:
    def lines(count: int) -> None:
        full.members(*(member(n, tier="GOLD") | (change if i < count else {}) for i, n in enumerate(NAMES)))

    lines(4)
    await refused(full)
    lines(3)
    await full.align()
    assert full.calls.writes() == {UPDATE: 1}


async def test_the_schemes_own_cancellations_are_removals(full: Hotel) -> None:
    states = {name: "Canceled" if name in NAMES[:3] else "Enrolled" for name in NAMES}
    full.members(*(member(name, tier="GOLD", state=state) for name, state in states.items()))
    await refused(full)


async def test_harmless_changes_go_on_after_a_confirmed_large_removal(full: Hotel) -> None:
    without(full, "anna", "bea", "carl")
    await full.align(confirm=await refused(full))
    full.later()
    full.members(*(member(name, tier="GOLD", points=77) for name in NAMES[3:]))
    await full.align()
    assert full.one("jan")["Points"] == 77


async def test_a_confirmation_is_good_for_one_apply(full: Hotel) -> None:
    without(full, "anna", "bea", "carl")
    await full.align(confirm=await refused(full))
    full.later()
    without(full)
    await full.align()
    full.later(25 * 3600)
    without(full, "anna", "bea", "carl")
    await refused(full)


async def test_a_plan_that_first_adds_the_lower_tier_is_confirmed_once(full: Hotel) -> None:
    basic = WantedTier("BASIC", "Member", 0)
    full.settings(programs=(replace(PROGRAMS[0], tiers=(basic, *TIERS)), PROGRAMS[1]))
    full.members(*(member(name, tier="BASIC") for name in NAMES))
    plan_id = await refused(full)
    await full.align(confirm=plan_id)
    assert {full.one(name)["Tier"] for name in NAMES} == {"BASIC"}


@pytest.mark.parametrize("gone", ["cancel", "delete"])
async def test_what_was_done_without_an_answer_counts(full: Hotel, gone: str) -> None:
    full.settings(gone=gone)
    without(full, "anna", "bea")
    full.fault(UPDATE if gone == "cancel" else DELETE, "lose", times=9)
    await full.align()
    full.faults.clear()
    full.later(61)
    without(full, "anna", "bea", "carl")
    await refused(full)


@pytest.mark.parametrize("gone", ["cancel", "delete"])
@pytest.mark.parametrize("effect", ["drop", "409"])
async def test_what_was_not_done_and_is_tried_again_counts_once(full: Hotel, gone: str, effect: str) -> None:
    full.settings(gone=gone)
    without(full, "anna", "bea")
    status = {"status": 409} if effect == "409" else {}
    full.fault(UPDATE if gone == "cancel" else DELETE, "status" if status else effect, **status)
    await full.align()
    full.later(61)
    await full.align()
    states = [each["State"] for name in ("anna", "bea") for each in full.held().get(name, [])]
    assert states == (["Canceled"] * 2 if gone == "cancel" else [])


async def test_what_mews_refused_does_not_count(full: Hotel) -> None:
    full.fault(UPDATE, "status", status=403, times=3)  # both together, then each alone
    without(full, "anna", "bea")
    assert (await full.align()).refused == 2
    full.later()
    without(full, "carl", "dora")
    await full.align()
    assert [full.one(name)["State"] for name in NAMES[:5]] == ["Enrolled"] * 2 + ["Canceled"] * 2 + ["Enrolled"]


async def test_a_plan_that_was_confirmed_once_counts_when_it_is_applied_without_a_word(full: Hotel) -> None:
    without(full, "anna")
    await full.align()
    full.later()
    without(full, "anna", "bea", "carl")
    await full.align(confirm=await refused(full))
    full.later(2 * 24 * 3600)
    without(full)
    await full.align()
    full.later()
    without(full, "bea", "carl")
    await full.align()  # the same plan, and within the limit by now
    full.later()
    without(full, "bea", "carl", "dora")
    await refused(full)


async def test_a_confirmation_ends_with_the_plan_that_it_was_given_for(full: Hotel) -> None:
    without(full, "anna", "bea", "carl")
    full.fault(UPDATE, "status", status=409)
    await full.align(confirm=await refused(full))  # nothing was written
    full.later()
    without(full)
    await full.align()
    full.later()
    without(full, "anna", "bea", "carl")
    await refused(full)


class TestWhatMewsRefuses:
    """Removals that Mews refuses come with every plan; they were not done, and stop nobody else's changes."""

    @pytest.fixture
    def stubborn(self, full: Hotel, monkeypatch: pytest.MonkeyPatch) -> set[str]:
        """Ids of memberships that Mews does not let be changed."""
        ids: set[str] = set()
        plain = Mews.write

        async def write(self: Mews, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
            if operation == UPDATE and any(each in str(body) for each in ids):
                raise Permanent("HTTP 403", status=403, detail="no")
            return await plain(self, operation, body)

        monkeypatch.setattr(Mews, "write", write)
        return ids

    async def test_does_not_hold_the_brake_after_a_confirmation(self, full: Hotel, stubborn: set[str]) -> None:
        stubborn.update(full.id_of(name) for name in NAMES[:4])
        without(full, *NAMES[:5])
        assert (await full.align(confirm=await refused(full))).refused == 4
        full.members(*(member(name, tier="GOLD", points=77) for name in NAMES[5:]))
        full.later(2 * DAY)
        assert (await full.align()).refused == 4
        assert [full.one(name)["Points"] for name in NAMES[5:]] == [77] * 5
        assert len([reason for _, reason in await full.cases() if reason == "refused_by_mews"]) == 4

    async def test_is_tried_again_only_as_far_as_the_limits_go(self, full: Hotel, stubborn: set[str]) -> None:
        """Mews may take all of it today."""
        stubborn.update(full.id_of(name) for name in NAMES[:4])
        without(full, *NAMES[:4])
        await full.align(confirm=await refused(full))
        stubborn.clear()
        canceled = []
        for hours in (48, 1, 24, 24):
            full.later(hours * 3600 + 1)
            await full.align()
            canceled.append(sum(full.one(name)["State"] == "Canceled" for name in NAMES))
        assert canceled == [2, 2, 3, 4]  # a fifth of those who are left
        full.later()
        await full.align()
        assert await full.cases() == {}

    async def test_leaves_the_limits_to_others(self, full: Hotel, stubborn: set[str]) -> None:
        stubborn.update(full.id_of(name) for name in NAMES[:2])
        without(full, *NAMES[:2])
        await full.align()
        full.later()
        without(full, *NAMES[:4])
        await full.align()
        assert [full.one(name)["State"] for name in NAMES[:5]] == ["Enrolled"] * 2 + ["Canceled"] * 2 + ["Enrolled"]
        full.later()
        without(full, *NAMES[:5])
        await refused(full)

    async def test_is_judged_anew_when_it_is_another_change(self, full: Hotel, stubborn: set[str]) -> None:
        stubborn.update(full.id_of(name) for name in NAMES[:4])
        full.settings(limits=Limits(50, 0.2, 1.0))
        full.members(*(member(name, number=f"N2-{name}", tier="GOLD") for name in NAMES))
        assert (await full.align()).refused == 4
        full.later()
        full.members(*(member(name, number=f"N2-{name}", tier="GOLD") for name in NAMES[4:]))
        await refused(full)

    async def test_is_judged_anew_once_its_case_was_closed(self, full: Hotel, stubborn: set[str]) -> None:
        stubborn.update(full.id_of(name) for name in NAMES[:4])
        without(full, *NAMES[:4])
        plan_id = await refused(full)
        await full.align(confirm=plan_id)
        full.later()
        without(full)
        await full.align()
        assert await full.cases() == {}
        full.later(2 * DAY)
        without(full, *NAMES[:4])
        assert await refused(full) == plan_id
