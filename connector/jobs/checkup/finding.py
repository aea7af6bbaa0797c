"""What a check finds, and what it looks at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from connector.domain.access import Reach
from connector.errors import ConnectorError, Unauthorized
from connector.jobs.runner import Runner
from connector.mews.client import Mews
from connector.ports import Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found about one subject: ``text`` is a sentence, ``fix`` says what to do about a fault."""

    check: str
    subject: str
    verdict: Verdict
    text: str
    fix: str = ""


@dataclass(slots=True)
class Patient:
    """What is examined, and what earlier checks learnt.

    ``program_names`` are the programs that the settings name, by code; ``reaches`` has the tokens that answered.
    """

    runner: Runner
    program_names: Mapping[str, str] = field(default_factory=dict)
    reaches: dict[str, Reach] = field(default_factory=dict)

    @property
    def tokens(self) -> list[Mews]:
        """The tokens that answered."""
        return [token for table, token in self.runner.chain.tokens.items() if table in self.reaches]


Check = Callable[[Patient], Awaitable[list[Finding]]]
_RIGHT = "give the integration this right in Mews, or correct the token"


def unanswered(check: str, subject: str, error: ConnectorError, mend: str = _RIGHT) -> Finding:
    """Return the finding that a remote system did not do what it was asked; ``mend`` is the fix of a refusal."""
    fix = mend if isinstance(error, Unauthorized) else "try again when it answers"
    return Finding(check, subject, Verdict.REMOTE, str(error).rstrip("."), fix)
