"""The client against a Mews that refuses whatever the contract does not name, over a real socket.

The exact bodies, written by hand from the public reference, stand in ``tests/unit/mews/test_mews_bodies.py``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.domain.loyalty import Membership, Program, Tier
from connector.errors import Permanent, Retryable, Unauthorized
from connector.http.client import Client
from connector.http.limiter import Unlimited
from connector.mews.batches import bisect
from connector.mews.changes import (
    MembershipAdd,
    MembershipUpdate,
    ProgramAdd,
    ProgramUpdate,
    TierAdd,
    TierUpdate,
)
from connector.mews.client import Mews
from connector.mews.guests import Guests
from connector.mews.loyalty import Loyalty
from connector.mews.pages import everything
from connector.mews.properties import Properties
from connector.mews.stays import Stays
from connector.mews.times import Interval
from connector.sandbox.mews.app import create_app
from connector.sandbox.mews.limit import Limit
from connector.sandbox.mews.tokens import ACCESS_TOKENS, CLIENT_TOKEN, PORTFOLIO_TOKEN
from tests.serving import serving

JANUARY = Interval(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def connect(url: str, access_token: str, *, chain_id: str | None = None) -> Mews:
    return Mews(
        Client(url, name="Mews"),
        client_token=CLIENT_TOKEN,
        access_token=access_token,
        client_name="Mews Loyalty Connector 1.0.0",
        table="wien",
        limiter=Unlimited(),
        clock=Clock(),
        chain_id=chain_id,
    )


def chain_records() -> Iterator[tuple[str, dict[str, Any]]]:
    """Two properties of one chain, three guests (one merged into another), one stay with a rebate."""
    for table, currency in (("wien", "EUR"), ("montreal", "CAD")):
        yield (
            "Enterprises",
            {
                "Id": f"e-{table}",
                "ChainId": "chain",
                "Name": table.title(),
                "CreatedUtc": "2020-05-01T00:00:00Z",
                "UpdatedUtc": "2020-05-01T00:00:00Z",
                "TimeZoneIdentifier": "Europe/Vienna",
                "AccountingEditableHistoryInterval": "P0M3DT0H0M0S",
                "OperationalEditableHistoryInterval": "P0M7DT0H0M0S",
                "_Table": table,
                "_Currency": currency,
            },
        )
        yield "Services", {"Id": f"s-{table}", "EnterpriseId": f"e-{table}"}
    for number, extra in ((1, {}), (2, {}), (3, {"IsActive": False, "MergeTargetId": "a1"})):
        yield (
            "Customers",
            {
                "Id": f"a{number}",
                "ChainId": "chain",
                "LastName": "Berger",
                "HasOtaEmail": False,
                "IsActive": True,
                "UpdatedUtc": f"2026-01-0{number}T00:00:00Z",
                **extra,
            },
        )
    yield (
        "Reservations",
        {
            "Id": "r1",
            "ServiceId": "s-wien",
            "AccountId": "a1",
            "AccountType": "Customer",
            "Number": "52",
            "State": "Processed",
            "CreatedUtc": "2026-01-01T09:00:00Z",
            "UpdatedUtc": "2026-01-31T10:00:00Z",
            "ScheduledStartUtc": "2026-01-29T14:00:00Z",
            "ScheduledEndUtc": "2026-01-31T11:00:00Z",
        },
    )
    rebate = {"Discriminator": "Rebate", "Rebate": {"ProductId": "x", "RebatedItemId": "i0"}}
    for index, (kind, net, data) in enumerate([("SpaceOrder", 90.91, {}), ("NightRebate", -9.1, {"Data": rebate})]):
        yield (
            "OrderItems",
            {
                "Id": f"i{index}",
                "EnterpriseId": "e-wien",
                "ServiceOrderId": "r1",
                "Type": kind,
                "AccountingState": "Closed",
                "UpdatedUtc": f"2026-01-31T10:00:0{index}Z",
                "Amount": {"Currency": "EUR", "NetValue": net, "GrossValue": net, "TaxValues": []},
                **data,
            },
        )


class TestAgainstTheSandbox:
    """Every operation, with a token of one property and with a portfolio token."""

    @pytest.fixture
    async def platform(self, tmp_path: Path) -> AsyncIterator[str]:
        app = create_app(tmp_path / "mews.db")
        app.state.simulator.state.load(chain_records())
        async with serving(app) as url:
            yield url

    @pytest.fixture
    async def mews(self, platform: str) -> AsyncIterator[Mews]:
        made = connect(platform, ACCESS_TOKENS["wien"])
        yield made
        await made.aclose()

    @pytest.fixture
    async def of_portfolio(self, platform: str) -> AsyncIterator[Mews]:
        made = connect(platform, PORTFOLIO_TOKEN, chain_id="chain")
        yield made
        await made.aclose()

    async def set_up(self, loyalty: Loyalty) -> tuple[Program, Tier]:
        (program,) = await loyalty.add_programs([ProgramAdd("ALPEN", "Alpenglow Club", "Hotel", "Free")])
        (tier,) = await loyalty.add_tiers([TierAdd(program.id, "GOLD", "Gold member", 2)])
        return program, tier

    async def test_programs_and_tiers_are_written_and_read_back(self, mews: Mews) -> None:
        loyalty = Loyalty(mews)
        program, tier = await self.set_up(loyalty)
        await loyalty.update_programs([ProgramUpdate(program.id, name="Club")])
        await loyalty.update_tiers([TierUpdate(tier.id, code="AU", ordering=3)])
        assert await loyalty.programs() == ([Program(program.id, "ALPEN", "Club", "Hotel", "Free")], [])
        assert await loyalty.tiers([program.id]) == (
            [Tier(tier.id, program.id, "AU", "Gold member", 3)],
            [],
        )

    async def test_tiers_and_programs_are_deleted_unless_somebody_is_in_them(self, mews: Mews) -> None:
        loyalty = Loyalty(mews)
        program, tier = await self.set_up(loyalty)
        (added,) = await loyalty.add_memberships([MembershipAdd("a1", program.id, False, "Enrolled")])
        await loyalty.delete_tiers([tier.id])
        assert await loyalty.tiers([program.id]) == ([], [])
        with pytest.raises(Permanent, match="has active memberships: it cannot be deleted") as refused:
            await loyalty.delete_programs([program.id])
        assert refused.value.status == 403
        await loyalty.delete_memberships([added.id])
        await loyalty.delete_programs([program.id])
        assert await loyalty.programs() == ([], [])

    async def test_a_portfolio_token_may_not_rename_or_delete(self, of_portfolio: Mews) -> None:
        loyalty = Loyalty(of_portfolio)
        program, tier = await self.set_up(loyalty)
        for refused in (
            loyalty.update_tiers([TierUpdate(tier.id, code="AU")]),
            loyalty.delete_tiers([tier.id]),
            loyalty.delete_programs([program.id]),
        ):
            with pytest.raises(Unauthorized, match="Portfolio access tokens are not supported"):
                await refused

    async def test_a_membership_lives_through_its_whole_life(self, mews: Mews) -> None:
        loyalty = Loyalty(mews)
        program, tier = await self.set_up(loyalty)
        add = MembershipAdd("a1", program.id, True, "Enrolled", "ALP-1", 10, date(2027, 3, 31), tier.id, "u")
        (added,) = await loyalty.add_memberships([add])
        expected = Membership(
            added.id, "a1", program.id, "Enrolled", True, "ALP-1", 10, date(2027, 3, 31), tier.id, None, "u"
        )
        assert added == expected
        changes = {"provider_id": "prov-1", "tier_id": None, "points": None, "expires_on": date(2028, 1, 1)}
        (updated,) = await loyalty.update_memberships([MembershipUpdate(added.id, changes)])
        assert updated == expected._replace(
            provider_id="prov-1", tier_id=None, points=None, expires_on=date(2028, 1, 1)
        )
        assert await loyalty.memberships_of(["a1", "a2"], [program.id]) == ([updated], [])
        await loyalty.delete_memberships([added.id])
        assert await everything(loyalty.memberships([program.id])) == ([], [])
        deleted = await everything(loyalty.deleted_memberships([program.id]))
        assert deleted == ([updated._replace(deleted=True)], [])

    async def test_a_refused_batch_is_bisected(self, mews: Mews) -> None:
        loyalty = Loyalty(mews)
        program, _ = await self.set_up(loyalty)
        accounts = ["a1", "nobody", "a2"]
        batch = [MembershipAdd(account, program.id, False, "Enrolled") for account in accounts]
        settled = await bisect(batch, loyalty.add_memberships)
        assert [one.account_id for one in settled.done] == ["a1", "a2"]
        ((item, refusal),) = settled.refused
        assert (item.account_id, refusal.status) == ("nobody", 400)
        assert "nobody" in refusal.detail

    async def test_updated_memberships_are_found_by_mewss_own_clock(self, mews: Mews) -> None:
        loyalty = Loyalty(mews)
        program, _ = await self.set_up(loyalty)
        await loyalty.add_memberships([MembershipAdd("a1", program.id, False, "Enrolled")])
        now, hour = mews.now(), timedelta(hours=1)
        recent = Interval(now - hour, now + hour)
        found, _ = await everything(loyalty.memberships([program.id], updated=recent))
        assert [one.account_id for one in found] == ["a1"]
        older = Interval(now - timedelta(days=89), now - hour)
        assert await everything(loyalty.memberships([program.id], updated=older)) == ([], [])

    async def test_a_portfolio_token_writes_for_its_chain(self, of_portfolio: Mews) -> None:
        loyalty = Loyalty(of_portfolio)
        program, tier = await self.set_up(loyalty)
        (added,) = await loyalty.add_memberships([MembershipAdd("a1", program.id, False, "New")])
        await loyalty.update_memberships([MembershipUpdate(added.id, {"tier_id": tier.id})])
        await loyalty.update_programs([ProgramUpdate(program.id, name="Club")])
        await loyalty.delete_memberships([added.id])
        programs, _ = await loyalty.programs()
        assert [one.name for one in programs] == ["Club"]

    async def test_guests_are_read_merged_ones_by_their_update_time_too(self, mews: Mews) -> None:
        guests = Guests(mews)
        updated, _ = await everything(guests.updated(JANUARY))
        assert [one.id for one in updated] == ["a3", "a2", "a1"]
        for by in ("DeletedUtc", "UpdatedUtc"):
            gone, _ = await everything(guests.deleted(JANUARY, by=by))
            assert [(one.id, one.active, one.merge_target_id) for one in gone] == [("a3", False, "a1")]
        named, _ = await guests.named(["a1", "a3"])
        assert {one.id for one in named} == {"a1", "a3"}

    async def test_stays_are_read_with_the_property_of_their_service(self, mews: Mews) -> None:
        services, _ = await Properties(mews).services()
        owners = {service.id: service.property_id for service in services}
        stays = Stays(mews)
        reservations, bad = await everything(stays.reservations(JANUARY, owners.get))
        assert [(one.id, one.property_id, bad) for one in reservations] == [("r1", "e-wien", [])]
        items, _ = await everything(stays.order_items_of(["r1"]))
        assert {(item.id, item.net, item.lowers_id) for item in items} == {
            ("i0", Decimal("90.91"), None),
            ("i1", Decimal("-9.1"), "i0"),
        }
        assert len((await everything(stays.order_items(JANUARY, property_ids=["e-wien"])))[0]) == 2

    async def test_each_token_sees_its_properties(self, mews: Mews, of_portfolio: Mews) -> None:
        own, _ = await Properties(mews).enterprises()
        assert [(one.id, one.chain_id) for one in own] == [("e-wien", "chain")]
        every, _ = await Properties(of_portfolio).enterprises()
        assert {one.id for one in every} == {"e-wien", "e-montreal"}

    async def test_the_facts_of_a_property_are_read(self, mews: Mews, of_portfolio: Mews) -> None:
        wien = await Properties(mews).configuration()
        assert (wien.property.id, wien.property.currency) == ("e-wien", "EUR")
        assert wien.property.editable == timedelta(days=7)
        assert abs(wien.now - mews.now()) < timedelta(seconds=5)
        montreal = await Properties(of_portfolio).configuration("e-montreal")
        assert (montreal.property.id, montreal.property.currency) == ("e-montreal", "CAD")

    async def test_a_portfolio_token_must_name_the_property(self, platform: str) -> None:
        mews = connect(platform, PORTFOLIO_TOKEN)
        with pytest.raises(Permanent, match="EnterpriseId is required"):
            await Properties(mews).configuration()
        await mews.aclose()

    async def test_a_wrong_token_is_not_accepted(self, platform: str) -> None:
        mews = connect(platform, "wrong")
        with pytest.raises(Unauthorized, match=r"\[mews\.properties\.wien\]"):
            await Loyalty(mews).programs()
        await mews.aclose()

    async def test_a_used_up_limit_says_when_to_come_back(self, tmp_path: Path) -> None:
        app = create_app(tmp_path / "limited.db", limit=Limit(1, 3600.0))
        app.state.simulator.state.load(chain_records())
        async with serving(app) as url:
            mews = connect(url, ACCESS_TOKENS["wien"])
            assert await Loyalty(mews).programs() == ([], [])
            with pytest.raises(Retryable) as caught:
                await Loyalty(mews).programs()
            await mews.aclose()
        assert caught.value.after == pytest.approx(3600, abs=60)
