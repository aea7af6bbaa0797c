"""Earn rules: what a stay is worth to a partner's member."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Strict, WithJsonSchema

from connector.settings.section import Section
from connector.settings.values import Amount, Count, Currency, Miles, PositiveAmount, Text, Texts, Word, fault, shown

ItemType = Literal[
    "CancellationFee",
    "NightRebate",
    "ProductOrderRebate",
    "AdditionalExpenseRebate",
    "Deposit",
    "ExchangeRateDifference",
    "CustomItem",
    "ServiceCharge",
    "CityTax",
    "CityTaxDiscount",
    "SpaceOrder",
    "ProductOrder",
    "Surcharge",
    "TaxCorrection",
    "ResourceUpgradeFee",
    "InvoiceFee",
    "MulticurrencyFee",
    "AllowanceDiscount",
    "AllowanceBreakage",
    "AllowanceContraBreakage",
]
ItemTypes = Annotated[tuple[ItemType, ...], Strict(False)]
Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
Weekdays = Annotated[tuple[Weekday, ...], Strict(False)]
Origin = Literal["Distributor", "ChannelManager", "Commander", "Import", "Connector", "Navigator"]
Origins = Annotated[tuple[Origin, ...], Strict(False)]
RevenueType = Literal["Service", "Product", "Additional"]
RevenueTypes = Annotated[tuple[RevenueType, ...], Strict(False)]

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_ID = re.compile(r"(?=.*\d)[0-9A-Za-z_-]{16,}", re.ASCII)


def presence(value: object) -> object:
    """Read "any", "none" or a list of ids; a name could be a person's, which is neither stored nor repeated."""
    if value in ("any", "none"):
        return value
    if not isinstance(value, list | tuple) or not value:
        raise fault(f"{shown(value)} is not valid", '"any", "none" or a list of ids')
    for number, each in enumerate(value, start=1):
        if not isinstance(each, str) or not _ID.fullmatch(each):
            raise fault(f"entry {number} is not an id", "the ids that Mews gives these, not their names")
    return tuple(value)


Presence = Annotated[
    Literal["any", "none"] | tuple[str, ...],
    BeforeValidator(presence),
    WithJsonSchema(
        {"anyOf": [{"enum": ["any", "none"]}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
    ),
    Word("any, none or list of ids"),
]


def offer_id(value: object) -> str:
    """Read the UUID of an offer, in the usual form and in lower case; "" stands for none."""
    if value == "":
        return ""
    if not isinstance(value, str) or not _UUID.fullmatch(value.lower()):
        raise fault(f"{shown(value)} is not the id of an offer", "a UUID, as the partner tells it")
    return value.lower()


OfferId = Annotated[str, BeforeValidator(offer_id)]


class Window(Section):
    """Dates, inclusive and property-local; an open end is unbounded."""

    from_: date | None = Field(None, alias="from", description="First day.")
    to: date | None = Field(None, description="Last day.")


class Step(Section):
    """A step of money: what is spent up to here, beyond the step before. Only the last may have no end."""

    up_to: PositiveAmount | None = Field(None, description="Where the step ends; absent: it does not.")
    per: PositiveAmount = Field(description="Units of money that earn the miles once.")


class Multiplier(Window):
    """What the miles of departures in a window are multiplied by; windows that overlap multiply each other."""

    factor: PositiveAmount = Field(description="The factor.")


class EarnRule(Section):
    """One line of a partner contract; all but ``basis`` and ``miles`` may be absent.

    ``currency`` absent means the currency of the folio, unconverted. Item types are those of Mews.
    """

    name: str = Field("", description="Name of the rule in explanations.")
    priority: Count = Field(10, description="Rules are tried by this number, the lowest first; else as they stand.")
    stop: bool = Field(False, description="Whether no rule after this one applies where this one does.")
    basis: Literal["spend", "night", "stay", "visit"] = Field(
        description="What the miles are counted by; a visit is all the rooms of a guest whose dates overlap."
    )
    miles: Miles = Field(description="Miles per unit of the basis.")
    per: PositiveAmount = Field(Decimal("1.00"), description="Units of money that earn the miles once (spend).")
    tiers: Annotated[tuple[Step, ...], Strict(False)] = Field(
        (), description="Steps of money, each with its own per, in place of per."
    )
    currency: Currency | None = Field(None, description="Currency of the amounts; absent: the folio's own.")
    amount: Literal["gross", "net"] = Field("gross", description="Amounts with or without tax.")
    items: ItemTypes = Field(("SpaceOrder",), description="Types of order item that count.")
    exclude_items: ItemTypes = Field((), description="Types of order item that never count.")
    tier_bonus: dict[Text, PositiveAmount] = Field(
        {}, description="Factor of the miles by tier code, for members of the scheme's program."
    )
    multipliers: Annotated[tuple[Multiplier, ...], Strict(False)] = Field(
        (), description="Factors of the miles by date of departure."
    )
    bonus: Count = Field(0, description="Miles on top, once per stay.")
    min_nights: Count = Field(1, description="Nights below which the stay earns nothing by this rule.")
    min_spend: Amount = Field(Decimal("0.00"), description="Spend below which the stay earns nothing by this rule.")
    cap_stay: Count = Field(10_000, description="Most miles per stay; 0: no cap.")
    cap_day: Count = Field(
        0,
        description="Most miles per member for stays that depart on one day, by all awards of the partner; 0: no cap.",
    )
    cap_year: Count = Field(0, description="The same for the departures of a calendar year; 0: no cap.")
    over_cap: Literal["truncate", "refuse"] = Field("truncate", description="What happens above the cap.")
    categories: Texts = Field((), description="Accounting categories of items that count; empty: all.")
    exclude_categories: Texts = Field((), description="Accounting categories of items that never count.")
    services: Texts = Field((), description="Services whose items count; empty: all.")
    exclude_services: Texts = Field((), description="Services whose items never count.")
    revenue_types: RevenueTypes = Field((), description="Revenue types of items that count; empty: all.")
    exclude_revenue_types: RevenueTypes = Field((), description="Revenue types of items that never count.")
    travel_agencies: Presence = Field("none", description="Whether stays of travel agencies earn, or of which.")
    companies: Presence = Field("any", description="Whether stays of companies earn, or of which.")
    blocks: Presence = Field("any", description="Whether stays out of availability blocks earn, or out of which.")
    rates: Texts = Field((), description="Rates the rule is for; empty: all.")
    exclude_rates: Texts = Field((), description="Rates the rule is not for.")
    rate_groups: Texts = Field((), description="Groups of rates the rule is for; empty: all.")
    exclude_rate_groups: Texts = Field((), description="Groups of rates the rule is not for.")
    segments: Texts = Field((), description="Business segments the rule is for; empty: all.")
    exclude_segments: Texts = Field((), description="Business segments the rule is not for.")
    origins: Origins = Field((), description="Origins of reservations (Mews's words) the rule is for; empty: all.")
    exclude_origins: Origins = Field((), description="Origins of reservations the rule is not for.")
    sources: Texts = Field((), description="Primary sources of reservations the rule is for; empty: all.")
    exclude_sources: Texts = Field((), description="Primary sources of reservations the rule is not for.")
    exclude_classifications: Texts = Field(
        ("Staff", "PaymasterAccount"), description="Guests with one of these classifications earn nothing."
    )
    properties: Texts = Field((), description="Properties (table, id or name) the rule is for; empty: all.")
    zero_rate: bool = Field(False, description="Whether a stay without any room revenue earns.")
    offer_code: str = Field(
        "", description="Offer code under which this rule's miles are issued; empty: the partner's own. AIR MILES only."
    )
    offer: OfferId = Field(
        "",
        description="Id (UUID) of an offer in the Offer Service: the rule is only for members who opted in to it not "
        "later than the check-out; needs an offer_code of its own and the partner's table offers.",
    )
    description: str = Field("", max_length=20, description="Text that goes with the credit; empty: the chain's name.")
    weekdays: Weekdays = Field(
        (), description='Nights that count (basis "night"), otherwise days of arrival; empty: all.'
    )
    booked: Window = Field(Window(), description="Days of booking the rule is for: { from = DATE, to = DATE }.")
    arrival: Window = Field(Window(), description="First nights the rule is for: { from = DATE, to = DATE }.")
    departure: Window = Field(Window(), description="Departures the rule is for: { from = DATE, to = DATE }.")
