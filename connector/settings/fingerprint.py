"""What tells one configuration from another, and nobody what stands in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from connector.settings.document import Settings

# what each instance may have for itself
_OWN: Mapping[str, bool | set[str]] = {"database": True, "logging": True, "web": {"listen"}}


def fingerprint(settings: Settings) -> str:
    """Return a digest of what several instances must agree on, secrets included; of paths only the last part counts."""
    told = json.dumps(settings.model_dump(exclude=dict(_OWN)), default=_plain, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _plain(value: object) -> object:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case Path():
            return value.name
        case set() | frozenset():
            return sorted(map(str, value))
        case _:
            return str(value)
