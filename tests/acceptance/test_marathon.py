"""Thousands of messages through failing partners and senders killed at random requests: each is credited once.

``HYPOTHESIS_PROFILE=nightly`` makes it 50,000 messages a channel.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from connector.store.engine import Database
from connector.store.integrity import examine
from tests.acceptance.marathon import BLOCK, FAULTS, KEYLESS, KINDS, NO_KEY, Marathon, marathon
from tests.acceptance.road import say
from tests.acceptance.senders import KILLED
from tests.integration.earning.books import Books

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
MESSAGES = 50_000 if NIGHTLY else 2000
KILLS = 50
PROVING = [each for each in KINDS if each not in KEYLESS]

pytestmark = pytest.mark.timeout(6 * 3600 if NIGHTLY else 280)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("kind", PROVING)
async def test_every_message_is_credited_once(kind: str, database: Database, tmp_path: Path, seed: int) -> None:
    async with marathon(kind, database, tmp_path, MESSAGES, seed=seed) as run:
        await run.run(KILLS)
        assert run.ends.count(KILLED) >= KILLS
        await ended_well(run)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(("kind", "share"), [("earn", 1), (NO_KEY, 5)])
async def test_without_a_key_every_message_is_credited_at_most_once_and_each_doubt_is_told(
    kind: str, share: int, database: Database, tmp_path: Path, seed: int
) -> None:
    async with marathon(kind, database, tmp_path, MESSAGES // share, seed=seed) as run:
        await run.run(KILLS // share)
        assert run.ends.count(KILLED) >= KILLS // share
        await ended_well(run)


@pytest.mark.parametrize("engine", ["postgresql"])
@pytest.mark.parametrize("kind", PROVING)
async def test_two_senders_at_once_credit_every_message_once(
    kind: str, database: Database, tmp_path: Path, seed: int
) -> None:
    async with marathon(kind, database, tmp_path, MESSAGES // 10, senders=2, seed=seed) as run:
        await run.run(KILLS // 10)
        assert run.ends.count(KILLED) >= KILLS // 10
        await ended_well(run)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of this run, which the output of a failure shows."""
    found = int(getattr(request.config.option, "randomly_seed", 0))
    say(f"seed {found}")
    return found


async def ended_well(run: Marathon) -> None:
    """Check the ledger against the partner's books."""
    say(f"{run.rounds} rounds, {run.witness.requests} requests, {run.faulty()} faulty, {run.witness.statuses}")
    states, ours = await run.states(), {(each.member_number, each.miles): str(each.key) for each in run.credits}
    assert len(ours) == len(states) == len(run.credits), "what the books show tells the messages apart"
    shown = Counter(ours[each["member"], each["miles"]] for each in run.journal.credits())
    credited = {key for key, state in states.items() if state == "credited"}
    suspended = {key for key, state in states.items() if state == "suspended"}
    assert credited | suspended == states.keys()
    assert set(shown.values()) <= {1}, "nothing twice"
    assert credited <= shown.keys(), "nothing is called credited that the partner does not show"
    if run.can_prove:
        assert not suspended
        assert sum(each.miles for each in run.credits) == run.journal.totals()["miles"]
    cases = await Books(run.database).cases()
    assert len(cases) == len(suspended)
    assert run.witness.overlaps == run.journal.totals()["overlaps"] == 0
    assert run.witness.strangers == run.witness.statuses[409] == 0
    went_wrong_by_plan(run)
    assert await examine(run.database) == []


def went_wrong_by_plan(run: Marathon) -> None:
    """Check that of every 25 requests each fault happened to one; a kill keeps at most one from getting so far."""
    blocks = run.plan.seen // BLOCK
    assert run.witness.requests - run.ends.count(KILLED) <= run.plan.seen <= run.witness.requests
    assert {run.plan.fired[place] - blocks for place in range(len(FAULTS))} <= {0, 1}
    assert run.faulty() >= blocks * len(FAULTS) > 0
