from __future__ import annotations

import pytest

from connector.domain.numbers import (
    PAYMENT_CARD,
    Scheme,
    check,
    keepable,
    looks_like_payment_card,
    mask,
    without_payment_cards,
)

LUFTHANSA_SAMPLE = "992003669288601"
UPLYFT_SAMPLE = "992001234567894"
AIR_MILES = ["80085102028", "84095202006", "80000000110", "80060860886", "80061948870"]
AIR_MILES += ["80123456789", "81234567898", "89999999999", "80000000007", "81000000002"]


def test_a_number_that_fits_is_taken_as_it_is() -> None:
    verdict = check("miles_and_more", LUFTHANSA_SAMPLE, "strict")
    assert (verdict.number, verdict.fault, verdict.warning) == (LUFTHANSA_SAMPLE, "", "")


@pytest.mark.parametrize(
    "typed",
    [
        "9920 0366 9288 601",
        " 9920-0366-9288-601\t",
        "9920\u00a00366\u20119288\u2013601\u200b",
        "９９２００３６６９２８８６０１",
    ],
)
def test_blanks_hyphens_and_wide_digits_become_the_canonical_number(typed: str) -> None:
    assert check("miles_and_more", typed, "strict").number == LUFTHANSA_SAMPLE


def test_uplyfts_own_sample_passes_with_a_warning_unless_the_check_is_strict() -> None:
    assert check("miles_and_more", UPLYFT_SAMPLE, "strict").number is None
    warned = check("miles_and_more", UPLYFT_SAMPLE, "warn")
    assert (warned.number, warned.warning) == (UPLYFT_SAMPLE, "its check digit does not fit")
    assert check("miles_and_more", UPLYFT_SAMPLE, "off").warning == ""


@pytest.mark.parametrize("number", AIR_MILES)
def test_collector_numbers_that_fit(number: str) -> None:
    assert check("air_miles", number, "strict").number == number


@pytest.mark.parametrize("number", ["80061948872", "81111111111", "80000000001"])
def test_collector_numbers_with_another_check_digit(number: str) -> None:
    assert check("air_miles", number, "strict").fault == "its check digit does not fit"
    assert check("air_miles", number).number == number
    assert check("air_miles", number).warning


@pytest.mark.parametrize("number", ["12345678901", "8123", "800608608861", "8006086088a", "", None, " - "])
@pytest.mark.parametrize("strictness", ["strict", "warn", "off"])
def test_the_shape_of_a_collector_number_is_always_checked(number: str | None, strictness: str) -> None:
    verdict = check("air_miles", number, strictness)  # type: ignore[arg-type]
    assert verdict.number is None
    assert verdict.fault


@pytest.mark.parametrize("number", ["", None, "99200366928860", "9920036692886012345", "99200366928860x", "²" * 15])
def test_the_shape_of_a_miles_and_more_number_is_always_checked(number: str | None) -> None:
    assert check("miles_and_more", number, "off").number is None


def test_account_numbers_are_taken_only_where_the_channel_takes_them() -> None:
    assert check("miles_and_more", "123456789").fault == "a Miles & More number has 15 digits, this one 9"
    assert check("miles_and_more", "123456789", "strict", accounts=True).number == "123456789"
    assert check("miles_and_more", LUFTHANSA_SAMPLE, accounts=True).number == LUFTHANSA_SAMPLE
    assert check("miles_and_more", "1234567890123456"[:14], accounts=True).number is None


@pytest.mark.parametrize(
    ("payload", "fitting"), [("99200123456789", "7"), ("99200366928860", "1"), ("22209183746501", "3")]
)
def test_one_last_digit_alone_fits_a_miles_and_more_number(payload: str, fitting: str) -> None:
    fits = [last for last in "0123456789" if check("miles_and_more", payload + last, "strict").number]
    assert fits == [fitting]


@pytest.mark.parametrize("scheme", ["miles_and_more", "air_miles"])
@pytest.mark.parametrize("typed", ["4111111111111111", "99200123456789012", "9920 0366 92", "81111111112", "89x"])
def test_no_fault_or_warning_holds_what_was_typed(scheme: Scheme, typed: str) -> None:
    verdict = check(scheme, typed, "strict")
    assert verdict.fault
    assert typed not in verdict.fault
    assert not any(run.isdigit() and len(run) > 2 for run in verdict.fault.split())


@pytest.mark.parametrize(
    "typed",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "VISA 4111 1111 1111 1111 12/29",
        "378282246310005",
        "3782 822463 10005",
        "341111111111111",
        "3782 8224 6310 005",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "٤١١١١١١١١١١١١١١١",
        "４１１１ １１１１ １１１１ １１１１",
        "⁴¹¹¹ ¹¹¹¹ ¹¹¹¹ ¹¹¹¹",
        "4111/1111/1111/1111 exp 12/29",
        "card 4111 - 1111 - 1111 - 1111, room 12",
        "4111_1111_1111_1111 (12/29)",
        "12/29 4111\u200b1111\u00a01111\u20131111",
        "amex 3782.822463.10005 cvc 123",
    ],
)
def test_what_looks_like_a_payment_card_is_known(typed: str) -> None:
    assert looks_like_payment_card(typed)
    assert check("miles_and_more", typed, "off").number is None


@pytest.mark.parametrize("typed", [LUFTHANSA_SAMPLE, "9920 0123 4567 894", "350000000000000", *AIR_MILES, ""])
def test_member_numbers_do_not_look_like_payment_cards(typed: str) -> None:
    assert not looks_like_payment_card(typed)


@pytest.mark.parametrize(
    ("number", "masked"),
    [(LUFTHANSA_SAMPLE, "***********8601"), ("80085102028", "********028"), ("12", "**"), ("", "")],
)
def test_a_mask_shows_a_third_at_most_and_never_more_than_four_digits(number: str, masked: str) -> None:
    assert mask(number) == masked


def test_of_what_looks_like_a_payment_card_only_that_is_kept() -> None:
    assert keepable("4111 1111 1111 1111") == PAYMENT_CARD
    assert looks_like_payment_card(PAYMENT_CARD)
    assert (keepable("992003669288601"), keepable(None)) == ("992003669288601", None)


@pytest.mark.parametrize(
    "card",
    [
        "4111111111111111",
        "4111.1111.1111.1111",
        "4111 - 1111 - 1111 - 1111",
        "４１１１１１１１１１１１１１１１",
        "3782/822463/10005",
    ],
)
def test_a_text_loses_the_payment_cards_in_it(card: str) -> None:
    assert without_payment_cards(f"paid by {card}, room 12") == f"paid by {PAYMENT_CARD}, room 12"


@pytest.mark.parametrize(
    "text",
    [
        "stays of 2026-11-01, 2026-11-09 and 2026-11-12",
        "2026-11-01T12:03:39.123456+00:00",
        "award abcd1234-5678-4012-9456-deadbeef0123",
        f"number {LUFTHANSA_SAMPLE}",
    ],
)
def test_dates_ids_and_member_numbers_stay_in_a_text(text: str) -> None:
    assert without_payment_cards(text) == text
