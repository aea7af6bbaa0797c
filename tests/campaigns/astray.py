"""Partners that cannot be reached, or in whose place somebody else answers: nothing is told to them, nothing lost."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.chains import chain
from tests.acceptance.endings import duplicates
from tests.acceptance.road import Road, credits_at
from tests.campaigns.authority import Authority, Shown, showing
from tests.campaigns.figures import Figure
from tests.campaigns.patience import hurried
from tests.campaigns.proxy import Trouble, proxied
from tests.campaigns.travels import commands, make_due, oddities
from tests.campaigns.troubles import BOMBS, PAGE, SAID, elsewhere

PARTNER = "miles_and_more"
MEMORY = 512  # MiB that an answer without an end may cost, servers of this process included
_STATES = f"SELECT DISTINCT state FROM message WHERE partner = '{PARTNER}'"


@dataclass(slots=True)
class Place:
    """An address instead of the partner's; ``unsent``: it is provably told nothing."""

    words: str
    url: str
    unsent: bool
    proof: Callable[[], bool] = lambda: True


@dataclass(slots=True)
class Errand:
    """What deliveries to wrong places came to."""

    places: int = 0
    odd: list[str] = field(default_factory=list)


def astray(loaded: Path, home: Path) -> Iterator[Figure]:
    """Send to every wrong place, then to the right one; yield the figures."""
    found = Errand()
    with chain(loaded, home / "chain") as road, ExitStack() as stack, hurried(1.0):
        right = road.config.read_text(encoding="utf-8")
        commands(road).run("sync", "align", "stays", "--json")
        before = _memory()
        for place in _places(road, home, stack):
            found.places += 1
            found.odd += [f"{place.words}: {each}" for each in _sent_to(road, right, place)]
        grown = _memory() - before
        road.config.write_text(right, encoding="utf-8")
        make_due(road)
        done = commands(road).run("sync", "--json")
        awards, twice = done.json["awards"], duplicates(road)
    yield Figure(
        "Sent to a wrong place (DNS, TLS, a page, a redirect, no end): told in a sentence",
        "; ".join(found.odd[:3]) or f"{found.places} places, nothing odd",
        "nothing odd, nothing told to strangers",
        not found.odd,
    )
    yield Figure(
        "An answer without an end is not kept",
        f"{grown:.0f} MiB more at the most",
        f"{MEMORY} MiB",
        grown <= MEMORY,
    )
    yield Figure(
        "Once the place is right everything is credited once",
        f"{awards}, {len(twice)} twice, exit {done.code}",
        "all credited, 0 twice, exit 0",
        done.code == 0 and awards.keys() == {"credited"} and not twice,
    )


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _places(road: Road, home: Path, stack: ExitStack) -> Iterator[Place]:
    yield Place("a host that does not exist", "https://nonexistent.invalid", unsent=True)
    yield Place("a port where nobody listens", "http://127.0.0.1:9", unsent=True)
    yield from _certified(home, stack)
    trap = stack.enter_context(proxied(road.urls["airmiles"]))
    troubles = [elsewhere(status, trap.url) for status in ("301 Moved", "302 Found", "307 Again", "308 Moved")]
    for trouble in (*SAID, *troubles, *BOMBS):
        yield Place(trouble.words, _answering(road, stack, trouble), unsent=False, proof=lambda: not trap.met)


def _answering(road: Road, stack: ExitStack, trouble: Trouble) -> str:
    proxy = stack.enter_context(proxied(road.urls["uplyft"]))
    proxy.always = trouble
    return proxy.url


def _certified(home: Path, stack: ExitStack) -> Iterator[Place]:
    authority = Authority(home / "authority")
    stack.enter_context(authority.trusted())
    wrong = {
        "a certificate that nobody signed": authority.certificate("nobody", "IP:127.0.0.1", own=False),
        "a certificate of another host": authority.certificate("other", "DNS:other.example"),
        "a certificate that has expired": authority.certificate("old", "IP:127.0.0.1", days=0),
    }
    for words, context in wrong.items():
        shown = stack.enter_context(showing(context))
        yield Place(words, shown.url, unsent=True, proof=_deaf(shown))


def _deaf(shown: Shown) -> Callable[[], bool]:
    return lambda: not shown.heard


def _sent_to(road: Road, right: str, place: Place) -> Iterator[str]:
    """Deliver to a place; yield what is not as it should be."""
    text = right.replace(f'endpoint = "{road.urls["uplyft"]}"', f'endpoint = "{place.url}"')
    assert text != right
    road.config.write_text(text, encoding="utf-8")
    make_due(road)
    done = commands(road).run("sync", "deliver", "--json", "--wait", "0s")
    yield from oddities(done)
    if done.code != 4:
        yield f"exit code {done.code}"
    reasons = [reason for (reason,) in road.rows(f"SELECT DISTINCT reason FROM message WHERE partner = '{PARTNER}'")]
    yield from (f"told {reason!r}" for reason in reasons if not _is_sentence(reason))
    states = {state for (state,) in road.rows(_STATES)}
    if (place.unsent and "in_doubt" in states - _doubtful(road)) or not states <= {"ready", "in_doubt"}:
        yield f"states {sorted(states)}"
    if credits_at(road.urls, PARTNER) or not place.proof():
        yield "something was told to somebody"


def _doubtful(road: Road) -> set[str]:
    """A doubt of an earlier place stays one."""
    sent = road.rows(f"SELECT 1 FROM message WHERE partner = '{PARTNER}' AND last_sent_at IS NOT NULL LIMIT 1")
    return {"in_doubt"} if sent else set()


def _is_sentence(reason: str) -> bool:
    clean: Sequence[str] = ("Traceback", "Error(", PAGE.decode()[:20])
    return bool(reason) and not any(each in reason for each in clean)
