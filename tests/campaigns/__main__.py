"""Every promise with its proof: ``python -m tests.campaigns [quick|nightly] [NAME…] [--json] [--markdown FILE]``.

Runs campaigns and benchmarks, each in a process of its own, two at a time, and prints one table: claim, figure, bar,
pass or fail. Progress goes to stderr. Exit 1 when a row fails.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import cast

from tests import bytecode
from tests.acceptance.road import say
from tests.campaigns import table
from tests.campaigns.figures import PROFILES, Figure, Profile
from tests.campaigns.process import Finding, found
from tests.campaigns.proofs import BENCHMARKS, PATIENCE, PROOFS, Proof

GROUPS = {"benchmarks": BENCHMARKS}


def main(words: Sequence[str]) -> int:
    """Prove what the words name, all of it by default; return how the process ends."""
    told = _arguments(words)
    proofs = chosen(told.names)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends this also ends what it started
    bytecode.keep()
    began = time.monotonic()
    findings = asyncio.run(proved(proofs, cast(Profile, told.profile), told.at_once))
    if told.markdown:
        told.markdown.write_text(table.markdown(findings), encoding="utf-8")
    if told.json:
        say(table.document(findings))
    else:
        table.shown(findings)
    failed = sum(not each.holds for each in table.figures(findings))
    rows = sum(len(each.figures) for each in findings)
    note(f"{rows} figures, {failed} failed, {_span(time.monotonic() - began)}")
    return int(failed > 0)


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    names = [*GROUPS, *(each.name for each in PROOFS)]
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns", description="Every promise with its proof.")
    parser.add_argument("words", nargs="*", metavar="quick|nightly|NAME", help=f"NAME: {', '.join(names)}")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table for a README too")
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="proofs at a time (default 2)")
    told = parser.parse_args(words)
    profiles = [each for each in told.words if each in PROFILES]
    told.profile = profiles[0] if profiles else "quick"
    told.names = [each for each in told.words if each not in PROFILES]
    if len(profiles) > 1:
        parser.error(f"expected one of {', '.join(PROFILES)}, got {' and '.join(profiles)}")
    if unknown := [each for each in told.names if each not in names]:
        parser.error(f"there is no proof {', '.join(unknown)}; expected one of {', '.join(names)}")
    if told.at_once < 1:
        parser.error(f"--at-once: expected 1 or more, got {told.at_once}")
    return told


def chosen(names: Iterable[str]) -> Sequence[Proof]:
    """Return the named proofs in the order in which they run; all when none is named."""
    wanted = set(names)
    groups = {each for group in wanted & set(GROUPS) for each in GROUPS[group]}
    return [each for each in PROOFS if not wanted or each.name in wanted or each in groups]


async def proved(
    proofs: Sequence[Proof], profile: Profile, at_once: int, patience: timedelta | None = None
) -> Sequence[Finding]:
    """Run the proofs, so many at a time; return what they found, in the order of the proofs."""
    room = asyncio.Semaphore(at_once)

    async def one(proof: Proof) -> Finding:
        async with room:
            note(f"{proof.name}: begins")
            finding = await found(proof, profile, patience or PATIENCE[profile], _heard)
        note(f"{proof.name}: {'done' if finding.holds else 'FAILED'} in {_span(finding.seconds)}")
        if not finding.holds and finding.printed:
            note(f"the last that {proof.name} printed:\n{finding.printed}")
        return finding

    return await asyncio.gather(*map(one, proofs))


def _heard(proof: Proof, figure: Figure) -> None:
    note(f"{proof.name}: {table.word(figure)}: {figure.claim}: {figure.figure}")


def _span(seconds: float) -> str:
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def note(text: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
