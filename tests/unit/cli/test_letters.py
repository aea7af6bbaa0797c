"""A letter to the guest: complete, checkable with a pocket calculator, and without anybody's name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connector.cli.letters.addressees import Verdict, addressees
from connector.cli.letters.languages import LANGUAGES
from connector.cli.letters.letter import WIDTH, Program, letter
from connector.cli.letters.subject import Subject
from connector.domain.contract import Hold
from connector.domain.decision import Decision, Status, decide
from connector.domain.earners import together
from connector.domain.stays import BOOKER, NOBODY
from connector.store.decisions import Kept
from tests.unit.cli.letter_makers import PARTNER, PROGRAMS, about, account, verdict, written
from tests.unit.domain.stay_makers import CHECK_OUT, MEMBER, NOW, VIENNA, contract, item, rebate, rule, stay

FOLIO = stay(
    item("i-1", "1000.00"),
    item("i-2", "1000.00"),
    rebate("i-3", "i-1", "-12.50"),
    item("i-4", "9.00", type="CityTax"),
    item("i-5", "50.00", currency="CHF"),
    rates={("CHF", "EUR"): Decimal("1.05")},
)
RULES = (
    rule(per=Decimal("7.00"), miles=Decimal(3), bonus=5, cap_stay=500),
    rule(name="long", min_nights=9),
    rule(name="nights", basis="night", miles=Decimal("1.5")),
)
CREDITED = account(("credit", 1, 500, "credited"))

WHOLE = {
    "en": """\
Your stay at Alpenglow Wien: Miles & More

Dear guest,

this is how we counted your stay, step by step.

Hotel: Alpenglow Wien
Arrival: 10 December 2026
Departure: 12 December 2026 (2 nights)
Confirmation number: 4711

Miles & More
------------

Member number: ***********8601
This stay earns 500 miles.

How it was counted
- By the rule “base”:
- Room (2 entries): EUR 2,000.00, counted
- Rebate on the room: EUR −12.50, counted
- Room: CHF 50.00 × 1.05 = EUR 52.50, counted
- City tax: EUR 9.00, not counted: it is not among what earns
- Counted in all, with tax: EUR 2,040.00
- 3 miles for every EUR 7.00: EUR 2,040.00 ÷ EUR 7.00 × 3 + 5 = about 879.28 miles
- This includes a bonus of 5 miles.
- By the rule “nights”:
- 1.5 miles for each of 2 nights: 2 × 1.5 = 3 miles
- The rule “long” does not apply. The stay was shorter than the rule asks for.
- Together: about 882.28 miles
- Rounded down to whole miles: 882 miles
- The contract gives at most 500 miles for a stay: 500 miles

What became of it
- 500 miles were credited by Miles & More on 1 January 2027.
""",
    "de": """\
Abreise: 12. Dezember 2026 (2 Nächte)
Bestätigungsnummer: 4711

Miles & More
------------

Mitgliedsnummer: ***********8601
Dieser Aufenthalt bringt 500 Meilen.

So wurde gerechnet
- Nach der Regel „base“:
- Zimmer (2 Posten): 2.000,00 EUR, zählt
- Nachlass auf das Zimmer: −12,50 EUR, zählt
- Zimmer: 50,00 CHF × 1,05 = 52,50 EUR, zählt
- Ortstaxe: 9,00 EUR, zählt nicht: es gehört nicht zu dem, was sammelt
- Insgesamt gezählt, mit Steuer: 2.040,00 EUR
- 3 Meilen je 7,00 EUR: 2.040,00 EUR ÷ 7,00 EUR × 3 + 5 = rund 879,28 Meilen
""",
    "fr": """\
Départ : 12 décembre 2026 (2 nuits)
Numéro de confirmation : 4711

Miles & More
------------

Numéro de membre : ***********8601
Ce séjour rapporte 500 miles.

Comment il a été compté
- Selon la règle « base » :
- Chambre (2 écritures) : 2 000,00 EUR, compté
- Remise sur la chambre : −12,50 EUR, compté
- Chambre : 50,00 CHF × 1,05 = 52,50 EUR, compté
- Taxe de séjour : 9,00 EUR, non compté : cela ne fait pas partie de ce qui rapporte
- Compté en tout, taxes comprises : 2 040,00 EUR
- 3 miles par 7,00 EUR : 2 040,00 EUR ÷ 7,00 EUR × 3 + 5 = environ 879,28 miles
""",
}


@pytest.mark.parametrize("language", LANGUAGES)
class TestInEachLanguage:
    def test_every_step_from_the_bill_to_the_credit_is_there(self, language: str) -> None:
        text = "\n".join(about(FOLIO, *RULES, language=language, awards=(CREDITED,)))
        assert WHOLE[language] in text

    def test_numbers_of_members_are_masked(self, language: str) -> None:
        text = "\n".join(about(FOLIO, *RULES, language=language, awards=(CREDITED,)))
        assert MEMBER not in text
        assert MEMBER[-4:] in text

    def test_lines_fit_a_page_and_no_colon_stands_alone(self, language: str) -> None:
        told = verdict(decide(FOLIO, contract(*RULES), NOW), CREDITED)
        lines = letter(Subject(FOLIO.reservation, VIENNA), [told], PROGRAMS, LANGUAGES[language]).splitlines()
        assert max(map(len, lines)) <= WIDTH
        assert not [line for line in lines if line.lstrip()[:1] in {":", ";", "»"}]

    def test_a_code_that_nobody_has_a_phrase_for_is_told_in_general(self, language: str) -> None:
        explanation = {"rules": [{"name": "", "applies": False, "against": {"phase_of_the_moon": "waning"}}]}
        known = LANGUAGES[language]
        for reason, general in (("no_rule", known.conditions.other), ("moonlit", known.reasons.other)):
            text = written(FOLIO, Verdict(PARTNER, "excluded", reason, None, explanation, ()), language=language)
            assert general.format(program="Miles & More") in text.replace("\n", " ")
            assert "moon" not in text

    @pytest.mark.parametrize("status", Status)
    def test_a_decision_without_any_explanation_is_told(self, language: str, status: Status) -> None:
        text = written(FOLIO, Verdict(PARTNER, status, "unheard_of", NOW, {}, ()), language=language)
        assert "4711" in text
        assert "{" not in text


class TestWhatWasNotCounted:
    def test_a_stay_that_no_rule_covers_says_why_once(self) -> None:
        lines = about(FOLIO, rule(min_nights=9), rule(name="other", min_nights=5), rule(properties=frozenset({"x"})))
        start = lines.index("The contract with Miles & More does not cover it:")
        assert lines[start - 1] == "This stay earns no miles."
        assert lines[start + 1 : start + 3] == [
            "- The stay was shorter than the rule asks for.",
            "- The rule is for other hotels.",
        ]

    def test_a_folio_below_nothing_counts_as_nothing(self) -> None:
        lines = about(stay(item("i-1", "10.00"), rebate("i-2", "i-1", "-12.00")), rule(zero_rate=True))
        assert "- Less than nothing is counted as nothing." in lines
        assert "This stay earns no miles." in lines

    def test_amounts_of_a_currency_that_counts_nothing_are_not_exchanged(self) -> None:
        assert "- City tax: JPY 900, not counted: it is not among what earns" in about(
            stay(item(), item("i-2", "900", type="CityTax", currency="JPY"))
        )


class TestWhen:
    def test_a_waiting_stay_says_for_what_and_until_when(self) -> None:
        decision = decide(FOLIO, contract(hold=Hold("settled")), CHECK_OUT)
        lines = written(FOLIO, verdict(decision)).splitlines()
        start = lines.index("It is not settled yet what this stay earns.")
        assert lines[start + 1 : start + 3] == [
            "Your bill can still be changed for some days.",
            "We will look at it again on 19 December 2026.",
        ]

    def test_days_are_the_propertys(self) -> None:
        due = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
        assert "We will look at it again on 1 January 2027." in written(
            FOLIO, Verdict(PARTNER, "suspended", "open_bill", due, {}, ())
        )

    def test_a_property_without_a_time_zone_is_told_by_universal_time(self) -> None:
        lost = replace(FOLIO, property=replace(VIENNA, time_zone="Nowhere"))
        assert "Departure: 12 December 2026 (2 nights)" in about(lost)

    def test_what_became_of_each_message_is_told_in_turn(self) -> None:
        sent = account(
            ("credit", 1, 100, "credited"),
            ("reversal", 1, 100, "credited"),
            ("credit", 2, 90, "superseded"),
            ("credit", 3, 1, "ready"),
        )
        lines = about(FOLIO, awards=(sent,))
        assert lines[lines.index("What became of it") + 1 :][:4] == [
            "- 100 miles were credited by Miles & More on 1 January 2027.",
            "- 100 miles were taken back on 1 January 2027, because the stay changed afterwards.",
            "- The credit of 1 mile is on its way to Miles & More.",
            "",
        ]

    def test_a_reversal_that_was_not_sent_yet_is_told_as_such(self) -> None:
        sent = account(("credit", 1, 100, "credited"), ("reversal", 1, 100, "ready"))
        assert "- 100 miles are being taken back, because the stay changed afterwards." in about(FOLIO, awards=(sent,))

    def test_an_award_without_a_message_will_be_sent(self) -> None:
        assert "- We will send the credit to Miles & More." in about(FOLIO)


class TestExplanationsOfOtherVersions:
    def test_a_rule_with_terms_that_are_not_known_tells_the_result_and_that(self) -> None:
        told = verdict(decide(stay(), contract(), NOW))
        told.explanation["rules"][0] |= {"tier_bonus": "1.25", "miles": "125"}
        lines = written(stay(), told).splitlines()
        assert "- 1 mile for every EUR 1.00: 125 miles" in lines
        assert "- Further terms of the contract are part of this." in lines

    def test_a_limit_that_is_not_known_is_told_as_one(self) -> None:
        told = verdict(decide(stay(), contract(), NOW))
        told.explanation["arithmetic"] |= {"miles": 40, "cap_year": {"left": 40}}
        assert "- Limits of the contract leave: 40 miles" in written(stay(), told).splitlines()

    def test_one_that_only_says_which_rules_stand_is_no_count(self) -> None:
        explanation = {"rules": [{"name": "base", "applies": True, "against": {}}], "hold": {"kind": "settled"}}
        assert "How it was counted" not in written(
            FOLIO, Verdict(PARTNER, "waiting", "open_bill", None, explanation, ())
        )

    def test_a_basis_and_a_type_that_are_not_known_are_told_in_general(self) -> None:
        told = verdict(decide(stay(item(type="MoonDust")), contract(rule(zero_rate=True)), NOW))
        assert "- Other charge: EUR 100.00, not counted: it is not among what earns" in written(stay(), told)
        told.explanation["rules"][0]["basis"] = "moon"
        assert "- By this rule: 0 miles" in written(stay(), told)


class TestNames:
    def test_a_partner_gone_from_the_settings_keeps_its_name_there(self) -> None:
        text = written(FOLIO, verdict(decide(FOLIO, contract(), NOW)), programs={})
        assert text.startswith("Your stay at Alpenglow Wien: miles and more\n")

    def test_a_unit_of_its_own_is_not_translated(self) -> None:
        told = verdict(decide(stay(), contract(), NOW))
        text = written(stay(), told, language="de", programs={PARTNER: Program("Dream Miles", "Dreams")})
        assert "Dieser Aufenthalt bringt 100 Dreams." in text

    def test_french_has_the_singular_below_two(self) -> None:
        assert "Ce séjour rapporte 0 mile." in written(
            FOLIO, Verdict(PARTNER, "awarded", "awarded", None, {}, ()), language="fr"
        )


def kept(decision: Decision, partner: str = PARTNER) -> Kept:
    """Return a decision as the store keeps it."""
    return Kept(
        partner, "r-1", decision.status, decision.reason, decision.text, decision.due, NOW, decision.explanation
    )


class TestAddressees:
    def test_nobody_reads_of_somebody_elses_account(self) -> None:
        booker, companion = (decide(stay(seat=seat), contract(), NOW) for seat in (BOOKER, "g-7"))
        awards = [account(seat=seat, member=f"***{seat}") for seat in (BOOKER, "g-7", "owner")]
        found = addressees([kept(together([(BOOKER, booker), ("g-7", companion)]))], awards)
        assert list(found) == [BOOKER, "g-7"]
        for seat, (told,) in found.items():
            assert [each.member for each in told.awards] == [f"***{seat}"]
            assert told.status == "awarded"

    def test_a_seat_of_nobody_is_the_owners_letter(self) -> None:
        nobody = decide(stay(seat=NOBODY), contract(), NOW)
        (told,) = addressees([kept(together([(NOBODY, nobody)]))], [])["owner"]
        assert told.reason == "no_earner"

    def test_a_partner_with_which_the_guest_has_nothing_to_do_is_left_out(self) -> None:
        earned = kept(decide(stay(), contract(), NOW))
        absent = kept(decide(stay(memberships=()), contract(), NOW), "air_miles")
        assert [each.partner for each in addressees([absent, earned], [])["owner"]] == [PARTNER]
        assert [each.reason for each in addressees([absent], [])["owner"]] == ["no_membership"]
