"""The body of POST/EVENT and REVERSE/EVENT: miles for something that is no transaction, such as goodwill.

It has no basket and no amounts. The name of its time field is not published; it is left out until the partner tells it.
"""

from __future__ import annotations

import json

from connector.domain.awards import Credit
from connector.partners.airmiles.issuance import Terms, location, written


def event(credit: Credit, terms: Terms) -> bytes:
    """Return the exact bytes of a grant or its reversal; raises Skippable for what cannot be written."""
    content = {
        **({terms.event_time: written(credit.departed_at)} if terms.event_time else {}),
        "clientTransactionId": str(credit.key),
        "collectorNumber": credit.member_number,
        "context": {"reference": credit.reservation_number, "date": credit.departure.isoformat()},
        "issuances": [
            {
                "issuanceOfferCode": terms.offer_code,
                "locationCode": location(credit, terms),
                "milesAmount": credit.miles,
                "offerDescription": credit.description or "Goodwill",
            }
        ],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
