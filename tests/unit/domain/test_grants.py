from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from connector.domain.awards import Kind, award_id, message_key
from connector.domain.grants import Grant, derived_reference, is_reference

NUMBER = "80085102028"
DAY = date(2026, 11, 2)


def test_the_identity_of_a_grant_never_changes() -> None:
    """Golden: another recipe would grant the same reference twice."""
    made = Grant("goodwill-1", NUMBER, 50, DAY)
    assert (made.root, made.seat) == ("grant/goodwill-1", "grant")
    identity = ("chain-1", "grant/goodwill-1", "air_miles", made.seat)
    assert award_id(*identity) == "bf4c3db3-e431-51b0-8835-5346aa53894d"
    assert message_key(*identity, Kind.CREDIT, 1) == UUID("484b7c52-b766-5c41-a1c7-41f49c2b2211")
    assert derived_reference("a lane", 50, DAY, "e-montreal", "cold soup") == "g-be523675ebacecd6"


def test_each_word_makes_another_reference() -> None:
    words = [("l", 5, DAY, "p", "r"), ("m", 5, DAY, "p", "r"), ("l", 6, DAY, "p", "r"), ("l", 5, date.max, "p", "r")]
    words += [("l", 5, DAY, "q", "r"), ("l", 5, DAY, "p", "s"), ("l", 5, DAY, "pr", "")]
    assert len({derived_reference(*each) for each in words}) == len(words)


def test_a_grant_does_not_show_its_number() -> None:
    assert NUMBER not in repr(Grant("goodwill-1", NUMBER, 50, DAY))


@pytest.mark.parametrize("text", ["a", "goodwill-1", "2026.11_x", "g" * 64, derived_reference("l", 1, DAY, "", "")])
def test_a_plain_text_is_a_reference(text: str) -> None:
    assert is_reference(text, NUMBER)


@pytest.mark.parametrize(
    "text", ["", "g" * 65, "a b", "a/b", ".a", "a\n", "ä", NUMBER, f"a{NUMBER}b", "4111111111111111"]
)
def test_what_is_long_odd_or_a_number_is_no_reference(text: str) -> None:
    assert not is_reference(text, NUMBER)
