"""AIR MILES's Offer Service: the offers to a Collector, and what that one does about them (OSVL, OSVI, OSVS, OSVM).

A token of our own client names the Collector in a header. What an offer is made of is not published beyond its id and
states, so of its other fields only a title is looked for. Offer State, the older API, names no Collector in its calls:
they are about whose token it is, and a daemon has none of a member's.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal
from urllib.parse import quote, urlencode

from connector.domain.offers import OptIn
from connector.errors import Lost, Permanent, Retryable, Unauthorized
from connector.http.answer import Answer
from connector.http.client import Client
from connector.partners.airmiles.opt_ins import Reading
from connector.ports import Offer
from connector.telemetry.redact import scrub

_PAGE = 96  # the most that may be asked for
_MOST = 50  # pages
_TITLES = ("title", "name", "headline", "description")
_DONE = (HTTPStatus.OK, HTTPStatus.NO_CONTENT)
_UNWELCOME = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


@dataclass(frozen=True, slots=True)
class Calls:
    """How calls are made: for which ``region``, as which ``origin``; the pages disagree on the last part, ``path``.

    ``reading`` says what an answer about an opt-in means where no page does.
    """

    region: str
    origin: str
    language: Literal["en-US", "fr-CA"] = "en-US"
    path: Literal["states", "state"] = "states"
    reading: Reading = field(default_factory=Reading)


class OfferService:
    """The offers of one partner's Collectors; ``client`` carries the OAuth2 token and the service's own host."""

    def __init__(self, client: Client, *, name: str, calls: Calls) -> None:
        self._client = client
        self._name = name
        self._calls = calls

    async def of(self, number: str) -> list[Offer]:
        """Return the offers to a Collector, every page of them; see ``ports.Offers``."""
        found: dict[str, Offer] = {}
        for page in range(_MOST):
            query = {"region": self._calls.region, "limit": str(_PAGE), "offset": str(page * _PAGE)}
            answer = await self._send("GET", f"/offers?{urlencode(query)}", number, "offers")
            new = {each.id: each for each in _offers(answer) if each.id not in found}
            found |= new
            if not new:
                break
        return list(found.values())

    async def opted_in(self, number: str, offer_id: str) -> OptIn:
        """Return whether a Collector opted in to an offer; see ``ports.Offers``."""
        query = urlencode({"region": self._calls.region})
        try:
            answer = await self._send("GET", f"/offers/{quote(offer_id, safe='')}?{query}", number, "offer")
        except Permanent as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
            return self._calls.reading.of_absent(self._name, offer_id, f"HTTP {refusal.status}")
        return self._calls.reading.of(self._name, offer_id, answer)

    async def change(self, number: str, offer_id: str, name: str, value: str) -> None:
        """Set a state of an offer for a Collector; see ``ports.Offers``."""
        content = json.dumps({"states": [{"name": name, "value": value}]}).encode()
        path = f"/offers/{quote(offer_id, safe='')}/{self._calls.path}"
        await self._send("PUT", path, number, "offer states", content)

    async def _send(self, method: str, path: str, number: str, operation: str, content: bytes = b"") -> Answer:
        headers = {
            "Content-Type": "application/json",
            "Accept-Language": self._calls.language,
            "X-Origin-Client": self._calls.origin,
            "X-Correlation-Id": str(uuid.uuid4()),
            "Collector-Number": number,
        }
        answer = await self._client.send(method, path, content=content, headers=headers, operation=operation)
        if answer.status in _DONE:
            return answer
        reference = f"HTTP {answer.status}, X-Correlation-Id {headers['X-Correlation-Id']}"
        if answer.status in _UNWELCOME:
            text = f"{self._name}: AIR MILES does not let offers be used ({reference}); check audience and scope"
            raise Unauthorized(text, status=answer.status)
        if answer.is_page() or answer.status in _LATER or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Retryable(f"{self._name}: AIR MILES did not answer about offers ({reference}); try again")
        text = f"{self._name}: AIR MILES refuses this about offers ({reference}); check the offer, Collector and region"
        raise Permanent(text, status=answer.status)


def _offers(answer: Answer) -> list[Offer]:
    """Return the offers of a page: a list, alone or under ``offers``."""
    body = answer.json()
    listed = body.get("offers", []) if isinstance(body, dict) else body
    if not isinstance(listed, list):
        raise Lost(f"{answer.source} answered with something that is no list of offers.")
    return [offer for each in listed if isinstance(each, dict) and (offer := _offer(each)).id]


def _offer(fields: Mapping[str, object]) -> Offer:
    title = next((fields[name] for name in _TITLES if isinstance(fields.get(name), str)), "")
    states = fields.get("states")
    pairs = [each for each in states if isinstance(each, dict)] if isinstance(states, list) else []
    name = str(fields.get("id") or fields.get("offerId") or "")
    return Offer(
        id=name if name.isprintable() else "",
        title=scrub(str(title)),
        states={_word(each, "name"): _word(each, "value") for each in pairs if each.get("name") and each.get("value")},
    )


def _word(state: Mapping[str, object], name: str) -> str:
    return scrub(str(state[name]))
