"""Errors that say what to do next.

    ConnectorError
    ├── Retryable          the same thing may work later (``after`` seconds, when the other side said so)
    │   ├── NotSent        the request provably never left this machine
    │   └── Lost           the request may have had its effect, the answer did not arrive
    ├── Permanent          this request will never work as it is
    │   ├── Unauthorized   the other side does not accept our credentials
    │   └── Exhausted      what was paid in advance is used up
    ├── Conflict           the world changed meanwhile: read again, plan again
    ├── Superseded         another process goes on with this work: stop at once, write nothing more
    ├── Skippable          one record is set aside for a person, the rest goes on
    ├── Misconfigured      a person must change the configuration (exit 2)
    ├── Refused            a guard or a lock said no (exit 3)
    └── Unfinished         a remote system failed or the pass is partial (exit 4)

The message of every error is one sentence for a person: where, what, what was expected. It never holds a
secret, an e-mail address, a guest's name or a full member number.
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Anything this product raises on purpose."""


class Retryable(ConnectorError):
    """The same thing may work later; ``after`` is the wait in seconds that the other side asked for."""

    def __init__(self, message: str, *, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class NotSent(Retryable):
    """The request provably never left this machine, so it had no effect."""


class Lost(Retryable):
    """The request may have had its effect, but the answer did not arrive or could not be read."""


class Permanent(ConnectorError):
    """This request will never work as it is; ``status`` is the HTTP status, ``detail`` the other side's words."""

    def __init__(self, message: str, *, status: int | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.detail = detail


class Unauthorized(Permanent):
    """The other side does not accept our credentials for this operation."""


class Exhausted(Permanent):
    """What was paid to the other side in advance is used up: nothing happened, nor will it before a person pays."""


class Conflict(ConnectorError):
    """The data changed meanwhile: read again, plan again."""


class Superseded(ConnectorError):
    """Another process took this work over and goes on with it: stop at once, and write nothing more."""


class Skippable(ConnectorError):
    """One record is set aside for a person; the rest goes on."""


class Misconfigured(ConnectorError):
    """A person must change the configuration; ``faults`` holds one sentence per fault."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Refused(ConnectorError):
    """A guard or a lock said no."""


class Unfinished(ConnectorError):
    """A remote system failed, or the pass could only be done in part."""
