"""The name of a process in leases and ledger, and whether the process of a name is dead."""

from __future__ import annotations

import os
import socket
import uuid


def own_name() -> str:
    """Return a name for this process: host, process id, and something that no later process shares."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def is_dead(name: str) -> bool:
    """Tell whether the process of a name is known to be gone; of another host's nothing is known."""
    host, _, rest = name.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
