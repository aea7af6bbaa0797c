"""Mews tells something new of a stay that cannot be read: what was read before is not paid instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.domain.contract import Hold
from connector.jobs.contracts import Partnership
from connector.store import resolutions, suspense
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import COLLECTOR, MM, NOW, air_miles, per_euro
from tests.integration.earning.front_desk import FrontDesk

pytestmark = pytest.mark.parametrize("engine", ENGINES, indirect=True)
UNREADABLE = {"r1": ("suspended", "unreadable")}


@pytest.fixture
def held(desk: FrontDesk, mm: Partnership) -> Partnership:
    """Miles & More, which waits for three days and pays no staff; a member left the hotel two hours ago."""
    desk.member()
    desk.stay()
    desk.charge("i1", 100)
    rule = per_euro(exclude_classifications=frozenset({"Staff"}))
    return replace(mm, contract=replace(mm.contract, rules=(rule,), hold=Hold("after", timedelta(days=3))))


async def told(desk: FrontDesk, partner: Partnership, kind: str, id_: str, **changes: Any) -> None:
    """Read, let something be changed in Mews, and read that."""
    await desk.read(partner)
    desk.later(hours=1)
    desk.edit(kind, id_, **changes)
    await desk.read(partner)


class TestAReservation:
    async def test_is_not_paid_by_what_it_was(self, desk: FrontDesk, books: Books, held: Partnership) -> None:
        await told(desk, held, "Reservations", "r1", State="Reinstated")
        assert await books.decisions(MM) == UNREADABLE
        assert {reason for reason, _ in await books.cases()} == {"unreadable"}
        desk.later(days=5)
        await desk.read(held)
        assert await books.decisions(MM) == UNREADABLE
        desk.edit("Reservations", "r1", State="Processed")
        await desk.read(held)
        assert await books.messages() == [("credit", 1, 110, "ready")]
        assert await books.cases() == []

    async def test_of_which_a_person_was_told_is_not_either(
        self, desk: FrontDesk, books: Books, held: Partnership
    ) -> None:
        await told(desk, held, "Reservations", "r1", State="Reinstated")
        async with books.database.write() as connection:
            for each in await suspense.listing(connection):
                await resolutions.acknowledge(connection, each.id, Signature("anna", NOW))
        desk.later(days=5)
        await desk.read(held)
        assert await books.decisions(MM) == UNREADABLE
        assert await books.cases() == []

    async def test_takes_back_a_credit_that_was_not_sent(
        self, desk: FrontDesk, books: Books, held: Partnership, mm: Partnership
    ) -> None:
        await told(desk, mm, "Reservations", "r1", State="Reinstated")
        assert await books.messages() == [("credit", 1, 110, "superseded")]
        desk.edit("Reservations", "r1", State="Processed")
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 110, "superseded"), ("credit", 2, 110, "ready")]

    async def test_leaves_a_credit_alone_that_the_partner_holds(
        self, desk: FrontDesk, books: Books, at_airmiles: Counter
    ) -> None:
        am = air_miles(at_airmiles.airmiles())
        desk.member("g1", "AM", COLLECTOR)
        desk.stay(hotel="montreal")
        desk.charge("i1", 100, hotel="montreal")
        await desk.read(am)
        await desk.deliver(am)
        await told(desk, am, "Reservations", "r1", State="Reinstated")
        await desk.deliver(am)
        assert at_airmiles.given() == [(COLLECTOR, 5)]
        assert [state for *_, state in await books.messages()] == ["credited"]


class TestAGuest:
    async def test_is_not_paid_as_who_that_was(self, desk: FrontDesk, books: Books, held: Partnership) -> None:
        await told(desk, held, "Customers", "g1", Classifications=["Staff"], IsActive=None)
        desk.later(days=3)
        await desk.read(held)
        assert await books.decisions(MM) == UNREADABLE
        desk.edit("Customers", "g1", IsActive=True)
        desk.later(days=1)
        await desk.read(held)
        assert await books.decisions(MM) == {"r1": ("excluded", "no_rule")}
        assert await books.cases() == []

    async def test_who_becomes_readable_earns(self, desk: FrontDesk, books: Books, held: Partnership) -> None:
        await told(desk, held, "Customers", "g1", IsActive=None)
        desk.later(days=3)
        await desk.read(held)
        assert await books.decisions(MM) == UNREADABLE
        desk.edit("Customers", "g1", IsActive=True)
        desk.later(days=1)
        await desk.read(held)
        assert await books.messages() == [("credit", 1, 110, "ready")]

    async def test_whose_address_may_be_an_agencys_is_read_all_the_same(
        self, desk: FrontDesk, books: Books, held: Partnership
    ) -> None:
        await told(desk, held, "Customers", "g1", Classifications=["Staff"], HasOtaEmail=None)
        desk.later(days=3)
        await desk.read(held)
        assert await books.decisions(MM) == {"r1": ("excluded", "no_rule")}
        assert await books.cases() == []


class TestADeletedMembership:
    async def test_earns_nothing_whatever_its_state(self, desk: FrontDesk, books: Books, held: Partnership) -> None:
        await told(desk, held, "LoyaltyMemberships", "m-g1-MM", State="Expired", _DeletedUtc="now")
        desk.later(days=3)
        await desk.read(held)
        assert await books.decisions(MM) == {"r1": ("excluded", "no_membership")}
        assert await books.cases() == []

    async def test_that_could_never_be_read_is_in_nobodys_way(
        self, desk: FrontDesk, books: Books, held: Partnership
    ) -> None:
        desk.membership("m-odd", "g1", "AM", State="Expired")
        await told(desk, held, "LoyaltyMemberships", "m-odd", _DeletedUtc="now")
        desk.later(days=3)
        await desk.read(held)
        assert await books.messages() == [("credit", 1, 110, "ready")]
        assert await books.cases() == []
