"""What a partner's receipt makes of a message."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connector.domain.awards import Message
from connector.domain.ledger import State
from connector.domain.waits import wait_before
from connector.jobs.contracts import Partnership
from connector.jobs.sending import Sent
from connector.ports import Outcome, PartnerRequest, Receipt
from connector.store.ledger import Step

FIRST_LOOK = timedelta(seconds=5)  # until the partner's books are asked for what it accepted


def stored(request: PartnerRequest) -> dict[str, Any]:
    """Return the columns of a message that hold its exact request."""
    return {"path": request.path, "content": request.content, "headers": json.dumps(dict(request.headers))}


def landed(sent: Sent, partnership: Partnership, now: datetime) -> Step:
    """Return the step out of flight."""
    message, receipt = sent.message, sent.receipt
    after = _state(message, receipt, partnership.mode)
    fields = {
        "owner": None,
        "lease_until": None,
        "reference": receipt.reference,
        "reason": receipt.reason,
        "due_at": _due(sent, partnership, after, now),
        "attempts": message.attempts + sent.tried,
        # a request that provably never left was not a send
        "last_sent_at": message.last_sent_at if receipt.outcome is Outcome.RETRY else now,
        "settled_at": None if after in {State.READY, State.IN_DOUBT} else now,
    }
    return Step(replace(message, state=State.IN_FLIGHT), after, receipt.reason, fields)


def _due(sent: Sent, partnership: Partnership, after: State, now: datetime) -> datetime:
    """Return when a message is due again: when the partner wants it, else later with each attempt."""
    if after not in {State.READY, State.IN_DOUBT}:
        return now + FIRST_LOOK if after is State.ACCEPTED else sent.message.due_at
    if sent.receipt.after:
        return now + timedelta(seconds=sent.receipt.after)
    key, pacing = sent.message.key, partnership.pacing
    return now + wait_before(sent.message.attempts + 1, pacing.retry_from, pacing.retry_up_to, key)


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
