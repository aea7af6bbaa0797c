from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.domain.incidents import MEANINGS, Incident, Trouble, fresh, is_silent, sentence

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OPERATIONS = Path(__file__).parents[3] / "config" / "README.md"


def test_every_kind_of_trouble_has_a_title_a_meaning_and_an_advice() -> None:
    assert MEANINGS.keys() == set(Trouble)
    assert all(each.title and each.means and each.advice for each in MEANINGS.values())


def test_the_operations_manual_tells_every_alert_as_it_is_told() -> None:
    text = OPERATIONS.read_text(encoding="utf-8")

    for kind, meaning in MEANINGS.items():
        assert f"| `{kind}` | {meaning.title}. {meaning.means} | {meaning.advice} |" in text


@pytest.mark.parametrize(
    ("times", "hours", "silent"),
    [
        (0, None, False),
        (19, 27 * 24, False),
        (1000, 47, False),
        (1000, 49, True),
        (28, 49, False),
        (28, 20 * 24, False),
        (28, 21 * 24, True),
    ],
    ids=["never", "too few", "not yet", "two days", "seldom anyway", "twenty usual gaps", "far beyond"],
)
def test_what_is_usual_says_what_is_silent(times: int, hours: int | None, *, silent: bool) -> None:
    last = None if hours is None else NOW - timedelta(hours=hours)

    assert is_silent(times, last, NOW, 2 * DAY) is silent


def test_two_incidents_about_the_same_are_one() -> None:
    first, second = Incident(Trouble.DISK, "", "a"), Incident(Trouble.DISK, "", "b")

    assert fresh([first, second]) == {(Trouble.DISK, ""): first}


def test_an_incident_is_a_line_that_says_where() -> None:
    found = Incident(Trouble.CIRCUIT, "air_miles", "no request went through since 10:00Z")

    assert sentence(found) == "A partner cannot be reached (air_miles): no request went through since 10:00Z"
