"""Whatever a parser is given: it does not crash, loses nothing, and says why it refuses, without anything private."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.campaigns.inputs import TARGETS, documents, found_in
from tests.campaigns.mangling import spoilt
from tests.campaigns.targets.outcome import Outcome, Target, faults, outcome, wrong

EXAMPLES = 8  # of each parser here; the campaign reads hundreds, and at night thousands


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_spoilt_documents_are_read_or_refused_with_a_reason(target: Target) -> None:
    @settings(max_examples=EXAMPLES)
    @given(st.data())
    def read(data: st.DataObject) -> None:
        document = spoilt(
            data.draw(st.sampled_from(target.seeds)), target.form, lambda n: data.draw(st.integers(0, n - 1))
        )
        assert wrong(target, document) == ""

    read()


@pytest.mark.parametrize("target", [each for each in TARGETS if "refusal" not in each.name], ids=str)
def test_valid_documents_are_read(target: Target) -> None:
    first = outcome(target, target.seeds[0])
    assert first.read
    assert not first.refused


def test_every_parser_has_a_name_of_its_own() -> None:
    assert len({each.name for each in TARGETS}) == len(TARGETS)


class TestTheJudge:
    def test_notices_a_crash(self) -> None:
        def crash(_document: bytes) -> Outcome:
            raise KeyError("Points")

        target = Target("crashing", crash, (b"{}",))
        assert [fault for _, fault in found_in(target, 2)] == ["crash: KeyError: 'Points'"] * 3

    @pytest.mark.parametrize(
        ("found", "fault"),
        [
            (Outcome(read=("a",), given=2), "of 2 records 1 were read and 0 refused"),
            (Outcome(), "neither anything was read nor a reason given"),
            (Outcome(refused=("no",)), "this is no reason in one sentence: 'no'"),
            (Outcome(refused=("line 1: no\nnumber",)), "this is no reason in one sentence: 'line 1: no\\nnumber'"),
            (Outcome(refused=("line 1: 992003669288601 is none",)), "this tells what is private: "),
            (Outcome(read=("a\0",)), "this is no text that a database takes: 'a\\x00'"),
            (Outcome(read=({"name": ("\ud800",)},)), "this is no text that a database takes: '\\ud800'"),
            (Outcome(read=(2**31,)), "this is no number that a database takes: of 32 bits"),
        ],
    )
    def test_notices(self, found: Outcome, fault: str) -> None:
        assert any(each.startswith(fault) for each in faults(found))


def test_documents_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    target = TARGETS[0]
    assert list(documents(target, 20)) == list(documents(target, 20))
    assert list(documents(target, 20)) != list(documents(target, 20, seed=2))
