"""The second road: each partner's contract and channel, as the settings tell them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Literal

from connector.bootstrap.confidential import revealed
from connector.bootstrap.parts import CONCURRENCY, Parts
from connector.domain.contract import Contract, Hold
from connector.domain.numbers import Scheme
from connector.domain.rules import Rule
from connector.http.auth import BasicAuth, ClientCredentials
from connector.jobs.contracts import Partnership
from connector.partners.airmiles import AirMiles, Terms
from connector.partners.uplyft import Form, Uplyft
from connector.ports import Partner
from connector.settings import AirMilesPartner, AnyPartner, EarnRule, Settings, UplyftPartner


def partnerships(parts: Parts) -> list[Partnership]:
    """Return the partners; none when the second road is off."""
    return [_partnership(parts, name, partner) for name, partner in parts.settings.partners.items()]


def _partnership(parts: Parts, name: str, partner: AnyPartner) -> Partnership:
    channel = _channel(parts, name, partner)
    return Partnership(
        contract=_contract(parts.settings, name, partner, channel),
        channel=channel,
        mode=partner.mode,
        unit=partner.unit,
        daily_ceiling=partner.daily_ceiling,
        description=parts.settings.chain.name[:20],
        concurrency=CONCURRENCY,
        price_per_mile=partner.price_per_mile,
        display_name=partner.display_name or _program_name(parts.settings, partner.program),
    )


def _program_name(settings: Settings, code: str) -> str:
    return next((each.name for each in settings.programs if each.code == code), code)


def _channel(parts: Parts, name: str, partner: AnyPartner) -> Partner:
    if isinstance(partner, UplyftPartner):
        return _uplyft(parts, name, partner)
    return _air_miles(parts, name, partner)


def _uplyft(parts: Parts, name: str, partner: UplyftPartner) -> Uplyft:
    app_id = partner.app_id.get_secret_value()
    client = parts.client(partner.endpoint, f"Uplyft for {name}", BasicAuth(app_id, revealed(partner.app_secret)))
    form = Form(partner.signature, partner.wallet_format, partner.amount_format, partner.unique_id)
    return Uplyft(client, name=name, app_id=app_id, form=form, duplicate_answer=partner.duplicate_answer)


def _air_miles(parts: Parts, name: str, partner: AirMilesPartner) -> AirMiles:
    tokens = ClientCredentials(
        partner.token_endpoint,
        partner.client_id.get_secret_value(),
        revealed(partner.client_secret),
        audience=partner.audience,
        scope=partner.scope,
    )
    client = parts.client(partner.endpoint, f"AIR MILES for {name}", tokens)
    terms = Terms(partner.offer_code, partner.location_codes, partner.tax_codes, partner.event_time_field)
    return AirMiles(client, name=name, terms=terms)


def _contract(settings: Settings, name: str, partner: AnyPartner, channel: Partner) -> Contract:
    locations = partner.location_codes if isinstance(partner, AirMilesPartner) else None
    return Contract(
        name=name,
        program_code=partner.program,
        number_scheme=number_scheme(partner),
        rules=tuple(_rule(rule) for rule in partner.earn),
        number_check=partner.number_check,
        currencies=channel.capabilities.currencies,
        hold=_hold(partner.hold),
        settle_timeout=partner.settle_timeout,
        start=partner.start,
        max_age=partner.max_age,
        claim_window=partner.claim_window,
        which=partner.which,
        earner=partner.earner,
        competing=frozenset(each.program for each in settings.partners.values()),
        correct_from=partner.correct_from,
        location_keys=None if locations is None else frozenset(locations),
        tier_program=settings.scheme.program if settings.scheme else None,
    )


def number_scheme(partner: AnyPartner) -> Scheme:
    """Return by which scheme a partner's numbers are checked."""
    return "air_miles" if isinstance(partner, AirMilesPartner) else "miles_and_more"


def _hold(hold: timedelta | Literal["settled", "none"]) -> Hold:
    return Hold("after", hold) if isinstance(hold, timedelta) else Hold(hold)


def _rule(rule: EarnRule) -> Rule:
    return Rule(
        basis=rule.basis,
        miles=Decimal(rule.miles),
        name=rule.name,
        per=rule.per,
        currency=rule.currency,
        amount=rule.amount,
        items=frozenset(rule.items),
        exclude_items=frozenset(rule.exclude_items),
        bonus=rule.bonus,
        min_nights=rule.min_nights,
        min_spend=rule.min_spend,
        cap_stay=rule.cap_stay,
        over_cap=rule.over_cap,
        travel_agencies=rule.travel_agencies,
        companies=rule.companies,
        blocks=rule.blocks,
        exclude_classifications=frozenset(rule.exclude_classifications),
        properties=frozenset(rule.properties),
        zero_rate=rule.zero_rate,
        departure_from=rule.departure.from_,
        departure_to=rule.departure.to,
    )
