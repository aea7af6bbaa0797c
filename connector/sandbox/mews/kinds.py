"""The kinds of records: where each belongs, how it is found, and which of its properties filters look up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Kind:
    """A table of records, named as the answers name them.

    ``owner`` is the property that holds the enterprise or chain id; where records carry none, ``via`` names
    the property and the kind through which it is found. ``looked_up`` are the properties that have an index.
    """

    name: str
    level: str = "enterprise"  # enterprise | chain | shared
    owner: str = "EnterpriseId"
    via: tuple[str, str] | None = None
    looked_up: tuple[str, ...] = ()
    hides_inactive: bool = False  # IsActive = false means deleted: shown only under ActivityStates


_BY_SERVICE = ("ServiceId", "Services")
_BY_RESERVATION = ("ReservationId", "Reservations")

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("Enterprises", owner="Id"),
        Kind("Services"),
        Kind("Rates", via=_BY_SERVICE, hides_inactive=True),
        Kind("RateGroups", via=_BY_SERVICE, hides_inactive=True),
        Kind("BusinessSegments", via=_BY_SERVICE, hides_inactive=True),
        Kind("Products", via=_BY_SERVICE),
        Kind("AccountingCategories", hides_inactive=True),
        Kind("ExchangeRates"),
        Kind("Sources", level="shared"),
        Kind("SourceAssignments", via=_BY_RESERVATION, looked_up=("ReservationId",)),
        Kind("Companies", level="chain", owner="ChainId", hides_inactive=True),
        Kind(
            "Customers",
            level="chain",
            owner="ChainId",
            looked_up=("Email", "LastName", "LoyaltyCode"),
            hides_inactive=True,
        ),
        Kind("Reservations", via=_BY_SERVICE, looked_up=("AccountId", "GroupId", "Number")),
        Kind(
            "Companionships",
            via=_BY_RESERVATION,
            looked_up=("ReservationId", "CustomerId", "ReservationGroupId"),
        ),
        Kind("OrderItems", looked_up=("ServiceOrderId", "BillId", "AccountId")),
        Kind("ProductServiceOrders", via=_BY_SERVICE, looked_up=("LinkedReservationId", "AccountId")),
        Kind("Bills", looked_up=("AccountId",)),
        Kind("LoyaltyPrograms", level="chain", owner="ChainId"),
        Kind(
            "LoyaltyTiers",
            level="chain",
            owner="ChainId",
            via=("LoyaltyProgramId", "LoyaltyPrograms"),
            looked_up=("LoyaltyProgramId",),
        ),
        Kind(
            "LoyaltyMemberships",
            level="chain",
            owner="ChainId",
            looked_up=("AccountId", "MembershipNumber", "ProviderMembershipId"),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A getAll operation: its kind, and for each filter the property that it compares.

    A list filter keeps records whose property is in the list, an interval those whose time lies in it.
    """

    kind: str
    filters: Mapping[str, str] = field(default_factory=dict)
    one_of: frozenset[str] = frozenset()  # at least one of these filters is required


_TIMES = {"UpdatedUtc": "UpdatedUtc"}
_BORN = {"CreatedUtc": "CreatedUtc", **_TIMES}
_PROPERTY = {"EnterpriseIds": "EnterpriseId"}
_SERVICE = {"ServiceIds": "ServiceId", **_PROPERTY, **_TIMES}
_CHAIN = {"ChainIds": "ChainId"}
_CUSTOMER = {
    "CustomerIds": "Id",
    "Emails": "Email",
    "FirstNames": "FirstName",
    "LastNames": "LastName",
    "LoyaltyCodes": "LoyaltyCode",
    "CompanyIds": "CompanyId",
    "DeletedUtc": "DeletedUtc",
    **_BORN,
}
_RESERVATION = {
    "ReservationIds": "Id",
    "ReservationGroupIds": "GroupId",
    "Numbers": "Number",
    "ChannelNumbers": "ChannelNumber",
    "States": "State",
    "AccountIds": "AccountId",
    "AssignedResourceIds": "AssignedResourceId",
    "AvailabilityBlockIds": "AvailabilityBlockId",
    "PartnerCompanyIds": "PartnerCompanyId",
    "TravelAgencyIds": "TravelAgencyId",
    "ActualStartUtc": "ActualStartUtc",
    "ActualEndUtc": "ActualEndUtc",
    "ScheduledStartUtc": "ScheduledStartUtc",
    "ScheduledEndUtc": "ScheduledEndUtc",
    **_SERVICE,
    **_BORN,
}
_ORDER_ITEM = {
    "OrderItemIds": "Id",
    "ServiceOrderIds": "ServiceOrderId",
    "BillIds": "BillId",
    "AccountIds": "AccountId",
    "AccountingStates": "AccountingState",
    "Types": "Type",
    "CanceledUtc": "CanceledUtc",
    "ClosedUtc": "ClosedUtc",
    "ConsumedUtc": "ConsumedUtc",
    **_SERVICE,
    **_BORN,
}
_BILL = {
    "BillIds": "Id",
    "CustomerIds": "AccountId",
    "State": "State",
    "Type": "Type",
    "CorrectionState": "CorrectionState",
    "DueUtc": "DueUtc",
    "IssuedUtc": "IssuedUtc",
    "PaidUtc": "PaidUtc",
    **_PROPERTY,
    **_BORN,
}
_MEMBERSHIP = {
    "LoyaltyMembershipIds": "Id",
    "AccountIds": "AccountId",
    "LoyaltyProgramIds": "LoyaltyProgramId",
    "MembershipNumbers": "MembershipNumber",
    "MembershipStates": "State",
    "ProviderMembershipIds": "ProviderMembershipId",
    **_CHAIN,
    **_BORN,
}
_COMPANIONSHIP = {
    "CompanionshipIds": "Id",
    "CustomerIds": "CustomerId",
    "ReservationIds": "ReservationId",
    "ReservationGroupIds": "ReservationGroupId",
    **_PROPERTY,
    **_TIMES,
}
_COMPANY = {
    "Ids": "Id",
    "Names": "Name",
    "ExternalIdentifiers": "ExternalIdentifier",
    "MotherCompanyIds": "MotherCompanyId",
    **_CHAIN,
    **_BORN,
}
_EXTERNAL = {"ExternalIdentifiers": "ExternalIdentifier"}

READINGS: Mapping[str, Reading] = {
    "enterprises/getAll": Reading(
        "Enterprises", {"EnterpriseIds": "Id", "LinkedUtc": "LinkedUtc", **_EXTERNAL, **_TIMES}
    ),
    "services/getAll": Reading(
        "Services", {"ServiceIds": "Id", "ServiceType": "Data.Discriminator", **_PROPERTY, **_TIMES}
    ),
    "rates/getAll": Reading("Rates", {"RateIds": "Id", **_EXTERNAL, **_SERVICE}),
    "rateGroups/getAll": Reading("RateGroups", {"RateGroupIds": "Id", **_EXTERNAL, **_SERVICE}),
    "businessSegments/getAll": Reading("BusinessSegments", {"Ids": "Id", **_SERVICE}),
    "sources/getAll": Reading("Sources", {"SourceIds": "Id", **_TIMES}),
    "sourceAssignments/getAll/2024-09-20": Reading(
        "SourceAssignments", {"ReservationIds": "ReservationId", **_PROPERTY, **_TIMES}
    ),
    "accountingCategories/getAll": Reading(
        "AccountingCategories", {"AccountingCategoryIds": "Id", **_PROPERTY, **_TIMES}
    ),
    "exchangeRates/getAll": Reading("ExchangeRates", {"Ids": "Id", **_PROPERTY}),
    "companies/getAll": Reading("Companies", _COMPANY),
    "companionships/getAll": Reading("Companionships", _COMPANIONSHIP),
    "customers/getAll": Reading("Customers", _CUSTOMER | _CHAIN, one_of=frozenset(_CUSTOMER)),
    "reservations/getAll/2023-06-06": Reading("Reservations", _RESERVATION),
    "orderItems/getAll": Reading("OrderItems", _ORDER_ITEM),
    "productServiceOrders/getAll": Reading(
        "ProductServiceOrders",
        {
            "ProductServiceOrderIds": "Id",
            "LinkedReservationIds": "LinkedReservationId",
            "AccountIds": "AccountId",
            "States": "State",
            **_SERVICE,
        },
    ),
    "bills/getAll": Reading("Bills", _BILL),
    "loyaltyPrograms/getAll": Reading(
        "LoyaltyPrograms", {"LoyaltyProgramIds": "Id", "Codes": "Code", **_CHAIN, **_BORN}
    ),
    "loyaltyTiers/getAll": Reading(
        "LoyaltyTiers", {"LoyaltyTierIds": "Id", "LoyaltyProgramIds": "LoyaltyProgramId", **_CHAIN, **_TIMES}
    ),
    "loyaltyMemberships/getAll": Reading("LoyaltyMemberships", _MEMBERSHIP),
}
