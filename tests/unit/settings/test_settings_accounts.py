from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from connector.bootstrap.partners import partnerships
from connector.bootstrap.parts import Parts
from connector.jobs.contracts import Partnership
from connector.store.engine import Database
from tests.unit.settings.settings_files import AIR, EARN, PARTNER, SMALL, Files

WEST = '[partners.mm.accounts.west]\nproperties = ["wien"]\n'
EAST = '[partners.mm.accounts.east]\nproperties = ["graz", "wien"]\n'
SECRETS = {
    "LOYALTY_PARTNERS__MM__ACCOUNTS__WEST__APP_ID": "app-west",
    "LOYALTY_PARTNERS__MM__ACCOUNTS__WEST__APP_SECRET": "geheim-west",
}
AIR_WEST = {
    "LOYALTY_PARTNERS__AIR__ACCOUNTS__WEST__CLIENT_ID": "client-west",
    "LOYALTY_PARTNERS__AIR__ACCOUNTS__WEST__CLIENT_SECRET": "geheim-west",
}


async def the_partner(files: Files, folder: Path, text: str, environ: dict[str, str]) -> Partnership:
    settings = files.load(text, environ)
    database = Database(f"sqlite:///{folder}/x.db")
    async with AsyncExitStack() as stack:
        (partnership,) = partnerships(Parts(settings, database, stack))
    await database.aclose()
    return partnership


async def test_an_account_has_what_it_tells_and_else_what_the_partner_has(files: Files, tmp_path: Path) -> None:
    text = SMALL + PARTNER + "daily_ceiling = 500\n" + WEST + EARN
    partner = await the_partner(files, tmp_path, text, SECRETS)
    own, west = partner.by_account()
    assert (own.label, west.label) == ("mm", "mm.accounts.west")
    assert (own.channel._app_id, west.channel._app_id) == ("geheim-3", "app-west")  # type: ignore[attr-defined]
    assert (own.daily_ceiling, west.daily_ceiling) == (500, 500)
    assert (partner.account_of(("x", "wien")), partner.account_of(("graz",))) == ("west", "")


async def test_a_location_code_of_an_account_counts_as_one_of_the_partner(files: Files, tmp_path: Path) -> None:
    account = (
        '[partners.air.accounts.west]\nproperties = ["wien"]\ndaily_ceiling = 9\nlocation_codes = { wien = "11" }\n'
    )
    text = SMALL + AIR.replace("[[partners", account + "[[partners")
    partner = await the_partner(files, tmp_path, text, AIR_WEST)
    assert partner.contract.location_keys == {"wien"}
    assert [each.daily_ceiling for each in partner.by_account()] == [None, 9]
    terms = [each.channel._terms for each in partner.by_account()]  # type: ignore[attr-defined]
    assert [each.locations for each in terms] == [{}, {"wien": "11"}]
    assert {each.offer_code for each in terms} == {"STANDARD"}


def test_an_account_needs_secrets_of_its_own(files: Files) -> None:
    app_id, app_secret = files.faults(SMALL + PARTNER + WEST + EARN)
    assert app_id.startswith("connector.toml: partners.mm.accounts.west.app_id: the secret is missing or empty")
    assert "LOYALTY_PARTNERS__MM__ACCOUNTS__WEST__APP_SECRET" in app_secret


def test_an_account_needs_properties(files: Files) -> None:
    (line,) = files.faults(SMALL + PARTNER + WEST.replace('"wien"', "") + EARN, SECRETS)
    assert line == "connector.toml: partners.mm.accounts.west.properties: is empty; expected at least one entry"


def test_a_property_has_one_account(files: Files) -> None:
    environ = SECRETS | {name.replace("WEST", "EAST"): value for name, value in SECRETS.items()}
    (line,) = files.faults(SMALL + PARTNER + WEST + EAST + EARN, environ)
    assert line == (
        'connector.toml: partners.mm.accounts.east.properties[1]: "wien" stands in account west already; expected each '
        "property in one account"
    )


def test_the_environment_makes_no_account(files: Files) -> None:
    lines = files.faults(SMALL + PARTNER + EARN, SECRETS)
    assert [line.split(":")[0] for line in lines] == list(SECRETS)


EXCHANGES = '[partners.air.exchanges]\npath = "in.csv"\nanswers = "out.csv"\n'


async def test_points_are_exchanged_in_files_beside_the_configuration(files: Files, tmp_path: Path) -> None:
    partner = await the_partner(files, tmp_path, SMALL + AIR.replace("[[partners", EXCHANGES + "[[partners"), {})
    assert partner.exchanges
    assert partner.exchanges.file.answers == files.directory / "out.csv"
    assert partner.exchanges.file._path == files.directory / "in.csv"


def test_requests_and_answers_are_two_files(files: Files) -> None:
    (line,) = files.faults(SMALL + AIR.replace("[[partners", EXCHANGES.replace("in.csv", "out.csv") + "[[partners"))
    assert line == "connector.toml: partners.air.exchanges.answers: is the file of the requests; expected another one"


def test_a_channel_without_miles_for_no_stay_exchanges_nothing(files: Files) -> None:
    (line,) = files.faults(SMALL + PARTNER + "[partners.mm.exchanges]\npath = 'in.csv'" + EARN)
    assert line.startswith("connector.toml: partners.mm.exchanges: is not a known key")
