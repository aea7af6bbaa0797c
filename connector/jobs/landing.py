"""What a partner's receipt makes of a message."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connector.domain.awards import Message
from connector.domain.ledger import State
from connector.ports import Outcome, PartnerRequest, Receipt
from connector.store.ledger import Step
from connector.store.suspense import Case

WAITS = (30, 60, 120, 300, 900, 1800, 3600)  # seconds before a message is sent again, by attempt
FIRST_LOOK = timedelta(seconds=5)  # until the partner's books are asked for what it accepted
OUTCOME = "outcome"


def stored(request: PartnerRequest) -> dict[str, Any]:
    """Return the columns of a message that hold its exact request."""
    return {"path": request.path, "content": request.content, "headers": json.dumps(dict(request.headers))}


def landed(message: Message, receipt: Receipt, mode: str, now: datetime) -> Step:
    """Return the step out of flight; ``message`` is as it was before it was claimed."""
    after = _state(message, receipt, mode)
    again = after in {State.READY, State.IN_DOUBT}
    fields = {
        "owner": None,
        "lease_until": None,
        "reference": receipt.reference,
        "reason": receipt.reason,
        "due_at": _due(message, receipt, after, now),
        # a request that provably never left was not a send
        "last_sent_at": message.last_sent_at if receipt.outcome is Outcome.RETRY else now,
        "settled_at": None if again else now,
    }
    return Step(replace(message, state=State.IN_FLIGHT), after, receipt.reason, fields)


def case_of(message: Message, text: str, reason: str = OUTCOME) -> Case:
    """Return the case of a message that needs a person."""
    what = "grant" if message.credit.grant else "stay"
    words = f"{message.kind} of {message.miles} for {what} {message.credit.reservation_number}: {text}"
    return Case("message", message.key, reason, words, message.partner)


def _due(message: Message, receipt: Receipt, after: State, now: datetime) -> datetime:
    if after in {State.READY, State.IN_DOUBT}:
        return now + timedelta(seconds=receipt.after or WAITS[min(message.attempts, len(WAITS) - 1)])
    return now + FIRST_LOOK if after is State.ACCEPTED else message.due_at


def _state(message: Message, receipt: Receipt, mode: str) -> State:
    match receipt.outcome:
        case Outcome.CREDITED:
            return State.TEST if mode == "test" else State.CREDITED
        case Outcome.ACCEPTED:
            return State.TEST if mode == "test" else State.ACCEPTED
        case Outcome.REFUSED:
            return State.REFUSED
        case Outcome.RETRY:
            # an earlier send may still have had its effect: only a first one is provably without
            return State.IN_DOUBT if message.last_sent_at else State.READY
        case Outcome.DOUBT:
            return State.IN_DOUBT
        case Outcome.UNRESOLVABLE:
            return State.SUSPENDED
