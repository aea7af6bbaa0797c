"""``doctor`` as a person runs it: what is well, what is not, and how it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connector.sandbox.mews import edits
from tests.integration.cli.town import PERSONAL, Office, Town, office, town
from tests.integration.earning.chain import MEMBER

RULE = 'per = "1.00"'
COMPANY, NOBODY = "c0000000-0000-0000-0000-000000000001", "c0000000-0000-0000-0000-000000000002"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Two hotels with a rate and a company, and two members of whom one has a number with a wrong check digit."""
    with town(tmp_path_factory.mktemp("town")) as opened:
        state = opened.desk.state
        opened.desk.member("g1")
        opened.desk.member("g2", number=f"{MEMBER[:-1]}0")
        opened.desk.stay("r1", RateId="r-flexible")
        opened.desk.charge("i1", 200)
        opened.desk.guest("g3")
        opened.desk.stay("r2", "g3", "montreal")
        opened.desk.charge("i2", 100, "r2", "montreal")
        names = {"de-AT": "Flexible", "en-GB": "Flexible rate"}
        edits.add(state, "Rates", {"Id": "r-flexible", "ServiceId": "s-wien", "GroupId": "public", "Names": names})
        edits.add(state, "Companies", {"Id": COMPANY, "ChainId": "chain-1", "Name": "Hans Moser", "IsActive": False})
        yield opened


@pytest.fixture(scope="module")
def synced(served: Town, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office after its first sync; its rule is for the rate."""
    opened = office(tmp_path_factory.mktemp("office"), served, (RULE, f'{RULE}\nrates = ["Flexible rate"]'))
    done = opened.run("sync", "--wait", "0s")
    assert done.code == 0, done
    assert "1 awarded" in done.output
    return opened


def findings(told: Any) -> dict[tuple[str, str], str]:
    """Return the verdicts by check and subject."""
    return {(each["check"], each["subject"]): each["verdict"] for each in told["findings"]}


class TestAllIsWell:
    def test_and_every_check_says_so(self, synced: Office) -> None:
        done = synced.run("doctor")
        assert (done.code, done.errors) == (0, "")
        engine, *told = done.output.splitlines()
        assert " database engine: SQLite " in engine
        assert told == [
            "ok    mews wien: the access token sees Wien",
            "ok    mews montreal: the access token sees Montreal",
            "ok    rights reading: the access tokens may read what the jobs need",
            "ok    programs codes: Mews has ALPEN, AM, MM",
            "ok    scheme members: they can be read; the scheme owns tier",
            "ok    names rules: Mews knows every name in the rules",
            "note  numbers miles_and_more: 1 of 2 member numbers (50.0%) pass the check; 1 have another check digit, "
            "0 are no numbers; let reception correct those that are no numbers",
            "note  numbers air_miles: no member number of program AM is stored yet; run `sync` first",
            "ok    taxes air_miles: tax_codes names every tax (1 charges)",
            "ok    partners miles_and_more: createEvent takes what is configured; published forms that fit: "
            "transaction and flat",
            "ok    partners miles_and_more: uniqueId exists, so that a repeated send is harmless",
            'ok    partners miles_and_more: the action "visit" does not exist; purchases are sent',
            "ok    partners air_miles: an access token was given, and /transaction-history/health answered HTTP 200",
        ]

    def test_and_its_json_says_the_same(self, synced: Office) -> None:
        told = synced.run("doctor", "--json").json
        assert told["ok"] is True
        assert told["findings"][1] == {
            "check": "mews",
            "subject": "wien",
            "verdict": "ok",
            "text": "the access token sees Wien",
            "fix": "",
        }


class TestAFaultOfTheConfiguration:
    def test_is_told_with_its_fix_and_ends_with_2(self, served: Town, synced: Office, tmp_path: Any) -> None:
        wrong = office(tmp_path, served, (RULE, f'{RULE}\nexclude_rates = ["Flexibel"]\nsegments = ["Crew"]'))
        done = wrong.run("doctor")
        assert done.code == 2
        place = "partners.miles_and_more.earn[0]"
        assert (
            f'fault names miles_and_more: {place}.exclude_rates: "Flexibel" is no rate in Mews; did you mean '
            '"Flexible"?; write the name as Mews shows it, or the id'
        ) in done.output
        assert f'{place}.segments: "Crew" is no business segment in Mews; expected the name or id of one' in done.output

    def test_such_as_a_tax_that_the_partner_cannot_be_told(self, synced: Office) -> None:
        text = synced.config.read_text().replace('tax_codes = { CA-GST = "GST", ', "tax_codes = { ")
        config = synced.config.with_name("untaxed.toml")
        config.write_text(text)
        done = replace(synced, config=config).run("doctor")
        assert done.code == 2
        assert (
            "fault taxes air_miles: partners.air_miles.tax_codes: lacks tax codes that charges in Mews have: CA-GST "
            "(charges: 1); write there which tax each of them is"
        ) in done.output

    def test_such_as_a_company_that_there_is_not(self, served: Town, tmp_path: Any) -> None:
        lists = f'companies = ["{COMPANY}"]\ntravel_agencies = ["{COMPANY}", "{NOBODY}"]'
        done = office(tmp_path, served, (RULE, f"{RULE}\n{lists}")).run("doctor")
        assert done.code == 2
        assert [line for line in done.output.splitlines() if line.startswith("fault")] == [
            "fault companies miles_and_more: partners.miles_and_more.earn[0].travel_agencies: "
            f'Mews knows no company "{NOBODY}"; write the id of a company profile in Mews'
        ]
        assert not any(word in done.output for word in (*PERSONAL, "Moser"))

    def test_is_found_in_a_list_that_mews_refuses_for_one_of_its_ids(self, served: Town, tmp_path: Any) -> None:
        served.desk.fault("companies/getAll=400,times=1")
        done = office(tmp_path, served, (RULE, f'{RULE}\ncompanies = ["{COMPANY}", "{NOBODY}"]')).run("doctor")
        assert done.output.count(f'Mews knows no company "{NOBODY}"') == 1
        assert f'Mews knows no company "{COMPANY}"' not in done.output


class TestTheWayToAPartner:
    def test_is_tried_where_the_settings_say_so(self, synced: Office, served: Town) -> None:
        config = synced.config.with_name("recorded.toml")
        config.write_text(synced.config.read_text().replace("tax_codes = {", "record = true\ntax_codes = {"))
        recorded = replace(synced, config=config)
        done = recorded.run("doctor")
        assert done.code == 0
        assert done.output.splitlines()[-1] == (
            "ok    transmission air_miles: a test that moves no miles was taken (HTTP 200, responseCode 0000)"
        )
        assert served.credits("airmiles") == []
        wrong = recorded.run("doctor", LOYALTY_PARTNERS__AIR_MILES__CLIENT_SECRET="wrong")
        assert wrong.code == 4
        assert "fault transmission air_miles: The token endpoint" in wrong.output
        assert "transmission" not in synced.run("doctor").output


class TestAFaultOfMews:
    def test_is_told_for_the_token_that_it_refuses_and_ends_with_4(self, synced: Office) -> None:
        done = synced.run("doctor", "--json", LOYALTY_MEWS__PROPERTIES__MONTREAL__ACCESS_TOKEN="wrong")
        assert done.code == 4
        told = findings(done.json)
        assert (told["mews", "wien"], told["mews", "montreal"]) == ("ok", "remote")
        assert told["names", "rules"] == "note"  # a name may be that of a rate at the other hotel
        assert all(each["fix"] for each in done.json["findings"] if each["verdict"] != "ok")

    def test_such_as_a_right_that_the_integration_lacks_is_named(self, synced: Office, served: Town) -> None:
        served.desk.fault("rates/getAll=401,times=1")
        done = synced.run("doctor")
        assert done.code == 4
        assert "that the integration may use rates/getAll" in done.output

    def test_goes_after_one_of_the_configuration(self, served: Town, tmp_path: Any) -> None:
        wrong = office(tmp_path, served, (RULE, f'{RULE}\ncompanies = ["{NOBODY}"]'))
        done = wrong.run("doctor", LOYALTY_MEWS__PROPERTIES__MONTREAL__ACCESS_TOKEN="wrong")
        assert done.code == 2

    def test_by_tokens_of_one_property_twice_is_one_of_the_configuration(self, synced: Office) -> None:
        token = synced.environment["LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN"]
        done = synced.run("doctor", LOYALTY_MEWS__PROPERTIES__MONTREAL__ACCESS_TOKEN=token)
        assert done.code == 2
        assert "both reach property e-wien; expected one table for each access token and property" in done.output


class TestAPartner:
    def test_that_refuses_the_secret_is_a_fault_of_the_remote_side(self, synced: Office) -> None:
        wrong = {
            "LOYALTY_PARTNERS__MILES_AND_MORE__APP_SECRET": "a-wrong-secret",
            "LOYALTY_PARTNERS__AIR_MILES__CLIENT_SECRET": "another-wrong-secret",
        }
        done = synced.run("doctor", **wrong)
        assert done.code == 4
        faults = [line for line in done.output.splitlines() if line.startswith("fault partners")]
        assert [line.split(": ")[0] for line in faults] == ["fault partners miles_and_more", "fault partners air_miles"]
        assert all("; correct the credentials of [partners." in line for line in faults)
        assert "wrong-secret" not in done.output

    def test_that_does_not_answer_is_one_as_well(self, served: Town, tmp_path: Any) -> None:
        unreachable = office(tmp_path, served, (served.urls["uplyft"], "http://127.0.0.1:9"))
        done = unreachable.run("doctor", "--json")
        assert done.code == 4
        assert findings(done.json)["partners", "miles_and_more"] == "remote"
        assert findings(done.json)["partners", "air_miles"] == "ok"

    def test_whose_schema_does_not_take_what_is_configured_is_one_of_the_configuration(
        self, served: Town, tmp_path: Any
    ) -> None:
        done = office(tmp_path, served, ('currency = "EUR"', 'currency = "JPY"')).run("doctor")
        assert done.code == 2
        assert "fault partners miles_and_more: createEvent.businessValue.currency does not know jpy" in done.output

    def test_that_takes_another_form_without_a_unique_id_is_followed_fault_by_fault(
        self, served: Town, tmp_path: Any
    ) -> None:
        place, flat = f'endpoint = "{served.urls["uplyft"]}"', f'endpoint = "{served.urls["flat"]}"'
        told = [
            office(tmp_path / str(step), served, (place, flat + lines)).run("doctor")
            for step, lines in enumerate(("", '\nsignature = "flat"', '\nsignature = "flat"\nunique_id = false'))
        ]
        assert [done.code for done in told] == [2, 2, 0]
        assert (
            'createEvent has no transaction; published forms that fit: flat; set signature = "flat"' in told[0].output
        )
        assert [line for line in told[1].output.splitlines() if line.startswith("fault")] == [
            "fault partners miles_and_more: createEvent has no uniqueId; published forms that fit: flat; "
            "set unique_id = false; every lost answer then goes to a person"
        ]
        assert "ok    partners miles_and_more: createEvent takes what is configured" in told[2].output
        assert served.credits("flat") == []

    def test_is_examined_in_the_shadow_too_and_nothing_moves_miles(self, served: Town, tmp_path: Any) -> None:
        before = served.credits("uplyft"), served.credits("airmiles")
        done = office(tmp_path, served, ('mode = "live"', 'mode = "shadow"')).run("doctor")
        assert done.code == 0
        assert done.output.count("ok    partners") == 4
        assert (served.credits("uplyft"), served.credits("airmiles")) == before


class TestEarnExplain:
    def test_calls_a_rate_by_its_name(self, served: Town, tmp_path: Any) -> None:
        named = office(tmp_path, served, (RULE, f'{RULE}\nexclude_rates = ["Flexible rate"]'))
        assert named.run("sync", "--wait", "0s").code == 0
        assert 'rate "Flexible" is one that the rule excludes' in named.run("earn", "explain", "n-r1").output
        (_, told) = named.run("earn", "explain", "n-r1", "--json").json
        assert "rate r-flexible is one that the rule excludes" in told["text"]


class TestSync:
    def test_warns_of_names_that_mews_does_not_know(self, served: Town, tmp_path: Any) -> None:
        wrong = office(tmp_path, served, (RULE, f'{RULE}\nexclude_rates = ["Flexibel"]'))
        done = wrong.run("sync", "--wait", "0s")
        sentence = (
            'partners.miles_and_more.earn[0].exclude_rates: "Flexibel" is no rate in Mews; did you mean "Flexible"?'
        )
        assert done.code == 0
        assert done.errors.splitlines()[-1] == f"Warning: {sentence}"
        told = wrong.run("sync", "stays", "--json", "--wait", "0s").json
        assert told["jobs"][0]["warnings"] == [sentence]


def test_config_check_stays_offline(served: Town, tmp_path: Any) -> None:
    wrong = office(tmp_path, served, (RULE, f'{RULE}\nrates = ["Nowhere"]'))
    assert wrong.run("config", "check", LOYALTY_MEWS__PLATFORM_ADDRESS="http://127.0.0.1:9").code == 0
