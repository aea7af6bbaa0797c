from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.decision import Decision
from connector.domain.ruling import Status
from connector.store import decisions, stays
from connector.store.engine import Database
from tests.integration.store.makers import DAY, HOUR, NOW, reservation

PARTNERS = ["air_miles", "miles_and_more"]


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    async with database.write() as opened:
        yield opened


def decided(status: Status = Status.WAITING, reason: str = "hold", **facts: object) -> Decision:
    return Decision(status, reason, "a sentence", **facts)  # type: ignore[arg-type]


async def stay(connection: AsyncConnection, *names: str) -> None:
    found = [reservation(each) for each in names]
    await stays.save_reservations(connection, found, NOW - 999 * DAY, NOW)


async def test_a_decision_comes_back_with_its_explanation(connection: AsyncConnection) -> None:
    explained = decided(due=NOW + HOUR, explanation={"nights": 2, "rules": [{"verdict": "größer"}]})
    await decisions.save(connection, "air_miles", [("r1", "r1", explained)], NOW)
    (kept,) = await decisions.of(connection, "r1")
    assert (kept.partner, kept.status, kept.reason, kept.text) == ("air_miles", "waiting", "hold", "a sentence")
    assert (kept.due_at, kept.decided_at, kept.explanation) == (NOW + HOUR, NOW, explained.explanation)


async def test_a_later_decision_takes_the_place_of_the_earlier_one(connection: AsyncConnection) -> None:
    await decisions.save(connection, "air_miles", [("r1", "r1", decided(due=NOW))], NOW)
    await decisions.save(connection, "air_miles", [("r1", "r1", decided(Status.AWARDED, "earned"))], NOW + HOUR)
    (kept,) = await decisions.of(connection, "r1")
    assert (kept.status, kept.due_at, kept.decided_at) == ("awarded", None, NOW + HOUR)


async def test_a_stay_is_due_when_its_decision_says_so(connection: AsyncConnection) -> None:
    await stay(connection, "r1", "r2")
    await decisions.save(connection, "air_miles", [("r1", "r1", decided(due=NOW + HOUR))], NOW)
    await decisions.are_decided(connection, ["r1", "r2"])
    assert await decisions.to_decide(connection, PARTNERS, NOW, "", 10) == []
    assert await decisions.to_decide(connection, PARTNERS, NOW + HOUR, "", 10) == ["r1"]
    assert await decisions.to_decide(connection, ["miles_and_more"], NOW + HOUR, "", 10) == []


async def test_stays_to_decide_come_page_by_page(connection: AsyncConnection) -> None:
    await stay(connection, "r1", "r2", "r3")
    assert await decisions.to_decide(connection, PARTNERS, NOW, "", 2) == ["r1", "r2"]
    assert await decisions.to_decide(connection, PARTNERS, NOW, "r2", 2) == ["r3"]


async def test_what_changed_and_what_is_due_come_in_one_order_and_each_once(connection: AsyncConnection) -> None:
    await stay(connection, "r1", "r2", "r3", "r4")
    await decisions.save(connection, "air_miles", [(each, each, decided(due=NOW)) for each in ("r1", "r3", "r4")], NOW)
    await decisions.are_decided(connection, ["r1", "r3"])
    assert await decisions.to_decide(connection, PARTNERS, NOW, "", 10) == ["r1", "r2", "r3", "r4"]
    assert await decisions.to_decide(connection, PARTNERS, NOW, "r1", 2) == ["r2", "r3"]
    await decisions.are_decided(connection, ["r2", "r4"])
    assert await decisions.to_decide(connection, PARTNERS, NOW, "", 10) == ["r1", "r3", "r4"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the other one plans by its statistics
async def test_on_sqlite_a_pass_reads_neither_all_stays_nor_all_decisions(database: Database) -> None:
    asked: list[tuple[str, object]] = []

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        asked.append((statement, parameters))

    async with database.write() as connection:
        assert connection.sync_connection is not None
        event.listen(connection.sync_connection, "before_cursor_execute", note)
        await decisions.to_decide(connection, PARTNERS, NOW, "", 10)
        event.remove(connection.sync_connection, "before_cursor_execute", note)
        ((statement, parameters),) = asked
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
        steps = [row[3] for row in plan]
    assert any("ix_reservation_dirty_id (dirty=? AND id>?)" in step for step in steps)
    assert any("ix_decision_partner_due_at (partner=? AND due_at<?)" in step for step in steps)
    assert not [step for step in steps if step.startswith(("SCAN reservation", "SCAN decision"))]


async def test_a_new_partner_sees_every_stay_that_was_ever_checked_out(connection: AsyncConnection) -> None:
    await stay(connection, "r1")
    await stays.save_reservations(connection, [reservation("r2", state="Started")], NOW, NOW)
    await decisions.are_decided(connection, ["r1", "r2"])
    await decisions.decide_all_again(connection)
    assert await decisions.to_decide(connection, PARTNERS, NOW, "", 10) == ["r1"]


async def test_exclusions_are_found_by_partner_and_reason(connection: AsyncConnection) -> None:
    out = decided(Status.EXCLUDED, "no_membership")
    await decisions.save(connection, "air_miles", [("r1", "r1", out), ("r2", "r2", decided())], NOW)
    assert await decisions.passed_over(connection, "air_miles", ["r1", "r2"], {"no_membership"}) == {
        ("r1", "owner"): out
    }
    assert await decisions.passed_over(connection, "air_miles", ["r1", "r2"], {"hold"}) == {}
    assert await decisions.passed_over(connection, "miles_and_more", ["r1"], {"no_membership"}) == {}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rounds=st.lists(st.tuples(st.sampled_from(PARTNERS), st.integers(1, 6), st.sampled_from(list(Status))), max_size=25)
)
async def test_at_every_instant_the_parts_add_up_to_what_was_seen(
    connection: AsyncConnection, rounds: list[tuple[str, int, Status]]
) -> None:
    await connection.exec_driver_sql("DELETE FROM decision")
    await stays.save_reservations(connection, [reservation(f"r{number}") for number in range(1, 7)], NOW, NOW)
    expected: dict[str, dict[int, Status]] = {partner: {} for partner in PARTNERS}
    for partner, number, status in rounds:
        expected[partner][number] = status
        name = f"r{number}"
        await decisions.save(connection, partner, [(name, name, decided(status))], NOW)
        for told, counts in (await decisions.tally(connection, PARTNERS)).items():
            parts = {status: list(expected[told].values()).count(status) for status in Status}
            parts[Status.WAITING] += 6 - len(expected[told])
            assert counts == {"seen": 6} | {str(each): parts[each] for each in Status}
            assert counts["seen"] == sum(counts[each] for each in Status)
