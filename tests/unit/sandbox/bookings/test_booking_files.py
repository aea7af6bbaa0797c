"""Files of bookings: what is read, and what a bad one is told."""

from __future__ import annotations

import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connector.sandbox.bookings import EXTRACT, BookingError, Bookings, load

HEADER = (
    "booking,hotel,arrival,nights,lead_time,adults,children,babies,meal,country,market_segment,"
    "distribution_channel,repeated_guest,reserved_room_type,assigned_room_type,deposit_type,agent,company,"
    "customer_type,adr,status,status_date\n"
)
LINE = (
    "7,Resort Hotel,2016-02-28,3,10,2,1,0,HB,PRT,Online TA,TA/TO,0,A,C,No Deposit,240,,Transient,75.5,"
    "Check-Out,2016-03-02\n"
)


def written(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "bookings.csv"
    path.write_text(header + "".join(lines), encoding="utf-8")
    return path


def test_a_line_becomes_a_booking(tmp_path: Path) -> None:
    (row,) = load(written(tmp_path, LINE)).rows
    assert (row.booking, row.nights, row.children, row.adr) == (7, 3, 1, Decimal("75.5"))
    assert (row.booked, row.arrival, row.departure) == (
        date(2016, 2, 18),
        date(2016, 2, 28),
        date(2016, 3, 2),
    )
    assert row.by_agency
    assert row.company == ""


def test_an_early_departure_is_the_day_of_the_status(tmp_path: Path) -> None:
    (row,) = load(written(tmp_path, LINE.replace("2016-03-02", "2016-03-01"))).rows
    assert row.departure == date(2016, 3, 1)
    assert row.scheduled_departure == date(2016, 3, 2)


def test_plain_and_gzipped_files_read_the_same_whatever_their_name(tmp_path: Path) -> None:
    plain = written(tmp_path, LINE)
    zipped = tmp_path / "zipped.csv"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    assert load(zipped) == load(plain)


def test_the_whole_file_is_read(whole_file: Path) -> None:
    whole = load(whole_file)
    assert len(whole.rows) == 40_060
    assert whole.last_departure == date(2017, 9, 14)


def test_a_period_of_arrivals_keeps_the_dates_of_the_whole_file(extract: Bookings) -> None:
    part = load(EXTRACT, since=date(2017, 6, 1), until=date(2017, 6, 30))
    assert part.rows
    assert part.rows == tuple(row for row in extract.rows if (row.arrival.year, row.arrival.month) == (2017, 6))
    assert (part.last_departure, part.first_booked) == (extract.last_departure, extract.first_booked)


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (
            LINE.replace(",3,10,", ",three,10,"),
            "line 3: nights is 'three', expected a whole number of 0 or more.",
        ),
        (LINE.replace(",3,10,", ",-3,10,"), "line 3: nights is '-3', expected a whole number of 0 or more."),
        (
            LINE.replace("2016-02-28", "28.2.2016"),
            "line 3: arrival is '28.2.2016', expected a date as YYYY-MM-DD.",
        ),
        (LINE.replace("75.5", "NaN"), "line 3: adr is 'NaN', expected an amount such as 75.50."),
        (LINE.replace("75.5", "a lot"), "line 3: adr is 'a lot', expected an amount such as 75.50."),
        (
            LINE.replace("Check-Out", "Gone"),
            "status is 'Gone', expected one of Check-Out, Canceled, No-Show.",
        ),
        ("9,Resort Hotel\n", "line 3: status is '', expected one of Check-Out, Canceled, No-Show."),
        (LINE.replace("7,", "8,", 1), "line 3: booking 8 stands here a second time."),
    ],
)
def test_a_bad_line_is_told_in_one_sentence(tmp_path: Path, bad: str, told: str) -> None:
    path = written(tmp_path, LINE.replace("7,", "8,", 1), bad)
    with pytest.raises(BookingError) as caught:
        load(path)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).endswith(told)


def test_a_header_without_needed_columns_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, header="booking,arrival\n")
    with pytest.raises(BookingError, match=r"line 1: the header lacks nights, .*status_date\.$"):
        load(path)


def test_a_file_without_a_checked_out_stay_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, LINE.replace("Check-Out", "Canceled"))
    with pytest.raises(BookingError, match="hold no checked-out stay"):
        load(path)


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    torn, latin = tmp_path / "torn.gz", tmp_path / "latin.csv"
    torn.write_bytes(gzip.compress((HEADER + LINE).encode())[:-12])
    latin.write_bytes((HEADER + LINE.replace("PRT", "é")).encode("latin-1"))
    for path in (torn, latin, tmp_path / "absent.csv"):
        with pytest.raises(BookingError, match="cannot be read as a file of bookings"):
            load(path)


def test_the_extract_spreads_over_states_segments_and_oddities(extract: Bookings) -> None:
    rows = extract.rows
    assert 350 <= len(rows) <= 450
    assert {row.status for row in rows} == {"Check-Out", "Canceled", "No-Show"}
    assert len({row.market_segment for row in rows}) == 6
    assert any(row.nights == 0 for row in rows)
    assert any(row.adr < 0 for row in rows)
    assert any(row.adults == 0 for row in rows)
    assert any(not row.country for row in rows)


def test_most_stays_of_the_extract_are_recent(extract: Bookings) -> None:
    ended = [row for row in extract.rows if row.status == "Check-Out"]
    recent = [row for row in ended if (extract.last_departure - row.departure).days <= 60]
    assert len(recent) > 0.7 * len(ended)


def test_the_attribution_goes_with_the_data(whole_file: Path) -> None:
    for path in (EXTRACT.with_name("ATTRIBUTION.md"), whole_file.with_name("README.md")):
        text = path.read_text("utf-8")
        assert all(word in text for word in ("Antonio", "Almeida", "Nunes", "Data in Brief 22 (2019) 41", "CC BY 4.0"))
