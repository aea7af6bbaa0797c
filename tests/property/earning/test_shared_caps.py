"""Whatever becomes of the stays of a member, and in whatever order, a shared cap holds, and no stay moves another."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.caps import Given
from connector.domain.decision import Earned, decide
from tests.unit.domain.stay_makers import CHECK_OUT, MEMBER, NOW, contract, item, reservation, rule, stay

#: (stay, days that it departs before the others, what it costs now); the same stay may come again with another folio.
histories = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from([0, 0, 1]), st.integers(0, 150)), min_size=1, max_size=12
)


@given(histories, st.integers(1, 200), st.integers(1, 300), st.sampled_from(["truncate", "refuse"]))
def test_no_history_of_folios_gives_more_than_the_caps(
    history: list[tuple[str, int, int]], day: int, year: int, over: str
) -> None:
    terms = contract(rule(cap_day=day, cap_year=year, over_cap=over, zero_rate=True), start=None)
    awards: dict[str, Earned] = {}
    miles: dict[str, int] = {}
    left: dict[str, int] = {}
    for name, ago, cost in history:
        earlier = timedelta(days=left.setdefault(name, ago))
        known = reservation(id=name, actual_end=CHECK_OUT - earlier, scheduled_start=CHECK_OUT - timedelta(days=3))
        others = {each: (awards[each].departure, miles[each]) for each in awards}
        now = stay(item(gross=str(cost)), reservation=known)
        frozen = awards[name].frozen if name in awards else None
        earned = decide(now, terms, NOW, frozen, Given({MEMBER: others}, own=name)).award
        if earned:
            awards[name] = earned
        miles[name] = earned.miles if earned else 0
        assert sum(miles.values()) <= year
        for departed in (0, 1):
            assert sum(given for each, given in miles.items() if left[each] == departed) <= day
        assert miles[name] <= cost


@given(st.integers(0, 150), st.integers(0, 150), st.integers(1, 200))
def test_a_folio_that_did_not_change_earns_as_before_though_another_stay_lost(before: int, now: int, cap: int) -> None:
    terms, departed = contract(rule(cap_day=cap)), CHECK_OUT.date()
    first = decide(stay(), terms, NOW, given=Given({MEMBER: {"b": (departed, before)}})).award
    if first:
        fewer = Given({MEMBER: {"b": (departed, min(before, now))}})
        assert decide(stay(), terms, NOW, first.frozen, fewer).award == first
