"""Letters about the plain stay of the domain's tests."""

from __future__ import annotations

import json
from typing import Any

from connector.cli.letters.addressees import Verdict
from connector.cli.letters.languages import LANGUAGES
from connector.cli.letters.letter import Program, letter
from connector.cli.letters.subject import Subject
from connector.domain.decision import Decision, decide
from connector.domain.rules import Rule
from connector.domain.stays import Stay
from connector.store.account import Account, Line, Step
from tests.unit.domain.stay_makers import NOW, contract

PARTNER = "miles_and_more"
PROGRAMS = {PARTNER: Program("Miles & More", "miles")}


def account(*messages: tuple[str, int, int, str], **changes: Any) -> Account:
    """Return an award; messages are (kind, revision, miles, state), each at rest since ``NOW``."""
    lines = tuple(
        Line(f"{kind}-{revision}", PARTNER, "4711", kind, revision, miles, state, "***8601", NOW.date(), 1, NOW, "")
        for kind, revision, miles, state in messages
    )
    steps = tuple(Step(NOW, "here", line.key, "in_flight", line.state, "") for line in lines)
    facts: dict[str, Any] = {"award_id": "a", "partner": PARTNER, "seat": "owner", "unit": "miles", "miles": 100}
    facts |= {"revision": 1, "member": "***8601", "messages": lines, "history": steps}
    return Account(**(facts | changes))


def verdict(decision: Decision, *awards: Account) -> Verdict:
    """Return a decision as it comes from the store."""
    explanation = json.loads(json.dumps(decision.explanation))
    return Verdict(PARTNER, decision.status, decision.reason, decision.due, explanation, awards)


def written(of: Stay, *told: Verdict, language: str = "en", programs: dict[str, Program] | None = None) -> str:
    """Return a letter, its lines unwrapped and with plain spaces."""
    text = letter(Subject(of.reservation, of.property), told, PROGRAMS if programs is None else programs, _of(language))
    return text.replace("\n  ", " ").replace("\u00a0", " ").replace("\u202f", " ")


def about(of: Stay, *rules: Rule, language: str = "en", awards: tuple[Account, ...] = (), **terms: Any) -> list[str]:
    """Return the lines of a letter about a stay under a contract."""
    decision = decide(of, contract(*rules, **terms), NOW)
    return written(of, verdict(decision, *awards), language=language).splitlines()


def _of(language: str) -> Any:
    return LANGUAGES[language]
