"""The channel to AIR MILES, as its settings tell it."""

from __future__ import annotations

from connector.bootstrap.confidential import revealed
from connector.bootstrap.parts import Parts
from connector.http.auth import ClientCredentials
from connector.http.client import Client
from connector.partners.airmiles import AirMiles, Days, History, Terms
from connector.settings import AirMilesPartner


def air_miles(parts: Parts, name: str, partner: AirMilesPartner) -> AirMiles:
    """Return the channel; its books are the transaction history, where the partner's sponsor codes are told."""
    tokens = ClientCredentials(
        partner.token_endpoint,
        partner.client_id.get_secret_value(),
        revealed(partner.client_secret),
        audience=partner.audience,
        scope=partner.scope,
        encoding=partner.token_request,
    )
    client = parts.client(partner.endpoint, f"AIR MILES for {name}", tokens)
    terms = Terms(partner.offer_code, partner.location_codes, partner.tax_codes, partner.event_time_field)
    books = _history(parts, name, partner, client) if partner.sponsor_codes else None
    return AirMiles(client, name=name, terms=terms, books=books)


def _history(parts: Parts, name: str, partner: AirMilesPartner, client: Client) -> History:
    days = Days(partner.transaction_zone, partner.transaction_date)
    return History(
        client,
        name=name,
        sponsors=partner.sponsor_codes,
        channel_code=partner.channel_code,
        days=days,
        clock=parts.clock,
    )
