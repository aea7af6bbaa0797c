"""People are told of an incident once when it begins and once when it is over, whatever fails in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import Lost
from connector.http.breaker import Breaker
from connector.jobs import digest
from connector.jobs.conditions import Bounds
from connector.jobs.watch import LEASE, Daily, Watch
from connector.ports.notices import Notice
from connector.store import incidents, leases, runs
from connector.store.engine import Database
from connector.store.limits import StoredBreakers
from connector.store.rows import insert_rows
from connector.store.runs import Run
from connector.store.suspense import Case, open_cases
from connector.store.tables.ledger import Award, Message
from connector.telemetry import metrics
from tests.integration.alerts.conftest import Hearer
from tests.integration.earning.books import Books
from tests.integration.earning.chain import NOW, HandClock

MakeWatch = Callable[..., Watch]
OPENED, ENDED = "incident.opened", "incident.ended"
UNREACHABLE = "A partner cannot be reached (miles_and_more)"


async def breaks(database: Database, clock: HandClock) -> Breaker:
    """Open the circuit of a partner."""
    breaker = Breaker("partner miles_and_more", StoredBreakers(database), clock)
    await breaker.trip()
    return breaker


async def opened(database: Database, *cases: Case) -> None:
    """Open cases."""
    async with database.write() as connection:
        await open_cases(connection, cases, NOW)


async def test_an_incident_is_told_once_and_its_end_once(
    database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    watch, breaker = watch_of(hearer), await breaks(database, clock)

    for _ in range(3):
        await watch.look()
        clock.advance(minutes=1)
    await breaker.success()
    for _ in range(4):
        await watch.look()
        clock.advance(minutes=1)

    assert hearer.events == [f"{OPENED} {UNREACHABLE}", f"{ENDED} Over: {UNREACHABLE}"]


async def test_a_notice_says_what_it_means_and_what_to_do(
    database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    await breaks(database, clock)

    await watch_of(hearer).look()

    (notice,) = hearer.heard
    assert "no request went through since" in notice.text
    assert "Usually nothing; if it lasts, ask the partner." in notice.text
    assert (notice.facts["kind"], notice.facts["subject"]) == ("partner_unreachable", "miles_and_more")


async def test_what_comes_and_goes_is_one_incident(
    database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    watch = watch_of(hearer)
    for _ in range(5):
        breaker = await breaks(database, clock)
        await watch.look()
        await breaker.success()
        clock.advance(minutes=1)
        await watch.look()
        clock.advance(seconds=30)

    assert hearer.events == [f"{OPENED} {UNREACHABLE}"]


async def test_a_process_that_starts_anew_does_not_tell_again(
    database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    await breaks(database, clock)
    await watch_of(hearer).look()
    clock.advance(minutes=1)

    await watch_of(hearer).look()

    assert len(hearer.heard) == 1


async def test_what_could_not_be_told_is_told_later_and_longer_and_longer_apart(
    database: Database, clock: HandClock, watch_of: MakeWatch
) -> None:
    hearer = Hearer(deaf=True)
    watch = watch_of(hearer)
    await breaks(database, clock)
    tries = await _minutes_of_tries(watch, hearer, clock, 64)
    hearer.deaf = False
    clock.advance(hours=1)

    await watch.look()

    assert tries == [0, 1, 3, 7, 15, 31, 63]
    assert hearer.events == [f"{OPENED} {UNREACHABLE}"]


async def _minutes_of_tries(watch: Watch, hearer: Hearer, clock: HandClock, minutes: int) -> list[int]:
    tries: list[int] = []
    for minute in range(minutes):
        hearer.tell = _counting(tries, minute)  # type: ignore[method-assign]
        await watch.look()
        clock.advance(minutes=1)
    del hearer.tell
    return tries


def _counting(tries: list[int], minute: int) -> Callable[[object], object]:
    async def tell(_notice: object) -> None:
        tries.append(minute)
        raise Lost("nobody")

    return tell


async def test_a_way_that_fails_keeps_no_other_from_telling(
    database: Database, clock: HandClock, watch_of: MakeWatch
) -> None:
    deaf, hears = Hearer("mail", deaf=True), Hearer()
    watch = watch_of(deaf, hears)
    await breaks(database, clock)
    await watch.look()
    deaf.deaf = False
    clock.advance(minutes=2)

    await watch.look()

    assert (len(deaf.heard), len(hears.heard)) == (1, 1)


async def test_of_what_nobody_was_told_nobody_is_told_the_end(
    database: Database, clock: HandClock, watch_of: MakeWatch
) -> None:
    hearer = Hearer(deaf=True)
    watch, breaker = watch_of(hearer), await breaks(database, clock)
    await watch.look()
    await breaker.success()
    clock.advance(minutes=5)
    await watch.look()
    hearer.deaf = False
    clock.advance(hours=2)

    await watch.look()

    assert hearer.heard == []
    async with database.read() as connection:
        assert await incidents.standing(connection) == []


async def test_only_one_of_several_instances_watches_at_a_time(
    database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    await breaks(database, clock)
    async with database.write() as connection:
        assert await leases.take(connection, "watch", "another", clock.now(), clock.now() + LEASE)

    await watch_of(hearer).look()
    before = list(hearer.heard)
    clock.advance(minutes=6)
    await watch_of(hearer).look()

    assert (before, len(hearer.heard)) == ([], 1)


@pytest.mark.parametrize("reason", ["daily_ceiling", "outlier", "out_of_credit"])
async def test_a_paused_partner_is_an_incident(
    reason: str, database: Database, hearer: Hearer, watch_of: MakeWatch
) -> None:
    case = Case("partner", "miles_and_more", reason, "it waits", "miles_and_more")
    await opened(database, case)

    await watch_of(hearer).look()

    assert hearer.events == [f"{OPENED} A partner or property is paused (miles_and_more)"]


async def test_credits_that_run_low_are_an_incident(database: Database, hearer: Hearer, watch_of: MakeWatch) -> None:
    await opened(database, Case("partner", "miles_and_more", "low_on_credit", "400 are left", "miles_and_more"))

    await watch_of(hearer).look()

    assert hearer.events == [f"{OPENED} Prepaid credits run low (miles_and_more)"]


async def ran(database: Database, clock: HandClock, outcome: str, error: str = "", *, refused: bool = False) -> None:
    """Let the job align run and end."""
    run = Run("align", f"run {clock.now()}", "a process", clock.now(), clock.now(), outcome)
    async with database.write() as connection:
        await runs.begin(connection, "align", run.run, run.instance, clock.now())
        await runs.end(connection, replace(run, error=error, unauthorized=refused))


async def test_a_plan_that_waits_for_a_confirmation_is_an_incident_until_it_is_done(
    database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    watch = watch_of(hearer)
    await ran(database, clock, "refused", "align: 60 removals, more than 50; confirm plan 1f")
    await watch.look()
    clock.advance(minutes=1)
    await ran(database, clock, "ok")
    clock.advance(minutes=2)

    await watch.look()

    title = "A job waits for a confirmation (align)"
    assert hearer.events == [f"{OPENED} {title}", f"{ENDED} Over: {title}"]
    assert "confirm plan 1f" in hearer.heard[0].text


async def test_a_refused_credential_is_an_incident_at_once(
    database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    await ran(database, clock, "ok")
    await ran(database, clock, "partial", "Mews refuses the token of wien", refused=True)

    await watch_of(hearer).look()

    assert hearer.events == [f"{OPENED} A credential is refused (align)"]


@pytest.mark.parametrize(("minutes", "told"), [(14, 0), (16, 1)])
async def test_a_job_that_fails_is_an_incident_after_three_of_its_intervals(
    minutes: int, told: int, database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    await ran(database, clock, "ok")
    clock.advance(minutes=minutes)
    await ran(database, clock, "failed", "Mews is down")

    await watch_of(hearer, bounds=Bounds({"align": timedelta(minutes=5)})).look()

    assert len(hearer.heard) == told


async def test_a_job_that_fails_stays_an_incident_while_its_next_run_is_under_way(
    database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    watch = watch_of(hearer)
    await ran(database, clock, "failed", "Mews is down")
    await watch.look()
    async with database.write() as connection:
        await runs.begin(connection, "align", "another run", "a process", clock.now())
    clock.advance(hours=1)

    await watch.look()

    assert hearer.events == [f"{OPENED} A job does not succeed (align)"]


async def test_who_says_429_is_an_incident_whichever_instance_was_told(
    database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    told, watches = watch_of(), watch_of(hearer)
    metrics.count(metrics.TOO_MANY, "mews", "wien", "")
    async with database.write() as connection:
        assert await leases.take(connection, "watch", "another", clock.now(), clock.now() + timedelta(seconds=30))
    await told.look()
    clock.advance(minutes=1)

    await watches.look()

    assert hearer.events == [f"{OPENED} A system says that it is asked too often (mews wien)"]


async def credited(connection: AsyncConnection, times: int, now: datetime) -> None:
    """Let a partner take so many credits, the last of them now."""
    award = {"id": "a", "partner": "miles_and_more", "root_id": "r", "seat": "owner", "program_code": "MM"}
    award |= {"membership_id": "m", "member_number": None, "property_id": "h", "departure": now.date(), "unit": "miles"}
    award |= {"miles": 1, "revision": times, "frozen": "{}", "created_at": now, "unsure_since": None}
    await insert_rows(connection, Award, [award])
    message = {"award_id": "a", "partner": "miles_and_more", "kind": "credit", "miles": 1, "state": "credited"}
    message |= {"due_at": now, "attempts": 1, "lane": "l", "credit": "{}", "created_at": now, "settled_at": now}
    message |= {"mark": "", "absences": 0, "account": "", "reference": "", "reason": ""}
    await insert_rows(connection, Message, [{**message, "key": str(n), "revision": n} for n in range(times)])


@pytest.mark.parametrize(("mode", "told"), [("live", 1), ("shadow", 0)])
async def test_a_busy_partner_that_falls_silent_is_an_incident(
    mode: str, told: int, database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    async with database.write() as connection:
        await credited(connection, 40, clock.now())
    clock.advance(days=20)
    live = frozenset({"miles_and_more"} if mode == "live" else ())

    await watch_of(hearer, bounds=Bounds(live=live)).look()

    assert [each.title for each in hearer.heard] == ["A partner got nothing for unusually long (miles_and_more)"] * told


async def test_many_new_cases_are_an_incident_that_names_the_reasons(
    database: Database, hearer: Hearer, watch_of: MakeWatch
) -> None:
    await opened(database, *(Case("line", str(n), "bad_line", "unreadable") for n in range(4)))
    await opened(database, Case("member", "m", "two_candidates", "two guests"))

    await watch_of(hearer, bounds=Bounds(suspense_growth=6)).look()
    assert hearer.heard == []
    await watch_of(hearer, bounds=Bounds(suspense_growth=5)).look()

    assert "5 new cases in a day: 4 bad_line, 1 two_candidates" in hearer.heard[0].text


async def test_cases_of_yesterday_are_not_new(
    database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    await opened(database, *(Case("line", str(n), "bad_line", "unreadable") for n in range(5)))
    clock.advance(hours=25)

    await watch_of(hearer, bounds=Bounds(suspense_growth=5)).look()

    assert hearer.heard == []


async def test_stays_with_open_bills_are_an_incident(database: Database, hearer: Hearer, watch_of: MakeWatch) -> None:
    cases = [Case("reservation", str(n), "open_bill", "2 items are open", "miles_and_more") for n in range(10)]
    await opened(database, *cases)

    await watch_of(hearer, bounds=Bounds(open_bills=10)).look()

    assert "10 stays wait for a bill that stays open" in hearer.heard[0].text


async def test_a_disk_that_is_nearly_full_is_an_incident(hearer: Hearer, watch_of: MakeWatch, tmp_path: object) -> None:
    await watch_of(hearer, bounds=Bounds(disk=tmp_path, disk_free=2**60)).look()  # type: ignore[arg-type]

    assert hearer.events == [f"{OPENED} The disk is nearly full"]


async def test_the_digest_is_sent_once_a_day_at_its_time(
    database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    vienna = ZoneInfo("Europe/Vienna")
    dailies = [Daily("digest", time(7, 30), partial(digest.written, database, ["miles_and_more"], vienna))]
    watch = watch_of(hearer, dailies=dailies, zone=vienna)
    clock.moment = clock.moment.astimezone(vienna).replace(hour=7, minute=20)

    for _ in range(30):
        await watch.look()
        clock.advance(minutes=1)
    await watch_of(hearer, dailies=dailies, zone=vienna).look()
    clock.moment += timedelta(days=1)
    await watch.look()

    assert [each.event for each in hearer.heard] == ["digest", "digest"]
    assert "miles_and_more: 0 credits taken in the last 24 hours" in hearer.heard[0].text
    assert "Nothing is wrong." in hearer.heard[0].text


async def test_arrivals_are_told_and_leave_nothing(database: Database, hearer: Hearer, watch_of: MakeWatch) -> None:
    watch = watch_of(hearer)
    watch.dailies = [Daily("arrivals", time(0, 0), partial(digest.arriving, watch.chain, []))]

    await watch.look()

    assert [each.event for each in hearer.heard] == ["arrivals"]
    assert "Nothing is open about the arrivals of the next" in hearer.heard[0].text
    assert await Books(database).rows("SELECT event, text FROM notice") == [("arrivals", "")]


async def test_a_watch_that_stood_still_tells_nothing_that_another_one_has_told_meanwhile(
    database: Database, clock: HandClock, hearer: Hearer, watch_of: MakeWatch
) -> None:
    other = watch_of(hearer)

    class Slow(Hearer):
        async def tell(self, notice: Notice) -> None:
            hearer.heard.append(notice)
            if len(hearer.heard) == 1:
                clock.advance(seconds=LEASE.total_seconds() + 1)
                await asyncio.create_task(other.look(), context=Context())

    for partner in ("one", "two", "three"):
        await Breaker(f"partner {partner}", StoredBreakers(database), clock).trip()

    await watch_of(Slow()).look()
    await other.look()

    told = [each.facts["subject"] for each in hearer.heard]
    assert sorted(told[1:]) == ["one", "three", "two"], "but for the one during which it stood still, each once"
