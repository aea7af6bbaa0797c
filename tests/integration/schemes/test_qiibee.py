"""Users at qiibee as members, from the sandbox's server in every way in which it may answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from connector.domain.members import BadLine, Member
from connector.errors import ConnectorError, Misconfigured, Permanent, Unauthorized, Unfinished
from connector.schemes.qiibee import Qiibee
from tests.integration.schemes.brand import FIELDS, Brand, opened, user

MM = {"MM": "miles_and_more"}
NUMBER = "992001234567894"
ORDERS = ["", "newest_first,beyond=404"]
ANSWERS = [
    "",
    "users=,beyond=404",  # a list alone
    "users=data,total=count",
    "total=",
    "wrapped",
    "embedded,newest_first",
]
Between = Callable[[Brand], Awaitable[None]]


@pytest.fixture
async def brand(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Brand]:
    """A brand without users, with the answers that a test is parametrised with."""
    async with opened(tmp_path, getattr(request, "param", "")) as made:
        yield made


def people(count: int, first: int = 1) -> list[dict[str, Any]]:
    return [user(f"A{each}") for each in range(first, first + count)]


async def read(source: Qiibee, brand: Brand | None = None, *between: Between) -> list[Member | BadLine]:
    """Read everybody; behind each page that brings somebody one more of ``between`` happens."""
    pending, found = iter(between), list[Member | BadLine]()
    async for chunk in (await source.verify()).take("", 100):
        found += chunk.records
        if brand is not None and (change := next(pending, None)) is not None:
            await change(brand)
    return found


def ids(records: Sequence[Member | BadLine]) -> set[str | None]:
    found = [record.member_id for record in records]
    assert len(found) == len(set(found))
    return set(found)


async def refusal(source: Qiibee) -> ConnectorError:
    """What is raised; it is one sentence that holds nothing of a user."""
    with pytest.raises(ConnectorError) as caught:
        await read(source)
    said = str(caught.value)
    assert not [word for word in ("@", "A1", NUMBER, "planned fault") if word in said]
    assert "; expected " in said
    return caught.value


class TestMembers:
    async def test_are_users_by_auth_id_with_the_fields_that_are_mapped(self, brand: Brand) -> None:
        names = {"first_name": "Ada", "second_name": "Berg"}
        await brand.hold(user("A1", id=7, metadata={"tier": "GOLD", "number": 4711}, **names))
        source = brand.source()
        assert await read(source) == [
            Member("A1", "4711", "GOLD", None, None, None, None, "A1@guests.example", "Ada", "Berg")
        ]
        assert (await source.verify()).columns == {"tier", "number"}
        assert (await source.verify()).programs == frozenset()

    @pytest.mark.parametrize("brand", ANSWERS, indirect=True)
    async def test_come_all_with_their_numbers_however_they_are_told(self, brand: Brand) -> None:
        everybody = [user(f"A{each}", miles=f"99200{each}" if each % 2 else None) for each in range(1, 121)]
        await brand.hold(*everybody)
        found = await read(brand.source(partner_numbers=MM))
        assert {each.member_id: each.partner_numbers for each in found if isinstance(each, Member)} == {
            f"A{each}": {"MM": f"99200{each}" if each % 2 else None} for each in range(1, 121)
        }

    @pytest.mark.parametrize("brand", ["", "users=,beyond=404,newest_first"], indirect=True)
    @pytest.mark.parametrize(("count", "requests"), [(1, 1), (99, 1), (100, 2), (198, 2), (199, 3), (298, 4)])
    async def test_take_one_request_for_almost_a_hundred(self, brand: Brand, count: int, requests: int) -> None:
        await brand.hold(*people(count))
        assert len(ids(await read(brand.source()))) == count
        assert await brand.calls() == {"GET users": requests}

    async def test_cannot_be_asked_for_by_their_changes(self, brand: Brand) -> None:
        await brand.hold(*people(2))
        roll = await brand.source().verify()
        chunks = [chunk async for chunk in roll.take("some position", 100)]
        assert (roll.full_every, roll.mark, [chunk.position for chunk in chunks]) == (None, "", [""])
        assert len(chunks[0].records) == 2

    async def test_that_cannot_be_read_are_told(self, brand: Brand) -> None:
        await brand.hold(user("A1", metadata={"tier": 1.5}), user("A2"))
        bad, good = await read(brand.source())
        assert isinstance(bad, BadLine)
        assert (bad.member_id, bad.line, good.member_id) == ("A1", 1, "A2")
        assert bad.text == "User 1: tier is not a whole number; expected a text or a whole number."

    @pytest.mark.parametrize("brand", ["", "users="], indirect=True)
    async def test_that_are_none_are_nobody(self, brand: Brand) -> None:
        assert await read(brand.source()) == []

    @pytest.mark.parametrize("brand", ["beyond=404"], indirect=True)
    async def test_that_qiibee_says_are_not_there_may_be_elsewhere(self, brand: Brand) -> None:
        refused = await refusal(brand.source())
        assert isinstance(refused, Unfinished)
        assert str(refused).startswith("scheme.endpoint: qiibee answered 404; expected at least one user")


@pytest.mark.parametrize("brand", ORDERS, indirect=True)
class TestUsersWhoComeAndGoBetweenPages:
    """Three pages of users, of which the oldest are first or last: nobody who stays is missed."""

    async def test_some_are_added(self, brand: Brand) -> None:
        await brand.hold(*people(250))

        async def add(brand: Brand) -> None:
            await brand.add(*people(3, first=251))

        found = ids(await read(brand.source(), brand, add, add))
        assert {f"A{each}" for each in range(1, 251)} <= found

    @pytest.mark.parametrize("gone", [1, 100, 101, 151, 250])
    async def test_one_is_removed(self, brand: Brand, gone: int) -> None:
        everybody = people(250)
        await brand.hold(*everybody)

        async def remove(brand: Brand) -> None:
            await brand.hold(*everybody[: gone - 1], *everybody[gone:])

        await self._nobody_is_missed(brand, {f"A{gone}"}, remove)

    @pytest.mark.parametrize("gone", [1, 100, 101, 151, 250])
    async def test_one_is_removed_and_one_added_so_that_the_total_stays(self, brand: Brand, gone: int) -> None:
        everybody = people(250)
        await brand.hold(*everybody)

        async def replace(brand: Brand) -> None:
            await brand.hold(*everybody[: gone - 1], *everybody[gone:], user("new"))

        await self._nobody_is_missed(brand, {f"A{gone}"}, replace)

    async def _nobody_is_missed(self, brand: Brand, gone: set[str], change: Between) -> None:
        """Whoever stayed came, or the reading was given up and the next one brings them."""
        stay = {f"A{each}" for each in range(1, 251)} - gone
        try:
            found = ids(await read(brand.source(), brand, change))
        except Unfinished:
            found = ids(await read(brand.source()))
            assert not gone & found
        assert stay <= found


class TestUsersWhoWouldBeMissed:
    async def test_are_why_a_reading_is_given_up(self, brand: Brand) -> None:
        everybody = people(250)
        await brand.hold(*everybody)

        async def replace(brand: Brand) -> None:
            await brand.hold(*everybody[1:], user("new"))

        with pytest.raises(Unfinished, match="users were added or removed while their list was read"):
            await read(brand.source(), brand, replace)

    @pytest.mark.parametrize("brand", ["newest_first"], indirect=True)
    async def test_because_they_became_the_first_are_noticed_by_the_total(self, brand: Brand) -> None:
        everybody = people(250)
        await brand.hold(*everybody)

        async def touch(brand: Brand) -> None:  # as where the order is that of the last change
            await brand.hold(*everybody[1:], everybody[0])

        with pytest.raises(Unfinished, match="qiibee told of 250 users and gave 249; expected all of them"):
            await read(brand.source(), brand, touch)

    @pytest.mark.parametrize("brand", ["newest_first,total=", "newest_first,users="], indirect=True)
    async def test_cannot_be_told_from_new_ones_without_a_total(self, brand: Brand) -> None:
        await brand.hold(*people(250))

        async def add(brand: Brand) -> None:
            await brand.add(user("new"))

        with pytest.raises(Unfinished, match="users were added or removed"):
            await read(brand.source(), brand, add)
        assert len(ids(await read(brand.source()))) == 251

    async def test_are_not_those_who_left_from_behind(self, brand: Brand) -> None:
        await brand.hold(*people(250))

        async def leave(brand: Brand) -> None:
            await brand.hold(*people(249))

        assert len(ids(await read(brand.source(), brand, leave))) == 249  # as the last total says


class TestMemberships:
    async def test_are_asked_for_once_a_user_and_only_for_the_sake_of_numbers(self, brand: Brand) -> None:
        await brand.hold(*people(120))
        await read(brand.source())
        assert await brand.calls() == {"GET users": 2}
        await read(brand.source(partner_numbers=MM))
        assert await brand.calls() == {"GET users": 4, "GET memberships": 120}

    async def test_are_asked_for_side_by_side_but_few_at_a_time(self, brand: Brand) -> None:
        await brand.hold(*people(20))
        brand.fault("memberships", "delay", seconds=0.05)
        await read(brand.source(partner_numbers=MM))
        assert brand.traffic.most == 8

    @pytest.mark.parametrize("brand", ["embedded"], indirect=True)
    async def test_in_the_records_cost_no_request(self, brand: Brand) -> None:
        await brand.hold(user("A1", miles=NUMBER), user("A2"))
        found = await read(brand.source(partner_numbers=MM, memberships="embedded"))
        assert [each.partner_numbers for each in found if isinstance(each, Member)] == [{"MM": NUMBER}, {"MM": None}]
        assert await brand.calls() == {"GET users": 1}

    async def test_that_no_record_has_are_no_reason_to_believe_that_there_are_none(self, brand: Brand) -> None:
        await brand.hold(user("A1", miles=NUMBER))
        refused = await refusal(brand.source(partner_numbers=MM, memberships="embedded"))
        assert isinstance(refused, Misconfigured)
        assert str(refused).startswith('scheme.memberships: no record of a user has any; expected "request"')

    async def test_of_users_who_left_meanwhile_are_none(self, brand: Brand) -> None:
        await brand.hold(user("A1", miles=NUMBER))
        brand.fault("memberships", "status", status=404, times=1)
        (found,) = await read(brand.source(partner_numbers=MM))
        assert isinstance(found, Member)
        assert found.partner_numbers == {"MM": None}

    async def test_of_another_provider_are_not_those(self, brand: Brand) -> None:
        await brand.hold(user("A1", miles=NUMBER))
        (found,) = await read(brand.source(partner_numbers={"EY": "etihad", **MM}))
        assert isinstance(found, Member)
        assert found.partner_numbers == {"EY": None, "MM": NUMBER}

    @pytest.mark.parametrize("brand", ["embedded"], indirect=True)
    async def test_with_a_number_that_cannot_be_one_are_for_a_person_to_look_at(self, brand: Brand) -> None:
        await brand.hold(user("A1", miles="4111111111111111"))
        (bad,) = await read(brand.source(partner_numbers=MM, memberships="embedded"))
        assert isinstance(bad, BadLine)
        assert bad.text == "User 1: the number in MM looks like a payment card; expected a membership number."
        assert bad.member_id == "A1"


class TestABrandThatFails:
    @pytest.mark.parametrize(("operation", "count", "numbers"), [("users", 101, {}), ("memberships", 5, MM)])
    @pytest.mark.parametrize(
        ("effect", "more"),
        [
            ("status", {"status": 429, "headers": {"Retry-After": "3"}}),
            ("status", {"status": 500}),
            ("drop", {}),
            ("lose", {}),
            ("garbage", {}),
        ],
    )
    async def test_for_a_moment_is_asked_again_and_for_long_ends_the_reading(
        self, brand: Brand, operation: str, count: int, numbers: dict[str, str], effect: str, more: dict[str, Any]
    ) -> None:
        await brand.hold(*people(count))
        source = brand.source(partner_numbers=numbers)
        brand.fault(operation, effect, after=1, times=2, **more)
        assert len(ids(await read(source))) == count
        brand.faults.clear()
        brand.fault(operation, effect, after=1, **more)
        refused = await refusal(source)
        assert isinstance(refused, Unfinished)
        assert f"qiibee ({operation})" in str(refused)

    async def test_with_the_key_is_told_in_one_sentence(self, brand: Brand) -> None:
        await brand.hold(*people(2))
        assert isinstance(await refusal(brand.source(key="another key")), Unauthorized)
        assert await brand.calls() == {"GET users": 1}

    async def test_at_a_wrong_address_is_told(self, brand: Brand) -> None:
        assert isinstance(await refusal(brand.source(f"{brand.url}/v2")), Permanent)

    async def test_with_a_field_that_nobody_has_clears_it(self, brand: Brand) -> None:
        await brand.hold(user("A1", metadata={}))
        (found,) = await read(brand.source(fields={**FIELDS, "tier": "metadata.level.code"}))
        assert isinstance(found, Member)
        assert found.tier is None
