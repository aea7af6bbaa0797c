"""Who decides something by hand, and why: signed without what must not be stored."""

from __future__ import annotations

from datetime import datetime

from connector.domain.numbers import without_payment_cards
from connector.errors import Misconfigured
from connector.store.resolutions import Signature
from connector.telemetry.redact import scrub

AS_OPTIONS = ("--operator", "--reason")


def signed(now: datetime, operator: str, why: str, called: tuple[str, str] = AS_OPTIONS) -> Signature:
    """Return a signature; ``called`` is how the person knows the two texts.

    Raises Misconfigured where one holds a payment card, or the name is empty.
    """
    operator, why = (" ".join(text.split()) for text in (operator, why))  # a line of a list holds it, and of a log
    for name, text in zip(called, (operator, why), strict=True):
        if without_payment_cards(text) != text:
            raise Misconfigured(f"{name}: holds what looks like a payment card; expected a text without it")
    if not operator:
        raise Misconfigured(f"{called[0]}: is empty; expected a name")
    return Signature(scrub(operator), now, scrub(why))
