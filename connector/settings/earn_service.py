"""Values of the Earn service, with the limits that its page gives."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator

from connector.settings.values import Interval, Text, Word, fault, shown, written

_OLDEST = timedelta(days=424)  # 14 months are at least that long


def _pid(value: str) -> str:
    if not re.fullmatch("[0-9]{1,9}", value):
        raise fault(f"{shown(value)} is no pid", "1 to 9 digits")
    return value


def _promotion(value: str) -> str:
    if not re.fullmatch("[0-9A-Za-z]{0,6}", value):
        raise fault(f"{shown(value)} is no promotion code", "at most 6 letters and digits")
    return value


def _young(value: timedelta) -> timedelta:
    if value > _OLDEST:
        what = f"{shown(written(value))} is more than the 14 months that the Earn service takes"
        raise fault(what, f'at most "{written(_OLDEST)}"')
    return value


Pid = Annotated[Text, AfterValidator(_pid), Word("text")]
PromotionCode = Annotated[str, AfterValidator(_promotion), Word("text")]
Age = Annotated[Interval, AfterValidator(_young), Word("duration")]
