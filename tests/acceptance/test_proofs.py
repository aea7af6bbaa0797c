"""`just prove` tells the truth also about a campaign that breaks."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest

from tests.acceptance.road import ROOT
from tests.campaigns import __main__ as prove
from tests.campaigns import table
from tests.campaigns.figures import Figure
from tests.campaigns.process import Finding
from tests.campaigns.proofs import PROOFS, Proof

CAMPAIGNS = {
    "steady": 'def campaign(profile):\n    yield Figure(f"a | of {profile}", "1", "1", True)\n',
    "short": 'def campaign(profile):\n    yield Figure("b", "0.4", "0.5 or more", False)\n',
    "broken": 'def campaign(profile):\n    yield Figure("c", "1", "1", True)\n    raise RuntimeError("it went")\n',
    "killed": "import os\ndef campaign(profile):\n    os.kill(os.getpid(), 9)\n    yield\n",
    "silent": "def campaign(profile):\n    return []\n",
    "hanging": "import os, subprocess, sys, time\ndef campaign(profile):\n"
    '    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])\n'
    '    yield Figure(str(left.pid), "1", "1", True)\n    time.sleep(600)\n',
}


@pytest.fixture
def campaigns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put modules with campaigns where a process finds them."""
    for name, text in CAMPAIGNS.items():
        (tmp_path / f"{name}.py").write_text(f"from tests.campaigns.figures import Figure\n{text}")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def proved(*names: str, patience: timedelta = timedelta(seconds=60)) -> dict[str, Finding]:
    """Run made-up campaigns, two at a time."""
    findings = asyncio.run(prove.proved([Proof(name) for name in names], "quick", 2, patience))
    return {each.proof.name: each for each in findings}


@pytest.mark.usefixtures("campaigns")
def test_what_breaks_is_a_row_that_fails_with_its_reason_and_harms_no_other() -> None:
    findings = proved("broken", "steady", "killed", "short", "silent", "absent")

    assert findings["steady"].figures == (Figure("a | of quick", "1", "1", True),)
    assert [each.holds for each in findings["short"].figures] == [False]
    assert [(each.figure, each.holds) for each in findings["broken"].figures] == [
        ("1", True),
        ("it ended with exit 1: RuntimeError: it went", False),
    ]
    assert [each.figure for each in findings["killed"].figures] == ["it was killed by SIGKILL"]
    assert [each.figure for each in findings["silent"].figures] == ["it told no figure"]
    assert "No module named 'absent'" in findings["absent"].figures[0].figure
    assert {name for name, each in findings.items() if each.holds} == {"steady"}


@pytest.mark.usefixtures("campaigns")
def test_what_hangs_is_ended_with_all_that_it_started() -> None:
    found = proved("hanging", patience=timedelta(seconds=3))["hanging"].figures

    assert found[1].figure == "it was ended after 0:00:03"
    assert gone(int(found[0].claim))


def gone(process: int) -> bool:
    """Tell whether a process ends soon; one that waits to be reaped has ended."""
    for _ in range(100):
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def findings(*figures: Figure) -> Sequence[Finding]:
    """Return figures as if a proof had found them."""
    return [Finding(PROOFS[0], figures, 1.0, "")]


def test_the_tables_say_all_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    told = findings(Figure("a | b", "1 of 1", "1", True), Figure("c", "0.4", "0.5 or more", False))

    table.shown(told)

    assert [line.split() for line in capsys.readouterr().out.splitlines()[-3:-1]] == [
        ["a", "|", "b", "1", "of", "1", "1", "pass"],
        ["c", "0.4", "0.5", "or", "more", "FAIL"],
    ]
    assert table.markdown(told).splitlines()[2:] == [
        "| a \\| b | 1 of 1 | 1 | pass |",
        "| c | 0.4 | 0.5 or more | FAIL |",
    ]
    assert json.loads(table.document(told))[1] == {"proof": PROOFS[0].name, **asdict(told[0].figures[1])}


def test_names_and_groups_choose_what_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    assert [each.name for each in prove.chosen(["planning", "crash"])] == ["crash", "planning"]
    assert set(prove.chosen(["benchmarks"])) == set(prove.BENCHMARKS)
    assert prove.chosen([]) == list(PROOFS)
    with pytest.raises(SystemExit, match="2"):
        prove.main(["crush"])
    assert "there is no proof crush" in capsys.readouterr().err


def test_every_campaign_and_benchmark_is_proved() -> None:
    with_campaign = {
        f"tests.{folder}.{file.stem}"
        for folder in ("campaigns", "benchmarks")
        for file in (ROOT / "tests" / folder).glob("*.py")
        if "\ndef campaign(" in file.read_text(encoding="utf-8")
    }

    assert with_campaign <= {each.module for each in PROOFS}
    assert len({each.name for each in PROOFS}) == len(PROOFS)
