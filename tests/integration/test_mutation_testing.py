"""The driver that counts which faults the domain's tests notice: faults that are noticed, and some that are not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.campaigns.executions import faults
from tests.campaigns.mutants import by_module, equivalent, score, verdicts
from tests.campaigns.operators import mutants, mutated

SOURCE = '''
"""A module."""
LEAST = 2
def most(day: int | None, text: str = "none") -> int:
    """Return it."""
    if day is None or day < LEAST:
        raise ValueError(f"{day} is below 2")
    return max(day, 5)
'''


def changes(source: str) -> list[str]:
    return [each.name.rpartition(" | ")[2] for each in mutants("connector.domain.sample", source)]


def test_faults_are_made_in_what_tests_can_notice_and_in_nothing_else() -> None:
    assert changes(SOURCE) == [
        "2 → 3",
        "2 → 1",
        "if day is None or day < LEAST: → not (day is None or day < LEAST)",
        "day is None or day < LEAST → day is None and day < LEAST",
        "day is None → day is not None",
        "day < LEAST → day <= LEAST",
        "day < LEAST → day >= LEAST",
        "raise ValueError(f'{day} is below 2') → pass",
        "return max(day, 5) → return None",
        "max → min",
        "5 → 6",
        "5 → 4",
    ]


def test_a_fault_keeps_its_name_when_lines_move_and_is_the_only_change() -> None:
    plain, moved = (list(mutants("connector.domain.sample", text)) for text in (SOURCE, f"\n\n\n{SOURCE}"))
    assert [each.name for each in plain] == [each.name for each in moved]
    assert len({each.name for each in plain}) == len(plain)
    spoilt = next(each for each in plain if each.name.endswith("5 → 6"))
    found: dict[str, object] = {}
    exec(mutated(SOURCE, "sample.py", spoilt), found)  # noqa: S102  # our own text above
    assert found["most"](3) == 6  # type: ignore[operator]
    assert found["LEAST"] == 2


def test_what_is_noticed_is_told_from_what_is_not() -> None:
    found = verdicts("claims", "--tests", "tests/unit/domain/test_claims.py")
    told = {name.partition("domain.claims.")[2]: verdict for name, verdict in found.items()}
    function = "is_late | return today - departed > contract.claim_window | "
    assert told[f"{function}today - departed → today + departed"] == "killed"
    assert (
        told[f"{function}today - departed > contract.claim_window → today - departed >= contract.claim_window"]
        == "killed"
    )
    constant = " | CLAIMABLE = MEMBERSHIP_REASONS | {'bad_number', 'payment_card'} | {'bad_number', 'payment_card'}"
    assert told[f"{constant} → {{'bad_number'}}"] == "survived"
    killed, counted = score(found)
    assert (killed, counted) == (sum(each == "killed" for each in told.values()), len(told))
    assert next(by_module(found)).split()[0] == "claims"


@pytest.mark.parametrize("name", equivalent())
def test_what_nobody_could_notice_is_still_a_fault_that_can_be_made(name: str) -> None:
    assert name in {each.name for each in faults([name.split(".")[1]])}


def test_every_module_of_the_domain_is_looked_at() -> None:
    modules = {each.module for each in faults()}
    for file in Path("connector/domain").rglob("*.py"):
        has_code = any(isinstance(node, ast.FunctionDef) for node in ast.walk(ast.parse(file.read_text())))
        name = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
        assert not has_code or name in modules or file.name == "__init__.py"
