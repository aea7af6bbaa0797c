"""What is allowed, but should be looked at before going live."""

from __future__ import annotations

import json
from collections.abc import Iterator

from connector.settings import qiibee_checks, uplyft_checks, web_checks
from connector.settings.document import Settings
from connector.settings.lufthansa import LufthansaPartner
from connector.settings.partners import AirMilesPartner, Partner, UplyftPartner
from connector.settings.qiibee import QiibeePartner
from connector.settings.rules import EarnRule
from connector.settings.schemes import HttpScheme
from connector.settings.values import written

_TEST_SYSTEMS = (
    "https://api.mews-demo.com",
    "https://cert.airmilesapis.ca",
    "https://oauth-cert.airmiles.ca",
    "https://bwaapi-sandbox.qiibee.com",
    "https://api-test.lufthansa.com",
)
_CONTRACT = ("hold", "require_paid", "who_pays", "max_age", "which", "earner", "rooms", "stitch", "number_check")
_RULE = (
    "items",
    "travel_agencies",
    "companies",
    "blocks",
    "min_nights",
    "cap_stay",
    "exclude_classifications",
)
_SPEND = ("per", "currency", "amount")


def warnings(settings: Settings) -> list[str]:
    """Return a sentence for everything that works, but probably not as meant."""
    found = [*settings._warnings, *_mews(settings), *_scheme(settings), *_uncalled(settings)]
    for name, partner in settings.partners.items():
        place = f"{settings.file.name}: partners.{name}"
        found += [
            f"{place}.{text}" for text in (*_timing(settings, partner), *_bills(settings, partner), *_channel(partner))
        ]
    return [*found, *(f"{settings.file.name}: web.{text}" for text in web_checks.advice(settings.web))]


def _uncalled(settings: Settings) -> Iterator[str]:
    for name, partner in settings.partners.items():
        if isinstance(partner, QiibeePartner) and partner.deposits and settings.web.listen == "off":
            place = f"{settings.file.name}: partners.{name}.deposits"
            yield f'{place}: [web] listen is "off", so that nobody can tell of any'


def _mews(settings: Settings) -> Iterator[str]:
    if any(partner.mode == "live" for partner in settings.partners.values()):
        yield from _test_system(f"{settings.file.name}: mews.platform_address", settings.mews.platform_address)


def _scheme(settings: Settings) -> Iterator[str]:
    scheme = settings.scheme
    if isinstance(scheme, HttpScheme) and scheme.paging in ("page", "offset") and not scheme.total:
        yield (
            f"{settings.file.name}: scheme.total: is empty, so that nobody notices when pages shift while they are read"
        )


def _timing(settings: Settings, partner: Partner) -> Iterator[str]:
    if partner.max_age > settings.mews.history:
        age, history = written(partner.max_age), written(settings.mews.history)
        yield f"max_age: {age} is longer than mews.history ({history}); older stays are never read"


def _bills(settings: Settings, partner: Partner) -> Iterator[str]:
    portfolios = [name for name, each in settings.mews.properties.items() if each.portfolio]
    asked = [name for name in ("who_pays", "require_paid") if getattr(partner, name) not in ("any", False)]
    if portfolios and asked:
        yield (
            f"{asked[0]}: asks for bills, which Mews does not state to show to a portfolio token; every property that "
            f"only [mews.properties.{portfolios[0]}] reaches needs an access token of its own"
        )


def _channel(partner: Partner) -> Iterator[str]:
    if isinstance(partner, UplyftPartner):
        yield from uplyft_checks.advice(partner)
    if isinstance(partner, AirMilesPartner):
        yield from _air_miles(partner)
    if isinstance(partner, QiibeePartner):
        yield from qiibee_checks.advice(partner)
        if partner.mode == "live":
            yield from _test_system("endpoint", partner.endpoint)
    if isinstance(partner, LufthansaPartner):
        yield from _lufthansa(partner)


def _air_miles(partner: AirMilesPartner) -> Iterator[str]:
    if not partner.location_codes:
        yield "location_codes: is empty, so that no property earns"
    if partner.mode == "live":
        yield from _test_system("endpoint", partner.endpoint)
        yield from _test_system("token_endpoint", partner.token_endpoint)
        if not partner.sponsor_codes:
            yield "sponsor_codes: is empty, so that what is only accepted (HTTP 202) is never looked up"


def _lufthansa(partner: LufthansaPartner) -> Iterator[str]:
    if partner.mode == "live":
        yield from _test_system("endpoint", partner.endpoint)
        yield from _test_system("token_endpoint", partner.token_endpoint)


def _test_system(place: str, address: str) -> Iterator[str]:
    if address.startswith(_TEST_SYSTEMS):
        yield f"{place}: {address} is a test system, although a partner is live"


def notes(settings: Settings) -> list[str]:
    """Return the contract-critical keys that a live partner leaves at their default, a sentence per table."""
    found = []
    for name, partner in settings.partners.items():
        place = f"{settings.file.name}: partners.{name}"
        if partner.mode == "live":
            found += [f"{place}: {text}" for text in _defaults(partner, _CONTRACT)]
            for number, rule in enumerate(partner.earn):
                found += [f"{place}.earn[{number}]: {text}" for text in _defaults(rule, _critical(rule))]
    return found


def _critical(rule: EarnRule) -> tuple[str, ...]:
    spend = tuple(name for name in _SPEND if name != "per" or not rule.tiers)
    return (*spend, *_RULE) if rule.basis == "spend" else _RULE


def _defaults(table: Partner | EarnRule, names: tuple[str, ...]) -> Iterator[str]:
    left = [f"{name} ({_shown(table, name)})" for name in names if name not in table.model_fields_set]
    if left:
        yield f"left at the default: {', '.join(left)}; compare with the partner contract"


def _shown(table: Partner | EarnRule, name: str) -> str:
    value = getattr(table, name)
    return "absent" if value is None else json.dumps(written(value))
