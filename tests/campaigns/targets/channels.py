"""What partners answer: to sends of every channel, to look-ups, to token requests; and what they tell by themselves."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import httpx
from graphql import graphql_sync

from connector.domain.awards import Credit, Kind
from connector.domain.deposits import without_card
from connector.http.auth import ClientCredentials
from connector.http.client import Client
from connector.partners.airmiles import AirMiles, Days, History
from connector.partners.airmiles import Terms as AirTerms
from connector.partners.airmiles.offers import Calls, OfferService
from connector.partners.lufthansa import EarnService
from connector.partners.lufthansa import Terms as EarnTerms
from connector.partners.qiibee import Qiibee, Receiver
from connector.partners.qiibee import Terms as QiibeeTerms
from connector.partners.uplyft import Form, Uplyft
from connector.partners.uplyft.schema import QUERY
from connector.ports import Partner, Sought
from connector.sandbox.uplyft.schema import Form as Published
from connector.sandbox.uplyft.schema import schema
from tests.campaigns.targets.outcome import AIR_NUMBER, EMAIL, MILES_NUMBER, SECRET, Outcome, Target
from tests.campaigns.targets.wire import NOW, Clock, client, run

_USER = uuid.UUID("123e4567-e89b-52d3-a456-426655440000")
_CREDIT = Credit(
    key=_USER,
    kind=Kind.CREDIT,
    member_number=AIR_NUMBER,
    miles=5,
    reservation_id="3b2c8f0e-0000-4000-8000-000000000001",
    reservation_number="4711",
    property_id="b2",
    property_keys=("montreal",),
    departed_at=datetime(2026, 11, 1, 15, 30, tzinfo=UTC),
    departure=date(2026, 11, 1),
    currency="CAD",
    value_net=Decimal("100.00"),
    value_gross=Decimal("100.00"),
    composed_at=datetime(2026, 11, 2, 8, 0, tzinfo=UTC),
)


def _air(wire: Client) -> AirMiles:
    return AirMiles(wire, name="am", terms=AirTerms("STANDARD", {"montreal": "0037"}))


def _earn(wire: Client) -> EarnService:
    return EarnService(wire, name="mm", terms=EarnTerms("earn"), clock=Clock())


def _qiibee(wire: Client) -> Qiibee:
    return Qiibee(wire, name="mm", terms=QiibeeTerms("own", "theirs", "relay.example"), alias=lambda _: _USER)


def _uplyft(wire: Client) -> Uplyft:
    return Uplyft(wire, name="mm", app_id="app", form=Form(), currencies=frozenset({"cad"}))


def _receipt(make: Callable[[Client], Partner], status: int, document: bytes) -> Outcome:
    channel = make(client(document, status=status, headers={"retry-after": document[:20].decode("latin-1")}))
    receipts = [run(channel.deliver(channel.compose(_CREDIT), again=again)) for again in (False, True)]
    return Outcome(tuple(receipts), words=tuple(each.reason for each in receipts))


def _history(document: bytes) -> Outcome:
    books = History(
        client(document), name="am", sponsors=("SBOX",), channel_code="", days=Days("EST", "checkout"), clock=Clock()
    )
    return Outcome((run(books.look_up(Sought(_CREDIT, ""))),))


def _tally(document: bytes) -> Outcome:
    books = _qiibee(client(document)).books
    mark = run(books.mark(_CREDIT))
    return Outcome((mark, run(books.look_up(Sought(_CREDIT, mark)))))


def _offers(document: bytes) -> Outcome:
    return Outcome((run(_service(document).of(AIR_NUMBER)),))


def _opt_in(document: bytes) -> Outcome:
    return Outcome((run(_service(document).opted_in(AIR_NUMBER, "of-1")),))


def _service(document: bytes) -> OfferService:
    return OfferService(client(document), name="am", calls=Calls("ON", "hotel"))


def _schema(document: bytes) -> Outcome:
    found = run(_uplyft(client(document)).examine())
    return Outcome(tuple(found), words=tuple(each.text for each in found))


def _record(document: bytes) -> Outcome:
    said = run(_air(client(document)).transmit(NOW))
    return Outcome((said,), words=(said,))


def _deposit(document: bytes) -> Outcome:
    found = without_card(_RECEIVER.read(document))
    return Outcome((found,), words=(found.fault, found.reference))


def _token(status: int, document: bytes) -> Outcome:
    async def fetched() -> str:
        auth = ClientCredentials("https://oauth.test/token", "id", SECRET, clock=Clock())
        flow = auth.async_auth_flow(httpx.Request("POST", "https://partner.test/earn"))
        asking = await anext(flow)
        bearing = await flow.asend(httpx.Response(status, stream=httpx.ByteStream(document), request=asking))
        await flow.aclose()
        return bearing.headers["Authorization"]

    return Outcome((run(fetched()),))


def _seeds(*bodies: Any) -> tuple[bytes, ...]:
    return tuple(json.dumps(each).encode() for each in bodies)


_RECEIVER = Receiver("qiibee", SECRET)
_SAID = f"The number {MILES_NUMBER} of {EMAIL} is not known to token={SECRET}"
_DAY = "2026-11-01T15:30:00.000Z"
_ACTIVITY = {
    "activityType": "ISSUANCE",
    "transactionDate": _DAY,
    "sponsorCode": "SBOX",
    "cashMiles": 5,
    "dreamMiles": 0,
    "transactionId": "t1",
    "redemptionStatus": None,
    "transactionValue": 5,
}
_LISTED = {"_embedded": {"genericActivityDtoList": [_ACTIVITY, _ACTIVITY]}, "page": {"totalPages": 1}}
_STATES = [{"name": "OPT_IN", "value": "OPTED_IN", "updatedAt": "2026-10-01T10:00:00Z"}]
_OFFERS = {"offers": [{"id": "of-1", "title": "Twice the miles", "states": _STATES}], "warning": {"errorCode": "W-1"}}
_TOLD = {
    "amount": 250,
    "auth_id": "A-1",
    "timestamp": "2026-11-28T10:30:00+01:00",
    "token_name": "Points",
    "token_symbol": "ALP",
    "transaction_type": "credit",
    "tx_hash": "0x" + "ab" * 32,
    "tx_hash_reverted": "",
}
_TALLY = {"transactions": [{"status": "done", "user_auth_id": str(_USER)}] * 2, "total_tx_count": 2}
_EVENT = {"data": {"createEvent": True}, "errors": [{"message": _SAID, "extensions": {"code": "BAD_USER_INPUT"}}]}
_FORM: Published = "transaction"
_INTROSPECTION = {"data": graphql_sync(schema(_FORM), QUERY).data}

#: Each channel with the answers that it tells apart, and valid bodies of them.
_SENDS: Sequence[tuple[str, Callable[[Client], Partner], tuple[int, ...], tuple[bytes, ...]]] = (
    ("AIR MILES", _air, (202, 400, 503), _seeds({"responseCode": "AMRP-1", "message": _SAID})),
    ("Earn service", _earn, (200, 400, 500), _seeds({"transactionId": 4711, "message": _SAID})),
    ("qiibee", _qiibee, (200, 400), _seeds({"message": _SAID})),
    ("Uplyft", _uplyft, (200, 400), _seeds({"data": {"createEvent": True}}, _EVENT)),
)

TARGETS = (
    *(
        Target(f"{name}, answer {status}", partial(_receipt, make, status), seeds)
        for name, make, statuses, seeds in _SENDS
        for status in statuses
    ),
    Target("AIR MILES history", _history, _seeds(_LISTED)),
    Target("AIR MILES offers", _offers, _seeds(_OFFERS, [_OFFERS["offers"]])),
    Target("AIR MILES opt-in", _opt_in, _seeds(_OFFERS)),
    Target("AIR MILES record", _record, _seeds({"responseCode": "AMRP-1"})),
    Target("qiibee transactions", _tally, _seeds(_TALLY)),
    Target("qiibee deposit", _deposit, _seeds(_TOLD)),
    Target("Uplyft schema", _schema, _seeds(_INTROSPECTION)),
    Target("token", partial(_token, 200), _seeds({"access_token": "eyJ.a.b", "expires_in": 3600, "token_type": "b"})),
    Target("token refusal", partial(_token, 401), _seeds({"error": "invalid_client", "error_description": _SAID})),
)
