"""The batch file, column by column."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connector.domain.awards import Credit, Kind
from connector.errors import Misconfigured
from connector.partners.airmiles import Days, Terms
from connector.partners.airmiles.batch import Batch, Layout, batch

NOW = datetime(2026, 11, 3, 3, 4, 5, tzinfo=UTC)  # the evening before in AIR MILES's zone
LAYOUT = Layout("AIRM", 11, "HOTL")
TERMS = Terms("STANDARD", {"montreal": "0037"})


def made(*credits_: Credit, layout: Layout = LAYOUT, terms: Terms = TERMS) -> Batch:
    return batch(credits_, terms, Days(), layout, NOW)


def records(found: Batch) -> list[str]:
    return found.content.decode("ascii").splitlines()


def test_a_header_stands_before_a_record_for_each_issuance(credit: Credit) -> None:
    shared = replace(credit, miles=15, shares=(("", 12), ("BONUS", 3)), value_net=Decimal("249.50"))
    found = made(shared)
    assert (found.issuances, found.miles) == (2, 15)
    header, base, bonus = records(found)
    assert header == "TH      AIRM00001120261102220405000000020000000000" + "01E" + " " * 197
    assert base == (
        "TD" + " " * 15 + "80085102028" + "00000000000000004711" + "HOTL" + "STANDARD" + "0037" + " " * 9
        + "00000001B" + " " * 18 + "20261101" + "001" + "0000000" + " " * 8 + "M" + "0025{" + " " * 118
    )  # fmt: skip
    assert bonus == base.replace("STANDARD", "BONUS   ").replace("00000001B", "00000000C").replace("0025{", "0000{")
    assert {len(each) for each in (header, base, bonus)} == {250}


def test_columns_are_where_the_third_parties_have_them(credit: Credit) -> None:
    record = " " + records(made(credit, layout=replace(LAYOUT, tender="CRED")))[1]
    columns = {
        (1, 2): "TD", (18, 28): "80085102028", (29, 48): "00000000000000004711", (49, 52): "HOTL", (53, 60): "STANDARD",
        (61, 64): "0037", (74, 82): "00000000E", (101, 108): "20261101", (109, 111): "001", (112, 118): "0000000",
        (119, 126): "CRED    ", (127, 127): "M", (128, 132): "0010{",
    }  # fmt: skip
    assert {place: record[place[0] : place[1] + 1] for place in columns} == columns


def test_miles_that_are_taken_back_are_negative(credit: Credit) -> None:
    found = made(replace(credit, kind=Kind.REVERSAL, miles=10))
    header, record = records(found)
    assert found.miles == -10
    assert header[40:53] == "000000000001}"
    assert (record[73:82], record[127:132]) == ("00000001}", "0010}")


def test_what_ends_a_record_and_signs_a_number_is_what_the_partner_says(credit: Credit) -> None:
    plain = replace(LAYOUT, signs="0123456789pqrstuvwxy", newline="")
    content = made(credit, layout=plain).content
    assert len(content) == 500
    assert content[250 + 73 : 250 + 82] == b"000000005"
    assert made(credit).content.count(b"\r\n") == 2


def test_an_empty_period_is_a_header_alone() -> None:
    found = made()
    assert (found.issuances, found.miles, len(records(found))) == (0, 0, 1)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"reservation_number": "x" * 21}, "the reservation number does not fit; expected at most 20"),
        ({"reservation_number": "4711 A"}, "the reservation number does not fit"),
        ({"value_net": Decimal("99999.50")}, "100000 does not fit in 5 digits"),
        ({"shares": (("A-LONG-ONE", 5),)}, "the offer code does not fit; expected at most 8"),
        ({"property_keys": ("wien",)}, "property wien has no location code"),
    ],
)
def test_what_the_columns_cannot_hold_writes_no_file(credit: Credit, changes: dict[str, object], fault: str) -> None:
    odd = replace(credit, **changes)  # type: ignore[arg-type]
    with pytest.raises(Misconfigured) as caught:
        made(credit, odd, odd)
    assert [f"stay {odd.reservation_number}: {fault}" in each for each in caught.value.faults] == [True, True]
    assert credit.member_number not in str(caught.value)


@pytest.mark.parametrize(
    ("layout", "fault"),
    [
        (replace(LAYOUT, provider="AIR"), "the provider code 'AIR' is not one; expected 4 letters or digits"),
        (replace(LAYOUT, sponsor=""), "the sponsor code '' is not one"),
        (replace(LAYOUT, sequence=0), "the sequence 0 does not fit in the file's name; expected 1 to 9999"),
        (replace(LAYOUT, sequence=10_000), "the sequence 10000 does not fit"),
        (replace(LAYOUT, signs="0123456789" * 2), "the signs are not told apart"),
        (replace(LAYOUT, signs="0123456789"), "the signs are not told apart"),
    ],
)
def test_a_layout_that_is_none_writes_no_file(layout: Layout, fault: str) -> None:
    with pytest.raises(Misconfigured, match="expected") as caught:
        made(layout=layout)
    assert fault in str(caught.value)


def test_the_file_is_named_after_its_provider_and_number() -> None:
    assert LAYOUT.name == "AIRM0011"
