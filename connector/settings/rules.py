"""Earn rules: what a stay is worth to a partner's member."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, Strict

from connector.settings.section import Section
from connector.settings.values import Amount, Count, Currency, Miles, PositiveAmount, Texts

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
Presence = Literal["any", "none"]


class Window(Section):
    """Dates, inclusive and property-local; an open end is unbounded."""

    from_: date | None = Field(None, alias="from", description="First day.")
    to: date | None = Field(None, description="Last day.")


class EarnRule(Section):
    """One line of a partner contract; all but ``basis`` and ``miles`` may be absent.

    ``currency`` absent means the currency of the folio, unconverted. Item types are those of Mews.
    """

    name: str = Field("", description="Name of the rule in explanations.")
    basis: Literal["spend", "night", "stay", "visit"] = Field(
        description="What the miles are counted by; a visit is all the rooms of a guest whose dates overlap."
    )
    miles: Miles = Field(description="Miles per unit of the basis.")
    per: PositiveAmount = Field(Decimal("1.00"), description="Units of money that earn the miles once (spend).")
    currency: Currency | None = Field(None, description="Currency of the amounts; absent: the folio's own.")
    amount: Literal["gross", "net"] = Field("gross", description="Amounts with or without tax.")
    items: ItemTypes = Field(("SpaceOrder",), description="Types of order item that count.")
    exclude_items: ItemTypes = Field((), description="Types of order item that never count.")
    bonus: Count = Field(0, description="Miles on top, once per stay.")
    min_nights: Count = Field(1, description="Nights below which the stay earns nothing by this rule.")
    min_spend: Amount = Field(Decimal("0.00"), description="Spend below which the stay earns nothing by this rule.")
    cap_stay: Count = Field(10_000, description="Most miles per stay; 0: no cap.")
    over_cap: Literal["truncate", "refuse"] = Field("truncate", description="What happens above the cap.")
    travel_agencies: Presence = Field("none", description="Whether stays of travel agencies earn.")
    companies: Presence = Field("any", description="Whether stays of companies earn.")
    blocks: Presence = Field("any", description="Whether stays out of availability blocks earn.")
    exclude_classifications: Texts = Field(
        ("Staff", "PaymasterAccount"), description="Guests with one of these classifications earn nothing."
    )
    properties: Texts = Field((), description="Properties (table, id or name) the rule is for; empty: all.")
    zero_rate: bool = Field(False, description="Whether a stay without any room revenue earns.")
    departure: Window = Field(Window(), description="Departures the rule is for: { from = DATE, to = DATE }.")
