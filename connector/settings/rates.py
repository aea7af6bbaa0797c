"""How many requests in a time: "10/s", "600/5m"."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

from connector.settings.values import UNITS, Word, fault, shown, text_schema

_RATE = re.compile(r"([1-9]\d{0,5})/([1-9]\d{0,5})?([smhd])", re.ASCII)
LIKE_RATE = 'requests in a time like "10/s" or "600/5m"'


def rate(value: object) -> str:
    """Read "<int>/s|m|h|d" or "<int>/<int>s|m|h|d"."""
    if not isinstance(value, str) or not _RATE.fullmatch(value):
        raise fault(f"{shown(value)} is not a rate", LIKE_RATE)
    return value


def requests_in(text: str) -> tuple[int, timedelta]:
    """Return how many requests a rate allows, and in how long."""
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a rate")
    return int(match[1]), timedelta(**{UNITS[match[3]]: int(match[2] or 1)})


Rate = Annotated[str, BeforeValidator(rate), text_schema(r"[1-9][0-9]{0,5}/([1-9][0-9]{0,5})?[smhd]"), Word("rate")]
