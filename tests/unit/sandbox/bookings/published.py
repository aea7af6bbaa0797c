"""What the published reference asks of each record (state 2026-08-07), typed by hand."""

from __future__ import annotations

import re

REQUIRED: dict[str, str] = {
    "Enterprises": (
        "AccommodationEnvironmentCode AccountingEditableHistoryInterval AccountingEnvironmentCode Address "
        "AddressId ChainId ChainName CreatedUtc DefaultLanguageCode GroupNames Id LegalEnvironmentCode "
        "LinkedUtc Name OperationalEditableHistoryInterval Pricing Subscription TaxEnvironmentCode "
        "TimeZoneIdentifier UpdatedUtc"
    ),
    "Services": "CreatedUtc Data EnterpriseId Id IsActive Names Options Ordering UpdatedUtc",
    "AccountingCategories": "CreatedUtc EnterpriseId Id IsActive Name UpdatedUtc",
    "RateGroups": "CreatedUtc Id IsActive Names Ordering ServiceId UpdatedUtc",
    "Rates": "GroupId Id IsActive IsBaseRate IsDefault IsEnabled IsPublic Names ServiceId Type UpdatedUtc",
    "BusinessSegments": "CreatedUtc Id IsActive Name ServiceId UpdatedUtc",
    "Products": (
        "ChargingMode Classifications ConsumptionMoment CreatedUtc ExternalNames Id IsActive Names "
        "Options Ordering PostingMode Price Promotions ServiceId ShortNames UpdatedUtc"
    ),
    "ExchangeRates": "EnterpriseId Id SourceCurrency TargetCurrency Value",
    "Sources": "Code Id Name Type UpdatedUtc",
    "SourceAssignments": "Id IsPrimary ReservationId SourceId UpdatedUtc",
    "Companies": "ChainId CreditRating Id IsActive Name Number Options",
    "LoyaltyPrograms": "ChainId Code Id Name Subscription Type",
    "LoyaltyMemberships": ("AccountId ChainId CreatorProfile Id IsPrimary LoyaltyProgramId State UpdaterProfile"),
    "Customers": (
        "ChainId Classifications CreatedUtc CreatorProfileId HasOtaEmail Id IsActive LastName Number "
        "Options PreferredSpaceFeatures UpdatedUtc UpdaterProfileId"
    ),
    "Reservations": (
        "AccountId AccountType AssignedResourceLocked CreatedUtc CreatorProfileId GroupId Id Number "
        "Options Origin PersonCounts RateId RequestedResourceCategoryId ScheduledEndUtc ScheduledStartUtc "
        "ServiceId State UpdatedUtc UpdaterProfileId"
    ),
    "Companionships": "CustomerId Id ReservationGroupId",
    "ProductServiceOrders": (
        "AccountId AccountType CreatedUtc CreatorProfileId Id Number Options Origin ServiceId State "
        "UpdatedUtc UpdaterProfileId"
    ),
    "OrderItems": (
        "AccountingState Amount ConsumedUtc CreatedUtc CreatorProfileId EnterpriseId Id Options "
        "OriginalAmount RevenueType ServiceId ServiceOrderId Type UnitAmount UnitCount UpdatedUtc "
        "UpdaterProfileId"
    ),
    "Bills": "AccountId AccountType CorrectionState CreatedUtc EnterpriseId Id State Type UpdatedUtc",
}
DEPRECATED: dict[str, str] = {
    "Enterprises": "EditableHistoryInterval",
    "Services": "EndTime Name Promotions StartTime Type",
    "Rates": "Name",
    "Products": "Charging Description ExternalName IsDefault Name Posting Pricing ShortName",
    "Companies": "Address ElectronicInvoiceIdentifier TaxIdentificationNumber",
    "LoyaltyMemberships": "Code",
    "Customers": "ActivityState Address DriversLicense IdentityCard Passport Visa",
    "Reservations": "EndUtc StartUtc",
    "Bills": "AssigneeData CompanyDetails CompanyId CustomerId OrderItems PaymentItems Payments Revenue",
}
AMOUNT = "Currency NetValue GrossValue TaxValues Breakdown"
AMOUNTS = ("Amount", "OriginalAmount", "UnitAmount", "Price")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
