"""What operators do on the command line, killed on the way: done again, it ends as if nobody had been killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.campaigns import books, truth
from tests.campaigns.hotels import card
from tests.campaigns.houses import Ground, House, State
from tests.campaigns.kills import KILLED, Day, Toll, difference, settled

AT = 5.0  # hours after noon: the first day is over
SIGNED = ("--operator", "anna", "--reason", "asked at the desk")
PARTIAL = 4
REPEATED = {0, 2, 3}  # done again, or refused because it was done; what came of it is looked at anyway
_DOUBTS = {"undone": r"before POST .*/earn", "doubtful": r"sent POST .*/earn"}  # by where the sender died


@dataclass(frozen=True)
class Act:
    """A command in a state; ``prepare`` gets the house ready and returns the words that only it knows.

    ``forgets``: what it takes out of the mirror on purpose is not missed there. ``file``: the database must be one.
    """

    words: Sequence[str]
    state: str = "first"
    prepare: Callable[[House], Sequence[str]] = lambda _: ()
    forgets: bool = False
    file: bool = False


def _imported(house: House) -> Sequence[str]:
    file = house.folder / "credited.csv"
    file.write_text("reservation,miles\nn-p1,143\n")
    return [str(file)]


def _case(house: House) -> Sequence[str]:
    with books.opened(house) as found:
        return [str(found.rows("SELECT min(id) FROM suspense WHERE resolved_at IS NULL")[0][0])]


def _doubted(house: House) -> Sequence[str]:
    """Return the stay that waits for a person: of those sent at once it is either."""
    with books.opened(house) as found:
        ((stay,),) = found.rows(
            "SELECT root_id FROM message JOIN award ON award.id = award_id "
            "WHERE message.partner = 'earned' AND message.state = 'suspended'"
        )
    return [f"n-{stay}"]


def _copied(house: House) -> Sequence[str]:
    """Go on with a copy of the database, as after the loss of the original."""
    copy = house.folder / "copy.db"
    assert house.run("db", "backup", str(copy), at=AT).code == 0
    copy.rename(house.file)
    return ()


def _recomputed(house: House) -> Sequence[str]:
    """Let the contract pay twice as much from now on; return the plan that a person confirms."""
    house.config.write_text(house.config.read_text().replace('per = "20.00"', 'per = "10.00"'))
    shown = house.run(*_RECOMPUTE, "--json", at=AT)
    return ["--confirm", shown.json["plan_id"]]


_RECOMPUTE = ("earn", "recompute", "n-a1", "--partner", "air_miles")
ACTS: Mapping[str, Act] = {
    "claim": Act(("earn", "claim", "n-x1", "--partner", "miles_and_more", "--number", card("g10", "MM"), *SIGNED)),
    "grant": Act(("earn", "grant", "--partner", "earned", "--miles", "50", "--number", card("g9", "LH"), *SIGNED)),
    "recompute": Act((*_RECOMPUTE, *SIGNED), prepare=_recomputed),
    "import": Act(("ledger", "import", "--partner", "miles_and_more", *SIGNED), prepare=_imported),
    "void": Act(("ledger", "void", "n-s1", *SIGNED), "unsent"),
    "retry": Act(("ledger", "retry", "--not-credited", *SIGNED), "undone", _doubted),
    "release": Act(("ledger", "release", "--credited", *SIGNED), "doubtful", _doubted),
    "resolve": Act(("suspense", "resolve", "--note", "seen"), "doubtful", _case),
    "link": Act(("members", "link", "M-g8", "g5", "--reason", "showed the card")),
    "unlink": Act(("members", "unlink", "M-g8", "--reason", "another person")),
    "opt-out": Act(("members", "opt-out", "M-g6")),
    "erase": Act(("erase", "M-g4", "--yes"), forgets=True),
    "resync": Act(("resync", "--stream", "reservations", "--from", "2020-01-01", "--to", "2020-01-02")),
    "reset": Act(("cursors", "reset", "reservations", "--property", "wien", "--yes")),
    "adopt": Act(("ledger", "adopt", *SIGNED), prepare=_copied, file=True),
}


@dataclass(frozen=True)
class Rehearsed:
    """How an act goes when nobody is killed."""

    points: list[str]
    ending: dict[str, Any]


class Desk:
    """The states in which operators act, and how each act ends."""

    def __init__(self, ground: Ground, day: Day) -> None:
        self.ground = ground
        self.states = {"first": ground.kept("first"), **self._more(day)}

    def _more(self, day: Day) -> dict[str, State]:
        """Make a state in which nothing is sent yet, and some with a doubt that waits for a person."""
        with self.ground.house(day.state, keep="unsent") as house:
            done = house.run("sync", "align", "stays", at=day.at)
            assert done.code == PARTIAL, done.errors  # what is not sent yet
        for name, place in _DOUBTS.items():
            with self.ground.house(self.ground.kept("unsent"), keep=name) as house:
                assert house.run("sync", "deliver", at=day.at, kill_at=1, counting=place).code == KILLED
                assert not list(settled(house, day.at + 1))
        return {name: self.ground.kept(name) for name in ("unsent", *_DOUBTS)}

    @property
    def acts(self) -> Sequence[str]:
        """The acts that this engine's operators have."""
        return [name for name, each in ACTS.items() if self.ground.server is None or not each.file]

    @contextmanager
    def ready(self, name: str) -> Iterator[tuple[House, Sequence[str]]]:
        """Open a house in which an act can begin; yield the words of the act too."""
        act = ACTS[name]
        with self.ground.house(self.states[act.state]) as house:
            yield house, [*act.words, *act.prepare(house)]

    def rehearsed(self, name: str) -> Rehearsed:
        """Act without a kill, then run to rest."""
        with self.ready(name) as (house, words):
            done = house.run(*words, at=AT)
            assert done.code == 0, (words, done.output, done.errors)
            assert not (faults := list(settled(house, AT + 1))), (name, faults)
            with books.opened(house) as found:
                return Rehearsed(done.points, _ending(found))

    def killed(self, name: str, at: int, calm: Rehearsed, toll: Toll) -> None:
        """Act, killed at a point; act again, run to rest, and note what is wrong."""
        with self.ready(name) as (house, words):
            done = house.run(*words, at=AT, kill_at=at)
            if done.code != KILLED:
                return
            toll.deaths += 1
            told = f"{name}, {done.errors}"
            with books.opened(house) as found:
                wrong = truth.twice(found) if ACTS[name].forgets else truth.after_death(found)
                toll.faults += [f"{told}, then: {each}" for each in wrong]
            again = house.run(*words, at=AT + 0.1)
            if again.code not in REPEATED:
                toll.faults.append(f"{told}: again it ends with {again.code}: {again.errors}")
            toll.faults += [f"{told}, at the end: {each}" for each in self._ended(house, calm)]
            toll.stories += 1

    def _ended(self, house: House, calm: Rehearsed) -> Iterator[str]:
        yield from settled(house, AT + 1)
        with books.opened(house) as found:
            ending = _ending(found)
        yield from difference(calm.ending, ending)


def _ending(found: books.Books) -> dict[str, Any]:
    """Return the end state, that of the partner without key and books too: these deaths are not at its sends."""
    every = {"unsure": truth.unsure(found), **truth.ending(found)}
    return every | {"elsewhere": sorted(found.rows("SELECT partner, reservation_id FROM elsewhere"))}
