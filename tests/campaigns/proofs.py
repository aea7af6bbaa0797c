"""What `just prove` runs: every campaign and every benchmark, the long ones first so that no core waits at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tests.campaigns.figures import Profile

#: A proof that takes longer hangs: quick ones are made for about a minute, nightly ones for as many hours as they say.
PATIENCE: Mapping[Profile, timedelta] = {"quick": timedelta(minutes=4), "nightly": timedelta(hours=6)}


@dataclass(frozen=True, slots=True)
class Proof:
    """Something that yields figures: a module with a function ``campaign(profile)``."""

    module: str

    @property
    def name(self) -> str:
        """How it is called on the command line and in progress lines."""
        return self.module.rpartition(".")[2]


CAMPAIGNS: Sequence[Proof] = tuple(
    Proof(f"tests.campaigns.{name}")
    for name in ("soak", "crash", "instances", "network", "mutants", "moving", "inputs")
)
BENCHMARKS: Sequence[Proof] = tuple(
    Proof(f"tests.benchmarks.{name}")
    for name in (
        *("delivering", "million", "starting", "freshness", "mirroring"),
        *("deciding", "planning", "rate", "applying"),
    )
)
PROOFS: Sequence[Proof] = (*CAMPAIGNS, *BENCHMARKS)
