"""Every reason for which a case is opened, looked up in the code itself, is explained to people."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import connector
from connector.cli.letters import english
from connector.domain import edits, matching, partner_numbers
from connector.domain.remedies import GROUPS, REMEDIES, Remedy, remedy
from connector.domain.statement import Difference

PACKAGE = Path(connector.__file__).parent
OPERATIONS = PACKAGE.parent / "config" / "README.md"

# Where the reason of a case is not a constant, what it may be; a function that only hands a reason on says nothing.
VARIABLE: dict[tuple[str, str], type[StrEnum] | str] = {
    ("jobs/pairing.py", "str(dispute)"): edits.Dispute,
    ("jobs/partner_numbers.py", "str(found.doubt)"): partner_numbers.Doubt,
    ("jobs/statements.py", "each.kind"): Difference,
    ("store/doubts.py", "doubt"): matching.Doubt,
    ("jobs/keeping.py", "decision.reason"): "see of_decisions",
    ("jobs/suspending.py", "reason"): "handed on",
    ("jobs/claiming.py", "reason"): "handed on",
    ("jobs/confirming.py", "now"): "a moment",
    ("jobs/confirming.py", "_OVERDUE[m.state]"): "a text",
    ("jobs/exchanges.py", "reason"): "handed on",
    ("jobs/deposits.py", "doubt.reason"): "handed on",
    ("jobs/program_writes.py", "refusal"): "a refusal",
}
# Calls that open a case, with the place of the reason among their arguments.
OPENING = {"Case": 2, "case": 2, "self._case": 1, "suspend": 2, "self._suspend": 2, "_doubt": 1}
OPENERS = ("jobs/", "store/", "web/", "domain/deposits")
SUSPENDING = {"suspended": 0, "Suspense": 0, "_later": 3}


@cache
def trees() -> list[tuple[Path, list[ast.Call]]]:
    """Return the calls in each file of the package."""
    files = sorted(PACKAGE.rglob("*.py"))
    return [(file, [n for n in ast.walk(ast.parse(file.read_bytes())) if isinstance(n, ast.Call)]) for file in files]


def calls(wanted: dict[str, int]) -> Iterator[tuple[str, ast.expr]]:
    """Yield the file and the argument of each call that has one at the place that is wanted."""
    for file, nodes in trees():
        for node in nodes:
            place = wanted.get(ast.unparse(node.func))
            if place is not None and len(node.args) > place:
                yield file.relative_to(PACKAGE).as_posix(), node.args[place]


def meant(file: str, said: ast.expr) -> set[str]:
    """Return the reasons that an argument stands for; a variable one must be known in ``VARIABLE``."""
    if isinstance(said, ast.Constant):
        return {str(said.value)}
    if isinstance(said, ast.IfExp):
        return meant(file, said.body) | meant(file, said.orelse)
    known = VARIABLE.get((file, ast.unparse(said)))
    if known is not None:
        return {str(each) for each in known} if isinstance(known, type) else set()
    module: Any = importlib.import_module(f"connector.{file.removesuffix('.py').replace('/', '.')}")
    for name in ast.unparse(said).split("."):
        module = getattr(module, name)
    return {str(module)}


def of_cases() -> set[str]:
    """Return the reasons with which code opens cases about anything but a decision."""
    found = [meant(file, said) for file, said in calls(OPENING) if file.startswith(OPENERS)]
    assert len(found) > 20
    return set().union(*found, {importlib.import_module("connector.jobs.suspending").OUTCOME})


def of_decisions() -> set[str]:
    """Return the codes with which a decision, in any file, leaves a stay to a person."""
    found = {said.value for _, said in calls(SUSPENDING) if isinstance(said, ast.Constant)}
    for _, nodes in trees():
        for node in nodes:
            if "Status.SUSPENDED" in map(ast.unparse, _given(node)):
                found |= {each.value for each in _given(node)[:3] if isinstance(each, ast.Constant)}
    return {str(each) for each in found}


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(each.value for each in call.keywords)]


def table() -> str:
    """Return the tables of the operations manual."""
    lines: list[str] = []
    for heading, group in GROUPS.items():
        rows = [f"| `{reason}` | {each.title}. {each.means} | {each.advice} |" for reason, each in group.items()]
        lines += [f"**{heading}**", "", "| reason | what it means | what to do |", "| --- | --- | --- |", *rows, ""]
    return "\n".join(lines)


def test_every_reason_for_which_a_person_is_asked_is_explained() -> None:
    assert len(of_decisions()) > 15
    assert (of_cases() | of_decisions()) - set(REMEDIES) == set()


def test_no_reason_is_explained_that_the_code_does_not_have() -> None:
    assert set(REMEDIES) - of_cases() - of_decisions() == set()


def test_a_reason_stands_in_one_group() -> None:
    assert sum(map(len, GROUPS.values())) == len(REMEDIES)


def test_letters_to_guests_know_the_reasons_of_decisions() -> None:
    assert of_decisions() <= set(english.REASONS)


def test_the_operations_manual_tells_every_reason_as_it_is_told() -> None:
    told = OPERATIONS.read_text(encoding="utf-8").partition("<!-- suspense -->\n")[2].partition("<!-- end -->")[0]

    assert told == table()


@pytest.mark.parametrize("told", REMEDIES.values(), ids=list(REMEDIES))
def test_a_remedy_is_a_heading_and_whole_sentences(told: Remedy) -> None:
    assert re.fullmatch(r"[A-Z][^.]+", told.title)
    assert told.means.endswith(".")
    assert told.advice.endswith(".")
    assert not re.search(r"[\n|]|  ", told.title + told.means + told.advice)


def test_a_reason_that_nobody_knows_is_told_as_it_is_written() -> None:
    assert remedy("something_new").title == "Something new"
