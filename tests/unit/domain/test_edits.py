"""Fields that others change in Mews although the scheme owns them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from connector.domain.edits import PATIENCE, WINDOW, Dispute, Edit, Value, digest, disputed, settled

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOTHING: frozenset[str] = frozenset()


def edit(before: Value, after: Value, times: int = 1, ago: timedelta = timedelta(hours=1)) -> Edit:
    return Edit(digest(before), digest(after), times, NOW - ago)


def disputes(found: Edit, wanted: Value, present: Value, reported: frozenset[str] = NOTHING) -> dict[str, Dispute]:
    return disputed({"points": wanted}, {"points": present}, {"points": found}, reported, NOW)


class TestARestoredField:
    def test_is_put_back_the_first_times(self) -> None:
        assert disputes(edit(10, 99, PATIENCE - 1), wanted=10, present=99) == {}

    def test_is_not_fought_over_when_it_goes_on(self) -> None:
        assert disputes(edit(10, 99, PATIENCE), wanted=10, present=99) == {"points": Dispute.CONTESTED}

    def test_is_tried_again_after_a_quiet_week(self) -> None:
        assert disputes(edit(10, 99, PATIENCE, WINDOW), wanted=10, present=99) == {}

    def test_follows_the_scheme_when_that_changes(self) -> None:
        assert disputes(edit(10, 99, PATIENCE), wanted=20, present=99) == {}


class TestAReportedField:
    REPORTED = frozenset({"points"})

    def test_is_left_at_once(self) -> None:
        assert disputes(edit(10, 99), wanted=10, present=99, reported=self.REPORTED) == {"points": Dispute.REPORTED}

    def test_is_left_for_as_long_as_nothing_changes(self) -> None:
        old = edit(10, 99, ago=timedelta(days=400))
        assert disputes(old, wanted=10, present=99, reported=self.REPORTED) == {"points": Dispute.REPORTED}

    def test_follows_the_scheme_when_that_changes(self) -> None:
        assert disputes(edit(10, 99), wanted=20, present=99, reported=self.REPORTED) == {}

    def test_that_differs_without_an_edit_is_the_schemes_own_change(self) -> None:
        assert disputed({"points": 20}, {"points": 10}, {}, self.REPORTED, NOW) == {}

    def test_that_moved_on_since_the_edit_is_not_that_edit(self) -> None:
        assert disputes(edit(10, 99), wanted=10, present=77, reported=self.REPORTED) == {}

    def test_that_the_scheme_does_not_own_is_nobodys_dispute(self) -> None:
        assert disputed({}, {"points": 99}, {"points": edit(10, 99)}, self.REPORTED, NOW) == {}


class TestSettling:
    def test_an_edit_that_the_scheme_adopts_is_none_any_more(self) -> None:
        assert settled({"points": 99}, {"points": edit(10, 99)}) == ["points"]

    def test_an_edit_that_was_put_back_still_counts(self) -> None:
        assert settled({"points": 10}, {"points": edit(10, 99)}) == []


class TestDigests:
    @pytest.mark.parametrize(
        ("one", "other"), [(1, "1"), (None, ""), (None, "None"), (date(2027, 1, 1), "2027-01-01"), ("a", "b")]
    )
    def test_different_values_never_share_one(self, one: Value, other: Value) -> None:
        assert digest(one) != digest(other)

    def test_it_does_not_hold_the_value(self) -> None:
        assert len(digest("992003669288601")) == 16
        assert b"9920" not in digest("992003669288601")


@pytest.mark.parametrize("dispute", Dispute)
def test_the_sentence_names_member_and_field_and_no_value(dispute: Dispute) -> None:
    sentence = dispute.sentence("M1", "tier_id")
    assert sentence.startswith("member M1: the tier was ")
    assert sentence.endswith(".")
