"""What a property has before its first guest: services, categories, rates, products, exchange rates."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from .bookings import Bookings
from .clock import Clock, stamp
from .identity import identity, lasting
from .money import cents, taxed, untaxed
from .names import AGENCIES, FIRMS, TRADES
from .properties import CHAIN_ID, CHAIN_NAME, PROPERTIES, Property

Entry = tuple[str, dict[str, Any]]

SERVICES = {"Stay": "Bookable", "Restaurant": "Additional"}
CATEGORIES = {
    "Accommodation": "Accommodation",
    "Food and beverage": "FoodAndBeverage",
    "City tax": "Taxes",
    "Fees": "SundryIncome",
}
RATES = {
    "Direct": ("Best available rate", "Public"),
    "Online TA": ("Online agencies", "Agencies"),
    "Offline TA/TO": ("Tour operators", "Agencies"),
    "Groups": ("Group rate", "Negotiated"),
    "Corporate": ("Corporate rate", "Negotiated"),
    "Complementary": ("Complimentary", "House"),
}
SOURCES = {
    "Online TA": ("Online agencies", "OnlineTravelAgency"),
    "Direct": ("Hotel website", "OnlineBookingEngine"),
}
BOARD = {"BB": Decimal("14.00"), "HB": Decimal("38.00"), "FB": Decimal("59.00")}
CITY_TAX = Decimal("2.50")
DINNER = Decimal("42.00")
ENVIRONMENTS = ("Accommodation", "Accounting", "Legal", "Tax")
PROMOTIONS = (
    "BeforeCheckIn",
    "AfterCheckIn",
    "DuringStay",
    "BeforeCheckOut",
    "DuringCheckOut",
    "AfterCheckOut",
)
PRODUCTS: dict[str, tuple[str, str, Decimal]] = {
    "BB": ("Breakfast", "Stay", BOARD["BB"]),
    "HB": ("Half board", "Stay", BOARD["HB"]),
    "FB": ("Full board", "Stay", BOARD["FB"]),
    "City tax": ("City tax", "Stay", CITY_TAX),
    "Rebate": ("Rebate", "Stay", Decimal(0)),
    "Dinner": ("Dinner", "Restaurant", DINNER),
}


def chain_directory(bookings: Bookings, clock: Clock) -> Iterator[Entry]:
    """The records of both properties, then sources, and the firms and agencies that the bookings name."""
    for place in PROPERTIES.values():
        yield "Enterprises", _enterprise(place, clock)
    for place in PROPERTIES.values():
        yield from _of_property(place, _times(clock))
    yield from _sources(_times(clock))
    yield from _companies(bookings, _times(clock))


def _sources(times: dict[str, str]) -> Iterator[Entry]:
    for code, (segment, (name, kind)) in enumerate(SOURCES.items(), start=1):
        record = {"Id": source_id(segment), "Name": name, "Type": kind, "Code": code}
        yield "Sources", record | {"UpdatedUtc": times["UpdatedUtc"]}


def source_id(segment: str) -> str:
    return lasting("source", segment)


def company_id(number: str) -> str:
    return identity("company", number)


def agency_id(number: str) -> str:
    return identity("agency", number)


def price(place: Property, euros: Decimal) -> Decimal:
    """Euros of the bookings in the property's currency."""
    return cents(euros * place.factor)


def _times(clock: Clock) -> dict[str, str]:
    """The directory was set up the day after the chain opened."""
    moment = stamp(clock.opened.replace(hour=9))
    return {"CreatedUtc": moment, "UpdatedUtc": moment}


def _enterprise(place: Property, clock: Clock) -> dict[str, Any]:
    opened = stamp(clock.opened)
    address = {"Id": place.id("address"), "City": place.city, "CountryCode": place.country}
    times = {"CreatedUtc": opened, "UpdatedUtc": opened, "LinkedUtc": opened}
    codes = {f"{kind}EnvironmentCode": place.country for kind in ENVIRONMENTS}
    return (
        times
        | codes
        | {
            "Id": place.enterprise_id,
            "ChainId": CHAIN_ID,
            "ChainName": CHAIN_NAME,
            "Name": place.name,
            "Address": address,
            "AddressId": address["Id"],
            "TimeZoneIdentifier": place.zone.key,
            "DefaultLanguageCode": place.language,
            "Pricing": place.pricing,
            "TaxPrecision": 2,
            "AccountingEditableHistoryInterval": place.accounting_interval,
            "OperationalEditableHistoryInterval": place.operational_interval,
            "BusinessDayClosingOffset": place.closing_offset,
            "GroupNames": [],
            "Subscription": {},
            "_Table": place.table,
            "_Currency": place.currency,
        }
    )


def _of_property(place: Property, times: dict[str, str]) -> Iterator[Entry]:
    for name, kind in SERVICES.items():
        yield "Services", _service(place, name, kind) | times
    for name, kind in CATEGORIES.items():
        record = {"Id": place.id("category", name), "EnterpriseId": place.enterprise_id, "Name": name}
        yield "AccountingCategories", record | {"Classification": kind, "IsActive": True} | times
    yield from _sales(place, times)
    for key in PRODUCTS:
        yield "Products", _product(place, key) | times
    yield from _exchange(place)


def _service(place: Property, name: str, kind: str) -> dict[str, Any]:
    return {
        "Id": place.id("service", name),
        "EnterpriseId": place.enterprise_id,
        "Names": {place.language: name},
        "IsActive": True,
        "Ordering": list(SERVICES).index(name),
        "Options": {"BillAsPackage": False},
        "Data": {"Discriminator": kind, "Value": {}},
    }


def _sales(place: Property, times: dict[str, str]) -> Iterator[Entry]:
    """Rate groups, rates and segments, all of the stay service."""
    service = place.id("service", "Stay")
    common = {"ServiceId": service, "_EnterpriseId": place.enterprise_id, "IsActive": True}
    for ordering, group in enumerate(dict.fromkeys(group for _, group in RATES.values())):
        record = {"Id": place.id("rate group", group), "Names": {place.language: group}, "Ordering": ordering}
        yield "RateGroups", record | common | times
    for segment in RATES:
        yield "Rates", _rate(place, segment) | common | {"UpdatedUtc": times["UpdatedUtc"]}
        record = {"Id": place.id("segment", segment), "Name": segment}
        yield "BusinessSegments", record | common | times


def _rate(place: Property, segment: str) -> dict[str, Any]:
    name, group = RATES[segment]
    public = group == "Public"
    return {
        "Id": place.id("rate", segment),
        "GroupId": place.id("rate group", group),
        "Names": {place.language: name},
        "Type": "Public" if public else "Private",
        "IsPublic": public,
        "IsBaseRate": public,
        "IsDefault": public,
        "IsEnabled": True,
    }


def _product(place: Property, key: str) -> dict[str, Any]:
    name, service, euros = PRODUCTS[key]
    amount = (untaxed if key == "City tax" else taxed)(place, price(place, euros))
    classes = {"Beverage": False, "CityTax": key == "City tax", "Fee": False, "Wellness": False}
    names = {kind: {place.language: name} for kind in ("Names", "ShortNames", "ExternalNames")}
    return names | {
        "Id": place.id("product", key),
        "ServiceId": place.id("service", service),
        "Price": amount,
        "ChargingMode": "PerPersonPerTimeUnit" if service == "Stay" else "PerPerson",
        "PostingMode": "Once",
        "ConsumptionMoment": "PostingTimeUnit",
        "Classifications": classes | {"Food": key in BOARD or key == "Dinner"},
        "Options": {"BillAsPackage": False, "ExcludePriceFromOffer": False},
        "Promotions": dict.fromkeys(PROMOTIONS, False),
        "IsActive": True,
        "Ordering": list(PRODUCTS).index(key),
        "_EnterpriseId": place.enterprise_id,
    }


def _exchange(place: Property) -> Iterator[Entry]:
    for source, target, value in (("EUR", "CAD", 1.5), ("CAD", "EUR", 0.666667)):
        record = {"Id": place.id("exchange", source, target), "EnterpriseId": place.enterprise_id}
        yield "ExchangeRates", record | {"SourceCurrency": source, "TargetCurrency": target, "Value": value}


def _companies(bookings: Bookings, times: dict[str, str]) -> Iterator[Entry]:
    firms = sorted({row.company for row in bookings.rows if row.company}, key=_order)
    agents = sorted({row.agent for row in bookings.rows if row.agent}, key=_order)
    for number, firm in enumerate(firms, start=1):
        name = f"{FIRMS[number % len(FIRMS)]} {TRADES[number % len(TRADES)]} {firm}"
        yield "Companies", _company(company_id(firm), number, name) | times
    for number, agent in enumerate(agents, start=len(firms) + 1):
        name = f"{AGENCIES[number % len(AGENCIES)]} {agent}"
        yield "Companies", _company(agency_id(agent), number, name) | times


def _order(number: str) -> tuple[int, str]:
    return (len(number), number)


def _company(identifier: str, number: int, name: str) -> dict[str, Any]:
    options = ("AddFeesToInvoices", "AddTaxDeductedPaymentToInvoices", "Invoiceable")
    return {
        "Id": identifier,
        "ChainId": CHAIN_ID,
        "Number": number,
        "Name": name,
        "IsActive": True,
        "CreditRating": {"Basic": "CreditOk"},
        "Options": {option: option == "Invoiceable" for option in options},
    }
