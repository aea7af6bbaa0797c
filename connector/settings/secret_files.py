"""Secrets from files: ``mews.client_token`` is the file ``mews__client_token`` of one directory.

Only files of known names are opened: the directory may be shared, and hold what is not ours to read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import SecretStr

from connector.errors import Misconfigured
from connector.settings.environment import Given
from connector.settings.keys import meant
from connector.settings.shape import Leaf

SHARED = Path("/run/secrets")


def directory(environ: Mapping[str, str]) -> Path | None:
    """Return where secret files are: the directory named, else systemd's, else /run/secrets if present."""
    named = environ.get("LOYALTY_SECRETS_DIR") or environ.get("CREDENTIALS_DIRECTORY")
    if named:
        return Path(named).absolute()
    return SHARED if SHARED.is_dir() else None


def name_of(path: tuple[str, ...]) -> str:
    """Return the file name of a secret."""
    return "__".join(path).lower()


def given(folder: Path | None, leaves: list[Leaf]) -> Iterator[Given]:
    """Yield the secrets that stand in files. Raises Misconfigured for a file that cannot be read."""
    for leaf in leaves if folder is not None else ():
        file = Path(str(folder)) / name_of(leaf.path)
        text = _text(file) if leaf.is_secret else ""
        if text:
            yield Given(leaf.path, SecretStr(text), f"secret file {file}")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Misconfigured(f"{file}: cannot be read ({error.strerror}); expected a readable file") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{file}: is not UTF-8; expected a secret as text") from None


def absent_directory(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield a fault when the directory that was named for us does not exist."""
    named = environ.get("LOYALTY_SECRETS_DIR")
    if named and not Path(named).is_dir():
        yield f"LOYALTY_SECRETS_DIR: {named} is not a directory; expected the directory of the secret files"


def strangers(environ: Mapping[str, str], leaves: list[Leaf]) -> Iterator[str]:
    """Yield a warning for each file in our own directory that looks like a secret and meets none."""
    folder = environ.get("LOYALTY_SECRETS_DIR")
    known = {name_of(leaf.path) for leaf in leaves if leaf.is_secret}
    for name in sorted(os.listdir(folder)) if folder and Path(folder).is_dir() else ():
        if "__" in name and name not in known:
            hint = meant(name, known)
            yield f"{folder}/{name}: meets no secret; " + (f"did you mean {hint}?" if hint else "it is not read")
