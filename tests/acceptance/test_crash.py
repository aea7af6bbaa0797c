"""``sync`` killed at commits and sends, again and again, ends as if nobody had been killed; see ``campaigns.crash``."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from tests import postgres
from tests.acceptance.posts import post
from tests.acceptance.road import say
from tests.campaigns import books, truth
from tests.campaigns.crash import row
from tests.campaigns.houses import Ground, House, ground
from tests.campaigns.kills import Day, Fate, Toll, rehearsed, story

DEATHS = 10
NOON = datetime.now(UTC).replace(microsecond=0)
WRITES = r"(sent|after) POST (/|.*(/add|/update|/enrolments|/issuance/.*|/transactions|/earn))"

Kind = Callable[[random.Random], Iterator[Fate]]


@dataclass(frozen=True)
class Rehearsal:
    """Where the stories are lived, and how their days end when nobody is killed."""

    place: Ground
    days: Sequence[Day]


@pytest.fixture(scope="module")
def rehearsal() -> Iterator[Rehearsal]:
    with ground("sqlite", NOON) as place:
        yield Rehearsal(place, rehearsed(place))


def at_writes(chance: random.Random) -> Iterator[Fate]:
    """Yield deaths when a write is on the wire, or when its answer has come and is not stored."""
    while True:
        yield {"kill_at": chance.randint(1, 2), "counting": WRITES}


def anywhere(chance: random.Random) -> Iterator[Fate]:
    """Yield deaths at any point."""
    yield from row(1000, chance)


@pytest.mark.parametrize(("day", "kind"), [(0, at_writes), (1, anywhere)], ids=["first_day", "second_day"])
def test_deaths_in_a_row_leave_no_trace(
    day: int, kind: Kind, rehearsal: Rehearsal, request: pytest.FixtureRequest
) -> None:
    toll = lived(rehearsal.place, rehearsal.days[day], kind, request)
    assert toll.faults == []


def test_deaths_in_a_row_leave_no_trace_on_postgresql(
    rehearsal: Rehearsal, postgres_server: postgres.Server, request: pytest.FixtureRequest
) -> None:
    with ground("postgresql", NOON, postgres_server, rehearsal.place.forks) as place:
        toll = lived(place, replace(rehearsal.days[0], state=place.begun()), anywhere, request)
    assert toll.faults == []


def lived(place: Ground, day: Day, kind: Kind, request: pytest.FixtureRequest) -> Toll:
    """Live a day with some deaths."""
    chance = random.Random(f"{getattr(request.config.option, 'randomly_seed', 0)}:{day.name}")
    fates = kind(chance)
    toll = Toll()
    story(place, day, [next(fates) for _ in range(DEATHS)], toll)
    say(f"{toll.deaths} deaths")
    assert toll.deaths > DEATHS // 2
    return toll


TAMPERINGS = {
    "DELETE FROM reservation WHERE id = 's2'": "reservations of wien is read to",
    "UPDATE guest SET updated = '2020-01-01 00:00:00' WHERE id = 'g5'": "g5 is not in the mirror",
    "DELETE FROM membership WHERE account_id = 'g9'": "the membership of g9 was added, and nobody knows",
    "UPDATE message SET state = 'ready' WHERE partner = 'earned'": "which is ready here",
    "UPDATE message SET state = 'in_flight' WHERE partner = 'exchange'": "is in_flight without a lane",
    "DELETE FROM message WHERE partner = 'exchange'": "exchange did more than it was asked for",
}


@pytest.fixture(scope="module")
def house(rehearsal: Rehearsal) -> Iterator[House]:
    """The end of the first day."""
    with rehearsal.place.house(rehearsal.place.kept("first")) as opened:
        yield opened


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_what_would_be_wrong_is_seen(tampering: str, house: House) -> None:
    with books.opened(house) as found:
        assert list(truth.after_death(found)) == []
        found.rows(tampering)  # of a copy
        assert TAMPERINGS[tampering] in "\n".join(truth.after_death(found))


def test_a_second_membership_is_seen(rehearsal: Rehearsal) -> None:
    with rehearsal.place.house(rehearsal.place.kept("first")) as opened:
        again = {"AccountId": "g1", "LoyaltyProgramId": "p-MM", "State": "Enrolled", "ChainId": "chain-1"}
        body = {"kind": "LoyaltyMemberships", "record": {**again, "IsPrimary": False}}
        post(f"{opened.hall.urls['mews']}/_sandbox/add", body)
        with books.opened(opened) as found:
            assert "two memberships of ('g1', 'MM')" in list(truth.after_death(found))
