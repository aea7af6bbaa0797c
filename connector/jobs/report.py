"""What the jobs did, as ``sync`` prints it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from connector.jobs.chain import Chain
from connector.store import decisions, ledger, suspense

_LETTERS = "bcdfghjkmnpqrstvwxz"  # no digits: logs mask long numbers; no vowels: no words


def run_id() -> str:
    """Return a word that all log lines of one run carry, and its row in the store."""
    return "".join(secrets.choice(_LETTERS) for _ in range(8))


class JobOutcome(StrEnum):
    """How a job ended."""

    OK = "ok"
    PARTIAL = "partial"
    REFUSED = "refused"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(slots=True)
class JobReport:
    """One job: records read, items written, requests sent, seconds; ``error`` is a sentence for a person, and so is
    each of the ``warnings``. ``ended`` is False until the job itself has returned.
    """

    name: str
    run: str = field(default_factory=run_id)
    ended: bool = False
    outcome: JobOutcome = JobOutcome.OK
    read: int = 0
    written: int = 0
    requests: int = 0
    seconds: float = 0.0
    error: str = ""
    unexpected: bool = False
    misconfigured: bool = False
    unauthorized: bool = False
    warnings: list[str] = field(default_factory=list)

    @property
    def hopeless(self) -> bool:
        """Tell whether running the job again within minutes cannot help: a person must do something first."""
        return self.unexpected or self.misconfigured or self.unauthorized

    def add(self, other: JobReport) -> None:
        """Take in a further pass of the same job; its outcome is the job's."""
        self.outcome, self.error, self.warnings = other.outcome, other.error, other.warnings
        self.unexpected |= other.unexpected
        self.misconfigured |= other.misconfigured
        self.unauthorized = other.unauthorized
        self.read += other.read
        self.written += other.written
        self.requests += other.requests
        self.seconds = round(self.seconds + other.seconds, 3)


@dataclass(frozen=True, slots=True)
class Summary:
    """The state after a sync: jobs, messages by state, stays and miles by partner, open cases."""

    jobs: tuple[JobReport, ...]
    awards: dict[str, int]
    stays: dict[str, dict[str, int]]
    miles: dict[str, int]
    suspense: int

    def as_json(self) -> dict[str, Any]:
        """Return the shape that ``sync --json`` prints."""
        names = ("name", "outcome", "read", "written", "requests", "seconds")
        jobs = [asdict(job) for job in self.jobs]
        return {
            "jobs": [
                {name: job[name] for name in names} | {name: job[name] for name in ("error", "warnings") if job[name]}
                for job in jobs
            ],
            "awards": self.awards,
            "stays": self.stays,
            "miles": self.miles,
            "suspense": self.suspense,
        }


async def summary(chain: Chain, partners: Sequence[str], jobs: Sequence[JobReport]) -> Summary:
    """Read the state of the ledger and the stays."""
    async with chain.database.read() as connection:
        miles = dict.fromkeys(partners, 0) | await ledger.miles_by_partner(connection)
        return Summary(
            jobs=tuple(jobs),
            awards=await ledger.count_by_state(connection),
            stays=await decisions.tally(connection, partners),
            miles=miles,
            suspense=await suspense.count(connection),
        )
