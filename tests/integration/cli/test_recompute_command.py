"""``earn recompute`` as a person runs it: a plan, its confirmation, and what ends it with 2 or 3."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.cli.town import PERSONAL, Office, Town, office
from tests.integration.earning.chain import CHECK_OUT

PERIOD = ("--from", f"{CHECK_OUT.date() - timedelta(days=3)}", "--to", f"{CHECK_OUT.date() + timedelta(days=3)}")
DOUBLE = ('miles = 1\nper = "20.00"', 'miles = 2\nper = "20.00"')
TWICE = ('miles = 1\nper = "1.00"', 'miles = 2\nper = "1.00"')
SIGNED = ("--operator", "anna", "--reason", "the contract of May")


@pytest.fixture
def doubled(synced: Office, served: Town, tmp_path: Path) -> Office:
    """An office whose contracts give twice as much since its stays were awarded and sent."""
    opened = office(tmp_path, served, DOUBLE, TWICE)
    for name in ("connector.db", "connector.db.hash_key"):
        shutil.copy(synced.database.with_name(name), tmp_path / name)
    return opened


def test_a_plan_tells_stays_and_miles_and_changes_nothing(doubled: Office) -> None:
    done = doubled.run("earn", "recompute", *PERIOD)
    assert (done.code, done.errors) == (0, "")
    first, second, same, miles, *biggest, last = done.output.splitlines()
    assert first == "corrected at the partner, which takes miles back: 1"
    assert second == "to suspense, because miles cannot be taken back there: 1"
    assert same == "as the present rules have them: 0; not decided by them yet: 0"
    assert miles == "230 miles more, 0 less; of these 220 in suspense"
    assert [line.split()[0] for line in biggest] == ["n-r1", "n-r2"]
    plan = doubled.run("earn", "recompute", *PERIOD, "--json").json
    assert last == f"nothing is changed yet; --confirm {plan['plan_id']} --operator NAME --reason TEXT does it"
    assert (plan["done"], plan["miles"]) == (False, {"up": 230, "down": 0, "suspended": 220})
    assert not any(secret in done.output + repr(plan) for secret in PERSONAL)


def test_a_confirmed_plan_is_sent_by_the_next_delivery(doubled: Office) -> None:
    words = ("earn", "recompute", "n-r2", "--partner", "air_miles")
    plan_id = doubled.run(*words, "--json").json["plan_id"]
    done = doubled.run(*words, "--confirm", plan_id, *SIGNED)
    assert (done.code, done.output.splitlines()[-1]) == (0, f"done: plan {plan_id}; the next delivery sends it")
    shown = doubled.run("ledger", "show", "n-r2").output
    assert shown.count("(recompute: the contract of May)") == 2
    again = doubled.run(*words, "--confirm", plan_id, *SIGNED)
    assert (again.code, again.output) == (3, "")
    assert again.errors == (f"earn recompute: the plan is not {plan_id}; nothing would change now, look at it again\n")
    assert doubled.run("db", "check").code == 0


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((), 2, "earn recompute: expected a reservation, or --from and --to, and not both"),
        (("n-r1", *PERIOD), 2, "earn recompute: expected a reservation, or --from and --to, and not both"),
        (PERIOD[:2], 2, "earn recompute: expected a reservation, or --from and --to, and not both"),
        (("--from", "2026-02-01", "--to", "2026-01-01"), 2, "earn recompute: --to 2026-01-01 is before --from"),
        (("n-r9",), 2, "earn recompute: no reservation 'n-r9' is known"),
        (("n-r1", "--partner", "x"), 2, "no partner is called 'x'"),
        (("n-r1", "--confirm", "abc", "--operator", "anna"), 2, "--reason: is empty"),
        (("n-r1", "--confirm", "abc", "--reason", "why"), 2, "--operator: is empty"),
        (("n-r1", "--confirm", "abc", *SIGNED), 3, "earn recompute: the plan is not abc; it is "),
    ],
)
def test_what_is_not_confirmed_well_is_refused_in_a_sentence(
    doubled: Office, words: tuple[str, ...], code: int, sentence: str
) -> None:
    done = doubled.run("earn", "recompute", *words)
    assert (done.code, done.output) == (code, "")
    (line,) = done.errors.splitlines()
    assert line.startswith(sentence)
