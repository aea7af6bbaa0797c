"""The second road: each partner's contract and channel, as the settings tell them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from connector.bootstrap.channels import channel
from connector.bootstrap.pacing import pacing
from connector.bootstrap.parts import Parts
from connector.domain.contract import Contract, Hold
from connector.domain.factors import EVER_AFTER, EVER_BEFORE
from connector.domain.prepaid import Prepaid
from connector.domain.rules import Rule
from connector.domain.steps import ENDLESS
from connector.jobs.contracts import Account, Deposits, Exchanges, Partnership
from connector.ports import Partner
from connector.schemes.deposit_file import DepositFile
from connector.schemes.exchange_file import ExchangeFile
from connector.settings import AirMilesPartner, AnyPartner, EarnRule, QiibeePartner, Settings, UplyftPartner
from connector.settings.accounts import Account as AccountTable
from connector.settings.partners import Exchanges as ExchangesTable
from connector.settings.prepaid import Prepaid as PrepaidTable


def partnerships(parts: Parts) -> list[Partnership]:
    """Return the partners; none when the second road is off."""
    return [_partnership(parts, name, partner) for name, partner in parts.settings.partners.items()]


def _partnership(parts: Parts, name: str, partner: AnyPartner) -> Partnership:
    own = channel(parts, name, partner)
    accounts = tuple(_account(parts, name, partner, each) for each in partner.accounts)
    return Partnership(
        contract=_contract(parts.settings, name, partner, [own, *(each.channel for each in accounts)]),
        channel=own,
        mode=partner.mode,
        unit=partner.unit,
        daily_ceiling=partner.daily_ceiling,
        description=parts.settings.chain.name[:20],
        concurrency=partner.concurrency,
        price_per_mile=partner.price_per_mile,
        display_name=partner.display_name or _program_name(parts.settings, partner.program),
        exchanges=None if isinstance(partner, UplyftPartner) else _exchanges(partner.exchanges),
        deposits=_deposits(parts.settings, partner) if isinstance(partner, QiibeePartner) else None,
        accounts=accounts,
        doubt_wait=partner.doubt_wait if isinstance(partner, QiibeePartner) else timedelta(0),
        confirm_live=partner.confirm_live,
        pacing=pacing(parts, name, partner),
        prepaid=_prepaid(partner.prepaid),
    )


def _prepaid(table: PrepaidTable | None) -> Prepaid | None:
    return Prepaid(table.credits, table.since, table.low_water, table.per_mile) if table else None


def _exchanges(table: ExchangesTable | None) -> Exchanges | None:
    return Exchanges(ExchangeFile(table.path, table.answers), table.property) if table else None


def _deposits(settings: Settings, partner: QiibeePartner) -> Deposits | None:
    table = partner.deposits
    return Deposits(DepositFile(table.path), members_are_known=settings.scheme is not None) if table else None


def _account(parts: Parts, name: str, partner: AnyPartner, account: str) -> Account:
    told = partner.accounts[account]
    reached = channel(parts, f"{name}.accounts.{account}", _under(partner, told))
    return Account(account, reached, frozenset(told.properties), told.daily_ceiling, _prepaid(told.prepaid))


def _under(partner: AnyPartner, account: AccountTable) -> AnyPartner:
    """Return the partner as it is under one of its accounts: what that does not tell is the partner's."""
    own = {name: getattr(account, name) for name in account.model_fields_set - {"properties"}}
    if isinstance(partner, AirMilesPartner):
        own["location_codes"] = {**partner.location_codes, **own.get("location_codes", {})}
    return partner.model_copy(update=own)


def _program_name(settings: Settings, code: str) -> str:
    return next((each.name for each in settings.programs if each.code == code), code)


def _contract(settings: Settings, name: str, partner: AnyPartner, channels: Sequence[Partner]) -> Contract:
    can = channels[0].capabilities
    return Contract(
        name=name,
        program_code=partner.program,
        number_scheme=can.number_scheme,
        rules=tuple(_rule(rule) for rule in partner.earn),
        number_check=partner.number_check,
        accounts=can.account_numbers,
        currencies=can.currencies,
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
        location_keys=_locations(channels),
        who_pays=partner.who_pays,
        require_paid=partner.require_paid,
        tier_program=settings.scheme.program if settings.scheme else None,
    )


def _locations(channels: Sequence[Partner]) -> frozenset[str] | None:
    """Return the properties for which any account has a code; None where none is needed."""
    keys = [each.capabilities.location_keys for each in channels]
    return None if keys[0] is None else frozenset[str]().union(*(each for each in keys if each))


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
        offer_code=rule.offer_code,
        offer=rule.offer,
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
