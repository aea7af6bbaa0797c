"""Sending events to Uplyft, and what its answers mean.

An answer is a bare Boolean. With a ``uniqueId`` an event that is sent twice is processed once (docs.uplyft.com,
graph events), so ``true`` is a success whether it answers the first send or a later one. What ``false`` means, and
how a repeat is answered, is not published: ``duplicate_answer`` says it once the partner has. Nor are errors: an event
may have been processed before its resolver failed, so a refusal is only what came before anything was executed, and
what has ``refusal_words``. The two codes that are known here are those that GraphQL servers commonly use.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Literal

from connector.domain.awards import Credit, Kind
from connector.errors import Lost, Skippable, Unauthorized
from connector.http import graphql
from connector.http.client import Client
from connector.http.graphql import GraphQLAnswer, GraphQLError
from connector.partners.uplyft import schema
from connector.partners.uplyft.document import Form, document
from connector.partners.uplyft.examination import symptoms
from connector.ports import Books, Capabilities, Outcome, PartnerRequest, Receipt, Symptom, Verdict
from connector.telemetry import redact

Duplicate = Literal["", "true", "false", "error"]
Authorization = Literal["basic", "bearer"]
_CREDENTIALS = {"basic": ("App ID and secret", "app_id, app_secret"), "bearer": ("access token", "access_token")}
_OPERATION = "createEvent"
_ASK = "ask Uplyft whether the miles were given"
_STRANGER = "UNAUTHENTICATED"
_THEIR_FAULT = "INTERNAL_SERVER_ERROR"
_UNWELCOME = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class Uplyft:
    """The channel; ``client`` carries App ID and secret, or an access token.

    ``duplicate_words`` are what an error says of a ``uniqueId`` that was processed before, ``refusal_words`` what one
    says that did nothing: codes or parts of messages. ``currencies`` are those of the rules: what ``examine`` looks for
    in the schema.
    """

    books: Books | None = None  # no query is published that would tell what became of an event

    def __init__(
        self,
        client: Client,
        *,
        name: str,
        app_id: str,
        form: Form,
        duplicate_answer: Duplicate = "",
        duplicate_words: Sequence[str] = (),
        refusal_words: Sequence[str] = (),
        authorization: Authorization = "basic",
        currencies: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self.capabilities = Capabilities(reverses=False, idempotent=form.unique_id)
        self._client = client
        self._app_id = app_id
        self._form = form
        self._duplicate = duplicate_answer
        self._known = duplicate_words
        self._refused = refusal_words
        self._credentials = _CREDENTIALS[authorization]
        self._currencies = frozenset(each.lower() for each in currencies)

    def compose(self, credit: Credit) -> PartnerRequest:
        """Write the request of a credit; raises Skippable for a reversal or a grant, which this API does not have.

        The one action that is documented is a purchase.
        """
        if credit.kind is Kind.REVERSAL:
            raise Skippable(f"{self.name}: miles given through this channel cannot be taken back")
        if credit.grant:
            raise Skippable(f"{self.name}: this channel knows purchases only, no miles without a stay")
        text = document(credit, self._form, self._app_id)
        return PartnerRequest("", graphql.body(text, {}), graphql.HEADERS)

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        """Send once; see ``ports.Partner``."""
        try:
            sent = await self._client.send(
                "POST", request.path, content=request.content, headers=request.headers, operation=_OPERATION
            )
            answer = graphql.read(sent)
        except Lost as lost:
            return self._doubt(str(lost))
        return self._meaning(answer, again)

    async def examine(self) -> Sequence[Symptom]:
        """Introspect the live schema and hold the configured document against it; nothing is executed but a query."""
        answer = await graphql.execute(self._client, "", schema.QUERY, {}, operation="introspection")
        self._raise_if_unwelcome(answer)
        if answer.data is None and answer.errors:
            text = f"Uplyft does not show its schema: {_words(answer)}"
            return (Symptom(Verdict.NOTE, text, "settle with Uplyft which form of createEvent is live"),)
        if answer.data is None:
            raise Lost(f"{self.name}: Uplyft answered an introspection with HTTP {answer.answer.status}.")
        return tuple(symptoms(schema.read(answer.data), self._form, self._currencies))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _meaning(self, answer: GraphQLAnswer, again: bool) -> Receipt:
        status = answer.answer.status
        self._raise_if_unwelcome(answer)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            # too many means not done: what follows is no repeat, whose answer would be read as one to a known event
            return Receipt(
                Outcome.RETRY, f"HTTP {status}", after=answer.answer.retry_after(), rest=answer.answer.rest()
            )
        if _says_nothing(answer):
            return self._doubt(f"HTTP {status}", answer.answer.retry_after())
        return self._refusal(answer, again) if answer.errors else self._said(_data(answer), again)

    def _raise_if_unwelcome(self, answer: GraphQLAnswer) -> None:
        status = answer.answer.status
        if status in _UNWELCOME or _has(answer, _STRANGER):
            what, keys = self._credentials
            text = f"{self.name}: Uplyft does not accept the {what} (HTTP {status}); check {keys}"
            raise Unauthorized(text, status=status)

    def _said(self, said: object, again: bool) -> Receipt:
        if said is True:
            return Receipt(Outcome.CREDITED, f"{_OPERATION}: true")
        if said is False and again and self._duplicate == "false":
            return Receipt(Outcome.CREDITED, f"{_OPERATION}: false, known already")
        word = "false" if said is False else "neither true nor false"
        return Receipt(Outcome.UNRESOLVABLE, f"{_OPERATION}: {word}; {_ASK}")

    def _refusal(self, answer: GraphQLAnswer, again: bool) -> Receipt:
        """An error is a refusal where it shows that nothing was done, and a credit only where it is agreed."""
        words = _words(answer)
        known = self._duplicate == "error" and _says(answer, self._known)
        if again and known:
            return Receipt(Outcome.CREDITED, f"known already: {words}")
        did_nothing = _came_before_execution(answer) or _says(answer, self._refused)
        if did_nothing and not (again or known or _may_be_known(answer)):
            return Receipt(Outcome.REFUSED, f"Uplyft refused: {words}")
        setting = (
            "duplicate_words can name errors that say so" if again else "refusal_words can name errors that give none"
        )
        return Receipt(Outcome.UNRESOLVABLE, f"{words}; {_ASK}; {setting}")

    def _doubt(self, words: str, after: float | None = None) -> Receipt:
        if self.capabilities.idempotent:
            return Receipt(Outcome.DOUBT, words, after=after)
        return Receipt(Outcome.UNRESOLVABLE, f"{words}; {_ASK}")


def _says_nothing(answer: GraphQLAnswer) -> bool:
    """Tell whether the answer leaves open what became of the event: their fault, or not from a GraphQL server."""
    status = answer.answer.status
    strange = status >= HTTPStatus.MULTIPLE_CHOICES and not answer.errors
    failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR or _has(answer, _THEIR_FAULT)
    return strange or failed or status == HTTPStatus.REQUEST_TIMEOUT


def _came_before_execution(answer: GraphQLAnswer) -> bool:
    """Tell whether nothing was executed; with 400 as well where a server says so in other words than it should."""
    return not answer.executed or (answer.answer.status == HTTPStatus.BAD_REQUEST and not answer.reached)


def _may_be_known(answer: GraphQLAnswer) -> bool:
    return answer.answer.status == HTTPStatus.CONFLICT or _data(answer) is True


def _says(answer: GraphQLAnswer, words: Sequence[str]) -> bool:
    """Tell whether every error has one of the words: one that has none may say anything."""
    return all(any(word.casefold() in _text(error) for word in words) for error in answer.errors)


def _text(error: GraphQLError) -> str:
    return f"{error.code} {error.message}".casefold()


def _has(answer: GraphQLAnswer, code: str) -> bool:
    return any(error.code == code for error in answer.errors)


def _words(answer: GraphQLAnswer) -> str:
    return redact.scrub("; ".join(error.message for error in answer.errors))[:300]


def _data(answer: GraphQLAnswer) -> object:
    return (answer.data or {}).get(_OPERATION)
