"""What may happen to folios, guests and contracts."""

from __future__ import annotations

import os

from hypothesis import strategies as st

from tests.property.earning.world import FINAL, TAKES_BACK, Setting, Step

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
LENGTH = 12 if NIGHTLY else 6

just, one_of, sampled = st.just, st.one_of, st.sampled_from
stays = sampled(["r0", "r1", "r2"])
places = st.integers(0, 5)


def step(name: str, *given: st.SearchStrategy[object]) -> st.SearchStrategy[Step]:
    """Call a method of the hotel or the world."""
    return st.tuples(just(name), *given)


charge = step("charge", stays, sampled([1, 999, 2_000, 12_345]), sampled(["SpaceOrder", "ProductOrder", "CityTax"]))
open_charge = st.builds(
    lambda stay, cents, kind: ("charge_openly", stay, cents, kind),
    stays,
    sampled([2_000, 12_345]),
    sampled(["SpaceOrder", "ProductOrder"]),
)
rebate = step("rebate", stays, places, sampled([10, 50, 100]))
cancel = step("cancel", stays, places)
pay = step("close_bills", stays)
reopen = step("turn", stays, just("Started"))
over = step("turn", stays, just("Processed"))
off = step("turn", stays, just("Canceled"))
number = one_of(*(step(name, places) for name in ("renumber", "renumber", "reissue", "respell", "end", "lose")))
merge = step("merge", places, places, sampled(["keep", "move", "delete"]))
rule = step("rule", st.integers(0, 4))
exchange = step("exchange", sampled([50, 66, 71]))
wait = step("wait", sampled([1, 24, 50, 72]))
soon = step("wait", sampled([1, 1, 24]))
fault = step(
    "fault",
    sampled([TAKES_BACK, TAKES_BACK, FINAL]),
    sampled(["lose", "drop", "down", "refuse"]),
    sampled(["credit", "reversal", "reversal"]),
    sampled([1, 1, 2, 6]),
)

folio = one_of(charge, rebate, rebate, cancel, open_charge, pay)
status = one_of(reopen, over, off, over)

# What meets often enough only when a history is about little else.
THEMES = (
    (folio, folio, wait),
    (folio, rebate, soon, fault),
    (folio, status, soon, fault),
    (folio, number, soon, fault),
    (folio, number, merge, wait),
    (folio, rule, exchange, status, soon),
    (folio, status, number, merge, rule, exchange, wait, fault),
)


def told(kinds: tuple[st.SearchStrategy[Step], ...]) -> st.SearchStrategy[list[list[Step]]]:
    """Make histories of steps of these kinds: what happens between one run of the jobs and the next."""
    return st.lists(st.lists(one_of(kinds), min_size=1, max_size=5), min_size=2, max_size=LENGTH)


histories = sampled(THEMES).flatmap(told)
holds = sampled(["none", "none", "day", "settled"])
opened = st.tuples(sampled(["EUR", "EUR", "CAD"]), st.integers(1, 4), sampled([True, True, False]))
settings = st.builds(
    Setting,
    agreement=st.integers(0, 4),
    holds=st.tuples(holds, holds),
    correction=sampled(["replace", "difference"]),
    idempotent=sampled([True, True, False]),
    stays=st.tuples(opened, opened, opened),
    again=sampled([None, None, None, 0, 1, 2, 3, 4]),
)
