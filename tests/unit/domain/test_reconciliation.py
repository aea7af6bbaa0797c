"""Miles on accounts: whatever becomes of messages, and whenever months are closed, the sums are what stands."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.awards import Kind
from connector.domain.ledger import TRANSITIONS, State
from connector.domain.months import last_day, month_after, month_of
from connector.domain.reconciliation import (
    NOTHING,
    Calendar,
    Entry,
    Figures,
    File,
    Said,
    movements,
)

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
VIENNA = ZoneInfo("Europe/Vienna")


def said(key: str, kind: Kind = Kind.CREDIT, miles: int = 100) -> Said:
    return Said(key, kind, miles, "EUR", Decimal("99.99"), Decimal("109.99"))


def file(*lines: tuple[str, str, str], messages: tuple[Said, ...] = (), grant: bool = False) -> File:
    entries = [Entry(n, AT, key, before, after, None) for n, (key, before, after) in enumerate(lines, start=1)]
    known = {each.key: each for each in messages or (said("a"),)}
    return File("award", "partner", "hotel", date(2026, 10, 31), grant, known, entries)


def total(of: File) -> Figures:
    sums = NOTHING
    for _, _, change in movements(of):
        sums += change
    return sums


def path(*states: str) -> list[tuple[str, str, str]]:
    return [("a", before, after) for before, after in zip(("", *states), states, strict=False)]


VALUE = {"net": Decimal("99.99"), "gross": Decimal("109.99")}


class TestAMessage:
    @pytest.mark.parametrize(
        ("states", "expected"),
        [
            (("ready",), Figures(1, **VALUE, held=100)),
            (("held",), Figures(1, **VALUE, held=100)),
            (("ready", "in_flight"), Figures(1, **VALUE, sent=100, in_doubt=100)),
            (("ready", "in_flight", "in_doubt"), Figures(1, **VALUE, sent=100, in_doubt=100)),
            (("ready", "in_flight", "ready"), Figures(1, **VALUE, held=100)),
            (("ready", "in_flight", "accepted"), Figures(1, **VALUE, sent=100, acknowledged=100)),
            (("ready", "in_flight", "accepted", "credited"), Figures(1, **VALUE, sent=100, acknowledged=100)),
            (("ready", "in_flight", "refused"), Figures(1, sent=100, refused=100)),
            (("ready", "in_flight", "suspended"), Figures(1, **VALUE, sent=100, suspended=100)),
            (("ready", "suspended"), Figures(1, **VALUE, suspended=100)),
            (("ready", "in_flight", "suspended", "ready"), Figures(1, **VALUE, held=100)),
            (("ready", "in_flight", "ready", "suspended"), Figures(1, **VALUE, suspended=100)),
            (("ready", "superseded"), Figures(1)),
            (("ready", "void"), Figures(1)),
            (("ready", "shadow"), Figures(1, **VALUE, rehearsed=100)),
            (("ready", "in_flight", "test"), Figures(1, **VALUE, rehearsed=100)),
        ],
    )
    def test_stands_on_one_account(self, states: tuple[str, ...], expected: Figures) -> None:
        assert total(file(*path(*states))) == expected

    def test_of_a_grant_is_no_stay(self) -> None:
        assert total(file(*path("ready"), grant=True)).stays == 0

    @pytest.mark.parametrize("state", sorted(set(State) - {State.SUPERSEDED, State.VOID}))
    def test_has_an_account_in_every_state(self, state: State) -> None:
        found = total(file(*path("ready", "in_flight", state)))
        assert found.held + found.sent + found.rehearsed == 100


class TestAnAward:
    def test_of_which_miles_were_taken_back_is_worth_what_stands(self) -> None:
        back, again = said("b", Kind.REVERSAL), said("c", miles=80)
        lines = [
            *path("ready", "in_flight", "credited"),
            *[("b", before, after) for _, before, after in path("ready", "in_flight", "credited")],
            ("c", "", "held"),
        ]
        found = total(file(*lines, messages=(said("a"), back, again)))
        assert (found.acknowledged, found.reversed, found.given, found.held) == (100, 100, 0, 80)
        assert (found.stays, found.net, found.difference) == (1, Decimal("99.99"), 0)
        assert found.cost(Decimal("0.01")) == 0

    def test_that_is_rehearsed_again_is_worth_its_last_rehearsal(self) -> None:
        lines = [*path("ready", "shadow"), ("b", "", "ready"), ("b", "ready", "shadow")]
        found = total(file(*lines, messages=(said("a"), said("b", miles=70))))
        assert (found.rehearsed, found.net) == (70, Decimal("99.99"))


class TestAmounts:
    def test_are_never_rounded(self) -> None:
        many = Decimal("1.23456789012345678901234567890123456789")
        exchanged = Said("a", Kind.CREDIT, 100, "EUR", many, many)
        back = Said("b", Kind.REVERSAL, 100, "EUR", many, many)
        assert total(file(*path("ready"), messages=(exchanged,))).net == many
        lines = [*path("ready"), ("b", "", "ready")]
        assert total(file(*lines, messages=(exchanged, back))).net == 0
        assert (NOTHING - Figures(gross=many)).gross == many.copy_negate()


class TestTheDifference:
    def test_is_what_was_sent_and_has_no_answer(self) -> None:
        found = Figures(sent=100, acknowledged=50, reversed=20, refused=10, in_doubt=15, suspended=5)
        assert found.difference == 20


class TestTheCalendar:
    def test_counts_by_departure_until_the_month_is_closed(self) -> None:
        line = Entry(1, AT, "a", "", "ready", None)
        assert Calendar(VIENNA).accounted(date(2026, 10, 31), line) == (date(2026, 10, 31), False)
        assert Calendar(VIENNA, NOVEMBER).accounted(date(2026, 10, 31), line) == (date(2026, 11, 3), True)

    def test_counts_days_by_the_clock_of_the_chain(self) -> None:
        line = Entry(1, datetime(2026, 11, 3, 23, 30, tzinfo=UTC), "a", "", "ready", None)
        assert Calendar(VIENNA, NOVEMBER).accounted(date(2026, 10, 31), line)[0] == date(2026, 11, 4)

    def test_never_counts_in_a_closed_month(self) -> None:
        late = Entry(1, datetime(2026, 10, 31, 22, 59, tzinfo=UTC), "a", "", "ready", None)
        assert Calendar(VIENNA, NOVEMBER).accounted(date(2026, 10, 30), late) == (NOVEMBER, True)

    def test_keeps_a_line_in_the_month_that_holds_it(self) -> None:
        in_time = Entry(1, AT, "a", "", "ready", OCTOBER)
        assert Calendar(VIENNA, date(2027, 1, 1)).accounted(date(2026, 10, 31), in_time) == (date(2026, 10, 31), False)

    def test_knows_months(self) -> None:
        assert month_of(date(2026, 2, 28)) == date(2026, 2, 1)
        assert month_after(date(2026, 12, 1)) == date(2027, 1, 1)
        assert last_day(date(2028, 2, 1)) == date(2028, 2, 29)


@st.composite
def walks(draw: st.DrawFn) -> list[str]:
    states = ["ready"]
    while (after := sorted(TRANSITIONS[State(states[-1])])) and draw(st.booleans()):
        states.append(draw(st.sampled_from(after)))
    return states


@given(walks(), st.lists(st.integers(0, 120), min_size=12, max_size=12), st.lists(st.integers(0, 90), max_size=3))
def test_all_periods_together_are_what_stands_whenever_months_are_closed(
    states: list[str], days: list[int], closings: list[int]
) -> None:
    """Lines come in the order of time; some months are closed between them, and stamp what is there."""
    told = file(*path(*states))
    moments = sorted(AT + timedelta(days=days[n % 12]) for n in range(len(told.entries)))
    marks = sorted(AT + timedelta(days=each) for each in closings)
    open_from, entries = date.min, []
    for n, entry in enumerate(told.entries):
        for mark in [m for m in marks if m <= moments[n] and month_of(m.date()) > open_from]:
            open_from = month_of(mark.date())
            entries = [_stamped(each, open_from) for each in entries]
        entries.append(Entry(entry.seq, moments[n], entry.message_key, entry.before, entry.after, None))
    closed = File(told.award_id, "partner", "hotel", told.departure, False, told.messages, entries)
    calendar = Calendar(VIENNA, open_from)
    by_day: dict[date, Figures] = defaultdict(Figures)
    for entry, _, change in movements(closed):
        day, _ = calendar.accounted(closed.departure, entry)
        assert (day < open_from) is (entry.month is not None)
        by_day[day] += change
    assert sum(by_day.values(), NOTHING) == total(told)


def _stamped(entry: Entry, open_from: date) -> Entry:
    """As closing does: the last closed month takes what happened before its end and no month holds yet."""
    month = month_of(open_from - timedelta(days=1))
    own = date(2026, 10, 31) < open_from and month == OCTOBER
    if entry.month or not (own or entry.at.astimezone(VIENNA).date() < open_from):
        return entry
    return Entry(entry.seq, entry.at, entry.message_key, entry.before, entry.after, month)
