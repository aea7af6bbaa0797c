"""The body of POST/EVENT and REVERSE/EVENT: miles for something that is no transaction, such as goodwill.

It has no basket and no amounts. The name of its time field is not published; it is left out until the partner tells it.
"""

from __future__ import annotations

import json

from connector.domain.awards import Credit
from connector.partners.airmiles.issuance import constants, device, identifier, issuances, written
from connector.partners.airmiles.terms import Terms


def event(credit: Credit, terms: Terms) -> bytes:
    """Return the exact bytes of a grant or its reversal; raises Skippable for what cannot be written."""
    content = {
        **constants(credit, terms),
        **({terms.event_time: written(credit.departed_at)} if terms.event_time else {}),
        "clientTransactionId": identifier(credit, terms),
        "collectorNumber": credit.member_number,
        "context": {"reference": credit.reservation_number, "date": credit.departure.isoformat()},
        **device(terms),
        "issuances": issuances(credit, terms, "Goodwill"),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
