"""The table of a campaign that is run by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.campaigns.figures import Figure, told

HELD = Figure("nothing is lost", "0 lost", "0", True)
BROKEN = Figure("nothing is late", "3 late", "0", False)


@pytest.mark.parametrize(("figures", "code"), [([HELD], 0), ([HELD, BROKEN], 1)])
def test_the_process_ends_well_when_every_bar_holds(
    figures: list[Figure], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(figures) == code
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()[1:]] == ["pass", "FAIL"][: len(figures)]


def test_what_was_found_before_a_campaign_broke_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    def campaign() -> Iterator[Figure]:
        yield HELD
        raise RuntimeError("the campaign broke")

    with pytest.raises(RuntimeError, match="broke"):
        told(campaign())
    assert "nothing is lost  0 lost  0    pass" in capsys.readouterr().out
