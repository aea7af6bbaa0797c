"""What every source of members promises, tried on each kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.domain.members import OWNABLE, BadLine, Member
from connector.errors import ConnectorError, Misconfigured, Retryable, Unfinished
from tests.contract.scheme_rehearsal import SCHEMES, Rehearsal, Row, taken

LONG_AGO, LATER, NOW = "2020-01-01 00:00:00", "2020-06-01 00:00:00", "2099-01-01 00:00:00"
ANNA = {
    "member_id": "M1",
    "number": "AL-0001",
    "email": "anna@guests.example",
    "first_name": "Annalena",
    "last_name": "Müller-Öz",
    "tier": "GOLD",
    "points": 1500,
    "expires_on": date(2027, 12, 31),
    "state": "Enrolled",
    "url": "https://cards.example/1",
    "mews_id": "g-1",
    "MM": "992000000000005",
    "changed": LONG_AGO,
}
PERSONAL = ("anna@", "Annalena", "Müller", "AL-0001", "992000000000005", "4111111111111111")
BAD = [
    ("points", "many", "points is not a whole number"),
    ("expires_on", "31.12.2027", "expires_on is not a date"),
    ("state", "Asleep", "state is unknown"),
    ("number", "4111111111111111", "number looks like a payment card"),
    ("number", "9" * 300, "number is too long"),
    ("url", "cards.example/1", "url is not an address"),
    ("url", "ftp://cards.example/1", "url is not an address"),
    ("url", "https://cards.example/my card", "url is not an address"),
    ("url", "https://" + "x" * 1993, "url is not an address"),
]
WITH_NUMBERS = [name for name, kind in SCHEMES.items() if "MM" in kind.knows]
WITH_CHANGES = [name for name, kind in SCHEMES.items() if kind.tells_changes]


@pytest.fixture(params=SCHEMES)
async def scheme(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rehearsal]:
    """One kind of source after the other, without members."""
    async with SCHEMES[request.param](tmp_path).open() as made:
        yield made


def anna(**more: Any) -> Row:
    return {**ANNA, **more}


def member(scheme: Rehearsal, row: Row, *, without: Collection[str] = ()) -> Member:
    """The member that a row is, as far as this kind of source can know."""
    known = {name: row[name] for name in scheme.knows if name not in without and name != "MM"}
    return Member(**known, partner_numbers={"MM": row["MM"]} if "MM" in scheme.knows - set(without) else {})


def fields(scheme: Rehearsal, without: Collection[str] = ()) -> list[str]:
    """What the scheme has for its members."""
    return [name for name in ANNA if name in scheme.knows and name not in without]


async def records(
    scheme: Rehearsal, *rows: Row, without: Collection[str] = (), size: int = 100
) -> list[Member | BadLine]:
    """What arrives of these rows; nothing that is said about them is personal."""
    scheme.put(rows, fields(scheme, without))
    roll = await scheme.source().verify()
    found, _ = await taken(roll, size=size)
    for said in (*roll.warnings, *(each.text for each in found if isinstance(each, BadLine))):
        assert not [word for word in PERSONAL if word in said]
        assert "\n" not in said
    return found


async def refusal(scheme: Rehearsal) -> ConnectorError:
    """What is raised before a reading has come to its end; nothing in it is personal."""
    with pytest.raises(ConnectorError) as caught:
        await taken(await scheme.source().verify(), size=1)
    said = str(caught.value)
    assert not [word for word in PERSONAL if word in said]
    assert "; expected " in said
    assert "\n" not in said
    return caught.value


class TestMembers:
    async def test_arrive_with_every_field(self, scheme: Rehearsal) -> None:
        assert await records(scheme, ANNA) == [member(scheme, ANNA)]

    async def test_arrive_all_in_chunks_that_are_bounded(self, scheme: Rehearsal) -> None:
        rows = [anna(member_id=f"M{each}") for each in range(25)]
        scheme.put(rows, fields(scheme))
        roll, found = await scheme.source().verify(), []
        async for chunk in roll.take("", 10):
            assert len(chunk.records) <= 10
            found += chunk.records
        assert found == [member(scheme, row) for row in rows]

    async def test_are_the_same_in_every_reading(self, scheme: Rehearsal) -> None:
        scheme.put([ANNA, anna(member_id="M2")], fields(scheme))
        one, two = [await scheme.source().verify() for _ in range(2)]
        (first, _), (second, _) = [await taken(each) for each in (one, two)]  # a second later they end a second later
        assert first == second
        assert one.mark == two.mark

    async def test_that_are_others_have_another_mark_or_none(self, scheme: Rehearsal) -> None:
        scheme.put([ANNA], fields(scheme))
        one = await scheme.source().verify()
        scheme.put([anna(tier="SILVER")], fields(scheme))
        two = await scheme.source().verify()
        assert one.mark == two.mark == "" or one.mark != two.mark

    async def test_that_are_none_are_no_reason_to_apply_anything(self, scheme: Rehearsal) -> None:
        scheme.put([], fields(scheme))
        try:
            found, _ = await taken(await scheme.source().verify())
        except Unfinished:
            found = []
        assert found == []


class TestOwnership:
    async def test_is_of_the_fields_that_the_scheme_has(self, scheme: Rehearsal) -> None:
        scheme.put([ANNA], fields(scheme))
        assert (await scheme.source().verify()).columns == scheme.knows.intersection(OWNABLE)

    @pytest.mark.parametrize("absent", ["number", "tier", "points", "expires_on", "state"])
    async def test_is_not_of_a_field_that_it_does_not_have(self, scheme: Rehearsal, absent: str) -> None:
        assert await records(scheme, ANNA, without={absent}) == [member(scheme, anna(**{absent: None}))]
        columns = (await scheme.source().verify()).columns
        assert columns == scheme.knows.intersection(OWNABLE) - {absent}

    async def test_means_that_an_empty_value_clears(self, scheme: Rehearsal) -> None:
        empty = dict.fromkeys(ANNA, None) | {"member_id": "M1"}
        assert await records(scheme, empty) == [member(scheme, empty)]
        assert (await scheme.source().verify()).columns == scheme.knows.intersection(OWNABLE)


@pytest.mark.parametrize("scheme", WITH_NUMBERS, indirect=True)
class TestPartnerNumbers:
    async def test_arrive_by_program_and_may_be_empty(self, scheme: Rehearsal) -> None:
        found = await records(scheme, ANNA, anna(member_id="M2", MM=None))
        assert [each.partner_numbers for each in found if isinstance(each, Member)] == [
            {"MM": "992000000000005"},
            {"MM": None},
        ]
        assert (await scheme.source().verify()).programs == {"MM"}

    async def test_of_a_scheme_that_knows_none_are_not_cleared(self, scheme: Rehearsal) -> None:
        (found,) = await records(scheme, ANNA, without={"MM"})
        assert isinstance(found, Member)
        assert found.partner_numbers == {}
        assert (await scheme.source().verify()).programs == frozenset()

    async def test_that_look_like_payment_cards_are_never_taken(self, scheme: Rehearsal) -> None:
        (found,) = await records(scheme, anna(MM="4111111111111111"))
        assert isinstance(found, BadLine)
        assert found.member_id == "M1"


class TestRecordsThatCannotBeRead:
    @pytest.mark.parametrize(("field", "value", "what"), BAD)
    async def test_are_told_with_their_ids_and_the_others_arrive(
        self, scheme: Rehearsal, field: str, value: str, what: str
    ) -> None:
        ben = anna(member_id="M2")
        bad, good = await records(scheme, anna(**{field: value}), ben)
        assert isinstance(bad, BadLine)
        assert (bad.member_id, good) == ("M1", member(scheme, ben))
        assert what in bad.text
        assert "; expected " in bad.text

    async def test_are_not_those_with_the_longest_url(self, scheme: Rehearsal) -> None:
        longest = anna(url="https://" + "x" * 1992)
        assert await records(scheme, longest) == [member(scheme, longest)]

    @pytest.mark.parametrize("value", [None, "  ", "x" * 101, "4111111111111111"])
    async def test_have_no_id_where_it_is_the_id_that_cannot_be_read(
        self, scheme: Rehearsal, value: str | None
    ) -> None:
        bad, _ = await records(scheme, anna(member_id=value), anna(member_id="M2"))
        assert isinstance(bad, BadLine)
        assert bad.member_id is None
        assert "member_id" in bad.text

    async def test_are_the_last_word_on_a_member_who_comes_twice(self, scheme: Rehearsal) -> None:
        found = await records(scheme, ANNA, anna(member_id="M2"), anna(tier="SILVER"), size=1)
        assert isinstance([each for each in found if each.member_id == "M1"][-1], BadLine)
        assert member(scheme, anna(member_id="M2")) in found


class TestSourcesThatAreNotWhole:
    """Nothing is applied before a reading has come to its end, so it must not come to one."""

    async def test_are_noticed_when_they_break_off(self, scheme: Rehearsal) -> None:
        scheme.put([anna(member_id=f"M{each}") for each in range(25)], fields(scheme))
        scheme.break_off()
        assert isinstance(await refusal(scheme), Unfinished | Retryable)

    async def test_are_noticed_when_they_are_gone(self, scheme: Rehearsal) -> None:
        scheme.put([ANNA], fields(scheme))
        scheme.take_away()
        assert isinstance(await refusal(scheme), Unfinished | Retryable)

    async def test_bring_nobody_when_nobody_has_an_id(self, scheme: Rehearsal) -> None:
        scheme.put([ANNA], fields(scheme, without={"member_id"}))
        try:
            found, _ = await taken(await scheme.source().verify())
        except (Unfinished, Misconfigured):
            found = []
        assert [each.member_id for each in found if each.member_id is not None] == []


class TestChanges:
    async def test_are_asked_for_only_where_a_source_can_tell_them(self, scheme: Rehearsal) -> None:
        scheme.put([ANNA], fields(scheme))
        roll = await scheme.source().verify()
        _, position = await taken(roll)
        assert (roll.full_every is not None) == bool(position) == scheme.tells_changes

    @pytest.mark.parametrize("scheme", WITH_CHANGES, indirect=True)
    async def test_come_without_those_who_did_not_change(self, scheme: Rehearsal) -> None:
        ben, carla = anna(member_id="M2"), anna(member_id="M3", changed=LATER)
        scheme.put([ANNA, ben, carla], fields(scheme))
        _, position = await taken(await scheme.source().verify())
        changed = anna(tier="SILVER", changed=NOW)
        scheme.put([changed, ben, carla], fields(scheme))
        found, again = await taken(await scheme.source().verify(), position)
        assert member(scheme, changed) in found
        assert member(scheme, ben) not in found
        assert again

    @pytest.mark.parametrize("scheme", WITH_CHANGES, indirect=True)
    async def test_from_a_position_that_nobody_understands_are_everything(self, scheme: Rehearsal) -> None:
        scheme.put([ANNA, anna(member_id="M2")], fields(scheme))
        found, _ = await taken(await scheme.source().verify(), "moon:full")
        assert [each.member_id for each in found] == ["M1", "M2"]
