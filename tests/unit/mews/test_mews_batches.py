"""A refused batch is halved until each bad item stands alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from connector.errors import Lost, Permanent, Unauthorized
from connector.mews.answers import Failing, TooHeavy
from connector.mews.batches import LARGEST, BatchSize, bisect, write


class Desk:
    """Takes batches of numbers, and refuses those that hold a bad one."""

    def __init__(self, *bad: int, status: int = 400) -> None:
        self.bad = set(bad)
        self.status = status
        self.sent: list[list[int]] = []
        self.taken: list[int] = []

    async def __call__(self, batch: Sequence[int]) -> Sequence[str]:
        self.sent.append(list(batch))
        if found := sorted(self.bad & set(batch)):
            raise Permanent(f"{found[0]} is bad", status=self.status, detail=f"{found[0]} is bad")
        self.taken.extend(batch)
        return [str(number) for number in batch]


async def test_a_batch_without_a_bad_item_is_one_call() -> None:
    desk = Desk()
    settled = await bisect(range(1000), desk)
    assert len(desk.sent) == 1
    assert settled.done == [str(number) for number in range(1000)]
    assert settled.refused == []


async def test_an_empty_batch_is_no_call() -> None:
    desk = Desk()
    assert (await bisect([], desk)).done == []
    assert desk.sent == []


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("bad", [0, 1, 499, 500, 777, 999])
async def test_one_bad_item_is_isolated_with_the_words_about_it(bad: int, status: int) -> None:
    desk = Desk(bad, status=status)
    settled = await bisect(range(1000), desk)
    assert [(item, error.detail) for item, error in settled.refused] == [(bad, f"{bad} is bad")]
    assert settled.done == [str(number) for number in range(1000) if number != bad]


@pytest.mark.parametrize("bad", [0, 1, 499, 500, 777, 999])
async def test_one_bad_item_costs_a_logarithm_of_calls(bad: int) -> None:
    desk = Desk(bad)
    await bisect(range(1000), desk)
    assert len(desk.sent) <= 1 + 2 * math.ceil(math.log2(1000))


async def test_a_half_that_must_be_bad_is_not_sent_as_a_whole() -> None:
    desk = Desk(7)
    await bisect(range(8), desk)
    assert desk.sent == [[0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3], [4, 5], [6], [7]]


async def test_several_bad_items_are_each_isolated_and_nothing_is_taken_twice() -> None:
    desk = Desk(3, 4, 250, 999)
    settled = await bisect(range(1000), desk)
    assert [item for item, _ in settled.refused] == [3, 4, 250, 999]
    assert desk.taken == [number for number in range(1000) if number not in desk.bad]


async def test_items_that_only_clash_with_each_other_are_taken_one_by_one() -> None:
    taken: list[int] = []

    async def one_at_a_time(batch: Sequence[int]) -> Sequence[int]:
        if len(batch) > 1:
            raise Permanent("clash", status=400)
        taken.extend(batch)
        return batch

    settled = await bisect([1, 2], one_at_a_time)
    assert (settled.done, settled.refused) == ([1, 2], [])
    assert taken == [1, 2]


@pytest.mark.parametrize(
    "failure", [Lost("no answer"), Unauthorized("no", status=401), Permanent("wrong address", status=404)]
)
async def test_a_failure_that_is_not_about_an_item_passes_through(failure: Exception) -> None:
    async def failing(_: Sequence[int]) -> Sequence[int]:
        raise failure

    with pytest.raises(type(failure)) as caught:
        await bisect([1, 2, 3], failing)
    assert caught.value is failure


async def test_a_write_that_is_too_heavy_is_not_sent_again_and_the_next_is_half_of_it() -> None:
    size = BatchSize()
    sent: list[int] = []

    async def send(batch: Sequence[int]) -> Sequence[str]:
        sent.append(len(batch))
        raise TooHeavy("too heavy")

    for expected in (500, 250, 125):
        with pytest.raises(TooHeavy):
            await write(range(size.items), send, size)
        assert size.items == expected
    assert sent == [1000, 500, 250]


async def test_a_small_write_that_is_too_heavy_counts_by_its_own_size() -> None:
    size = BatchSize()
    size.too_heavy(3)
    assert size.items == 1
    size.too_heavy(1)
    assert size.items == 1


async def test_writes_grow_again_after_twenty_that_were_taken_and_never_above_the_largest() -> None:
    size = BatchSize()
    size.too_heavy(LARGEST)
    for _ in range(19):
        await write([1], Desk(), size)
    assert size.items == 500
    await write([1], Desk(), size)
    assert size.items == LARGEST
    for _ in range(20):
        await write([1], Desk(), size)
    assert size.items == LARGEST


class Ailing(Desk):
    """Fails at its bad items, and from a call on at everything."""

    def __init__(self, *bad: int, calls: int = 10**6) -> None:
        super().__init__(*bad)
        self.calls = calls

    async def __call__(self, batch: Sequence[int]) -> Sequence[str]:
        if len(self.sent) >= self.calls or self.bad & set(batch):
            self.sent.append(list(batch))
            raise Failing("Mews failed")
        return await super().__call__(batch)


async def test_an_outage_that_begins_within_a_batch_is_not_taken_for_bad_items() -> None:
    desk = Ailing(777, calls=4)
    with pytest.raises(Failing):
        await bisect(range(1000), desk, (Failing,))
    assert desk.taken == list(range(750))
    assert sum(len(each) == 1 for each in desk.sent) == 20


async def test_items_at_which_mews_fails_are_set_aside_however_many_they_are_among_others() -> None:
    desk = Ailing(*range(0, 1000, 10))
    settled = await bisect(range(1000), desk, (Failing,))
    assert [item for item, _ in settled.failed] == list(range(0, 1000, 10))
    assert len(settled.done) == 900
