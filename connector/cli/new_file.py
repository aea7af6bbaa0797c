"""Files that commands write: whole or not at all, and for their owner's eyes, since they hold member numbers."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from connector.cli.output import FULL
from connector.errors import Misconfigured, Unfinished


@contextmanager
def new_file(path: Path, command: str, *, replaces: bool = True, mode: int = 0o600) -> Iterator[IO[str]]:
    """Open a file for text beside ``path``, which gets that name when it is whole; a device is written as it is.

    Raises Misconfigured for a path that cannot be written, or where there is a file that is not to be replaced,
    Unfinished where there is no space.
    """
    target = path.resolve()
    made = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if target.exists() and not target.is_file():
            with target.open("w", encoding="utf-8", newline="") as file:
                yield file
            return
        if target.exists() and not replaces:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        made.rename(target)
    except OSError as error:
        raise cannot_be_written(f"{command}: {path}", error) from None
    finally:
        _remove(made)


def cannot_be_written(what: str, error: OSError) -> Misconfigured | Unfinished:
    """Return the sentence about a file: of a full disk, or of a path that is none."""
    if error.errno == errno.EEXIST:
        return Misconfigured(f"{what} cannot be written: {error.strerror}; expected a new file")
    if error.errno in FULL:
        return Unfinished(f"{what} cannot be written: {error.strerror}; expected a disk with space")
    return Misconfigured(f"{what} cannot be written: {error.strerror}; expected a path where that may be done")


def _remove(made: Path) -> None:
    try:
        made.unlink(missing_ok=True)
    except OSError:  # where there is no folder there is nothing to remove
        return
