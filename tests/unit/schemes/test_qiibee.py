"""Readings of qiibee's users that its sandbox cannot be made to answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import respx

from connector.domain.members import BadLine, Member
from connector.errors import Unfinished
from connector.http.client import Client
from connector.schemes.qiibee import Qiibee
from connector.schemes.qiibee_api import QiibeeApi
from tests.unit.http.memory import HandClock

BASE = "https://qiibee.test/api/admin"


@pytest.fixture
async def qiibee() -> AsyncIterator[Qiibee]:
    client, clock = Client(BASE, name="qiibee"), HandClock()
    yield Qiibee(QiibeeApi(client, clock, sleep=clock.sleep), {"member_id": "id"}, {"MM": "miles_and_more"})
    await client.aclose()


async def read(source: Qiibee) -> list[Member | BadLine]:
    roll = await source.verify()
    return [record async for chunk in roll.take("", 7) for record in chunk.records]


def people(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": f"M{each}", "auth_id": f"A{each}"} for each in numbers]


def pages(mock: respx.MockRouter, *answers: object, memberships: object = ()) -> respx.Route:
    """Answer with these pages, and with the memberships of everybody."""
    mock.get(url__regex=r".*/memberships$").respond(json=memberships)
    found = [httpx.Response(200, json=each) for each in answers]
    return mock.get(url__startswith=f"{BASE}/users/?").mock(side_effect=found)


async def test_pages_are_asked_for_from_the_last_user_of_the_one_before(
    qiibee: Qiibee, respx_mock: respx.MockRouter
) -> None:
    route = pages(respx_mock, people(*range(100)), people(*range(99, 199)), people(198))
    assert [each.member_id for each in await read(qiibee)] == [f"M{each}" for each in range(199)]
    queries = [call.request.url.query.decode() for call in route.calls]
    assert queries == ["limit=100&offset=0", "limit=100&offset=99", "limit=100&offset=198"]


async def test_the_size_of_a_page_is_no_total_that_proves_anything(
    qiibee: Qiibee, respx_mock: respx.MockRouter
) -> None:
    still = [people(*range(100)), people(*range(99, 120))]
    pages(respx_mock, *({"users": page, "count": len(page)} for page in still))
    assert len(await read(qiibee)) == 120
    moved = [people(*range(100)), people(*range(98, 120))]
    pages(respx_mock, *({"users": page, "count": len(page)} for page in moved))
    with pytest.raises(Unfinished, match="users were added or removed"):
        await read(qiibee)


async def test_a_user_without_an_id_to_act_on_is_not_asked_about(qiibee: Qiibee, respx_mock: respx.MockRouter) -> None:
    odd: list[Any] = [{"id": "M1"}, {"id": "M2", "auth_id": " "}, {"id": "M3", "auth_id": [1]}, "nobody"]
    pages(respx_mock, [*odd, *people(4)])
    one, two, three, nobody, four = await read(qiibee)
    assert [each.member_id for each in (one, two, three, four)] == ["M1", "M2", "M3", "M4"]
    assert isinstance(nobody, BadLine)
    assert [call.request.url.path for call in respx_mock.calls][1:] == ["/api/admin/users/A4/memberships"]


async def test_a_membership_that_cannot_be_understood_keeps_its_member_as_it_is(
    qiibee: Qiibee, respx_mock: respx.MockRouter
) -> None:
    pages(respx_mock, people(1), memberships=[{"provider": "miles_and_more", "number": "99"}])
    (bad,) = await read(qiibee)
    assert isinstance(bad, BadLine)
    assert bad.member_id == "M1"
    assert bad.text == "User 1: the number in MM is a list; expected a text or a whole number."


async def test_an_answer_without_a_list_ends_the_reading(qiibee: Qiibee, respx_mock: respx.MockRouter) -> None:
    pages(respx_mock, {"message": "anna@guests.example"})
    with pytest.raises(Unfinished, match="an object without one list; expected a list of users"):
        await read(qiibee)
