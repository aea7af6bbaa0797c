"""What a token opens: the properties it sees and their chain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.sandbox.mews.filters import Filter
from connector.sandbox.mews.kinds import Kind
from connector.sandbox.mews.refusals import Refused
from connector.sandbox.mews.state import State
from connector.sandbox.mews.tokens import CLIENT_TOKEN, PORTFOLIO_TOKEN, table_of

# Operations that the reference does not state to support portfolio tokens.
NOT_FOR_PORTFOLIOS = frozenset({"loyaltyPrograms/delete", "loyaltyTiers/update", "loyaltyTiers/delete", "bills/getAll"})


@dataclass(frozen=True, slots=True)
class Access:
    """The enterprises and the chain that a request may touch."""

    enterprises: tuple[str, ...]
    chain: str
    portfolio: bool

    def scope(self, kind: Kind) -> Filter:
        """Keep what this token may see of a kind."""
        if kind.level == "shared":
            return Filter("1")
        owners = self.enterprises if kind.level == "enterprise" else (self.chain,)
        return Filter("owner IN (SELECT value FROM json_each(?))", (json.dumps(owners),))


def authenticate(body: Mapping[str, Any]) -> str:
    """Return the access token of a request; raises Refused (401) for a wrong client or access token."""
    if body.get("ClientToken") != CLIENT_TOKEN:
        raise Refused("Invalid ClientToken.", 401)
    token = str(body.get("AccessToken"))
    if not table_of(token):
        raise Refused("Invalid AccessToken.", 401)
    return token


def authorize(state: State, token: str, operation: str, body: Mapping[str, Any]) -> Access:
    """Return what a token opens; raises Refused when it opens nothing, or not this operation."""
    portfolio = token == PORTFOLIO_TOKEN
    if portfolio and operation in NOT_FOR_PORTFOLIOS:
        raise Refused(f"Portfolio access tokens are not supported by {operation}.", 401)
    places = ((record, record.side.get("_Table")) for record in state.every("Enterprises"))
    seen = [record for record, table in places if table and (portfolio or table == table_of(token))]
    if not seen:
        raise Refused("Invalid AccessToken.", 401)
    access = Access(tuple(record.id for record in seen), seen[0].body["ChainId"], portfolio)
    _check_chain(access, body.get("ChainId"), writes=not operation.partition("/")[2].startswith("get"))
    return access


def _check_chain(access: Access, given: str | None, *, writes: bool) -> None:
    if access.portfolio and writes and given is None:
        raise Refused("ChainId is required with a portfolio access token.")
    if given is not None and given != access.chain:
        raise Refused(f"Invalid value of 'ChainId': '{given}' does not exist.")
