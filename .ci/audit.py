"""Ask PyPI whether a locked run-time package has a known vulnerability; say so loudly when it could not be asked.

Run as ``python .ci/audit.py``. There are three answers, and the third must not look like the first:

- every package was asked for and none has one: exit 0;
- one has, and .ci/supply.toml does not accept it (by id, with a reason and a last day): exit 1;
- PyPI's vulnerability service could not be asked about some or all: exit 1 with CI_AUDIT=required; else a line that
  begins with WARNING, and exit 0, because a machine that reaches only a package index could never pass otherwise.

pip-audit itself ends well and says "no known vulnerabilities" when it could ask about none.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
EXPORT = "uv export --frozen --no-dev --all-extras --no-emit-project --no-annotate --no-header --quiet"
AUDITOR = "uvx pip-audit@2.10.1 --disable-pip --require-hashes --format json --progress-spinner off --requirement"
#: What holds on one system only is shipped to that system, so it is asked about here too.
MARKER = re.compile(r" ;[^\\\n]*")
NAME = re.compile(r"^([a-z0-9-]+)(?:\[.*\])?==", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Audit:
    """Vulnerable packages, packages without an answer, accepted advisories; each a sentence or a name."""

    vulnerable: Sequence[str]
    unasked: Sequence[str]
    accepted: Sequence[str]


def main() -> int:
    """Ask, tell, and return how the process ends."""
    supply = tomllib.loads((ROOT / ".ci" / "supply.toml").read_text(encoding="utf-8"))
    exported = subprocess.run(EXPORT.split(), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    packages = NAME.findall(exported)
    report, reason = asked(MARKER.sub("", exported))
    found = judged(packages, report, supply.get("advisories", []), datetime.now(UTC).date())
    for each in (*found.accepted, *found.vulnerable):
        print(each)
    if found.unasked:
        print(f"WARNING: {len(found.unasked)} of {len(packages)} packages were NOT audited: {reason or 'no answer'}")
    else:
        print(f"{len(packages)} packages were audited, {len(found.vulnerable)} vulnerabilities are not accepted")
    return int(bool(found.vulnerable) or bool(found.unasked and os.environ.get("CI_AUDIT") == "required"))


def asked(requirements: str) -> tuple[Sequence[Mapping[str, Any]], str]:
    """Return what pip-audit says about each package, and why it says nothing about some."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "requirements.txt"
        file.write_text(requirements, encoding="utf-8")
        done = subprocess.run([*AUDITOR.split(), str(file)], capture_output=True, text=True, check=False)
    try:
        report: Sequence[Mapping[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [], next(reversed(done.stderr.strip().splitlines()), f"pip-audit ended with {done.returncode}")
    return report, next((each["skip_reason"] for each in report if "skip_reason" in each), "")


def judged(
    packages: Sequence[str], report: Sequence[Mapping[str, Any]], advisories: Sequence[Mapping[str, Any]], today: date
) -> Audit:
    """Tell the three answers apart."""
    answered = {each["name"]: each for each in report if "vulns" in each}
    lines = [line for each in answered.values() for line in _lines(each, advisories, today)]
    return Audit(
        vulnerable=[line for holds, line in lines if not holds],
        unasked=[name for name in packages if name not in answered],
        accepted=[line for holds, line in lines if holds],
    )


def _lines(
    package: Mapping[str, Any], advisories: Sequence[Mapping[str, Any]], today: date
) -> Iterator[tuple[bool, str]]:
    """Yield each vulnerability of a package: whether it is accepted, and a sentence."""
    for each in package["vulns"]:
        names = {each["id"], *each["aliases"]}
        mended = f"mended in {', '.join(each['fix_versions'])}" if each["fix_versions"] else "not mended yet"
        sentence = f"{package['name']} {package['version']}: {each['id']}, {mended}"
        entry = next((one for one in advisories if one["id"] in names and one["package"] == package["name"]), None)
        if entry is None:
            yield False, sentence
        elif entry["until"] < today:
            yield False, f"{sentence}; it was accepted until {entry['until']}"
        else:
            yield True, f"{sentence}; accepted until {entry['until']}: {entry['reason']}"


if __name__ == "__main__":
    sys.exit(main())
