"""Posting to the Issuance API, and what its answers mean.

The HTTP status decides, for no answer body is published; but a web page is not from this API, whatever its status. The
key in ``Idempotency-Key`` and the very same bytes make a repeat harmless, after a lost answer as well (API library
page). 202 means taken, issuance pending. 503 is maintenance by a sibling API's table: nothing is sent until it is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from connector.domain.awards import Credit, Kind
from connector.errors import Lost, Permanent, Retryable, Unauthorized
from connector.http.answer import Answer
from connector.http.client import Client
from connector.partners.airmiles.basket import basket
from connector.partners.airmiles.events import event
from connector.partners.airmiles.record import record
from connector.partners.airmiles.terms import Terms
from connector.ports import Books, Capabilities, Offers, Outcome, PartnerRequest, Receipt, Symptom, Verdict
from connector.telemetry import redact

_ISSUANCE = "/checkout/issuance/"
_HEALTH = "/transaction-history/health"
_OPERATIONS = {Kind.CREDIT: "post", Kind.REVERSAL: "reverse"}
_TAKEN = {HTTPStatus.OK: Outcome.CREDITED, HTTPStatus.ACCEPTED: Outcome.ACCEPTED}
_UNWELCOME = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
_PAGE = " with a web page: somebody on the way answered in AIR MILES's place"
#: What a sibling API says of a token that it does not accept; with which status is not published.
_NO_TOKEN = b"no valid bearer token"


class AirMiles:
    """The channel; ``client`` carries the OAuth2 token. It takes Canadian dollars."""

    def __init__(
        self, client: Client, *, name: str, terms: Terms, books: Books | None = None, offers: Offers | None = None
    ) -> None:
        self.name = name
        self.books = books
        self.offers = offers
        self.capabilities = Capabilities(
            reverses=True,
            idempotent=True,
            currencies=frozenset({"CAD"}),
            grants=True,
            number_scheme="air_miles",
            location_keys=frozenset(terms.locations),
            taxes=frozenset(terms.taxes),
            transmits=terms.record,
            offers=offers is not None,
        )
        self._client = client
        self._terms = terms
        self._welcome = False

    def compose(self, credit: Credit) -> PartnerRequest:
        """Write the request of a credit or reversal."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(credit.key)}
        path = _ISSUANCE + _OPERATIONS[credit.kind]
        if credit.grant:
            return PartnerRequest(f"{path}/event", event(credit, self._terms), headers)
        return PartnerRequest(path, basket(credit, self._terms), headers)

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        """Send once; see ``ports.Partner``."""
        operation = request.path.removeprefix(_ISSUANCE)
        try:
            answer = await self._client.send(
                "POST", request.path, content=request.content, headers=request.headers, operation=operation
            )
        except Lost as lost:
            return Receipt(Outcome.DOUBT, str(lost))
        return self._meaning(answer, again)

    async def examine(self) -> Sequence[Symptom]:
        """Fetch a token, and ask the transaction history for its health; it may be at another host, or not granted."""
        answer = await self._client.send("GET", _HEALTH, operation="health")
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Lost(f"{self.name}: an access token was given, but {_HEALTH} answered HTTP {answer.status}.")
        said = f"an access token was given, and {_HEALTH} answered HTTP {answer.status}"
        if answer.status == HTTPStatus.OK:
            return (Symptom(Verdict.OK, said),)
        return (Symptom(Verdict.NOTE, said, "ask Partner Support where the transaction history is, if you want it"),)

    async def transmit(self, now: datetime) -> str:
        """Send a RECORD, which moves no miles; see ``ports.Transmitter``."""
        content, headers = record(now, self._terms), {"Content-Type": "application/json"}
        path = f"{_ISSUANCE}record"
        answer = await self._client.send("POST", path, content=content, headers=headers, operation="record")
        said = f"HTTP {answer.status}{_code(answer)}"
        if answer.is_page():
            raise Retryable(f"{self.name}: AIR MILES does not take the test record ({said}{_PAGE})")
        if answer.status in _UNWELCOME or _lacks_token(answer):
            raise self._unauthorized(answer.status, said)
        if answer.status == HTTPStatus.BAD_REQUEST:
            raise Permanent(f"{self.name}: AIR MILES refuses the test record ({said})", status=answer.status)
        if answer.status != HTTPStatus.OK:
            raise Retryable(f"{self.name}: AIR MILES does not take the test record ({said})")
        return said

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _meaning(self, answer: Answer, again: bool) -> Receipt:
        said = f"HTTP {answer.status}{_code(answer)}"
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            pause = answer.retry_after() or self._terms.maintenance.total_seconds()
            return Receipt(Outcome.DOUBT, said, after=pause, rest=pause)
        if _may_pass(answer.status):
            return Receipt(Outcome.DOUBT, said, after=answer.retry_after(), rest=answer.rest())
        if answer.is_page():
            return Receipt(Outcome.DOUBT, f"{said}{_PAGE}", after=answer.retry_after())
        if _lacks_token(answer):
            raise self._unauthorized(answer.status, said)
        if answer.status in _UNWELCOME:
            return self._unwelcome(answer.status, said)
        return self._decided(answer.status, said, again)

    def _decided(self, status: int, said: str, again: bool) -> Receipt:
        """No body is published, so the status decides."""
        if status in _TAKEN:
            self._welcome = True
            return Receipt(_TAKEN[HTTPStatus(status)], said)
        if status == HTTPStatus.BAD_REQUEST and not again:
            return Receipt(Outcome.REFUSED, said)
        return Receipt(Outcome.UNRESOLVABLE, f"{said}; ask Partner Support what became of it")

    def _unwelcome(self, status: int, said: str) -> Receipt:
        """A fresh token is refused: by a sibling API's table this may be about the Collector instead.

        After a success it is taken so, once; the next refusal, with no success between, is about the token.
        """
        if self._welcome:
            self._welcome = False
            return Receipt(
                Outcome.UNRESOLVABLE, f"{said}; ask Partner Support whether this Collector's account is active"
            )
        raise self._unauthorized(status, said)

    def _unauthorized(self, status: int, said: str) -> Unauthorized:
        text = (
            f"{self.name}: AIR MILES does not accept the access token ({said}); "
            "check client_id, client_secret, audience, scope"
        )
        return Unauthorized(text, status=status)


def _may_pass(status: int) -> bool:
    """Tell whether the same request can fare better later: their fault, or an address that has moved."""
    moved = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    return moved or status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _lacks_token(answer: Answer) -> bool:
    return answer.status >= HTTPStatus.BAD_REQUEST and _NO_TOKEN in answer.content.lower()


def _code(answer: Answer) -> str:
    """Return the responseCode, if the body has one; its values are not published for this API."""
    try:
        found = answer.json()
    except Lost:
        return ""
    code = found.get("responseCode") if isinstance(found, dict) else None
    return f", responseCode {redact.scrub(str(code))[:20]}" if code else ""
