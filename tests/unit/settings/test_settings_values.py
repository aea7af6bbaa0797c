from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal

import pytest

from connector.settings import SqlScheme
from tests.unit.settings.settings_files import EARN, PARTNER, QUERY, SMALL, Files

RULE = SMALL + PARTNER + EARN


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "length"),
        [
            ("45s", timedelta(seconds=45)),
            ("5m", timedelta(minutes=5)),
            ("12h", timedelta(hours=12)),
            ("400d", timedelta(days=400)),
        ],
    )
    def test_are_a_whole_number_and_a_unit(self, files: Files, text: str, length: timedelta) -> None:
        assert files.load(SMALL.replace("[mews]", f'[mews]\nhistory = "{text}"')).mews.history == length

    @pytest.mark.parametrize(
        "value", ['"5"', '"5 m"', '"PT5M"', '"-5m"', '"1.5h"', "300", "true", '"9999999d"', '"٥m"']
    )
    def test_are_nothing_else(self, files: Files, value: str) -> None:
        (line,) = files.faults(SMALL.replace("[mews]", f"[mews]\nhistory = {value}"))
        assert line.startswith("connector.toml: mews.history: ")
        assert line.endswith('is not a duration; expected a duration like "30s", "5m", "12h" or "90d"')

    def test_of_a_window_are_above_zero(self, files: Files) -> None:
        (line,) = files.faults(SMALL + '[mews.limits]\nwindow = "0s"')
        assert line.startswith("connector.toml: mews.limits.window: ")
        assert "too short" in line


class TestSchedules:
    def test_are_an_interval_or_a_time_of_day(self, files: Files) -> None:
        schedule = files.load(SMALL + '[schedule]\nalign = "02:30"\nstays = "2h"').schedule
        assert schedule.align == time(2, 30)
        assert schedule.stays == timedelta(hours=2)

    @pytest.mark.parametrize("value", ['"24:00"', '"6:30"', '"06:60"', "06:30:00", '"0s"', "5"])
    def test_are_nothing_else(self, files: Files, value: str) -> None:
        (line,) = files.faults(SMALL + f"[schedule]\nalign = {value}")
        assert line.endswith('is not a schedule; expected a duration like "5m" or a time of day like "06:30"')


class TestHolds:
    def test_are_words_or_durations(self, files: Files) -> None:
        for text, hold in (("settled", "settled"), ("none", "none"), ("7d", timedelta(days=7))):
            assert files.load(SMALL + PARTNER + f'hold = "{text}"' + EARN).partners["mm"].hold == hold

    def test_are_nothing_else(self, files: Files) -> None:
        (line,) = files.faults(SMALL + PARTNER + 'hold = "soon"' + EARN)
        assert line == (
            'connector.toml: partners.mm.hold: "soon" is not a hold; expected "settled", "none" or a duration like "7d"'
        )


class TestAmounts:
    def test_are_exact(self, files: Files) -> None:
        assert files.load(RULE + 'per = "0.10"').partners["mm"].earn[0].per == Decimal("0.10")

    @pytest.mark.parametrize("value", ["1.0", "1", '"abc"', '"1,00"', '"1e3"', '"NaN"', '"-1.00"'])
    def test_are_never_floats(self, files: Files, value: str) -> None:
        (line,) = files.faults(RULE + f"per = {value}")
        where, what = line.split(": ", 2)[:2], line.split(": ", 2)[2]
        assert where == ["connector.toml", "partners.mm.earn[0].per"]
        assert what == f'{value} is not an amount; expected digits like "20.00"'

    def test_per_which_miles_are_earned_are_above_zero(self, files: Files) -> None:
        (line,) = files.faults(RULE + 'per = "0.00"')
        assert "is not above zero" in line


class TestNumbers:
    @pytest.mark.parametrize(
        ("lines", "told"),
        [
            (SMALL + PARTNER + "daily_ceiling = 99999999999999999999999" + EARN, "is too large; expected at most"),
            (SMALL + "[alignment]\nmax_removal_share = nan", "NaN is not a number; expected a number like 0.02"),
            (SMALL + "[alignment]\nmax_removals = 99999999999999999999", "is too large; expected at most 2147483647"),
        ],
    )
    def test_are_those_that_can_be(self, files: Files, lines: str, told: str) -> None:
        (line,) = files.faults(lines)
        assert told in line


class TestAddresses:
    def test_over_http_are_for_this_machine_only(self, files: Files) -> None:
        (line,) = files.faults(SMALL.replace("https://api.mews-demo.com", "http://api.mews-demo.com"))
        assert line == (
            "connector.toml: mews.platform_address: goes over http:// to another machine; "
            "expected https:// (http:// is for loopback only)"
        )

    @pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost:5000", "[::1]:5000", "127.9.9.9"])
    def test_over_http_may_be_loopback(self, files: Files, host: str) -> None:
        text = SMALL.replace("https://api.mews-demo.com", f"http://{host}/")
        assert files.load(text).mews.platform_address == f"http://{host}"

    @pytest.mark.parametrize("host", ["127.0.0.1.example.com", "localhost.example.com", "0.0.0.0"])  # noqa: S104
    def test_over_http_may_not_look_like_loopback(self, files: Files, host: str) -> None:
        (line,) = files.faults(SMALL.replace("https://api.mews-demo.com", f"http://{host}"))
        assert "loopback" in line

    def test_hold_no_password_and_never_show_one(self, files: Files) -> None:
        (line,) = files.faults(SMALL.replace("https://api", "https://user:geheim@api"))
        assert "holds a user name or a password" in line
        assert "geheim" not in line

    @pytest.mark.parametrize("url", ["api.mews.com", "ftp://x.example", "https://", "https://[::1", "https://x:99999"])
    def test_are_whole(self, files: Files, url: str) -> None:
        (line,) = files.faults(SMALL.replace("https://api.mews-demo.com", url))
        assert 'expected an address like "https://api.example.com"' in line

    @pytest.mark.parametrize("url", ["postgresql+psycopg://u:geheim@h/d", "postgresql+psycopg://h/d?password=geheim"])
    def test_of_databases_hold_no_password(self, files: Files, url: str) -> None:
        (line,) = files.faults(SMALL + f'[database]\nurl = "{url}"')
        assert line == (
            "connector.toml: database.url: holds a password; "
            "expected an address without it (database.password is a secret)"
        )

    @pytest.mark.parametrize(
        "url", ["mysql://u@h/d", "sqlite:///", "sqlite://", "sqlite:///:memory:", "postgresql://h/d"]
    )
    def test_of_databases_are_sqlite_files_or_postgresql(self, files: Files, url: str) -> None:
        (line,) = files.faults(SMALL + f'[database]\nurl = "{url}"')
        assert 'expected "sqlite:///FILE" or "postgresql+psycopg://user@host/database"' in line

    @pytest.mark.parametrize(
        "url",
        [
            "mysql+pymysql://u:geheim@h/d",
            "db2+ibm_db://u:geheim@h/d",
            "mssql+pyodbc://h/d?Pwd=geheim",
            "mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BUID%3Du%3BPWD%3Dgeheim",
            "postgresql+psycopg://h/d?sslpassword=geheim",
        ],
    )
    def test_of_members_databases_hold_no_password(self, files: Files, url: str) -> None:
        (line,) = files.faults(SMALL + QUERY.replace("sqlite:///crm.db", url))
        assert line == (
            "connector.toml: scheme.url: holds a password; expected an address without it (scheme.password is a secret)"
        )

    @pytest.mark.parametrize("url", ["crm.db", "sqlite:crm.db", "://h/d", "Postgres SQL://h/d", "mysql://h:x/d"])
    def test_of_members_databases_are_whole(self, files: Files, url: str) -> None:
        (line,) = files.faults(SMALL + QUERY.replace("sqlite:///crm.db", url))
        assert 'expected an address like "postgresql+psycopg://user@host/database"' in line

    @pytest.mark.parametrize(
        "url", ["db2+ibm_db://u@h/d", "oracle+oracledb://u@h:1521/?service_name=x", "sqlite:////x.db"]
    )
    def test_of_members_databases_are_any_that_sqlalchemy_may_know(self, files: Files, url: str) -> None:
        scheme = files.load(SMALL + QUERY.replace("sqlite:///crm.db", url)).scheme
        assert isinstance(scheme, SqlScheme)
        assert scheme.url == url


class TestStrictness:
    @pytest.mark.parametrize(
        ("table", "expected"),
        [
            (
                "[mews.limits]\nrequests = true",
                "true is not a whole number; expected a whole number without quotes",
            ),
            (
                "[mews.limits]\nrequests = 2.0",
                "2.0 is not a whole number; expected a whole number without quotes",
            ),
            (
                '[mews.limits]\nrequests = "200"',
                '"200" is not a whole number; expected a whole number without quotes',
            ),
            ("[mews.limits]\nrequests = 0", "0 is too small; expected more than 0"),
            ("[alignment]\nmax_removal_share = 2", "2 is too large; expected at most 1.0"),
            ('[matching]\nby = "mews_id"', '"mews_id" is not a list; expected a list in [ ]'),
            ("[matching]\nby = []", "is empty; expected at least one entry"),
            ('[logging]\nlevel = "info"', '"info" is not one of the words; expected "DEBUG"'),
            ("[database]\nurl = {}", "is not an address"),
        ],
    )
    def test_takes_nothing_for_something_else(self, files: Files, table: str, expected: str) -> None:
        (line,) = files.faults(SMALL + table)
        assert expected in line

    def test_keeps_leading_zeros_by_asking_for_quotes(self, files: Files) -> None:
        text = SMALL + '[partners.air]\nprogram = "MM"\nchannel = "airmiles"\noffer_code = "S"\n'
        (line,) = files.faults(
            text + 'location_codes = { wien = 37 }\n[[partners.air.earn]]\nbasis = "stay"\nmiles = 5'
        )
        assert line == "connector.toml: partners.air.location_codes.wien: 37 is not text; expected text in quotes"

    def test_wants_dates_as_dates(self, files: Files) -> None:
        (line,) = files.faults(SMALL + PARTNER + 'start = "2026-12-01"' + EARN)
        assert line.endswith('"2026-12-01" is not a date; expected a date like 2026-12-01 without quotes')

    def test_knows_currencies_and_time_zones(self, files: Files) -> None:
        text = (RULE + 'currency = "EURO"').replace("Europe/Vienna", "Europe/Wien")
        zone, currency = files.faults(text)
        assert 'chain.time_zone: "Europe/Wien" is not a time zone; expected an IANA name' in zone
        assert 'earn[0].currency: "EURO" is not a currency; expected an ISO 4217 code' in currency

    def test_knows_the_lengths_that_mews_takes(self, files: Files) -> None:
        tier = f'tiers = [ {{ code = "{"C" * 51}", name = "{"N" * 51}", ordering = 1 }} ]'
        text = SMALL.replace('name = "Miles & More"', f'name = "{"N" * 101}"') + tier
        lines = files.faults(text)
        assert [line.rsplit("; ")[-1] for line in lines] == [
            "expected at most 100 characters",
            "expected at most 50 characters",
            "expected at most 50 characters",
        ]


class TestPricesAndNames:
    def test_a_price_is_an_exact_amount_above_zero(self, files: Files) -> None:
        partner = files.load(SMALL + PARTNER + 'price_per_mile = "0.0115"' + EARN).partners["mm"]
        assert partner.price_per_mile == Decimal("0.0115")
        (line,) = files.faults(SMALL + PARTNER + 'price_per_mile = "0.00"' + EARN)
        assert (
            line
            == 'connector.toml: partners.mm.price_per_mile: "0.00" is not above zero; expected an amount like "20.00"'
        )

    def test_both_may_be_absent(self, files: Files) -> None:
        partner = files.load(RULE).partners["mm"]
        assert partner.price_per_mile is None
