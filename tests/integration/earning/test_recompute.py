"""Rules that changed after the award: shown what they would make of it, and done when a person confirms that."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from connector.domain.contract import Hold
from connector.domain.recomputation import Fate, Recomputation
from connector.errors import Misconfigured, Refused
from connector.jobs.claims import Claim, claim
from connector.jobs.contracts import Partnership
from connector.jobs.recomputing import Scope, recompute
from connector.sandbox.mews import edits
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import (
    AM,
    CHAIN_ID,
    COLLECTOR,
    MEMBER,
    MM,
    NOW,
    air_miles,
    miles_and_more,
    per_euro,
    per_twenty_dollars,
    runner_for,
)
from tests.integration.earning.front_desk import FrontDesk

PERIOD = Scope(NOW.date() - timedelta(days=1), NOW.date() + timedelta(days=1))


@pytest.fixture
def am(at_airmiles: Counter) -> Partnership:
    return air_miles(at_airmiles.airmiles())


@pytest.fixture
def mm(at_uplyft: Counter) -> Partnership:
    return miles_and_more(at_uplyft.uplyft())


def doubled(partnership: Partnership) -> Partnership:
    rule = per_twenty_dollars if partnership.name == AM else per_euro
    return replace(partnership, contract=replace(partnership.contract, rules=(rule(miles=Decimal(2)),)))


async def recomputed(
    desk: FrontDesk, *partnerships: Partnership, scope: Scope = PERIOD, confirm: str = ""
) -> Recomputation:
    signature = Signature("anna", desk.clock.now(), "the contract of May")
    runner = runner_for(desk.chain(), partnerships)
    return await recompute(runner, partnerships, scope, confirmed=(confirm, signature) if confirm else None)


async def credited(desk: FrontDesk, partnership: Partnership) -> None:
    hotel, program, number = ("montreal", "AM", COLLECTOR) if partnership.name == AM else ("wien", "MM", MEMBER)
    desk.member("g1", program, number)
    desk.stay(hotel=hotel)
    desk.charge("i1", 200, hotel=hotel)
    await desk.read(partnership)
    await desk.deliver(partnership)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_a_plan_changes_nothing_until_exactly_it_is_confirmed(
    desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
) -> None:
    await credited(desk, am)
    before = await books.everything()
    plan = await recomputed(desk, doubled(am))
    assert (plan.stays[Fate.CORRECTED], plan.up, plan.down, plan.suspended_miles) == (1, 10, 0, 0)
    assert [(each.number, each.before, each.after) for each in plan.biggest] == [("n-r1", 10, 20)]
    with pytest.raises(Refused, match=f"the plan is not abc; it is {plan.plan_id} now, look at it again"):
        await recomputed(desk, doubled(am), confirm="abc")
    assert await books.messages() == [("credit", 1, 10, "credited")]
    assert (await books.everything()).count("frozen") == before.count("frozen")
    await recomputed(desk, doubled(am), confirm=plan.plan_id)
    assert await books.messages() == [
        ("credit", 1, 10, "credited"),
        ("reversal", 1, 10, "ready"),
        ("credit", 2, 20, "held"),
    ]
    await desk.deliver(doubled(am))
    assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, -10), (COLLECTOR, 20)]
    signed = await books.rows("SELECT actor, detail FROM history WHERE before = '' ORDER BY seq")
    assert signed[1:] == [("anna", "recompute: the contract of May")] * 2
    again = await recomputed(desk, doubled(am))
    assert (again.plan_id, again.unchanged) == ("", 1)
    with pytest.raises(Refused, match="nothing would change now"):
        await recomputed(desk, doubled(am), confirm=plan.plan_id)


async def test_a_later_change_of_the_folio_goes_by_the_rules_of_the_recomputation(
    desk: FrontDesk, books: Books, am: Partnership
) -> None:
    await credited(desk, am)
    same = replace(am, contract=replace(am.contract, rules=(per_twenty_dollars(miles=Decimal(2), cap_stay=10),)))
    plan = await recomputed(desk, same)
    assert (plan.stays[Fate.SAME], plan.up, plan.biggest) == (1, 0, [])
    await recomputed(desk, same, confirm=plan.plan_id)
    assert await books.messages() == [("credit", 1, 10, "credited")]
    desk.rebate("i2", 120, lowers="i1", hotel="montreal")  # 80 are left: 8 by the new rule, 4 by the old one
    await desk.read(am)
    assert (await books.messages())[-1] == ("credit", 2, 8, "held")


async def test_present_exchange_rates_are_used_and_fixed_anew(desk: FrontDesk, books: Books, mm: Partnership) -> None:
    rate = {"EnterpriseId": "e-montreal", "SourceCurrency": "CAD", "TargetCurrency": "EUR", "Value": 0.5}
    edits.add(desk.state, "ExchangeRates", {"Id": "x1", **rate})
    desk.member()
    desk.stay(hotel="montreal")
    desk.charge("i1", 100, hotel="montreal")
    await desk.read(mm)
    desk.edit("ExchangeRates", "x1", Value=1.0)
    desk.later(hours=2)
    await desk.read(mm)
    assert await books.messages() == [("credit", 1, 55, "ready")]
    plan = await recomputed(desk, mm)
    assert (plan.stays[Fate.UNSENT], plan.up) == (1, 55)
    await recomputed(desk, mm, confirm=plan.plan_id)
    assert await books.messages() == [("credit", 1, 55, "superseded"), ("credit", 2, 110, "ready")]


async def test_the_present_tier_is_fixed_anew(desk: FrontDesk, books: Books, am: Partnership) -> None:
    for code, ordering in (("SILVER", 1), ("GOLD", 2)):
        tier = {"Code": code, "Name": code.title(), "Ordering": ordering, "LoyaltyProgramId": "p-MM"}
        edits.add(desk.state, "LoyaltyTiers", {"Id": f"t-{code}", "ChainId": CHAIN_ID, **tier})
    tiered = replace(am, contract=replace(am.contract, tier_program="MM", which="all"))
    desk.guest("g1")
    desk.membership("m0", "g1", LoyaltyTierId="t-SILVER")
    desk.membership("m1", "g1", "AM", COLLECTOR)
    desk.stay(hotel="montreal")
    desk.charge("i1", 200, hotel="montreal")
    await desk.read(tiered)
    desk.edit("LoyaltyMemberships", "m0", LoyaltyTierId="t-GOLD")
    desk.charge("i2", 40, hotel="montreal")
    await desk.read(tiered)
    fixed = "SELECT frozen FROM award"
    assert [json.loads(text)["tier"] for (text,) in await books.rows(fixed)] == ["SILVER"]
    plan = await recomputed(desk, tiered)
    assert plan.stays[Fate.SAME] == 1
    await recomputed(desk, tiered, confirm=plan.plan_id)
    assert [json.loads(text)["tier"] for (text,) in await books.rows(fixed)] == ["GOLD"]


async def test_where_miles_are_not_taken_back_the_difference_is_a_case(
    desk: FrontDesk, books: Books, mm: Partnership
) -> None:
    await credited(desk, mm)
    plan = await recomputed(desk, doubled(mm))
    assert (plan.stays[Fate.SUSPENSE], plan.up, plan.suspended_miles) == (1, 220, 220)
    await recomputed(desk, doubled(mm), confirm=plan.plan_id)
    assert await books.messages() == [("credit", 1, 220, "credited")]
    ((reason, text),) = await books.cases()
    assert reason == "not_correctable"
    assert "220 miles were credited, the folio now earns 440" in text


async def test_a_stay_that_a_rule_excluded_is_awarded_when_the_rules_allow_it(
    desk: FrontDesk, books: Books, mm: Partnership
) -> None:
    strict = replace(mm, contract=replace(mm.contract, rules=(per_euro(min_nights=5),)))
    await credited(desk, strict)
    assert await books.decisions(MM) == {"r1": ("excluded", "no_rule")}
    plan = await recomputed(desk, mm, scope=Scope(reservation="n-r1"))
    assert (plan.stays[Fate.UNSENT], plan.up) == (1, 220)
    await recomputed(desk, mm, scope=Scope(reservation="n-r1"), confirm=plan.plan_id)
    assert await books.messages() == [("credit", 1, 220, "ready")]
    back = await recomputed(desk, strict)
    assert (back.stays[Fate.UNSENT], back.down) == (1, 220)
    await recomputed(desk, strict, confirm=back.plan_id)
    assert await books.messages() == [("credit", 1, 220, "superseded")]
    assert await books.decisions(MM) == {"r1": ("excluded", "no_rule")}


async def test_a_claimed_stay_keeps_its_number_and_others_stay_as_they_are(
    desk: FrontDesk, books: Books, mm: Partnership
) -> None:
    desk.guest("g1")
    desk.stay()
    desk.charge("i1", 200)
    desk.guest("g2")
    desk.stay("r2", "g2")
    desk.charge("i2", 100, "r2")
    await desk.read(mm)
    signature = Signature("anna", desk.clock.now(), "card found")
    await claim(runner_for(desk.chain(), [mm]), Claim("n-r1", MM, MEMBER), signature)
    desk.membership("m2", "g2")
    await desk.read(mm)
    plan = await recomputed(desk, doubled(mm))
    await recomputed(desk, doubled(mm), confirm=plan.plan_id)
    assert await books.rows("SELECT root_id, member_number, miles FROM award") == [("r1", MEMBER, 440)]
    assert (await books.decisions(MM))["r2"] == ("excluded", "no_membership")


async def test_a_stay_that_is_on_hold_by_the_present_contract_stays_as_it_is(
    desk: FrontDesk, books: Books, am: Partnership
) -> None:
    await credited(desk, am)
    held = doubled(replace(am, contract=replace(am.contract, hold=Hold("after", timedelta(days=30)))))
    plan = await recomputed(desk, held)
    assert (plan.plan_id, plan.undecided) == ("", 1)


async def test_days_and_stays_outside_are_left_alone(desk: FrontDesk, am: Partnership) -> None:
    await credited(desk, am)
    earlier = Scope(NOW.date() - timedelta(days=9), NOW.date() - timedelta(days=1))
    assert (await recomputed(desk, doubled(am), scope=earlier)).plan_id == ""
    with pytest.raises(Misconfigured, match="no reservation 'n-r9' is known"):
        await recomputed(desk, doubled(am), scope=Scope(reservation="n-r9"))


async def test_names_in_the_present_rules_mean_what_mews_calls_so(
    desk: FrontDesk, books: Books, am: Partnership
) -> None:
    await credited(desk, am)
    edits.add(desk.state, "Rates", {"Id": "rate-1", "ServiceId": "s-montreal", "Name": "Flexible", "IsActive": True})
    desk.edit("Reservations", "r1", RateId="rate-1")
    rule = replace(per_twenty_dollars(miles=Decimal(2)), rates=frozenset({"Flexible"}))
    named = replace(am, contract=replace(am.contract, rules=(rule,)))
    await desk.read(named)
    plan = await recomputed(desk, named)
    assert (plan.up, plan.down) == (10, 0)


async def test_a_cap_that_stays_share_counts_what_the_plan_gives_to_those_before(
    desk: FrontDesk, books: Books, am: Partnership
) -> None:
    await credited(desk, am)
    desk.stay("r2", hotel="montreal", AccountId="g1")
    desk.charge("i2", 200, stay="r2", hotel="montreal")
    am = replace(am, contract=replace(am.contract, rooms=2))
    await desk.read(am)
    capped = replace(per_twenty_dollars(miles=Decimal(2)), cap_day=25)
    shared = replace(am, contract=replace(am.contract, rules=(capped,)))
    plan = await recomputed(desk, shared)
    assert (plan.up, plan.down) == (5, 0)
    await recomputed(desk, shared, confirm=plan.plan_id)
    assert await books.rows("SELECT sum(miles) FROM award") == [(25,)]
