"""What an answer of Mews means (Connector API, "Errors"): its data, or the error that says what to do."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec

from connector.errors import Conflict, ConnectorError, Lost, Permanent, Retryable, Unauthorized
from connector.http.answer import Answer
from connector.mews.payloads.records import JSON
from connector.telemetry.redact import scrub

_LONGEST_DETAIL = 500
_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


class TooHeavy(Lost):
    """Mews gave up on a request that was too heavy: ask for less. A write may still have had its effect."""


class Failing(Lost):
    """Mews answered that it failed (HTTP 500): at what is in this request, or at whatever it is asked."""


class CursorRefused(Permanent):
    """Mews no longer takes this page cursor: read the window again from its start."""


class TokenRefused(Unauthorized):
    """Mews does not accept the token of the settings table ``table``, or not for this operation."""

    def __init__(self, message: str, *, table: str, status: int | None = None, detail: str = "") -> None:
        super().__init__(message, status=status, detail=detail)
        self.table = table


@dataclass(frozen=True, slots=True)
class Call:
    """One call as messages name it: the settings table of the token, and the operation."""

    table: str
    operation: str

    def __str__(self) -> str:
        return f"Mews {self.operation} for [mews.properties.{self.table}]"


def data(answer: Answer, call: Call, records: str = "") -> dict[str, Any]:
    """Return the object of a good answer; numbers with a fraction are their ``digits``. 204 is ``{}``.

    What stands in the list ``records`` is left as JSON, for whoever knows what it should be. Raises Lost when the
    answer is no JSON object: the request was taken, what it did cannot be read.
    """
    if answer.status == HTTPStatus.NO_CONTENT:
        return {}
    try:
        found = _parts(answer.content, records) if records else JSON.decode(answer.content)
    except (msgspec.DecodeError, ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    raise Lost(f"{call}: the answer is not a JSON object{_traced(answer)}")


def _parts(content: bytes, records: str) -> dict[str, Any]:
    return {name: _raw(part) if name == records else JSON.decode(part) for name, part in _PARTS.decode(content).items()}


def _raw(part: msgspec.Raw) -> Any:
    try:
        return _LIST.decode(part)
    except msgspec.ValidationError:  # no list: whoever asked for one says so
        return JSON.decode(part)


def refusal(answer: Answer, call: Call, *, secrets: Collection[str], now: datetime) -> ConnectorError | None:
    """Return what an answer that is not good means; None for a good one."""
    if is_good(answer):
        return None
    after = answer.retry_after(now)
    detail = _detail(answer, secrets)
    says = f"{call}: HTTP {answer.status}{f', {detail}' if detail else ''}{_traced(answer)}"
    error: ConnectorError
    match answer.status:
        case HTTPStatus.UNAUTHORIZED:
            error = TokenRefused(_advice(call, detail, answer), table=call.table, status=answer.status, detail=detail)
        case HTTPStatus.REQUEST_TIMEOUT:
            error = TooHeavy(f"{says}; the request was too heavy", after=after)
        case HTTPStatus.CONFLICT:
            error = Conflict(f"{says}; the data changed meanwhile")
        case HTTPStatus.TOO_MANY_REQUESTS:
            error = Retryable(f"{says}; the request limit is used up", after=after)
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            error = Failing(says, after=after)
        case status if status > HTTPStatus.INTERNAL_SERVER_ERROR:
            error = Lost(says, after=after)
        case status:
            error = Permanent(says, status=status, detail=detail)
    return error


def is_good(answer: Answer) -> bool:
    """Tell whether Mews did what it was asked."""
    return HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES


def _advice(call: Call, detail: str, answer: Answer) -> str:
    said = f" ({detail})" if detail else ""
    return (
        f"{call}: the tokens were not accepted{said}; check client_token and the access_token of "
        f"[mews.properties.{call.table}], and that the integration may use {call.operation}{_traced(answer)}"
    )


def _detail(answer: Answer, secrets: Collection[str]) -> str:
    """Return Mews's own words, on one line, without what it may repeat of our secrets or of a guest."""
    try:
        found = json.loads(answer.content)
    except (ValueError, RecursionError):
        return ""
    said = found.get("Message") if isinstance(found, dict) else None
    if not isinstance(said, str):
        return ""
    for secret in secrets:
        said = said.replace(secret, "***")
    return scrub(" ".join(said.split()))[:_LONGEST_DETAIL]


def _traced(answer: Answer) -> str:
    """Name the request as Mews's support knows it: by the Request-Id of the answer."""
    request_id = answer.headers.get("request-id", "")
    return f" (Request-Id {request_id[:64]})" if request_id else ""
