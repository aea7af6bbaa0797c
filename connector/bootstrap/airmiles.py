"""The channel to AIR MILES, as its settings tell it."""

from __future__ import annotations

from connector.bootstrap.confidential import revealed
from connector.bootstrap.parts import Parts
from connector.errors import Misconfigured
from connector.http.auth import ClientCredentials
from connector.http.client import Client
from connector.http.remote import Remote
from connector.partners.airmiles import AirMiles, Days, History, Reversals, Terms
from connector.partners.airmiles.batch import Writer
from connector.partners.airmiles.offers import Calls, OfferService
from connector.partners.airmiles.opt_ins import Reading
from connector.settings import AirMilesPartner, Settings

_STALE = frozenset({401, 403})  # nothing published says which of them a token that is over gets


def air_miles(parts: Parts, name: str, partner: AirMilesPartner) -> AirMiles:
    """Return the channel; its books are the transaction history, where the partner's sponsor codes are told."""
    tokens = _tokens(partner, partner.audience, partner.scope)
    client = parts.client(
        partner.endpoint,
        f"AIR MILES for {name}",
        tokens,
        remote=Remote("airmiles", partner=name),
        concurrency=partner.concurrency,
        connection=partner.connection,
    )
    books = _history(parts, name, partner, client) if partner.sponsor_codes else None
    return AirMiles(client, name=name, terms=_terms(partner), books=books, offers=_offers(parts, name, partner))


def _offers(parts: Parts, name: str, partner: AirMilesPartner) -> OfferService | None:
    offers = partner.offers
    if offers is None:
        return None
    tokens = _tokens(partner, offers.audience or partner.audience, offers.scope or partner.scope)
    client = parts.client(
        offers.endpoint,
        f"AIR MILES offers for {name}",
        tokens,
        remote=Remote("airmiles_offers", partner=name),
        concurrency=partner.concurrency,
        connection=partner.connection,
    )
    reading = Reading(offers.opted_in_at, offers.undated, offers.not_shown)
    calls = Calls(offers.region, offers.origin_client, offers.language, offers.states_path, reading)
    return OfferService(client, name=name, calls=calls)


def _tokens(partner: AirMilesPartner, audience: str, scope: str) -> ClientCredentials:
    return ClientCredentials(
        partner.token_endpoint,
        partner.client_id.get_secret_value(),
        revealed(partner.client_secret),
        audience=audience,
        scope=scope,
        encoding=partner.token_request,
        stale=_STALE,
    )


def batch_writer(settings: Settings, name: str) -> Writer:
    """Return what writes a partner's batch files; raises Misconfigured for one that takes none, or is sent to."""
    partner = settings.partners.get(name)
    if not isinstance(partner, AirMilesPartner):
        raise Misconfigured(
            f"ledger batch: {name!r} is no partner with batch files; expected one with channel airmiles"
        )
    if partner.mode != "shadow":
        raise Misconfigured(
            f'ledger batch: the miles of {name} are sent by its channel (mode = "{partner.mode}"), and a file would '
            'give them again; expected a partner with mode = "shadow"'
        )
    sponsor = partner.sponsor_codes[0] if len(partner.sponsor_codes) == 1 else ""
    return Writer(_terms(partner), Days(partner.transaction_zone, partner.transaction_date), sponsor)


def _terms(partner: AirMilesPartner) -> Terms:
    return Terms(
        offer_code=partner.offer_code,
        locations=partner.location_codes,
        taxes=partner.tax_codes,
        event_time=partner.event_time_field,
        offer_ids=partner.offer_ids,
        numeric=partner.offer_id_format == "number",
        device_id=partner.device_id,
        extra=partner.extra,
        reversals=Reversals(partner.reverse_sign, partner.reverse_id, partner.reverse_credit_field),
        maintenance=partner.maintenance_pause,
        record=partner.record,
    )


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
