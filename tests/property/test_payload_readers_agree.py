"""Records as documented are read in one step, others with care: of what both can read both say the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Skippable
from connector.mews.payloads import guests, loyalty
from connector.mews.payloads.records import JSON, Documented

_TEXTS = st.sampled_from(["", "a", "Gold", "4111 1111 1111 1111", "2026-11-24", "2026-11-24T10:57:59Z", "x" * 50])
_MOMENTS = st.sampled_from(
    ["2026-11-24T10:57:59Z", "2026-11-24T10:57:59.1234567Z", "2026-11-24T12:57:59+02:00", "2026-11-24T10:57:59", "soon"]
)
_ODD: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers(-3, 3) | st.just(5.0) | st.just([1]) | _TEXTS


def _record(**usual: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Give records of which most properties are as usual, some are odd and some are absent."""
    often = {name: st.one_of(value, value, value, _ODD) for name, value in usual.items()}
    whole = st.fixed_dictionaries(often)
    return st.tuples(whole, st.sets(st.sampled_from(sorted(usual)), max_size=3)).map(
        lambda pair: {name: value for name, value in pair[0].items() if name not in pair[1]}
    )


_GUESTS = _record(
    Id=_TEXTS,
    IsActive=st.booleans(),
    HasOtaEmail=st.booleans(),
    UpdatedUtc=_MOMENTS,
    MergeTargetId=st.none() | _TEXTS,
    Classifications=st.none() | st.lists(st.sampled_from(["Staff", "Vip"]), max_size=3),
    LoyaltyCode=st.none() | _TEXTS,
    Email=st.none() | _TEXTS,
    FirstName=st.none() | _TEXTS,
    LastName=st.none() | _TEXTS,
)
_MEMBERSHIPS = _record(
    Id=_TEXTS,
    AccountId=_TEXTS,
    LoyaltyProgramId=_TEXTS,
    State=st.sampled_from([*sorted(loyalty.MEMBERSHIP_STATES), "Frozen"]),
    IsPrimary=st.booleans(),
    MembershipNumber=st.none() | _TEXTS,
    Points=st.none() | st.integers() | st.just(7.0),
    ExpirationDate=st.none() | _TEXTS,
    LoyaltyTierId=st.none() | _TEXTS,
    ProviderMembershipId=st.none() | _TEXTS,
    Url=st.none() | _TEXTS,
    ActivityState=st.sampled_from([None, "Active", "Deleted"]),
    DeletedUtc=st.none() | _MOMENTS,
)


@given(record=_GUESTS)
def test_guests(record: dict[str, Any]) -> None:
    _agree(guests.guest, record)


@given(record=_MEMBERSHIPS)
def test_memberships(record: dict[str, Any]) -> None:
    _agree(loyalty.membership, record)


def _agree(parser: Documented[Any], record: dict[str, Any]) -> None:
    text = json.dumps(record).encode()
    quick = parser.at_once([text, text])
    assert quick is None or quick == [_careful(parser, JSON.decode(text))] * 2


def _careful(parser: Documented[Any], record: dict[str, Any]) -> Any:
    try:
        return parser(record)
    except Skippable as fault:
        return f"refused: {fault}"


@pytest.mark.parametrize(
    ("parser", "record"),
    [
        (
            guests.guest,
            {"Id": "g", "IsActive": True, "HasOtaEmail": False, "UpdatedUtc": "2026-11-24T10:57:59Z", "Other": 1},
        ),
        (
            loyalty.membership,
            {"Id": "m", "AccountId": "g", "LoyaltyProgramId": "p", "State": "New", "IsPrimary": True},
        ),
    ],
    ids=["guest", "membership"],
)
def test_a_documented_record_takes_one_step(parser: Documented[Any], record: dict[str, Any]) -> None:
    assert parser.at_once([json.dumps(record).encode()]) is not None
