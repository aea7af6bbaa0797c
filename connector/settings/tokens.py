"""Secrets that go into a header as they are."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from connector.settings.values import Word, fault

_VISIBLE = re.compile(r"[!-~]([ -~]*[!-~])?")


def _visible(value: SecretStr) -> SecretStr:
    if not _VISIBLE.fullmatch(value.get_secret_value()):
        raise fault("the token holds a line break or another character that no header can carry", "visible characters")
    return value


Token = Annotated[SecretStr, AfterValidator(_visible), Word("secret")]
