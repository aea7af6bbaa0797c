"""The second road: each partner's contract and channel, as the settings tell them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Literal

from connector.bootstrap.confidential import revealed
from connector.bootstrap.pacing import pacing
from connector.bootstrap.parts import Parts
from connector.domain.contract import Contract, Hold
from connector.domain.factors import EVER_AFTER, EVER_BEFORE
from connector.domain.numbers import Scheme
from connector.domain.rules import Rule
from connector.domain.steps import ENDLESS
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
        concurrency=partner.concurrency,
        price_per_mile=partner.price_per_mile,
        display_name=partner.display_name or _program_name(parts.settings, partner.program),
        pacing=pacing(parts, name, partner),
    )


def _program_name(settings: Settings, code: str) -> str:
    return next((each.name for each in settings.programs if each.code == code), code)


def _channel(parts: Parts, name: str, partner: AnyPartner) -> Partner:
    if isinstance(partner, UplyftPartner):
        return _uplyft(parts, name, partner)
    return _air_miles(parts, name, partner)


def _uplyft(parts: Parts, name: str, partner: UplyftPartner) -> Uplyft:
    app_id = partner.app_id.get_secret_value()
    auth = BasicAuth(app_id, revealed(partner.app_secret))
    client = parts.client(partner.endpoint, f"Uplyft for {name}", auth, concurrency=partner.concurrency)
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
    client = parts.client(partner.endpoint, f"AIR MILES for {name}", tokens, concurrency=partner.concurrency)
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
        rooms=partner.rooms,
        stitch=partner.stitch,
        competing=frozenset(each.program for each in settings.partners.values()),
        correction=partner.correction,
        correct_from=partner.correct_from,
        location_keys=None if locations is None else frozenset(locations),
        who_pays=partner.who_pays,
        require_paid=partner.require_paid,
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
        priority=rule.priority,
        stop=rule.stop,
        per=rule.per,
        tiers=tuple((ENDLESS if step.up_to is None else step.up_to, step.per) for step in rule.tiers),
        currency=rule.currency,
        amount=rule.amount,
        items=frozenset(rule.items),
        exclude_items=frozenset(rule.exclude_items),
        tier_bonus=tuple(sorted(rule.tier_bonus.items())),
        multipliers=tuple(sorted((m.from_ or EVER_BEFORE, m.to or EVER_AFTER, m.factor) for m in rule.multipliers)),
        bonus=rule.bonus,
        min_nights=rule.min_nights,
        min_spend=rule.min_spend,
        cap_stay=rule.cap_stay,
        cap_day=rule.cap_day,
        cap_year=rule.cap_year,
        over_cap=rule.over_cap,
        travel_agencies=_presence(rule.travel_agencies),
        companies=_presence(rule.companies),
        blocks=_presence(rule.blocks),
        agency_ids=_ids(rule.travel_agencies),
        company_ids=_ids(rule.companies),
        block_ids=_ids(rule.blocks),
        exclude_classifications=frozenset(rule.exclude_classifications),
        properties=frozenset(rule.properties),
        zero_rate=rule.zero_rate,
        departure_from=rule.departure.from_,
        departure_to=rule.departure.to,
        description=rule.description,
        arrival_from=rule.arrival.from_,
        arrival_to=rule.arrival.to,
        booked_from=rule.booked.from_,
        booked_to=rule.booked.to,
        weekdays=frozenset(rule.weekdays),
        categories=frozenset(rule.categories),
        exclude_categories=frozenset(rule.exclude_categories),
        services=frozenset(rule.services),
        exclude_services=frozenset(rule.exclude_services),
        revenue_types=frozenset(rule.revenue_types),
        exclude_revenue_types=frozenset(rule.exclude_revenue_types),
        rates=frozenset(rule.rates),
        exclude_rates=frozenset(rule.exclude_rates),
        rate_groups=frozenset(rule.rate_groups),
        exclude_rate_groups=frozenset(rule.exclude_rate_groups),
        segments=frozenset(rule.segments),
        exclude_segments=frozenset(rule.exclude_segments),
        origins=frozenset(rule.origins),
        exclude_origins=frozenset(rule.exclude_origins),
        sources=frozenset(rule.sources),
        exclude_sources=frozenset(rule.exclude_sources),
    )


def _presence(wanted: Literal["any", "none"] | tuple[str, ...]) -> Literal["any", "none"]:
    return "any" if isinstance(wanted, tuple) else wanted


def _ids(wanted: Literal["any", "none"] | tuple[str, ...]) -> frozenset[str]:
    return frozenset(wanted) if isinstance(wanted, tuple) else frozenset()
