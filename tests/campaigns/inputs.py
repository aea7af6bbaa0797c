"""The bad input campaign: whatever comes from outside, spoilt in every way that was thought of, and in some others.

No parser crashes, what was read and what was refused is what was given, and every refusal has a reason that tells
nothing private. ``python -m tests.campaigns.inputs [quick|nightly]``.
"""

from __future__ import annotations

import faulthandler
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from random import Random

from tests.acceptance.road import say
from tests.campaigns.figures import Figure, Profile, ran
from tests.campaigns.mangling import spoilt
from tests.campaigns.targets import channels, exchanges, files, mews, schemes, web
from tests.campaigns.targets.outcome import Target, wrong

TARGETS: tuple[Target, ...] = (
    *schemes.TARGETS,
    *exchanges.TARGETS,
    *mews.TARGETS,
    *channels.TARGETS,
    *web.TARGETS,
    *files.TARGETS,
)
_ROOT = Path(__file__).parents[2]
_DOCUMENTS = {"quick": 200, "nightly": 20_000}  # for each parser
_SLOW = {"configuration": 10, "cases": 4, "environment": 10, "Uplyft schema": 4}  # a tenth, a quarter of them
_GUIDED = 120  # seconds for each parser
_PATIENCE = 600  # seconds until a parser that does not come back ends the run, and tells where it is


def documents(target: Target, count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield valid documents of a parser, each spoilt; the same ones for the same seed."""
    random = Random(f"{target.name} {seed}")
    for _ in range(count):
        yield spoilt(random.choice(target.seeds), target.form, random.randrange)


def found_in(target: Target, count: int) -> Iterator[tuple[bytes, str]]:
    """Yield each document that is read wrongly, with what is wrong; the valid ones come first."""
    for document in (*target.seeds, *documents(target, count)):
        if fault := wrong(target, document):
            yield document, fault


def campaign(profile: Profile) -> Iterable[Figure]:
    """Spoil documents for every parser; nightly, let coverage guide a fuzzer through each of them besides."""
    read = faulty = 0
    for target in TARGETS:
        count = _DOCUMENTS[profile] // _SLOW.get(target.name, 1)
        faulthandler.dump_traceback_later(_PATIENCE, exit=True)
        for document, fault in found_in(target, count):
            faulty += 1
            say(f"{target.name}: {fault}: {document[:200]!r}")
        read += count
    faulthandler.cancel_dump_traceback_later()
    yield Figure(
        "bad input: never a crash, never a silent drop, always a reason",
        f"{read:,} spoilt documents at {len(TARGETS)} parsers, {faulty} read wrongly",
        "0 read wrongly",
        faulty == 0,
    )
    if profile == "nightly":
        yield _guided()


def _guided() -> Figure:
    claim, bar = "the same, guided by coverage (atheris)", "0 read wrongly"
    if find_spec("atheris") is None:
        return Figure(claim, "atheris is not installed: uv sync --group fuzz", bar, False)
    executions = faulty = 0
    for target in TARGETS:
        command = [sys.executable, "-m", "tests.campaigns.guided", target.name, str(_GUIDED)]
        ended = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=4 * _GUIDED)
        executions += sum(int(line.split()[1]) for line in ended.stderr.splitlines() if line.startswith("Done "))
        if ended.returncode:
            faulty += 1
            say(f"{target.name}: {ended.stderr[-1500:]}")
    return Figure(claim, f"{executions:,} documents at {len(TARGETS)} parsers, {faulty} found", bar, faulty == 0)


if __name__ == "__main__":
    sys.exit(ran(campaign, sys.argv[1:]))
