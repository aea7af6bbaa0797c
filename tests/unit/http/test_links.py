from __future__ import annotations

import pytest

from connector.http.links import link_to

NEXT = "https://api.test/members?page=2"


@pytest.mark.parametrize(
    "header",
    [
        f'<{NEXT}>; rel="next"',
        f"<{NEXT}>;rel=next",
        f'<{NEXT}> ; REL="NEXT"',
        f'<{NEXT}>; rel="last next"',
        f'<{NEXT}>; title="a, \\"b\\"; rel=prev"; rel="next"',
        f'<https://api.test/members?a=1,2>; rel="prev", <{NEXT}>; rel="next", <{NEXT}9>; rel="next"',
        f"<{NEXT}>; rel=next; rel=prev",
    ],
)
def test_the_next_page_is_found_however_it_is_written(header: str) -> None:
    assert link_to("next", header) == NEXT


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense; rel=next",
        f'<{NEXT}>; rel="prev"',
        f'<{NEXT}>; rel="nextone"',
        f"<{NEXT}>; title=next",
        f"<{NEXT}>; rel=prev; rel=next",
        f'<{NEXT}>; rel="next"; anchor="#other"',
        f"<{NEXT}>",
    ],
)
def test_what_is_no_link_to_it_is_none(header: str) -> None:
    assert link_to("next", header) == ""


def test_a_relative_link_stays_as_it_is_written() -> None:
    assert link_to("next", '<?page=2&sort=a>; rel="next"') == "?page=2&sort=a"
