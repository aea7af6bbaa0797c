"""What may be wrong with the service, and what a person does about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Trouble(StrEnum):
    """A kind of incident."""

    TOKEN = "token_refused"  # noqa: S105  # a word
    JOB = "job_failing"
    REFUSED = "job_refused"
    CIRCUIT = "partner_unreachable"
    PAUSED = "partner_paused"
    CREDITS = "prepaid_low"
    SUSPENSE = "suspense_growing"
    OPEN_BILLS = "open_bills"
    SILENCE = "partner_silent"
    QUIET = "property_quiet"
    LIMIT = "rate_limited"
    DISK = "disk_full"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What people are told about a kind: its title, what it means, and what to do."""

    title: str
    means: str
    advice: str


MEANINGS: dict[Trouble, Meaning] = {
    Trouble.TOKEN: Meaning(
        "A credential is refused",
        "Mews or a partner takes a token or password no more. What needs it stands still; nothing is lost.",
        "Run `doctor`; exchange the secret it names and restart.",
    ),
    Trouble.JOB: Meaning(
        "A job does not succeed",
        "A job has not ended well for far longer than its interval.",
        "Read its last error in `status`; `doctor` tells which system is the cause.",
    ),
    Trouble.REFUSED: Meaning(
        "A job waits for a confirmation",
        "A guard stopped a job: more removals or changes than usual, or a first live delivery.",
        "Look at `plan` or `suspense list`, and confirm exactly that plan if it is right.",
    ),
    Trouble.CIRCUIT: Meaning(
        "A partner cannot be reached",
        "Requests to it failed one after another. The ledger keeps the work; probes find out when it goes on.",
        "Usually nothing; if it lasts, ask the partner.",
    ),
    Trouble.PAUSED: Meaning(
        "A partner or property is paused",
        "The daily ceiling is reached, a property is far above its usual day, or what was paid in advance is used up.",
        "Read the case in `suspense list`; release what is right (`ledger release`), or raise the limit.",
    ),
    Trouble.CREDITS: Meaning(
        "Prepaid credits run low",
        "What is left of the credits that the settings name is below `low_water`. Nothing is held back yet.",
        "Buy more, and write it into `[partners.NAME.prepaid]`.",
    ),
    Trouble.SUSPENSE: Meaning(
        "Many new cases wait for a person",
        "`alerts.suspense_growth` cases or more were opened in a day: often one cause, such as a changed export.",
        "`suspense list`, beginning with the most frequent reason.",
    ),
    Trouble.OPEN_BILLS: Meaning(
        "Stays wait because their bills stay open",
        "At least `alerts.open_bills` stays are past `settle_timeout` with an open bill, so their guests get no miles.",
        "Let the hotel close the bills; `suspense list --reason open_bill` names the stays.",
    ),
    Trouble.SILENCE: Meaning(
        "A partner got nothing for unusually long",
        "It was credited often in the last four weeks, and not at all lately.",
        "Look whether stays are read (`status`), decided (`earn explain` of a recent one) and sent (`ledger list`).",
    ),
    Trouble.QUIET: Meaning(
        "A property shows no changes for unusually long",
        "Its reservations changed often in four weeks, and not at all lately: a right may have been taken away.",
        "Run `doctor`; compare with what reception sees.",
    ),
    Trouble.LIMIT: Meaning(
        "A system says that it is asked too often",
        "Answers 429 came although the limits of the configuration were kept: others may use the same token.",
        "Give the connector a token of its own, or lower `mews.limits` or the partner's `rate`.",
    ),
    Trouble.DISK: Meaning(
        "The disk is nearly full",
        "Less than `alerts.disk_free` is left where the database lies. A full disk stops all work, and loses nothing.",
        "Make room.",
    ),
}


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that is wrong: ``subject`` says where (a property, a job), ``text`` what, without personal data."""

    kind: Trouble
    subject: str
    text: str


_WINDOW = timedelta(days=28)
_LEAST = 20  # events in the window from which it is known what is usual
_TIMES = 20  # so many usual gaps without any are not by chance


def is_silent(moments: int, last: datetime | None, now: datetime, least: timedelta) -> bool:
    """Tell whether nothing came for longer than ``least`` and far longer than usual.

    ``moments`` is how many came in the 28 days before ``now``, ``last`` the latest of them.
    """
    if last is None or moments < _LEAST:
        return False
    return now - last > max(least, _TIMES * _WINDOW / moments)


def since(now: datetime) -> datetime:
    """Return the beginning of the period that says what is usual."""
    return now - _WINDOW


def sentence(incident: Incident) -> str:
    """Return the incident as one line: title, where, what."""
    where = f" ({incident.subject})" if incident.subject else ""
    return f"{MEANINGS[incident.kind].title}{where}: {incident.text}"


def fresh(found: Sequence[Incident]) -> dict[tuple[Trouble, str], Incident]:
    """Return the incidents by kind and subject; of two about the same the first."""
    return {(each.kind, each.subject): each for each in reversed(found)}
