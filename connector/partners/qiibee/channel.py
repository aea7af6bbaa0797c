"""Exchanging points for miles at qiibee, and what its answers mean.

202 says that an exchange was taken, 400 that it was not ("Points Exchange"). No request has a key and no answer is
published that would name the transaction, so what became of one is seen in the books. Credited miles cannot be
taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from connector.domain.awards import Credit, Kind
from connector.errors import Exhausted, Lost, Skippable
from connector.http.answer import Answer
from connector.http.client import Client
from connector.partners.qiibee.books import QiibeeBooks
from connector.partners.qiibee.exchange import body
from connector.partners.qiibee.requests import HEADERS, Requests, refuse_stranger
from connector.partners.qiibee.terms import Alias, Terms
from connector.ports import Books, Capabilities, Outcome, PartnerRequest, Receipt, Symptom, Verdict
from connector.telemetry import redact

_ASK = "ask qiibee whether the miles were given"


class Qiibee:
    """The channel; ``client`` carries the API key."""

    capabilities = Capabilities(reverses=False, idempotent=False, grants=True)

    def __init__(self, client: Client, *, name: str, terms: Terms, alias: Alias) -> None:
        self.name = name
        self._client = client
        self._terms = terms
        self._alias = alias
        self._books = QiibeeBooks(Requests(client, name, terms), alias)

    @property
    def books(self) -> Books:
        """Return the number of each user's exchanges."""
        return self._books

    def compose(self, credit: Credit) -> PartnerRequest:
        """Write the exchange of a credit; raises Skippable for a reversal, and for miles that no points give."""
        if credit.kind is Kind.REVERSAL:
            raise Skippable(f"{self.name}: miles given through this channel cannot be taken back")
        auth_id = self._terms.auth_id(credit, self._alias)
        return PartnerRequest("transactions", body(credit, self._terms, auth_id), HEADERS)

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        """Send once; see ``ports.Partner``."""
        try:
            answer = await self._client.send(
                "POST", request.path, content=request.content, headers=request.headers, operation="exchange"
            )
        except Lost as lost:
            return Receipt(Outcome.DOUBT, str(lost))
        refuse_stranger(self.name, answer)
        return self._refusal(answer, again) if _is_refusal(answer) else _meaning(answer, again)

    async def examine(self) -> Sequence[Symptom]:
        """List a transaction: whether miles could be exchanged is not published as a question."""
        answer = await self._client.send("GET", "transactions?limit=1", operation="transactions")
        refuse_stranger(self.name, answer)
        if answer.status == HTTPStatus.OK and _is_json(answer):
            return (Symptom(Verdict.OK, "the API key is accepted, and transactions are listed"),)
        text = f"the list of transactions, by which doubts are resolved, answered HTTP {answer.status}"
        return (Symptom(Verdict.NOTE, text, "compare endpoint with the address that qiibee told"),)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _refusal(self, answer: Answer, again: bool) -> Receipt:
        """This request did nothing; one before it may have."""
        text = answer.content.decode(errors="replace")
        words = redact.scrub(text)[:300] or "no reason"
        if self._terms.out_of_credit and self._terms.out_of_credit.casefold() in text.casefold():
            raise Exhausted(f"{self.name}: the prepaid credits are used up: {words}", status=answer.status)
        if again:
            return Receipt(Outcome.UNRESOLVABLE, f"HTTP {answer.status} to a repeat: {words}; {_ASK}")
        return Receipt(Outcome.REFUSED, f"qiibee refused: {words}")


def _is_refusal(answer: Answer) -> bool:
    return answer.status == HTTPStatus.BAD_REQUEST and not answer.is_page()


def _meaning(answer: Answer, again: bool) -> Receipt:
    status, said = answer.status, f"HTTP {answer.status}"
    if answer.is_page() and status != HTTPStatus.TOO_MANY_REQUESTS:
        return Receipt(Outcome.DOUBT, f"{said} with a web page", after=answer.retry_after())
    if status == HTTPStatus.ACCEPTED or (status < HTTPStatus.MULTIPLE_CHOICES and _is_json(answer)):
        return Receipt(Outcome.ACCEPTED, said)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        # too many means not done
        return Receipt(Outcome.RETRY, said, after=answer.retry_after(), rest=answer.rest())
    strange = HTTPStatus.BAD_REQUEST < status < HTTPStatus.INTERNAL_SERVER_ERROR
    if again and strange and status != HTTPStatus.REQUEST_TIMEOUT:
        return Receipt(Outcome.UNRESOLVABLE, f"{said} to a repeat; {_ASK}")
    return Receipt(Outcome.DOUBT, said, after=answer.retry_after())


def _is_json(answer: Answer) -> bool:
    """Tell whether qiibee itself may have answered, and not something between."""
    try:
        answer.json()
    except Lost:
        return False
    return True
