"""``earn preview`` as a person runs it: totals, two contracts side by side, and nothing written or sent."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from connector.http.client import Client
from tests.integration.cli.town import PERSONAL, Office, Town, office
from tests.integration.earning.chain import CHECK_OUT

NOBODY = "http://127.0.0.1:9"
PERIOD = ("--from", f"{CHECK_OUT.date() - timedelta(days=3)}", "--to", f"{CHECK_OUT.date() + timedelta(days=3)}")
PRICED = (
    "daily_ceiling = 2000000\n[[partners.miles",
    'daily_ceiling = 2000000\nprice_per_mile = "0.015"\n[[partners.miles',
)


def digests(database: Path) -> dict[str, str]:
    """Return what lies beside the database, and what each file holds."""
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in database.parent.iterdir()}


def test_it_tells_stays_miles_and_cost_by_partner_and_property(synced: Office, served: Town, tmp_path: Path) -> None:
    priced = office(tmp_path, served, PRICED)
    priced.database.write_bytes(synced.database.read_bytes())
    told = priced.run("earn", "preview", *PERIOD, "--json").json["partners"]
    assert told["miles_and_more"]["stays"] == {"seen": 4, "awarded": 1, "suspended": 1, "excluded": 2, "waiting": 0}
    assert (told["miles_and_more"]["miles"], told["miles_and_more"]["cost"]) == (220, "3.300")
    assert told["miles_and_more"]["properties"]["wien"]["miles"] == 220
    assert told["miles_and_more"]["reasons"]["payment_card"] == 1
    assert (told["air_miles"]["miles"], told["air_miles"]["cost"]) == (10, None)
    assert "220 miles, cost 3.30" in priced.run("earn", "preview", *PERIOD).output


def test_nothing_is_written_and_no_request_is_sent(copied: Office) -> None:
    before = digests(copied.database)
    nobody = {
        "LOYALTY_MEWS__PLATFORM_ADDRESS": NOBODY,
        "LOYALTY_PARTNERS__MILES_AND_MORE__ENDPOINT": NOBODY,
        "LOYALTY_PARTNERS__AIR_MILES__ENDPOINT": NOBODY,
        "LOYALTY_PARTNERS__AIR_MILES__TOKEN_ENDPOINT": NOBODY,
    }
    with patch.object(Client, "send", side_effect=AssertionError("a request")):
        done = copied.run("earn", "preview", *PERIOD, **nobody)
    assert (done.code, done.errors) == (0, "")
    assert digests(copied.database) == before


def test_another_contract_is_compared_stay_by_stay(synced: Office, served: Town, tmp_path: Path) -> None:
    other = office(tmp_path, served, ('miles = 1\nper = "1.00"', 'miles = 2\nper = "1.00"'), PRICED)
    done = synced.run("earn", "preview", *PERIOD, "--config", str(other.config), "--json")
    assert done.code == 0, done
    assert done.json["partners"]["miles_and_more"]["miles"] == 220
    assert done.json["other"]["miles_and_more"]["properties"]["wien"]["cost"] == "6.600"
    differs = done.json["differences"]
    assert (differs["miles_and_more"]["stays"], differs["air_miles"]["stays"]) == (1, 0)
    (biggest,) = differs["miles_and_more"]["biggest"]
    assert (biggest["number"], biggest["miles"], biggest["other_miles"]) == ("n-r1", 220, 440)
    text = synced.run("earn", "preview", *PERIOD, "--config", str(other.config)).output
    assert "n-r1 at wien" in text
    assert "220 → 440 (+220)" in text
    assert not [each for each in PERSONAL if each in text]


def test_departures_outside_the_period_are_left_out(synced: Office) -> None:
    day = str(CHECK_OUT.date() - timedelta(days=30))
    told = synced.run("earn", "preview", "--from", day, "--to", day, "--json").json
    assert told["partners"]["miles_and_more"]["stays"]["seen"] == 0


def test_a_period_that_ends_before_it_begins_is_one_sentence(synced: Office) -> None:
    done = synced.run("earn", "preview", "--from", "2026-02-01", "--to", "2026-01-01")
    assert done.code == 2
    assert done.errors == ("earn preview: --to 2026-01-01 is before --from 2026-02-01; expected it on or after\n")


def test_a_database_that_is_not_there_is_not_made(fresh: Office) -> None:
    done = fresh.run("earn", "preview", *PERIOD)
    assert done.code == 2
    assert "connector.toml: database.url: the database is empty" in done.errors
    assert not fresh.database.exists()


def test_names_that_nobody_read_from_mews_are_warned_of(copied: Office, served: Town, tmp_path: Path) -> None:
    named = office(tmp_path / "other", served, ('per = "1.00"', 'per = "1.00"\nrates = ["Best available rate"]'))
    done = copied.run("earn", "preview", *PERIOD, "--config", str(named.config))
    assert (
        'Warning: partners.miles_and_more.earn[0].rates: "Best available rate" is no rate in Mews; expected the name '
        "or id of one, or no rates; names are read by `sync` where the rules of its configuration use them"
    ) in done.errors
    assert done.code == 0
