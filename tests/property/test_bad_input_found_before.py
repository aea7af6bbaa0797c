"""What the campaign has found: each of these documents once broke a parser, or what comes behind it."""

from __future__ import annotations

import pytest

from tests.campaigns.inputs import TARGETS
from tests.campaigns.targets.outcome import MILES_NUMBER, Outcome, faults, outcome

NUL, SURROGATE, DEEP = b'"a\\u0000b"', b'"\\ud83d"', b"[" * 20_000
NO_FILE = "is no CSV file; expected a CSV file in UTF-8"


def read(name: str, old: bytes, new: bytes) -> Outcome:
    """Read the valid document of a parser with one thing exchanged in it."""
    target = next(each for each in TARGETS if each.name == name)
    assert old in target.seeds[0]
    found = outcome(target, target.seeds[0].replace(old, new, 1))
    assert list(faults(found)) == []
    return found


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        (
            "Mews memberships",
            b"1200",
            b"1e9999999",
            "Points is too long or too large",
        ),  # took minutes to be written out
        ("Mews memberships", b"1200", b"2147483648", "Points is not a whole number"),  # for PostgreSQL
        ("Mews tiers", b'"Ordering": 2', b'"Ordering": 9223372036854775808', "Ordering is not a whole number"),
        ("Mews order items", b"90.91", b"1e400", "NetValue is too long or too large"),
        ("Mews order items", b"90.91", b"0e-9999999", "NetValue is too long or too large"),
        ("Mews guests", b'"Zoraldine"', NUL, "FirstName holds a NUL character"),  # PostgreSQL takes none
        ("Mews guests", b'"Staff"', NUL, "Classifications holds a NUL character"),
        ("Mews rates", b'"Rack rate"', NUL, "Name holds a NUL character"),
        ("Mews tiers", b'"t1"', NUL, "tier without a readable Id: Id holds a NUL character"),
        ("Mews tiers", b'"GOLD"', b"5", "tier t1: Code is of another type"),
        ("Mews reservations", b'"s1"', b'"\\r\\n"', "ServiceId '\\r\\n' belongs to no property"),
        ("Mews configurations", b'[{"Currency"', b'5, "Cut": [{"Currency"', "Currencies names no default currency"),
        ("exchange requests", MILES_NUMBER.encode(), b"99\0", "R-1: it has no number"),
        ("ledger import", b"500", b"9" * 5000, "line 2: the miles are no whole number"),
        ("ledger import", b"4711", b"47\0", "holds a NUL character; expected a CSV file in UTF-8"),
        ("ledger import", b"4711", b"4" * 140_000, NO_FILE),
        ("statement of a partner", b"reference", b"r" * 140_000, NO_FILE),
        ("statement of a partner", b"4711", b"47\0", "holds a NUL character; expected a CSV file in UTF-8"),
        ("environment", b'"5m"', b'"\\udcff"', "LOYALTY_SCHEDULE__ALIGN: is not UTF-8; expected text"),
        ("environment", b"SCHEDULE__ALIGN", b"\\udcff", "LOYALTY_\\udcff: meets no setting"),
        ("token", b'"eyJ.a.b"', NUL, "answered 200 without an access token"),  # no header can hold it
        ("token", b'"eyJ.a.b"', SURROGATE, "answered 200 without an access token"),
        ("token", b'"eyJ.a.b"', DEEP, "answered 200 without an access token"),
    ],
)
def test_is_refused_with_its_reason(name: str, old: bytes, new: bytes, reason: str) -> None:
    assert any(reason in each for each in read(name, old, new).refused)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("Mews refusal, 403", b'"No access', b'"\\ud83d No access', "\ufffd No access"),
        ("qiibee, answer 400", b'"The number', b'"a\0b The number', "a\ufffdb The number"),
        ("Uplyft schema", b'[{"name": "purchase"}]', b'[{"name": null}]', "something that is no schema"),
        ("Uplyft schema", b'"name": "Action", "ofType"', b'"name": "Deed", "ofType"', "visit"),
    ],
)
def test_is_told_so_that_it_can_be_kept(name: str, old: bytes, new: bytes, words: str) -> None:
    found = read(name, old, new)
    assert any(words in each for each in (*found.refused, *found.words))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("AIR MILES history", b'"cashMiles": 5', b'"cashMiles": "1e9999999"'),
        ("AIR MILES offers", b'"Twice the miles"', SURROGATE),
        ("AIR MILES offers", b'"of-1"', NUL),
        ("Earn service, answer 200", b"4711", NUL),
    ],
)
def test_is_passed_over_as_what_is_not_there(name: str, old: bytes, new: bytes) -> None:
    assert read(name, old, new).read


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_an_opt_in_outside_of_all_calendars_is_one_without_a_moment(moment: str) -> None:
    found = read("AIR MILES opt-in", b"2026-10-01T10:00:00Z", moment.encode())
    assert found.refused == ("am: AIR MILES does not tell when the Collector opted in to offer of-1",)
