"""What Mews answers and tells: pages of records of every kind, refusals, and events."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from connector.domain.names import Kind
from connector.http.answer import Answer
from connector.mews.answers import Call, data, refusal
from connector.mews.pages import parsed, walk
from connector.mews.payloads import bills, companions, guests, loyalty, names, orders, properties, sources, stays
from connector.mews.payloads.events import of_message, of_webhook
from connector.mews.payloads.records import Record
from tests.campaigns.targets.outcome import EMAIL, FIRST, LAST, MILES_NUMBER, SECRET, Outcome, Target
from tests.campaigns.targets.wire import NOW, run

_AT = "2026-01-31T10:00:00Z"
_CALL = Call("wien", "operation/getAll")
_ENTERPRISE = {
    "Id": "e1",
    "ChainId": "chain",
    "Name": "Wien",
    "CreatedUtc": "2020-05-01T00:00:00Z",
    "TimeZoneIdentifier": "Europe/Vienna",
    "AccountingEditableHistoryInterval": "P0M3DT0H0M0S",
    "OperationalEditableHistoryInterval": "P0M7DT0H0M0S",
    "BusinessDayClosingOffset": "P0M0DT3H0M0S",
    "Currencies": [{"Currency": "CZK", "IsDefault": False}, {"Currency": "EUR", "IsDefault": True}],
}
_RESERVATION = {
    "Id": "r1",
    "ServiceId": "s1",
    "AccountId": "a1",
    "AccountType": "Customer",
    "Number": "52",
    "State": "Processed",
    "Origin": "ChannelManager",
    "CreatedUtc": _AT,
    "UpdatedUtc": _AT,
    "ScheduledStartUtc": _AT,
    "ScheduledEndUtc": _AT,
    "ActualStartUtc": _AT,
    "ActualEndUtc": None,
    "GroupId": "g1",
    "RateId": "rate1",
    "BusinessSegmentId": "seg1",
    "BookerId": "a2",
    "ChannelNumber": "CH-9",
}
_ITEM = {
    "Id": "i1",
    "ServiceOrderId": "r1",
    "ServiceId": "s1",
    "Type": "SpaceOrder",
    "AccountingState": "Closed",
    "RevenueType": "Service",
    "AccountingCategoryId": "c1",
    "BillId": "b1",
    "UpdatedUtc": _AT,
    "ClosedUtc": _AT,
    "Data": {"Rebate": {"RebatedItemId": "i0"}, "Product": {"ProductType": "Product"}},
    "Amount": {
        "Currency": "EUR",
        "NetValue": 90.91,
        "GrossValue": 100,
        "TaxValues": [{"Code": "AT-10", "Value": 9.09}],
    },
}
_GUEST = {
    "Id": "a1",
    "IsActive": True,
    "HasOtaEmail": False,
    "UpdatedUtc": _AT,
    "MergeTargetId": None,
    "Classifications": ["Staff"],
    "LoyaltyCode": "L-1",
    "Email": EMAIL,
    "FirstName": FIRST,
    "LastName": LAST,
}
_MEMBERSHIP = {
    "Id": "m1",
    "AccountId": "a1",
    "LoyaltyProgramId": "p1",
    "State": "Enrolled",
    "IsPrimary": True,
    "MembershipNumber": MILES_NUMBER,
    "Points": 1200,
    "ExpirationDate": "2027-03-31T00:00:00Z",
    "LoyaltyTierId": "t1",
    "ProviderMembershipId": "A-1",
    "Url": "https://example.com/1",
    "DeletedUtc": None,
}
_NAMED = {"Id": "n1", "Name": "Rack", "Names": {"en-US": "Rack", "de-DE": "Rack rate"}, "GroupId": "g1"}
_KINDS: Mapping[str, tuple[Callable[[Record], Any], dict[str, Any]]] = {
    "guest": (guests.guest, _GUEST),
    "membership": (loyalty.membership, _MEMBERSHIP),
    "program": (
        loyalty.program,
        {"Id": "p1", "Code": "MM", "Name": "Miles", "Type": "ExternalPartner", "Subscription": "Free"},
    ),
    "tier": (loyalty.tier, {"Id": "t1", "LoyaltyProgramId": "p1", "Code": "GOLD", "Name": "Gold", "Ordering": 2}),
    "reservation": (lambda record: stays.reservation(record, {"s1": "e1"}.get), _RESERVATION),
    "order item": (stays.order_item, _ITEM),
    "bill": (bills.bill, {"Id": "b1", "AccountId": "a1", "State": "Closed", "Type": "Receipt", "PaidUtc": _AT}),
    "companionship": (companions.companionship, {"ReservationId": "r1", "CustomerId": "a1"}),
    "product order": (orders.product_order, {"Id": "o1", "LinkedReservationId": "r1"}),
    "source assignment": (
        sources.assignment,
        {"ReservationId": "r1", "SourceId": "s1", "IsPrimary": True, "UpdatedUtc": _AT},
    ),
    "rate": (lambda record: names.named(record, Kind.RATE, "e1"), _NAMED),
    "enterprise": (properties.enterprise, _ENTERPRISE),
    "service": (properties.service, {"Id": "s1", "EnterpriseId": "e1", **_NAMED}),
    "exchange rate": (
        properties.exchange_rate,
        {"EnterpriseId": "e1", "SourceCurrency": "EUR", "TargetCurrency": "CZK", "Value": 24.3105},
    ),
    "configuration": (
        lambda record: properties.configuration(record, "wien"),
        {"NowUtc": _AT, "Enterprise": _ENTERPRISE},
    ),
}
_EVENTS = {
    "EnterpriseId": "e1",
    "Events": [
        {"Discriminator": "ServiceOrderUpdated", "Value": {"Id": "r1"}},
        {"Discriminator": "CustomerUpdated", "Value": {"Id": "a1"}},
    ],
}
_MESSAGE = {"Events": [{"Type": "Reservation", "Id": "r1", "State": "Processed"}, {"Type": "Resource", "Id": "x"}]}


class _Reader:
    """A client of Mews that has this one answer."""

    def __init__(self, content: bytes) -> None:
        self._answer = Answer(200, {}, content)

    def named(self, operation: str) -> str:
        return f"Mews {operation}"

    async def read(self, _operation: str, _body: Mapping[str, Any], records: str = "") -> dict[str, Any]:
        return data(self._answer, _CALL, records)


def _page(parser: Callable[[Record], Any], kind: str, document: bytes) -> Outcome:
    async def read() -> Outcome:
        pages = walk(_Reader(document), "kind/getAll", {}, "Records", count=1000, cursor=None)
        found = [page async for page in parsed(pages, parser, kind, parent="ServiceOrderId")]
        bad = [each for page in found for each in page.bad]
        good = tuple(each for page in found for each in page.records)
        kept = tuple(each.id for each in bad) + tuple(each.parent_id for each in bad)
        reasons = tuple(each.text for each in bad)
        given = json.loads(document.decode("utf-8", "replace"), parse_int=str)["Records"]
        ids = [str(each.get(key)) for each in given if isinstance(each, dict) for key in ("Id", "ServiceOrderId")]
        return Outcome(good, reasons, len(given), words=kept, called=" ".join(ids))

    return run(read())


def _refusal(status: int, document: bytes) -> Outcome:
    """What a refusal says is our own sentence round Mews's words, cleaned of secrets and of what is personal."""
    error = refusal(Answer(status, {}, document), _CALL, secrets=[SECRET], now=NOW)
    return Outcome(refused=(str(error),), words=(str(getattr(error, "detail", "")),))


def _webhook(document: bytes) -> Outcome:
    found = of_webhook(document)
    return Outcome((*found, "events without a hint say nothing"))


def _message(document: bytes) -> Outcome:
    return Outcome((*of_message(document, "wien"), "messages without a hint say nothing"))


def _pages(record: dict[str, Any]) -> tuple[bytes, ...]:
    other = {**record, "Id": "other"} if "Id" in record else record
    return (json.dumps({"Records": [record, other], "Cursor": "c1"}).encode(),)


_SAID = json.dumps({"Message": f"No access for {SECRET} of {EMAIL}, number {MILES_NUMBER}.", "RequestId": "q"}).encode()

TARGETS = (
    *(
        Target(f"Mews {kind}s", partial(_page, parser, kind), _pages(record))
        for kind, (parser, record) in _KINDS.items()
    ),
    *(Target(f"Mews refusal, {status}", partial(_refusal, status), (_SAID,)) for status in (400, 401, 403, 408, 503)),
    Target("Mews webhook", _webhook, (json.dumps(_EVENTS).encode(),)),
    Target("Mews WebSocket message", _message, (json.dumps(_MESSAGE).encode(),)),
)
