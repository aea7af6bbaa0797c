"""When Python looks for garbage that only its collector finds: objects that refer to one another."""

from __future__ import annotations

import gc

_YOUNG = 25_000  # new objects before the youngest are looked through; Python's own number is 700


def collect_seldom() -> None:
    """Let a process that handles records by the thousand be looked through seldom; call it after the imports.

    Records are made in bulk and refer to nobody, so that looking through them every 700 took a tenth of reading Mews
    and found nothing. A larger number would not do, because what does refer to itself may hold thousands of rows. What
    the imports made lives as long as the process: no collection needs to walk it again.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
