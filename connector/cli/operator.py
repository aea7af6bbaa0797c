"""Who runs a command, as decisions and confirmations name them."""

from __future__ import annotations

import getpass
import os


def operator() -> str:
    """Return the name of the user at the operating system."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without an entry, as in some containers
        return f"uid {os.getuid()}"
