"""Whatever the configuration and Mews hold: what the comparison says, once done, leaves nothing to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.comparison import Comparison, applied, compare
from connector.domain.loyalty import Program, Tier
from connector.domain.programs import (
    AddProgram,
    AddTier,
    DeleteProgram,
    DeleteTier,
    UpdateProgram,
    UpdateTier,
    WantedProgram,
    WantedTier,
)

PROGRAMS, TIERS = "PQR", "ABCDE"
names, ranks, kinds = st.sampled_from(["x", "y"]), st.integers(0, 2), st.sampled_from(["Hotel", "SoftBrand"])


@st.composite
def wanted_tiers(draw: st.DrawFn) -> tuple[WantedTier, ...]:
    """Tiers as the settings let them pass: a former code is nobody's now, and never that of one that is gone."""
    codes = draw(st.lists(st.sampled_from(TIERS), unique=True, max_size=4))
    former = draw(st.permutations([code for code in TIERS if code not in codes] + [None] * len(codes)))
    made = [WantedTier(code, draw(names), draw(ranks), gone=draw(st.booleans())) for code in codes]
    return tuple(
        tier if tier.gone else replace(tier, formerly=old) for tier, old in zip(made, former[: len(made)], strict=True)
    )


@st.composite
def configurations(draw: st.DrawFn) -> list[WantedProgram]:
    codes = draw(st.lists(st.sampled_from(PROGRAMS), unique=True, max_size=3))
    return [
        WantedProgram(code, draw(names), draw(kinds), "Free", draw(wanted_tiers()), gone=draw(st.booleans()))
        for code in codes
    ]


@dataclass
class Mews:
    """Programs and tiers by id, changed as Mews would."""

    programs: dict[str, Program] = field(default_factory=dict)
    tiers: dict[str, Tier] = field(default_factory=dict)

    def compared(self, wanted: Sequence[WantedProgram]) -> Comparison:
        return compare(wanted, self.programs.values(), self.tiers.values())

    def take(self, comparison: Comparison) -> None:
        for change in (*comparison.changes, *comparison.deletions):
            match change:
                case AddProgram():
                    id_ = f"added-{change.program_code}"
                    self.programs[id_] = Program(id_, **_snake(change.fields))
                case UpdateProgram():
                    self.programs[change.program_id] = replace(
                        self.programs[change.program_id], **_snake(change.fields)
                    )
                case AddTier():
                    id_, program_id = f"added-{change.subject}", change.program_id or f"added-{change.program_code}"
                    self.tiers[id_] = Tier(id_, program_id, **_snake(change.fields))
                case UpdateTier():
                    self.tiers[change.tier_id] = replace(self.tiers[change.tier_id], **_snake(change.fields))
                case DeleteTier():
                    del self.tiers[change.tier_id]
                case DeleteProgram():
                    del self.programs[change.program_id]


def _snake(fields: object) -> dict[str, object]:
    return {name.lower(): value for name, value in dict(fields).items()}  # type: ignore[call-overload]


@st.composite
def chains(draw: st.DrawFn) -> Mews:
    """Programs and tiers as they may be found, with codes that stand twice."""
    codes = draw(st.lists(st.sampled_from(PROGRAMS), max_size=4))
    programs = [Program(f"p{n}", code, draw(names), draw(kinds), "Free") for n, code in enumerate(codes)]
    tiers = [
        Tier(f"{program.id}t{n}", program.id, code, draw(names), draw(ranks))
        for program in programs
        for n, code in enumerate(draw(st.lists(st.sampled_from(TIERS), max_size=5)))
    ]
    return Mews({program.id: program for program in programs}, {tier.id: tier for tier in tiers})


@given(configurations(), chains())
def test_what_was_done_is_not_said_again(wanted: list[WantedProgram], mews: Mews) -> None:
    first = mews.compared(wanted)
    mews.take(first)
    second = mews.compared(wanted)
    assert (second.changes, second.deletions, second.warnings) == ([], [], {})
    assert second.faults == first.faults


@given(configurations(), chains())
def test_only_what_the_configuration_names_is_touched(wanted: list[WantedProgram], mews: Mews) -> None:
    named = {code: program for program in wanted for code in [program.code]}
    spared = [program for program in mews.programs.values() if program.code not in named]
    codes = {(p.code, code) for p in wanted for tier in p.tiers for code in (tier.code, tier.formerly)}
    spared_tiers = [
        tier for tier in mews.tiers.values() if (mews.programs[tier.program_id].code, tier.code) not in codes
    ]
    mews.take(mews.compared(wanted))
    assert all(mews.programs[program.id] == program for program in spared)
    assert all(mews.tiers[tier.id] == tier for tier in spared_tiers)


@given(wanted_tiers(), chains())
def test_tiers_as_they_will_be_are_what_they_become(wanted: tuple[WantedTier, ...], mews: Mews) -> None:
    program = WantedProgram("P", "x", "Hotel", "Free", wanted)
    mews.programs = {"p": Program("p", "P", "x", "Hotel", "Free")}
    mews.tiers = {id_: replace(tier, program_id="p") for id_, tier in mews.tiers.items()}
    before = list(mews.tiers.values())
    coming = applied(program, before, "p")
    comparison = mews.compared([program])
    comparison.deletions = []
    mews.take(comparison)
    became = [replace(tier, id=tier.id.replace("added-P/", "new:")) for tier in mews.tiers.values()]
    assert coming == became
    assert [tier.id for tier in applied(program, before, None)] == [tier.id for tier in before]
