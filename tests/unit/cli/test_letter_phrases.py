"""Every code that the code base can give has a phrase in every language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

import pytest

import connector
from connector.cli.letters import standing
from connector.cli.letters.languages import LANGUAGES
from connector.domain.conditions import CONDITIONS
from connector.domain.folio import Why
from connector.domain.ledger import State
from connector.domain.ruling import Status
from connector.settings.rules import EarnRule, ItemType

PACKAGE = Path(connector.__file__).parent
TREES = {file: ast.parse(file.read_bytes()) for part in ("domain", "jobs") for file in (PACKAGE / part).rglob("*.py")}
DECIDING = [tree for file, tree in TREES.items() if file.parent.name == "domain"]
PLACEHOLDER = re.compile(r"{(\w+)}")


def takers(word: str) -> dict[str, int]:
    """Return which functions and classes of the domain take a parameter of this name, and at which place."""
    found: dict[str, int] = {}
    for node in (node for tree in DECIDING for node in ast.walk(tree)):
        if isinstance(node, ast.FunctionDef) and word in (names := [each.arg for each in node.args.args]):
            found[node.name] = names.index(word)
        if isinstance(node, ast.ClassDef):
            fields = [each.target.id for each in node.body if isinstance(each, ast.AnnAssign)]  # type: ignore[union-attr]
            makers = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"]
            own = [each.arg for each in makers[0].args.args[1:]] if makers else fields
            if word in own and ("status" in own or makers):
                found[node.name] = own.index(word)
    return found


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every call with the name of what is called."""
    for node in (node for tree in TREES.values() for node in ast.walk(tree)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


def text(node: ast.expr | None) -> Iterator[str]:
    """Yield the literal texts that an expression may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, ast.IfExp):
        yield from (*text(node.body), *text(node.orelse))


def reasons() -> set[str]:
    """Return the codes of decisions: what stands where a parameter ``reason`` is taken."""
    known, found = takers("reason"), set()
    for name, call in calls():
        keywords = {each.arg: each.value for each in call.keywords}
        if name in known and len(call.args) > known[name]:
            found |= set(text(call.args[known[name]]))
        if name in known or (name == "replace" and "status" in keywords):
            found |= set(text(keywords.get("reason")))
    return found - {""}


def conditions() -> set[str]:
    """Return the codes of what stands against a rule: the conditions, and what is found while it is applied."""
    found = set(CONDITIONS)
    for node in (node for tree in DECIDING for node in ast.walk(tree)):
        given: list[ast.expr | None] = []
        if isinstance(node, ast.Call):
            named = getattr(node.func, "id", "") == "Applied"
            given = [*(node.args if named else ()), *(each.value for each in node.keywords if each.arg == "against")]
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            given = [node.value] if any("against" in ast.unparse(each) for each in targets) else []
        if isinstance(node, ast.BinOp) and "against" in ast.unparse(node):
            given = [node.left, node.right]
        found |= {code for each in given if isinstance(each, ast.Dict) for key in each.keys for code in text(key)}
    return found


KNOWN = {
    "reasons": reasons(),
    "conditions": conditions(),
    "verdicts": set(Why),
    "types": set(get_args(ItemType)),
}


def test_the_search_finds_what_is_known_to_be_there() -> None:
    assert {"awarded", "hold", "no_charges", "open_bill", "no_exchange_rate"} <= KNOWN["reasons"]
    assert {"unreadable", "not_correctable", "awarded_to_other", "items_not_read"} <= KNOWN["reasons"]
    assert {"zero_rate", "min_spend"} <= KNOWN["conditions"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KNOWN)
def test_every_code_has_a_phrase(language: str, kind: str) -> None:
    assert KNOWN[kind] - set(getattr(LANGUAGES[language], kind).known) == set()


@pytest.mark.parametrize("kind", [*KNOWN, "frame", "units"])
def test_all_languages_have_the_same_phrases_with_the_same_gaps(kind: str) -> None:
    def gaps(phrases: Mapping[str, object]) -> dict[str, list[str]]:
        return {code: sorted(PLACEHOLDER.findall(str(phrase))) for code, phrase in phrases.items()}

    first, *others = (getattr(each, kind) for each in LANGUAGES.values())
    for other in others:
        assert gaps(getattr(other, "known", other)) == gaps(getattr(first, "known", first))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_frame_has_what_is_looked_up_by_name(language: str) -> None:
    bases = set(get_args(EarnRule.model_fields["basis"].annotation))
    assert {*Status, *bases, "gross", "net"} <= LANGUAGES[language].frame.keys()
    assert set(standing.CREDIT.values()) - {""} <= LANGUAGES[language].frame.keys()


def test_every_state_of_a_message_is_told_or_left_out_on_purpose() -> None:
    assert standing.CREDIT.keys() == set(State)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_twelve_months(language: str) -> None:
    assert len(LANGUAGES[language].style.months.split()) == 12
