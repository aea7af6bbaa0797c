"""The description of the architecture names what is there."""

from __future__ import annotations

import re
from pathlib import Path

from connector.domain.ledger import State
from tests.contract.partner_rehearsal import CHANNELS

PACKAGE = Path(__file__).parents[2] / "connector"
TEXT = (PACKAGE / "README.md").read_text(encoding="utf-8")
FIRST_CELLS = re.findall(r"^\| `([^`]+)` \|", TEXT, re.MULTILINE)


def test_the_map_names_every_part_of_the_package() -> None:
    parts = {
        f"{each.name}/" if each.is_dir() else each.name
        for each in PACKAGE.iterdir()
        if (each.is_dir() or each.suffix == ".py") and not each.name.startswith("__")
    }

    assert {each for each in FIRST_CELLS if each not in set(State)} == parts


def test_the_table_of_states_names_every_state_of_a_message() -> None:
    assert set(State) - set(FIRST_CELLS) == set()


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*\.py)`", TEXT))
    there = {file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py")}
    there |= {file.relative_to(PACKAGE.parent).as_posix() for file in (PACKAGE.parent / "tests").rglob("*.py")}

    assert {each for each in named if each not in there and not any(one.endswith(f"/{each}") for one in there)} == set()


def test_every_channel_went_the_way_that_a_new_one_is_shown() -> None:
    channels = {each.name for each in (PACKAGE / "partners").iterdir() if (each / "channel.py").exists()}
    suites = PACKAGE.parent / "tests" / "contract"

    assert channels == {name.partition("_")[0] for name in CHANNELS}
    assert {name for name in channels if not (PACKAGE / "sandbox" / name).is_dir()} == set()
    assert {name for name in channels if not (suites / f"test_sandbox_{name}.py").exists()} == set()
