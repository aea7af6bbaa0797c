"""Numbers at partners that the scheme knows: missing memberships are added, what staff typed is left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from connector.domain.members import Member
from connector.domain.partner_numbers import PartnerProgram
from connector.schemes.source import Chunk
from tests.integration.alignment.hotel import ADD, UPDATE, Hotel, membership

NUMBER = "992003669288601"
OTHER = "992003669288619"


@dataclass
class Scheme:
    """A source that knows numbers at Miles & More."""

    members: list[Member]
    columns: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset({"MM"})
    mark: str = ""
    meaning: str = ""
    warnings: tuple[str, ...] = ()
    full_every: timedelta | None = None

    async def verify(self) -> Scheme:
        return self

    async def take(self, since: str, size: int) -> AsyncIterator[Chunk]:
        yield Chunk(list(self.members))


def knowing(hotel: Hotel, **numbers: str | None) -> None:
    """Let the scheme know the members of these names with these numbers."""
    found = [Member(f"m-{name}", mews_id=f"g-{name}", partner_numbers={"MM": each}) for name, each in numbers.items()]
    hotel.settings(source=Scheme(found), partner_programs=(PartnerProgram("MM", "miles_and_more"),))


def numbers(hotel: Hotel) -> dict[str, list[str | None]]:
    return {name: [each.get("MembershipNumber") for each in held] for name, held in hotel.held("MM").items()}


async def test_a_missing_membership_is_added_once(hotel: Hotel) -> None:
    knowing(hotel, anna=NUMBER, bea=None)
    await hotel.align()
    assert numbers(hotel) == {"anna": [NUMBER]}
    (added,) = hotel.held("MM")["anna"]
    assert (added["State"], added["IsPrimary"], added.get("ProviderMembershipId")) == ("Enrolled", False, None)
    hotel.later()
    await hotel.align()
    assert hotel.calls.writes() == {}


async def test_the_schemes_own_membership_stays_the_primary_one(hotel: Hotel) -> None:
    knowing(hotel, anna=NUMBER)
    await hotel.align()
    assert hotel.one("anna")["IsPrimary"] is True


async def test_both_memberships_take_one_request_for_each_program(hotel: Hotel) -> None:
    knowing(hotel, anna=NUMBER, bea=OTHER)
    await hotel.align()
    assert hotel.calls.writes() == {ADD: 2, UPDATE: 1}


async def test_one_typed_by_staff_is_never_overwritten(hotel: Hotel) -> None:
    hotel.load(membership("typed", "anna", "p-MM", MembershipNumber=OTHER))
    knowing(hotel, anna=NUMBER)
    await hotel.align()
    assert numbers(hotel) == {"anna": [OTHER]}
    text = (await hotel.cases())["m-anna", "other_partner_number"]
    assert NUMBER not in text
    assert OTHER not in text


async def test_one_that_staff_deleted_is_not_put_back(hotel: Hotel) -> None:
    knowing(hotel, anna=NUMBER)
    await hotel.align()
    (added,) = hotel.held("MM")["anna"]
    hotel.delete_by_staff(added["Id"])
    hotel.later(24 * 3600 + 1.0)
    await hotel.align()
    hotel.later()
    await hotel.align()
    assert (numbers(hotel), hotel.calls.writes()) == ({}, {})


async def test_a_question_is_closed_when_both_agree(hotel: Hotel) -> None:
    hotel.load(membership("typed", "anna", "p-MM", MembershipNumber=OTHER))
    knowing(hotel, anna=NUMBER)
    await hotel.align()
    hotel.edit("LoyaltyMemberships", "typed", MembershipNumber=NUMBER)
    hotel.later()
    await hotel.align()
    assert await hotel.cases() == {}


async def test_a_number_that_the_scheme_clears_leaves_the_membership(hotel: Hotel) -> None:
    knowing(hotel, anna=NUMBER)
    await hotel.align()
    knowing(hotel, anna=None)
    hotel.later()
    await hotel.align()
    assert (numbers(hotel), hotel.calls.writes(), await hotel.cases()) == ({"anna": [NUMBER]}, {}, {})


@pytest.mark.parametrize("effect", ["lose", "drop"])
async def test_a_lost_answer_adds_none_twice(hotel: Hotel, effect: str) -> None:
    knowing(hotel, anna=NUMBER, bea=OTHER)
    hotel.fault(ADD, effect, times=2)
    for _ in range(3):
        await hotel.align()
        hotel.later(120)
    assert numbers(hotel) == {"anna": [NUMBER], "bea": [OTHER]}
    assert {name: len(held) for name, held in hotel.held().items()} == {"anna": 1, "bea": 1}


async def test_the_plan_tells_them_apart(hotel: Hotel) -> None:
    knowing(hotel, anna=NUMBER)
    plan = (await hotel.preview()).plan
    assert plan.counts == {"add_membership": 1, "add_partner_membership": 1}


async def test_two_members_who_share_a_guest_get_none(hotel: Hotel) -> None:
    knowing(hotel, anna=None, bea=None)
    await hotel.align()
    knowing(hotel, anna=NUMBER, bea=OTHER)
    hotel.merge("anna", "bea", "delete")
    hotel.later()
    await hotel.align()
    assert numbers(hotel) == {}


async def test_one_of_whom_only_a_former_member_shares_the_guest_gets_it(hotel: Hotel) -> None:
    knowing(hotel, anna=None, bea=None)
    await hotel.align()
    knowing(hotel, bea=None)
    hotel.later()
    await hotel.align()
    hotel.merge("anna", "bea", "delete")
    hotel.later()
    await hotel.align()
    knowing(hotel, bea=NUMBER)
    hotel.later()
    await hotel.align()
    assert [each["MembershipNumber"] for each in hotel.held("MM")["bea"]] == [NUMBER]


async def test_one_whose_mews_id_is_another_guests_by_now_gets_none(hotel: Hotel) -> None:
    knowing(hotel, anna=None)
    await hotel.align()
    hotel.road.source.members[:] = [  # type: ignore[attr-defined]
        Member("m-anna", mews_id="g-carl", partner_numbers={"MM": NUMBER})
    ]
    hotel.later()
    await hotel.align()
    assert hotel.held("MM") == {}
    assert set(await hotel.cases()) == {("m-anna", "other_mews_id")}
