"""Sending to the Earn service, and what its answers mean.

Neither a key against duplicates nor a query is published, and the page does not show the fields of an answer. So
nothing is ever sent twice: where an answer leaves open what happened, a person asks the partner. The HTTP status
decides; an answer that claims success and is no JSON, or tells of an error (``answers``), is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from connector.domain.awards import Credit
from connector.errors import Lost, Skippable, Unauthorized
from connector.http.answer import Answer
from connector.http.client import Client
from connector.partners.lufthansa.answers import is_success, reference
from connector.partners.lufthansa.earn import Terms, body
from connector.ports import Books, Capabilities, Clock, Outcome, PartnerRequest, Receipt, Symptom, Verdict
from connector.telemetry import redact

_OPERATION = "earn"
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
_TAKEN = {
    HTTPStatus.OK: Outcome.CREDITED,
    HTTPStatus.CREATED: Outcome.CREDITED,
    HTTPStatus.ACCEPTED: Outcome.ACCEPTED,
}
_UNWELCOME = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
#: Of the answers that say nothing, those that every other request would get as well: the channel should rest.
_NO_SERVICE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.REQUEST_TIMEOUT}
_ASK = "ask the partner what became of it"


class EarnService:
    """The channel; ``client`` carries the OAuth2 token, ``clock`` tells what is too old to be sent."""

    capabilities = Capabilities(reverses=True, idempotent=False, grants=True, account_numbers=True)
    books: Books | None = None

    def __init__(self, client: Client, *, name: str, terms: Terms, clock: Clock) -> None:
        self.name = name
        self._client = client
        self._terms = terms
        self._clock = clock

    def compose(self, credit: Credit) -> PartnerRequest:
        """Write the request of a credit or uncredit."""
        try:
            content = body(credit, self._terms, self._clock.now().date())
        except Skippable as fault:
            raise Skippable(f"{self.name}: {fault}") from None
        return PartnerRequest(self._terms.path, content, _HEADERS)

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        """Send once; see ``ports.Partner``."""
        try:
            answer = await self._client.send(
                "POST", request.path, content=request.content, headers=request.headers, operation=_OPERATION
            )
        except Lost as lost:
            return Receipt(Outcome.DOUBT, str(lost))
        return self._meaning(answer, again)

    async def examine(self) -> Sequence[Symptom]:
        """Fetch a token, and see whether the API takes it: a GET of the earn path moves no miles."""
        answer = await self._client.send(
            "GET", self._terms.path, headers={"Accept": "application/json"}, operation="look"
        )
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Lost(f"{self.name}: an access token was given, but the Earn service answered HTTP {answer.status}.")
        said = f"an access token was given, and the API answered HTTP {answer.status}"
        if answer.status in _UNWELCOME:
            return (
                Symptom(Verdict.NOTE, f"{said} to a GET", "ask the partner whether the id may use the Earn service"),
            )
        return (Symptom(Verdict.OK, said),)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _meaning(self, answer: Answer, again: bool) -> Receipt:
        said = f"HTTP {answer.status}"
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            return Receipt(Outcome.RETRY, said, after=answer.retry_after(), rest=answer.rest())
        if _rests(answer.status):
            return Receipt(Outcome.DOUBT, f"{said}{_words(answer)}", after=answer.retry_after())
        if answer.is_page():
            text = f"{said} with a web page: somebody on the way answered in the partner's place"
            return Receipt(Outcome.DOUBT, text, after=answer.retry_after())
        if answer.status in _UNWELCOME:
            raise Unauthorized(
                f"{self.name}: the Earn service does not accept the access token ({said}); "
                "check client_id, client_secret",
                status=answer.status,
            )
        if answer.status in _TAKEN:
            return self._taken(answer, said)
        if answer.status == HTTPStatus.BAD_REQUEST and not again:
            return Receipt(Outcome.REFUSED, f"{said}{_words(answer)}")
        return Receipt(Outcome.UNRESOLVABLE, f"{said}{_words(answer)}; {_ASK}")

    def _taken(self, answer: Answer, said: str) -> Receipt:
        try:
            content = answer.json() if answer.content.strip() else None
        except Lost:
            return Receipt(Outcome.UNRESOLVABLE, f"{said} without JSON; {_ASK}")
        named = reference(content, self._terms)
        if not is_success(content, self._terms):
            text = f"{said}, but it tells of no success{_words(answer)}; {_ASK}"
            return Receipt(Outcome.UNRESOLVABLE, text, named)
        return Receipt(_TAKEN[HTTPStatus(answer.status)], said, named)


def _rests(status: int) -> bool:
    moved = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    return moved or status in _NO_SERVICE or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _words(answer: Answer) -> str:
    """Return the beginning of a JSON answer for a person: error codes are not published."""
    try:
        answer.json()
    except Lost:
        return ""
    return f": {redact.scrub(answer.content.decode(errors='replace'))[:200]}"
