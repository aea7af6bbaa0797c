from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import connector
from connector.cli.letters import english
from connector.domain import edits, matching, partner_numbers
from connector.domain.remedies import REMEDIES, remedy
from connector.domain.statement import Difference
from connector.jobs import (
    adoption,
    applied,
    brakes,
    companions,
    confirming,
    exchanges,
    going_live,
    mirror,
    pairing,
    prepayment,
    reconcile,
    removals,
    scheme,
    streams,
    suspending,
)
from connector.store import pauses

OF_JOBS = {
    adoption.RESTORED,
    applied.REFUSED_BY_MEWS,
    brakes.CEILING,
    companions._UNREADABLE,
    confirming.NOT_SHOWN,
    exchanges.CHANGED,
    exchanges.NOT_TAKEN,
    going_live.GOING_LIVE,
    mirror.UNREADABLE_MEMBERSHIP,
    pairing.UNKNOWN_TIER,
    pauses.OUTLIER,
    prepayment.EXHAUSTED,
    reconcile.DIFFERENCE,
    removals.STILL_USED,
    scheme.BAD_LINE,
    streams.UNREADABLE,
    suspending.OUTCOME,
    "duplicate_code",
}
DOUBTS = {str(each) for kind in (matching.Doubt, edits.Dispute, partner_numbers.Doubt, Difference) for each in kind}


def of_decisions() -> set[str]:
    """Return the codes with which a decision, in any file, leaves a stay to a person."""
    found = set()
    for file in Path(connector.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"suspended", "Suspense"} and node.args:
                found |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
    return found | {"not_correctable", "awarded_apart", "awarded_to_other", "unpaid_bill", "bill_unknown"}


def test_every_reason_for_which_a_person_is_asked_has_a_remedy() -> None:
    assert len(of_decisions()) > 15
    assert OF_JOBS | DOUBTS | of_decisions() <= set(REMEDIES)


def test_the_decisions_reasons_are_those_that_letters_know() -> None:
    assert of_decisions() <= set(english.REASONS)


@pytest.mark.parametrize("told", REMEDIES.values(), ids=list(REMEDIES))
def test_a_remedy_is_a_heading_and_whole_sentences(told: object) -> None:
    assert re.fullmatch(r"[A-Z][^.]+", told.title)  # type: ignore[attr-defined]
    assert told.advice.endswith(".")  # type: ignore[attr-defined]


def test_a_reason_that_nobody_knows_is_told_as_it_is_written() -> None:
    assert remedy("something_new").title == "Something new"
