"""Pages by offset, joined while the list changes between them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Unfinished
from connector.schemes.overlap import Overlap

LIMIT = 3


def user(name: str) -> dict[str, str]:
    return {"auth_id": name}


def read(*lists: str) -> tuple[str, list[int], bool]:
    """Read users of one letter: the list as it is at the first page, at the second, and so on; the last one stays.

    Returns who came, at which offsets was asked, and whether something moved.
    """
    overlap, came, offsets = Overlap(LIMIT, "auth_id"), "", list[int]()
    while not overlap.ended:
        users = lists[min(len(offsets), len(lists) - 1)]
        offsets.append(overlap.offset)
        page = [user(name) for name in users[overlap.offset : overlap.offset + LIMIT]]
        came += "".join(each["auth_id"] for each in overlap.join(page))
    return came, offsets, overlap.moved


class TestAListThatStandsStill:
    @pytest.mark.parametrize(
        ("names", "offsets"),
        [("", [0]), ("ab", [0]), ("abc", [0, 2]), ("abcd", [0, 2]), ("abcde", [0, 2, 4]), ("abcdef", [0, 2, 4])],
    )
    def test_comes_whole_in_pages_that_share_one_record(self, names: str, offsets: list[int]) -> None:
        assert read(names) == (names, offsets, False)

    def test_of_records_without_a_key_is_known_again_by_all_that_they_hold(self) -> None:
        overlap = Overlap(2, "auth_id")
        assert overlap.join([{"id": 1}, "nonsense"]) == [{"id": 1}, "nonsense"]
        assert overlap.join(["nonsense", {"id": 2}]) == [{"id": 2}]
        assert overlap.join([{"id": 2}]) == []
        assert overlap.ended

    def test_is_known_again_though_a_record_changed(self) -> None:
        overlap = Overlap(2, "auth_id")
        overlap.join([user("a"), user("b")])
        assert overlap.join([user("b") | {"tier": "GOLD"}]) == []


class TestAChangeBetweenPages:
    """The first page of "abcdefgh" is "abc"; before the second one the list is another."""

    @pytest.mark.parametrize(
        ("then", "came"),
        [
            ("abcdefghxyz", "abcdefghxyz"),  # added at the end
            ("abcdxefgh", "abcdxefgh"),
            ("abcdegh", "abcdegh"),  # removed behind the page
            ("xacdefgh", "abcdefgh"),  # removed in front, and as many added: those come next time
        ],
    )
    def test_that_moves_nothing_is_no_matter(self, then: str, came: str) -> None:
        assert read("abcdefgh", then)[::2] == (came, False)

    @pytest.mark.parametrize("then", ["xabcdefgh", "xybcdefgh"])
    def test_that_adds_in_front_brings_what_is_known_and_then_the_rest(self, then: str) -> None:
        assert read("abcdefgh", then) == ("abcdefgh", [0, 2, 4, 6, 8], True)

    @pytest.mark.parametrize(
        "then",
        [
            "bcdefgh",
            "abdefgh",  # the very record that pages share
            "defgh",
            "bcdefghx",  # a total would be what it was
            "xyzabcdefgh",  # more than pages share
            "xyzdefgh",
            "",
        ],
    )
    def test_that_moves_the_unread_out_of_reach_gives_the_reading_up(self, then: str) -> None:
        with pytest.raises(Unfinished, match=r"while their list was read; expected .* so nothing of it was applied"):
            read("abcdefgh", then)

    def test_that_never_ends_gives_the_reading_up(self) -> None:
        overlap = Overlap(3, "auth_id")
        page = [user(name) for name in "abc"]
        overlap.join(page)
        with pytest.raises(Unfinished):  # the server knows no offset
            overlap.join(page)

    @given(
        newest_first=st.booleans(),
        length=st.integers(0, 20),
        steps=st.lists(st.tuples(st.lists(st.integers(0, 30), max_size=2), st.integers(0, 2)), max_size=12),
    )
    def test_whoever_was_there_all_the_time_came_unless_it_is_given_up(
        self, *, newest_first: bool, length: int, steps: list[tuple[list[int], int]]
    ) -> None:
        present, created, gone = list(range(length)), length, set[int]()
        overlap, came, pending = Overlap(LIMIT, "auth_id"), list[int](), iter(steps)
        try:
            while not overlap.ended:
                listed = _listed(present, newest_first=newest_first)
                page = listed[overlap.offset : overlap.offset + LIMIT]
                came += [each["auth_id"] for each in overlap.join([{"auth_id": one} for one in page])]
                removals, additions = next(pending, ([], 0))
                gone |= set(removals)
                present = [one for one in present if one not in gone] + [*range(created, created + additions)]
                created += additions
        except Unfinished:
            assert any(removals or additions for removals, additions in steps)
            return
        assert set(range(length)) - gone <= set(came)
        assert len(came) == len(set(came))


def _listed(present: Sequence[int], *, newest_first: bool) -> list[int]:
    return sorted(present, reverse=newest_first)
