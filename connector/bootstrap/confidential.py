"""Secrets on their way from the settings to those who need them; the logs learn to leave each one out."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from connector.errors import Misconfigured, Refused, Unfinished
from connector.settings import Settings
from connector.store import contents, facts
from connector.store.engine import Database
from connector.store.state_file import fingerprint
from connector.telemetry import redact


def revealed(secret: SecretStr) -> str:
    """Return a secret's value, after the logs have learnt to leave it out."""
    redact.register(secret.get_secret_value())
    return secret.get_secret_value()


def revealed_if_any(secret: SecretStr | None) -> str | None:
    return None if secret is None else revealed(secret)


async def hold_key(settings: Settings, database: Database) -> None:
    """Tie the database to the key of its hashes; a new one gets a key made, and nothing else does.

    With another key who was erased comes back, and who opted out is forgotten. Raises Refused for another key than the
    one that the database has worked with, and where the key's file is missing.
    """
    async with database.read() as connection:
        known = await facts.read(connection, facts.HASH_KEY)
        is_new = known is None and await contents.is_empty(connection)
    if is_new and (file := _beside(settings, database)):
        _make(file)
    own = fingerprint(hash_key(settings, database))
    if known is None and not database.sealed:
        async with database.write() as connection:
            known = await facts.once(connection, facts.HASH_KEY, own)
    if known not in (None, own):
        raise Refused(
            f"{_beside(settings, database) or 'privacy.hash_key'}: the database has worked with another hash key, "
            "without which nobody is known who was erased or opted out; expected that one, from its backup"
        )


def refuse_lost(settings: Settings, database: Database) -> None:
    """Raise Refused where the key of a database lies, and no database: an empty ledger would send everything again."""
    key = _beside(settings, database)
    if key is None or not key.exists():
        return
    file = Path(str(database.file))
    if not file.exists() or not file.stat().st_size:
        raise Refused(
            f"{file}: it is missing or empty, but its hash key is not, so a ledger was here; expected it, from its "
            f"backup, or no {key.name} beside it where a new one is to begin"
        )


def hash_key(settings: Settings, database: Database) -> bytes:
    """Return the key of the identifiers' hashes: the configured one, or the one that lies beside the database.

    Raises Refused when there is none, Misconfigured on PostgreSQL without a configured one: instances must share it.
    """
    if configured := revealed_if_any(settings.privacy.hash_key):
        return configured.encode()
    path = _beside(settings, database)
    if path is None:
        raise Misconfigured(
            "privacy.hash_key: it is missing, and PostgreSQL has no place beside it; "
            "expected LOYALTY_PRIVACY__HASH_KEY or the secret file privacy__hash_key"
        )
    if not path.exists():
        raise Refused(
            f"{path}: it does not exist, and with another hash key nobody is known who was erased or opted out; "
            "expected the key that belongs to the database, from its backup or from beside the exported one, or its "
            "content as privacy.hash_key"
        )
    try:
        key = path.read_bytes()
    except OSError as error:
        why = f"it cannot be read ({error.strerror}); expected a file that this user may read"
        raise Unfinished(f"{path}: {why}") from error
    if key:
        return key
    raise Misconfigured(f"{path}: it is empty; expected the key that belongs to the database, from its backup")


def _beside(settings: Settings, database: Database) -> Path | None:
    """Return the file of the key; None where it is configured, and on PostgreSQL."""
    if settings.privacy.hash_key is not None or database.file is None:
        return None
    return database.file.with_name(f"{database.file.name}.hash_key")


def _make(path: Path) -> None:
    """Make the file of a key if there is none.

    It gets its name when it is whole: on a full disk no half of a key may be taken for one.
    """
    if path.exists():
        return
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


def _named(made: Path, path: Path) -> None:
    """Give a file its name, unless another process was faster."""
    try:
        os.link(made, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        made.rename(path)
