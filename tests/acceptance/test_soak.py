"""A few seconds of the soak: a daemon at six hotels where much goes wrong owes nobody anything at the end."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.acceptance.road import say
from tests.campaigns.soak import QUICK, soaked

pytestmark = [
    pytest.mark.timeout(280),
    pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "nightly", reason="just prove runs the campaign"),
]


def test_a_daemon_is_done_with_everything_once_nothing_goes_wrong_any_more(tmp_path: Path) -> None:
    for each in soaked(tmp_path, replace(QUICK, seconds=5, hotels=6), seed=1):
        say(str(each))
        assert each.holds, each
