"""The rehearsal secrets by their environment names; they open nothing but the sandbox."""

from __future__ import annotations

from collections.abc import Mapping

from connector.sandbox.airmiles.tokens import CLIENT_ID, CLIENT_SECRET
from connector.sandbox.lufthansa import application as lufthansa
from connector.sandbox.mews.tokens import ACCESS_TOKENS, CLIENT_TOKEN
from connector.sandbox.qiibee.application import API_KEY
from connector.sandbox.uplyft.events import APP_ID, PRODUCTION_SECRET


def environment() -> Mapping[str, str]:
    """Return the demo's variables, for tables ``wien``, ``montreal``, ``miles_and_more`` and ``air_miles``."""
    tokens = {f"LOYALTY_MEWS__PROPERTIES__{table.upper()}__ACCESS_TOKEN": t for table, t in ACCESS_TOKENS.items()}
    return {
        "LOYALTY_MEWS__CLIENT_TOKEN": CLIENT_TOKEN,
        **tokens,
        "LOYALTY_PARTNERS__MILES_AND_MORE__APP_ID": APP_ID,
        "LOYALTY_PARTNERS__MILES_AND_MORE__APP_SECRET": PRODUCTION_SECRET,
        "LOYALTY_PARTNERS__AIR_MILES__CLIENT_ID": CLIENT_ID,
        "LOYALTY_PARTNERS__AIR_MILES__CLIENT_SECRET": CLIENT_SECRET,
    }


def of_qiibee_partner() -> Mapping[str, str]:
    """Return the variables of the demo's Miles & More when its channel is qiibee; another channel would refuse them."""
    return {"LOYALTY_PARTNERS__MILES_AND_MORE__API_KEY": API_KEY}


def of_qiibee() -> Mapping[str, str]:
    """Return the variables of a scheme with the kind qiibee; any other scheme would refuse them."""
    return {"LOYALTY_SCHEME__API_KEY": API_KEY}


def of_lufthansa() -> Mapping[str, str]:
    """Return the variables of a table ``miles_and_more`` with the channel lufthansa, instead of those for Uplyft."""
    return {
        "LOYALTY_PARTNERS__MILES_AND_MORE__CLIENT_ID": lufthansa.CLIENT_ID,
        "LOYALTY_PARTNERS__MILES_AND_MORE__CLIENT_SECRET": lufthansa.CLIENT_SECRET,
    }
