"""The reading operations: configuration/get and every getAll."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.sandbox.mews.access import Access
from connector.sandbox.mews.extents import EXTENTS
from connector.sandbox.mews.filters import of_request
from connector.sandbox.mews.instants import wire
from connector.sandbox.mews.kinds import KINDS, READINGS
from connector.sandbox.mews.records import configured, text
from connector.sandbox.mews.refusals import Refused
from connector.sandbox.mews.state import State

_UNPAGED = {"Count": 1_000_000}  # exchangeRates/getAll knows no Limitation


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as JSON text, and how many records it holds."""

    content: str
    records: int = 0


def configuration(state: State, access: Access, body: Mapping[str, Any]) -> Answer:
    """Answer configuration/get: the server's time and the token's enterprise, or the named one of several."""
    named = body.get("EnterpriseId") or (None if access.portfolio else access.enterprises[0])
    if named is None:
        raise Refused("EnterpriseId is required with a portfolio access token.")
    if named not in access.enterprises:
        raise Refused(f"Invalid value of 'EnterpriseId': '{named}' does not exist.")
    enterprise = configured(state.named("Enterprises", [named])[named])
    answer = {"NowUtc": wire(state.now()), "Enterprise": enterprise}
    return Answer(text(answer | {"IsIdentityDocumentNumberRequired": False}), 1)


def get_all(state: State, operation: str, access: Access, body: Mapping[str, Any]) -> Answer:
    """Answer a getAll operation with one page, newest first."""
    reading = READINGS[operation]
    kind = KINDS[reading.kind]
    if reading.one_of and not any(body.get(name) is not None for name in reading.one_of):
        raise Refused(f"At least one filter is required: {', '.join(sorted(reading.one_of))}.")
    limitation = body.get("Limitation", _UNPAGED)
    filters = [access.scope(kind), *of_request(reading, kind, body)]
    page = state.page(kind.name, filters, limitation["Count"], limitation.get("Cursor"))
    lists = {kind.name: page.bodies}
    if extent := EXTENTS.get(operation):
        lists = extent(state, page.bodies, body)
    content = ",".join(f'"{name}":[{",".join(bodies)}]' for name, bodies in lists.items())
    cursor = "" if limitation is _UNPAGED else f',"Cursor":{text(page.cursor)}'
    return Answer(f"{{{content}{cursor}}}", len(page.bodies))
