"""The body of RECORD: a transaction that moves no miles, which tests the way to AIR MILES (REC).

It is of nobody, and of an empty basket. RECORD has no idempotency key; every one is a record of its own.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime

from connector.partners.airmiles.issuance import device, written
from connector.partners.airmiles.terms import Terms


def record(now: datetime, terms: Terms) -> bytes:
    """Return the bytes of a record made now."""
    content = {
        **terms.extra,
        "basketPostTaxAmount": 0,
        "basketPreTaxAmount": 0,
        "checkoutDateTime": written(now),
        "checkoutTransactionId": str(uuid.uuid4()),
        "context": {"reference": "transmission test"},
        **device(terms),
        "items": [],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
