"""Configurations for tests, from the smallest upwards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from connector.errors import Misconfigured
from connector.settings import Settings, load

SMALL = """
[chain]
name = "Alpenglow Hotels"
time_zone = "Europe/Vienna"
[mews]
platform_address = "https://api.mews-demo.com"
[mews.properties.wien]
[[programs]]
code = "MM"
name = "Miles & More"
type = "ExternalPartner"
subscription = "Free"
"""
SCHEME = """
[scheme]
program = "MM"
path = "members.csv"
"""
QUERY = """
[scheme]
program = "MM"
kind = "sql"
url = "sqlite:///crm.db"
query = "SELECT id AS member_id FROM people"
"""
API = """
[scheme]
program = "MM"
kind = "http"
url = "https://members.example/api/members/"
"""
PARTNER = """
[partners.mm]
program = "MM"
channel = "uplyft"
"""
EARN = """
[[partners.mm.earn]]
basis = "spend"
miles = 1
"""
AIR = """
[partners.air]
program = "MM"
channel = "airmiles"
offer_code = "STANDARD"
[[partners.air.earn]]
basis = "night"
miles = 10
"""
EARN_SERVICE = """
[partners.earn_service]
program = "MM"
channel = "lufthansa"
[[partners.earn_service.earn]]
basis = "night"
miles = 10
"""
SECRETS = {
    "LOYALTY_MEWS__CLIENT_TOKEN": "geheim-1",
    "LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN": "geheim-2",
}
PARTNER_SECRETS = {
    "LOYALTY_PARTNERS__MM__APP_ID": "geheim-3",
    "LOYALTY_PARTNERS__MM__APP_SECRET": "geheim-4",
}
AIR_SECRETS = {
    "LOYALTY_PARTNERS__AIR__CLIENT_ID": "geheim-5",
    "LOYALTY_PARTNERS__AIR__CLIENT_SECRET": "geheim-6",
}
EARN_SERVICE_SECRETS = {
    "LOYALTY_PARTNERS__EARN_SERVICE__CLIENT_ID": "geheim-12",
    "LOYALTY_PARTNERS__EARN_SERVICE__CLIENT_SECRET": "geheim-13",
}
EXAMPLE_SECRETS = {
    **SECRETS,
    "LOYALTY_MEWS__PROPERTIES__MONTREAL__ACCESS_TOKEN": "geheim-7",
    "LOYALTY_PARTNERS__MILES_AND_MORE__APP_ID": "geheim-8",
    "LOYALTY_PARTNERS__MILES_AND_MORE__APP_SECRET": "geheim-9",
    "LOYALTY_PARTNERS__AIR_MILES__CLIENT_ID": "geheim-10",
    "LOYALTY_PARTNERS__AIR_MILES__CLIENT_SECRET": "geheim-11",
}


def secrets_for(text: str) -> dict[str, str]:
    """Return the secrets that a configuration made of the pieces above needs."""
    partner = PARTNER_SECRETS if "[partners.mm]" in text else {}
    air = AIR_SECRETS if "[partners.air]" in text else {}
    return {**SECRETS, **partner, **air, **(EARN_SERVICE_SECRETS if "[partners.earn_service]" in text else {})}


@dataclass(frozen=True)
class Files:
    """One directory with a configuration file, and perhaps secret files."""

    directory: Path

    def load(self, text: str = SMALL, environ: dict[str, str] | None = None, *, secrets: bool = True) -> Settings:
        """Write the file and load it, with the secrets it needs in the environment."""
        file = self.directory / "connector.toml"
        file.write_text(text, encoding="utf-8")
        return load(file, {**(secrets_for(text) if secrets else {}), **(environ or {})})

    def faults(self, text: str = SMALL, environ: dict[str, str] | None = None, *, secrets: bool = True) -> list[str]:
        """Return the fault lines of a configuration that must not load."""
        with pytest.raises(Misconfigured) as caught:
            self.load(text, environ, secrets=secrets)
        return list(caught.value.faults)

    def secret(self, folder: str, name: str, text: str) -> str:
        """Write a secret file, and return its directory."""
        directory = self.directory / folder
        directory.mkdir(exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
        return str(directory)
