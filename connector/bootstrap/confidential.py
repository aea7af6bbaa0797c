"""Secrets on their way from the settings to those who need them; the logs learn to leave each one out."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from connector.errors import Misconfigured
from connector.settings import Settings
from connector.store.engine import Database
from connector.telemetry import redact


def revealed(secret: SecretStr) -> str:
    """Return a secret's value, after the logs have learnt to leave it out."""
    redact.register(secret.get_secret_value())
    return secret.get_secret_value()


def revealed_if_any(secret: SecretStr | None) -> str | None:
    return None if secret is None else revealed(secret)


def hash_key(settings: Settings, database: Database) -> bytes:
    """Return the key of the identifiers' hashes: the configured one, or one made and kept beside the database.

    Raises Misconfigured on PostgreSQL without a configured one: instances must share it.
    """
    if configured := revealed_if_any(settings.privacy.hash_key):
        return configured.encode()
    if database.file is None:
        raise Misconfigured(
            "privacy.hash_key: it is missing, and PostgreSQL has no place beside it; "
            "expected LOYALTY_PRIVACY__HASH_KEY or the secret file privacy__hash_key"
        )
    return _kept_key(database.file.with_name(f"{database.file.name}.hash_key"))


def _kept_key(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        key = secrets.token_hex(32).encode()
        file.write(key)
    return key
