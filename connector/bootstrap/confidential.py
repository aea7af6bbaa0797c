"""Secrets on their way from the settings to those who need them; the logs learn to leave each one out."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from connector.errors import Misconfigured, Refused, Unfinished
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


def known_hash_key(settings: Settings, database: Database) -> bytes:
    """Return the key that is configured or lies beside the database, without making one; raises Refused without."""
    if database.file is not None and settings.privacy.hash_key is None:
        path = database.file.with_name(f"{database.file.name}.hash_key")
        if not path.exists():
            raise Refused(
                f"{path}: it does not exist; expected the exported database's own, copied there, or its content as "
                "privacy.hash_key"
            )
    return hash_key(settings, database)


def _kept_key(path: Path) -> bytes:
    """Return the key in a file, which is made if there is none.

    It gets its name when it is whole: on a full disk no half of a key may be taken for one.
    """
    if not path.exists():
        made = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_hex(32).encode())
                file.flush()
                os.fsync(file.fileno())
            _named(made, path)
        except OSError as error:
            raise Unfinished(f"{path}: it cannot be written ({error.strerror}); expected space for a key") from error
        finally:
            made.unlink(missing_ok=True)
    if key := path.read_bytes():
        return key
    raise Misconfigured(f"{path}: it is empty; expected the key that belongs to the database, from its backup")


def _named(made: Path, path: Path) -> None:
    """Give a file its name, unless another process was faster."""
    try:
        os.link(made, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        made.rename(path)
