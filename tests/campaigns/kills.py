"""Stories in which the process is killed, once or several times in a row, and then runs to rest.

A day of the story is rehearsed without a kill first: how that ends is how every other story must end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.campaigns import books, truth
from tests.campaigns.houses import Ground, House, State

KILLED = -9
RECOVERY = 3.0  # hours after a death: every hold that the story has ends before it
SYNC = ("sync", "--json", "--wait", "2h")
LAST = (
    "sync",
    "align",
    "deliver",
    "--json",
    "--wait",
    "2h",
)  # writes whom the scheme enrolled, confirms what was taken

Fate = Mapping[str, Any]  # fields of forks.Job


@dataclass(frozen=True)
class Day:
    """A day of the story: from which state and moment it begins, and how it ends when nobody is killed."""

    name: str
    state: State
    at: float
    points: list[str]
    seconds: float
    ending: dict[str, Any]
    unsure: dict[str, Any]


@dataclass
class Toll:
    """What the campaign found on one engine: how many deaths there were, and every fault in words."""

    deaths: int = 0
    stories: int = 0
    cuts: int = 0
    faults: list[str] = field(default_factory=list)


def rehearsed(ground: Ground) -> list[Day]:
    """Live both days without a kill."""
    begun = ground.begun()
    with ground.house(begun) as house:
        ground.forks.rehearse(house.config, "sync", "--json")
    with ground.house(begun, keep="first") as house:
        first = _day(house, "first", begun, 0)
    with ground.house(ground.kept("first"), keep="changed") as house:
        house.happen(23)
    changed = ground.kept("changed")
    with ground.house(changed) as house:
        return [first, _day(house, "second", changed, 24)]


def _day(house: House, name: str, state: State, at: float) -> Day:
    done = house.run(*SYNC, at=at)
    assert done.code == 0, (done.output, done.errors)
    faults = list(settled(house, at + RECOVERY))
    assert not faults, faults
    with books.opened(house) as found:
        return Day(name, state, at, done.points, done.seconds, truth.ending(found), truth.unsure(found))


def story(ground: Ground, day: Day, fates: Sequence[Fate], toll: Toll) -> None:
    """Live a day that is cut by deaths, and note what is wrong after each and at the end."""
    with ground.house(day.state) as house:
        told = f"{day.name} day, killed"
        for number, fate in enumerate(fates):
            done = house.run(*SYNC, at=day.at + number * 0.05, **fate)
            if done.code != KILLED:
                break
            toll.deaths += 1
            told += f" {done.errors.removeprefix('killed ') or fate},"
            with books.opened(house) as found:
                toll.faults += [f"{told} then: {each}" for each in truth.after_death(found)]
        toll.stories += 1
        toll.faults += [f"{told} at the end: {each}" for each in _recovered(house, day)]


def _recovered(house: House, day: Day) -> Iterator[str]:
    yield from settled(house, day.at + RECOVERY)
    with books.opened(house) as found:
        yield from difference(day.ending, truth.ending(found))
        yield from truth.at_most_once(found, day.unsure)


def settled(house: House, at: float) -> Iterator[str]:
    """Run to rest, which must succeed, and yield what is wrong then."""
    for words, moment in ((SYNC, at), (LAST, at + 1)):
        done = house.run(*words, at=moment)
        if done.code:
            yield f"the next sync ends with {done.code}: {done.errors} {done.output}"
            return
    with books.opened(house) as found:
        yield from truth.at_rest(found, done.json)


def difference(calm: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """Yield in words where an ending differs from the one without a kill."""
    for name, value in calm.items():
        if isinstance(value, dict):
            yield from (f"{name}, {each}" for each in difference(value, found[name]))
        elif value != found[name]:
            lost, more = ([x for x in a if x not in b] for a, b in ((value, found[name]), (found[name], value)))
            yield f"{name}: {lost} is missing, {more} is too much"


def cut(ground: Ground, day: Day, at: int, toll: Toll) -> None:
    """Let PostgreSQL end every connection in the middle of a day: a clear word, and the next pass goes on."""
    with ground.house(day.state) as house:
        done = house.run("sync", "--json", "--wait", "0s", at=day.at, kill_at=at, cut=house.database)
        told = f"{day.name} day, {done.errors.splitlines()[0] if done.errors else at}"
        if done.code not in (0, 4) or "Traceback" in done.errors:
            toll.faults.append(f"{told}: it ends with {done.code}: {done.errors}")
        toll.cuts += 1
        with books.opened(house) as found:
            toll.faults += [f"{told}, then: {each}" for each in truth.after_death(found)]
        toll.faults += [f"{told}, at the end: {each}" for each in _recovered(house, day)]
