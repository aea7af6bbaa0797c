"""How a sandbox is started."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from connector.sandbox.faults import Fault, parse
from connector.sandbox.mews.limit import Limit
from connector.sandbox.qiibee.exchange import Trade
from connector.sandbox.qiibee.reading import Reading

SERVERS = ("mews", "uplyft", "airmiles", "qiibee", "lufthansa")
_CHOICES = {
    "uplyft_form": ("transaction", "flat", "both"),
    "uplyft_duplicate": ("true", "false", "error"),
    "airmiles_accept": (200, 202),
    "lufthansa_accept": (200, 201, 202),
    "lufthansa_uncredit": ("free", "transaction"),
    "lufthansa_answers": ("transaction", "empty"),
}


@dataclass(frozen=True)
class SandboxOptions:
    """Everything that can be chosen; ``ValueError`` says in one sentence what cannot.

    ``state`` is the directory of the durable state. ``port_base`` is Mews's port, those of Uplyft, AIR
    MILES, qiibee and the Earn service follow; 0 takes any free ports.

    Loaded on the first start only: the bookings of the file ``bookings`` (None: the packaged extract) that
    arrive from ``since`` to ``until``, ``guests_extra`` guests without a booking and ``members_extra``
    members unknown to the hotels; names and chances are drawn from ``seed``; qiibee's users of the file
    ``qiibee_users`` (JSON or CSV; None: no users).

    ``limit`` is Mews's, such as ``200/30s``; ``off`` or None is none. ``faults`` are texts for ``faults.parse``.
    ``uplyft_form`` is the signature of createEvent, ``uplyft_unique_id`` whether it knows uniqueId,
    ``uplyft_duplicate`` the answer to a repeated one. ``airmiles_accept`` is the status of success,
    ``airmiles_processing`` the seconds that a call takes, ``token_lifetime`` is in seconds. ``qiibee_answers`` is a
    text for ``Reading.parse``; ``qiibee_rate``, ``qiibee_prepaid`` and ``qiibee_processing`` are those of ``Trade``.
    ``lufthansa_accept`` is the status of success of the Earn service,
    ``lufthansa_uncredit`` whether an uncredit stands alone (free) or must name its credit's transaction,
    ``lufthansa_answers`` whether an answer holds the id of the transaction or nothing.
    """

    state: Path
    port_base: int = 0
    bookings: Path | None = None
    since: date | None = None
    until: date | None = None
    seed: int = 1
    guests_extra: int = 0
    members_extra: int = 0
    limit: str | None = "200/30s"
    faults: tuple[str, ...] = ()
    uplyft_form: str = "both"
    uplyft_unique_id: bool = True
    uplyft_duplicate: str = "true"
    airmiles_accept: int = 200
    airmiles_processing: float = 0.0
    token_lifetime: int = 86_400
    qiibee_users: Path | None = None
    qiibee_answers: str = ""
    qiibee_rate: str = "1"
    qiibee_prepaid: int | None = None
    qiibee_processing: float = 0.0
    lufthansa_accept: int = 200
    lufthansa_uncredit: str = "free"
    lufthansa_answers: str = "transaction"

    def __post_init__(self) -> None:
        """Refuse what no server could start with."""
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                expected = ", ".join(map(str, choices))
                raise ValueError(f"{name}: {getattr(self, name)!r}, expected one of {expected}")
        if self.port_base and not 1024 <= self.port_base <= 65_535 - len(SERVERS):
            raise ValueError(f"port_base: {self.port_base}, expected 0 or a port from 1024")
        _ = self.sliding_limit, self.qiibee_reading, self.qiibee_trade
        for text in self.faults:
            if parse(text)[0] not in SERVERS:
                raise ValueError(f"fault {text!r}: expected one of {', '.join(SERVERS)} before the colon")

    @property
    def sliding_limit(self) -> Limit | None:
        """The limit of Mews, None when there is none."""
        return Limit.parse(self.limit) if self.limit else None

    @property
    def qiibee_reading(self) -> Reading:
        """How qiibee's answers look."""
        try:
            return Reading.parse(self.qiibee_answers)
        except ValueError as fault:
            raise ValueError(f"qiibee_answers: {fault}") from None

    @property
    def qiibee_trade(self) -> Trade:
        """How exchanges go at qiibee."""
        try:
            return Trade(self.qiibee_rate, self.qiibee_prepaid, self.qiibee_processing)
        except ValueError as fault:
            raise ValueError(f"qiibee_{fault}") from None

    def faults_of(self, server: str) -> Iterator[Fault]:
        """The faults planned for one server."""
        return (fault for name, fault in map(parse, self.faults) if name == server)

    def dumped(self) -> str:
        """One line of JSON, for ``loaded``."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def loaded(cls, line: str) -> SandboxOptions:
        """The options that ``dumped`` wrote."""
        given = json.loads(line)
        paths = {name: Path(given[name]) for name in ("state", "bookings", "qiibee_users") if given[name]}
        days = {name: date.fromisoformat(given[name]) for name in ("since", "until") if given[name]}
        return cls(**{**given, **paths, **days, "faults": tuple(given["faults"])})
