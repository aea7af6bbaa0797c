from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connector.domain.contract import Hold
from connector.domain.folio import Folio, Kinds
from connector.domain.hold import ends
from connector.domain.ruling import Ruling, Status
from connector.domain.stays import OrderItem
from tests.unit.domain.stay_makers import ARRIVAL, CHECK_OUT, contract, item, reservation, stay

DAY = timedelta(days=1)
SETTLED = contract(hold=Hold("settled"))


def settled(*items: OrderItem, now: datetime) -> datetime | Ruling:
    counted = Folio.of(items).counted([Kinds()])
    return ends(stay(*items), SETTLED, counted, now)


def waits(ruling: datetime | Ruling, reason: str) -> datetime | None:
    assert isinstance(ruling, Ruling)
    assert (ruling.status, ruling.reason) == (Status.WAITING, reason)
    return ruling.due


def test_without_a_hold_it_ends_at_first_sight() -> None:
    assert ends(stay(), contract(), (), CHECK_OUT + DAY) == CHECK_OUT + DAY


def test_a_duration_runs_from_check_out() -> None:
    held = contract(hold=Hold("after", 3 * DAY))
    assert waits(ends(stay(), held, (), CHECK_OUT + 3 * DAY - timedelta(seconds=1)), "hold") == CHECK_OUT + 3 * DAY
    assert ends(stay(), held, (), CHECK_OUT + 3 * DAY) == CHECK_OUT + 3 * DAY


def test_where_mews_names_no_check_out_the_scheduled_one_counts() -> None:
    planned = stay(reservation=reservation(actual_end=None, scheduled_end=CHECK_OUT + DAY))
    assert ends(planned, contract(hold=Hold("after")), (), CHECK_OUT + 2 * DAY) == CHECK_OUT + DAY


def test_a_closed_folio_is_settled_when_it_can_no_longer_be_edited() -> None:
    due = CHECK_OUT + 7 * DAY
    assert waits(settled(item(), now=due - timedelta(seconds=1)), "editable") == due
    assert settled(item(), now=due) == due


def test_the_editable_interval_runs_from_the_last_closing_after_check_out() -> None:
    late = item("b", closed=CHECK_OUT + 4 * DAY)
    assert settled(item("a", closed=ARRIVAL), late, now=CHECK_OUT + 30 * DAY) == CHECK_OUT + 11 * DAY
    assert settled(item("a", closed=ARRIVAL), now=CHECK_OUT + 30 * DAY) == CHECK_OUT + 7 * DAY


def test_a_closed_item_without_closing_time_closed_no_later_than_its_last_change() -> None:
    vague = item(closed=None, updated=CHECK_OUT + 2 * DAY)
    assert settled(vague, now=CHECK_OUT + 30 * DAY) == CHECK_OUT + 9 * DAY


def test_an_open_item_waits_until_the_timeout_and_then_for_a_person() -> None:
    items = (item("a"), item("b", state="Open", closed=None))
    due = CHECK_OUT + 90 * DAY
    assert waits(settled(*items, now=CHECK_OUT + 89 * DAY), "open_bill") == due
    ruling = settled(*items, now=due)
    assert isinstance(ruling, Ruling)
    assert (ruling.status, ruling.reason) == (Status.SUSPENDED, "open_bill")


def test_open_items_that_do_not_count_do_not_hold_up_the_stay() -> None:
    assert settled(item("a"), item("t", type="CityTax", state="Open"), now=CHECK_OUT + 7 * DAY)
    assert settled(item("a"), item("t", type="Deposit", state="Open"), now=CHECK_OUT + 7 * DAY) == CHECK_OUT + 7 * DAY


def test_items_of_no_value_never_close_and_are_not_waited_for() -> None:
    assert settled(item(gross="0", state="Inactive", closed=None), now=CHECK_OUT + 7 * DAY) == CHECK_OUT + 7 * DAY


@pytest.mark.parametrize("items", [(), (item("t", type="CityTax"),), (item("c", state="Canceled"),)])
def test_a_folio_without_a_counting_item_is_given_time_to_fill(items: tuple[OrderItem, ...]) -> None:
    empty = replace(stay(), items=items)
    counted = Folio.of(items).counted([Kinds()])
    assert waits(ends(empty, SETTLED, counted, CHECK_OUT + 89 * DAY), "no_charges") == CHECK_OUT + 90 * DAY
    assert ends(empty, SETTLED, counted, CHECK_OUT + 91 * DAY) == CHECK_OUT + 90 * DAY


def test_what_stays_inactive_does_not_keep_a_folio_open() -> None:
    late = item("b", state="Inactive", closed=None, updated=CHECK_OUT + 3 * DAY)
    assert settled(item("a", closed=CHECK_OUT + DAY), late, now=CHECK_OUT + 8 * DAY) == CHECK_OUT + 8 * DAY
