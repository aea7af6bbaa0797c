"""What the product is made of is told in full, and an audit that could ask nobody does not look like a good one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from tests.acceptance.road import ROOT

PRODUCT = "mews-loyalty-connector"
LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
PACKAGES = {each["name"]: each for each in LOCK["package"]}


def run_time() -> set[str]:
    """Return the packages that the lock file ties to the product at run time, its extras included."""
    found: set[str] = set()
    waiting = [(PRODUCT, frozenset(PACKAGES[PRODUCT]["optional-dependencies"]))]
    while waiting:
        name, extras = waiting.pop()
        needed = list(PACKAGES[name].get("dependencies", []))
        for extra in extras:
            needed += PACKAGES[name].get("optional-dependencies", {}).get(extra, [])
        for each in needed:
            if each["name"] not in found or each.get("extra"):
                found.add(each["name"])
                waiting.append((each["name"], frozenset(each.get("extra", []))))
    return found


def written(file: Path, **variables: str) -> bytes:
    """Write the bill of materials and return it."""
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"} | variables
    subprocess.run([sys.executable, ROOT / ".ci" / "sbom.py", file], env=environment, check=True)
    return file.read_bytes()


def test_the_bill_of_materials_names_every_locked_run_time_package_and_nothing_else(tmp_path: Path) -> None:
    bill = json.loads(written(tmp_path / "sbom.json"))

    assert {each["name"]: each["version"] for each in bill["components"]} == {
        name: PACKAGES[name]["version"] for name in run_time()
    }
    assert (bill["specVersion"], bill["metadata"]["component"]["name"]) == ("1.6", PRODUCT)
    for each in bill["components"]:
        told = {one["hashes"][0]["content"] for one in each["externalReferences"]}
        locked = PACKAGES[each["name"]]
        files = [*locked["wheels"], *([locked["sdist"]] if "sdist" in locked else [])]
        assert told == {file["hash"].removeprefix("sha256:") for file in files}
        assert each["licenses"][0]["expression"] != "unknown"


def test_the_bill_of_materials_differs_only_by_the_time_that_it_is_given(tmp_path: Path) -> None:
    first, second = (written(tmp_path / name) for name in ("first", "second"))
    dated = json.loads(written(tmp_path / "third", SOURCE_DATE_EPOCH="1767225600"))

    assert first == second
    assert b"timestamp" not in first
    assert dated["metadata"]["timestamp"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("expression", "taken"),
    [
        ("MIT", True),
        ("MIT AND PSF-2.0", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND AGPL-3.0-or-later", False),
        ("unknown", False),
    ],
)
def test_a_licence_that_nobody_allowed_is_refused_unless_excepted(expression: str, taken: bool) -> None:
    refused = run_path(str(ROOT / ".ci" / "sbom.py"))["refused"]
    component = {"name": "libre", "version": "1.0", "licenses": [{"expression": expression}]}
    licences = {"allowed": ["MIT", "PSF-2.0"]}
    excepted = {**licences, "exceptions": [{"package": "libre", "licence": expression}]}

    assert (list(refused({"components": [component]}, licences)) == []) is taken
    assert list(refused({"components": [component]}, excepted)) == []


def test_every_stated_licence_is_of_a_locked_package() -> None:
    supply = tomllib.loads((ROOT / ".ci" / "supply.toml").read_text(encoding="utf-8"))

    assert set(supply["licences"]["stated"]) - run_time() == set()


def report(**vulnerable: list[Mapping[str, Any]]) -> str:
    """Return what pip-audit prints when it was told about each package."""
    packages = [
        {"name": name, "version": PACKAGES[name]["version"], "vulns": vulnerable.get(name, [])} for name in run_time()
    ]
    return json.dumps({"dependencies": packages, "fixes": []})


FLAW = {"id": "CVE-2026-1", "fix_versions": ["9.9"], "aliases": ["GHSA-aaaa-bbbb-cccc"], "description": "…"}
NOBODY = json.dumps({"dependencies": [{"name": name, "skip_reason": "Dependency not found"} for name in run_time()]})


@pytest.mark.parametrize(
    ("printed", "code", "says"),
    [
        (report(), 0, ["packages were audited, 0 vulnerabilities are not accepted"]),
        (report(jinja2=[FLAW]), 1, ["jinja2", "CVE-2026-1, mended in 9.9", "audited, 1 vuln"]),
        (NOBODY, 0, ["WARNING", "were NOT audited: Dependency not found"]),
        ("", 0, ["WARNING", "were NOT audited: no such host"]),
    ],
    ids=["none", "vulnerable", "nobody knows", "nobody answers"],
)
def test_the_three_answers_of_an_audit_look_different(printed: str, code: int, says: list[str], tmp_path: Path) -> None:
    done = audit(printed, tmp_path)
    required = audit(printed, tmp_path, CI_AUDIT="required")

    assert done.returncode == code, done.stderr
    assert [each for each in says if each not in done.stdout] == []
    assert required.returncode == int(code or "WARNING" in done.stdout)


def audit(printed: str, scratch: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the audit where pip-audit prints what it is told to."""
    (scratch / "printed").write_text(printed)
    auditor = scratch / "uvx"
    auditor.write_text(f"#!/bin/sh\ncat {scratch}/printed\necho no such host >&2\nexit 1\n")
    auditor.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name != "CI_AUDIT"} | variables
    environment["PATH"] = f"{scratch}:{environment['PATH']}"
    command = [sys.executable, ROOT / ".ci" / "audit.py"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("today", "accepted"), [(date(2026, 6, 1), 1), (date(2026, 6, 2), 0)])
def test_an_accepted_vulnerability_counts_again_after_its_last_day(today: date, accepted: int) -> None:
    judged = run_path(str(ROOT / ".ci" / "audit.py"))["judged"]
    entry = {"id": "GHSA-aaaa-bbbb-cccc", "package": "jinja2", "reason": "never reached", "until": date(2026, 6, 1)}

    found = judged(["jinja2"], [{"name": "jinja2", "version": "3.1.6", "vulns": [FLAW]}], [entry], today)

    assert (len(found.accepted), len(found.vulnerable)) == (accepted, 1 - accepted)
