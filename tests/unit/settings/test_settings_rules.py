"""The conditions of an earn rule as the file gives them, and as the contract takes them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path

import pytest

from connector.bootstrap.partners import partnerships
from connector.bootstrap.parts import Parts
from connector.domain.rules import Rule
from connector.settings import Settings
from connector.store.engine import Database
from tests.unit.settings.settings_files import AIR, EARN, PARTNER, SMALL, Files

ID = "5f0a1e0c-3b1c-4b52-9d8e-0a4f1c2d3e4f"
CHOICES = ("categories", "services", "rates", "rate_groups", "segments")


async def rule_of(settings: Settings, folder: Path) -> Rule:
    """Return the one rule of the one partner, as stays are decided by it."""
    database = Database(f"sqlite:///{folder}/connector.db")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.aclose)
        (partnership,) = partnerships(Parts(settings, database, stack))
        (rule,) = partnership.contract.rules
        return rule


class TestChoices:
    @pytest.mark.parametrize("name", [each for key in CHOICES for each in (key, f"exclude_{key}")])
    async def test_reach_the_contract(self, files: Files, tmp_path: Path, name: str) -> None:
        found = await rule_of(files.load(SMALL + PARTNER + EARN + f'{name} = ["One", "{ID}"]'), tmp_path)
        assert getattr(found, name) == {"One", ID}
        assert found.fingerprint() != (await rule_of(files.load(SMALL + PARTNER + EARN), tmp_path)).fingerprint()

    @pytest.mark.parametrize(
        ("name", "word"), [("origins", "Commander"), ("revenue_types", "Product"), ("weekdays", "Friday")]
    )
    async def test_of_mews_words_take_these_only(self, files: Files, tmp_path: Path, name: str, word: str) -> None:
        found = await rule_of(files.load(SMALL + PARTNER + EARN + f'{name} = ["{word}"]'), tmp_path)
        assert getattr(found, name) == {word}
        (line,) = files.faults(SMALL + PARTNER + EARN + f'{name} = ["{word}", "Somewhere"]')
        assert f'earn[0].{name}[1]: "Somewhere" is not one of the words; expected ' in line
        assert f'"{word}"' in line


@pytest.mark.parametrize(
    ("name", "listed"),
    [("travel_agencies", "agency_ids"), ("companies", "company_ids"), ("blocks", "block_ids")],
)
class TestAgenciesCompaniesAndBlocks:
    async def test_are_a_word_or_a_list_of_ids(self, files: Files, tmp_path: Path, name: str, listed: str) -> None:
        of_some = await rule_of(files.load(SMALL + PARTNER + EARN + f'{name} = ["{ID}"]'), tmp_path)
        assert (getattr(of_some, name), getattr(of_some, listed)) == ("any", {ID})
        of_none = await rule_of(files.load(SMALL + PARTNER + EARN + f'{name} = "none"'), tmp_path)
        assert (getattr(of_none, name), getattr(of_none, listed)) == ("none", frozenset())

    @pytest.mark.parametrize("value", ['["Hans Moser"]', '["Nordsternreisebüro-2000"]', "[7]"])
    def test_are_never_called_by_name(self, files: Files, name: str, listed: str, value: str) -> None:
        (line,) = files.faults(SMALL + PARTNER + EARN + f"{name} = {value}")
        assert line.endswith(
            f"earn[0].{name}: entry 1 is not an id; expected the ids that Mews gives these, not their names"
        )

    @pytest.mark.parametrize("value", ["[]", '"some"', "true"])
    def test_take_nothing_else(self, files: Files, name: str, listed: str, value: str) -> None:
        (line,) = files.faults(SMALL + PARTNER + EARN + f"{name} = {value}")
        assert line.endswith(' is not valid; expected "any", "none" or a list of ids')


class TestWindows:
    async def test_reach_the_contract(self, files: Files, tmp_path: Path) -> None:
        text = "booked = { from = 2026-01-01 }\narrival = { from = 2026-02-01, to = 2026-02-28 }"
        found = await rule_of(files.load(SMALL + PARTNER + EARN + text), tmp_path)
        assert (found.booked_from, found.booked_to) == (date(2026, 1, 1), None)
        assert (found.arrival_from, found.arrival_to) == (date(2026, 2, 1), date(2026, 2, 28))

    @pytest.mark.parametrize("name", ["booked", "arrival"])
    def test_end_after_they_begin(self, files: Files, name: str) -> None:
        (line,) = files.faults(SMALL + PARTNER + EARN + f"{name} = {{ from = 2026-02-01, to = 2026-01-01 }}")
        assert line.endswith(f"earn[0].{name}: ends before it begins; expected to = 2026-02-01 or later")


class TestOfferCodes:
    async def test_reach_the_contract_and_change_what_it_is(self, files: Files, tmp_path: Path) -> None:
        plain = await rule_of(files.load(SMALL + AIR), tmp_path)
        coded = await rule_of(files.load(SMALL + AIR + 'offer_code = "SPA"'), tmp_path)
        assert (plain.offer_code, coded.offer_code) == ("", "SPA")
        assert plain.fingerprint() != coded.fingerprint()
        empty = await rule_of(files.load(SMALL + AIR + 'offer_code = ""'), tmp_path)
        assert empty.fingerprint() == plain.fingerprint()

    def test_are_refused_where_the_channel_has_none(self, files: Files) -> None:
        assert files.faults(SMALL + PARTNER + EARN + 'offer_code = "SPA"') == [
            'connector.toml: partners.mm.earn[0].offer_code: stands in a rule for the channel "uplyft", which has no '
            "offer codes; expected it to be absent"
        ]
        assert files.load(SMALL + PARTNER + EARN + 'offer_code = ""')

    def test_are_not_the_partner_s_own(self, files: Files) -> None:
        assert files.faults(SMALL + AIR + 'offer_code = "STANDARD"') == [
            'connector.toml: partners.air.earn[0].offer_code: "STANDARD" is the partner\'s own offer_code; expected '
            "it to be absent"
        ]


OFFER = "0f0e7c7a-3a53-4e57-9f6d-1b1f4f0a0001"
CODED = f'offer_code = "SPA"\noffer = "{OFFER.upper()}"\n'
SERVICE = '[partners.air.offers]\nregion = "QC"\norigin_client = "external:partner:hotel"\n'


class TestOffers:
    async def test_reach_the_contract_with_their_service(self, files: Files, tmp_path: Path) -> None:
        rule = await rule_of(files.load(SMALL + AIR + CODED + SERVICE), tmp_path)
        assert (rule.offer, rule.offer_code) == (OFFER, "SPA")
        empty = await rule_of(files.load(SMALL + AIR + 'offer = ""'), tmp_path)
        assert empty.fingerprint() == (await rule_of(files.load(SMALL + AIR), tmp_path)).fingerprint()

    def test_need_an_offer_code_and_the_service_that_tells_who_opted_in(self, files: Files) -> None:
        assert files.faults(SMALL + AIR + f'offer = "{OFFER}"') == [
            "connector.toml: partners.air.earn[0].offer: stands in a rule without an offer_code; expected the code "
            "that issues this offer's miles",
            "connector.toml: partners.air.earn[0].offer: needs the Offer Service, which tells who opted in; expected a "
            "table [partners.air.offers]",
        ]

    def test_are_uuids(self, files: Files) -> None:
        (line,) = files.faults(SMALL + AIR + 'offer_code = "SPA"\noffer = "spring"\n' + SERVICE)
        assert line.endswith('offer: "spring" is not the id of an offer; expected a UUID, as the partner tells it')

    def test_are_refused_where_the_channel_has_none(self, files: Files) -> None:
        assert files.faults(SMALL + PARTNER + EARN + f'offer = "{OFFER}"') == [
            'connector.toml: partners.mm.earn[0].offer: stands in a rule for the channel "uplyft", which has no '
            "offers; expected it to be absent"
        ]
