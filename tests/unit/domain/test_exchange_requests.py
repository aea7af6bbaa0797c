"""Lines of requests to exchange points, and what is wrong with them."""

from __future__ import annotations

import pytest

from connector.domain.exchanges import BadRequest, Request, request

LINE = {"request_id": " R-1 ", "number": " 992003669288601 ", "miles": " 500 "}


def test_a_line_is_read_by_its_columns() -> None:
    assert request(3, LINE) == Request(3, "R-1", "992003669288601", 500)


@pytest.mark.parametrize("miles", ["1", "999999", "00000500"])
def test_whole_miles_within_reason_are_taken(miles: str) -> None:
    assert request(3, {**LINE, "miles": miles}) == Request(3, "R-1", "992003669288601", int(miles))


@pytest.mark.parametrize("miles", ["", "0", "-5", "1.5", "1000000", "٣", "²", "000000500", "10000000000", "9" * 5000])
def test_other_miles_are_not(miles: str) -> None:
    fault = "its miles are not taken; expected a whole number from 1 to 999999"
    assert request(3, {**LINE, "miles": miles}) == BadRequest("R-1", fault)


@pytest.mark.parametrize("number", ["", "99\0", "99\n88"])
def test_a_line_without_a_number_is_no_request(number: str) -> None:
    found = request(3, {**LINE, "number": number})
    assert isinstance(found, BadRequest)
    assert found.subject == "R-1"


@pytest.mark.parametrize("reference", ["", "a b", "992003669288601", "x" * 65, "4111111111111111"])
@pytest.mark.parametrize("number", ["992003669288601", ""])
def test_an_odd_id_is_not_repeated(reference: str, number: str) -> None:
    if (reference, number) == ("992003669288601", ""):
        return  # without a number nothing says that it is one
    found = request(3, {**LINE, "request_id": reference, "number": number})
    assert isinstance(found, BadRequest)
    assert found.subject == "line 3"
    assert found.text.startswith("its request_id is not taken; expected at most 64 letters")
