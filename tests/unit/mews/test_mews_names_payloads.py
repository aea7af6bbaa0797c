"""Names and sources of Mews in the domain's words."""

from __future__ import annotations

from typing import Any

import pytest

from connector.domain.names import Kind, Named
from connector.errors import Skippable
from connector.mews.payloads.names import named, names
from connector.mews.payloads.sources import assignment

RATE: dict[str, Any] = {"Id": "r1", "GroupId": "g1", "Names": {"de-AT": "Beste Rate", "en-GB": "Best rate "}}
SOURCED: dict[str, Any] = {
    "Id": "a1",
    "ReservationId": "res",
    "SourceId": "site",
    "IsPrimary": True,
    "UpdatedUtc": "2026-11-01T10:00:00Z",
}


def test_a_rate_has_its_names_in_all_languages_and_its_group() -> None:
    assert named(RATE, Kind.RATE, "wien") == Named(
        Kind.RATE, "r1", frozenset({"Beste Rate", "Best rate"}), "wien", "g1"
    )


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"Name": "Leisure"}, {"Leisure"}),
        ({"Name": "Leisure", "Names": {"de-AT": "Freizeit", "en-GB": None, "fr-FR": " "}}, {"Leisure", "Freizeit"}),
        ({"Name": "", "Names": None}, set()),
        ({"Name": 7, "Names": ["Leisure"]}, set()),
        ({}, set()),
    ],
)
def test_old_and_new_forms_of_names_are_read_and_others_are_none(record: dict[str, Any], found: set[str]) -> None:
    assert names(record) == found


def test_something_without_an_id_is_set_aside() -> None:
    with pytest.raises(Skippable, match="Id is missing"):
        named({"Name": "Leisure"}, Kind.SEGMENT, "wien")


@pytest.mark.parametrize("name", ["ReservationId", "SourceId", "IsPrimary", "UpdatedUtc"])
def test_a_source_needs_all_that_decides_which_counts(name: str) -> None:
    assert assignment(SOURCED).primary is True
    with pytest.raises(Skippable, match=f"{name} is missing"):
        assignment({key: value for key, value in SOURCED.items() if key != name})
