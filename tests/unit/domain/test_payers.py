from __future__ import annotations

from datetime import timedelta

import pytest

from connector.domain.contract import Hold
from connector.domain.decision import decide
from connector.domain.stays import Bill, Holder
from tests.unit.domain.stay_makers import CHECK_OUT, NOW, contract, item, rebate, rule, stay

GUEST = Bill("b-g", "a-1", "Closed", "Receipt")
FIRM = Bill("b-f", "c-1", "Closed", "Invoice")
FRIEND = Bill("b-o", "a-2", "Closed", "Receipt")
BILLS = {each.id: each for each in (GUEST, FIRM, FRIEND)}


def ruled(*items, bills=BILLS, now=NOW, **terms):  # type: ignore[no-untyped-def]
    facts = {name: terms.pop(name) for name in ("memberships",) if name in terms}
    decision = decide(stay(*items, bills=bills, **facts), contract(**terms), now)
    return decision.reason, decision.award.miles if decision.award else 0


class TestOnlyWhatTheGuestPays:
    @pytest.mark.parametrize("bill", ["b-f", "b-o"])
    def test_counts_and_a_rebate_follows_its_item_and_not_its_own_bill(self, bill: str) -> None:
        items = (
            item("i-1", "100.00", bill_id="b-g"),
            rebate("i-2", "i-1", "-10.00", bill_id=bill),
            item("i-3", "50.00", bill_id=bill),
            rebate("i-4", "i-3", "-5.00", bill_id="b-g"),
        )
        assert ruled(*items, who_pays="guest") == ("awarded", 90)
        assert ruled(*items) == ("awarded", 135)

    @pytest.mark.parametrize("earner", ["booker", "companions"])
    def test_is_what_stands_on_a_bill_of_whoever_earns(self, earner: str) -> None:
        items = (item("i-1", bill_id="b-g"), item("i-2", "50.00", bill_id="b-o"))
        open_stay = stay(*items, bills=BILLS, holder=Holder("a-2"), seat=earner)
        decision = decide(open_stay, contract(who_pays="guest", earner=earner), NOW)
        assert decision.award is not None
        assert decision.award.miles == 50

    def test_is_asked_when_the_hold_ends_and_not_before(self) -> None:
        held = {"who_pays": "guest", "hold": Hold("settled")}
        early = CHECK_OUT + timedelta(days=1)
        assert ruled(item(bill_id="b-f"), now=early, **held) == ("editable", 0)
        assert ruled(item(bill_id="b-f", state="Open"), now=early, **held) == ("open_bill", 0)
        assert ruled(item(bill_id="b-f"), **held) == ("paid_by_another", 0)

    def test_is_no_question_where_nobody_could_earn(self) -> None:
        assert ruled(item(bill_id="b-f"), who_pays="guest", memberships=()) == ("no_membership", 0)

    def test_is_another_contract_than_what_anybody_pays(self) -> None:
        assert contract(who_pays="guest").fingerprint() != contract().fingerprint()
        assert contract(require_paid=True).fingerprint() == contract().fingerprint()

    def test_is_explained_by_item(self) -> None:
        items = (item("i-1", bill_id="b-g"), item("i-2", bill_id="b-f"))
        decision = decide(stay(*items, bills=BILLS), contract(who_pays="guest"), NOW)
        assert "'on_the_bill_of_another_payer'" in str(decision.explanation["rules"])

    @pytest.mark.parametrize("basis", ["spend", "night", "stay"])
    @pytest.mark.parametrize("hold", [Hold("none"), Hold("settled")])
    def test_earns_nothing_where_that_is_nothing(self, basis: str, hold: Hold) -> None:
        terms = {"rules": (rule(basis=basis),), "hold": hold}
        assert ruled(item(bill_id="b-f"), who_pays="guest", **terms) == ("paid_by_another", 0)

    def test_earns_nothing_where_only_what_is_worth_nothing_is_left(self) -> None:
        items = (item("i-1", bill_id="b-f"), item("i-2", "0.00", state="Inactive"))
        assert ruled(*items, who_pays="guest", rules=(rule(basis="night"),)) == ("paid_by_another", 0)

    def test_is_no_reason_where_nothing_would_count_anyway(self) -> None:
        city_tax = item(bill_id="b-f", type="CityTax")
        assert ruled(city_tax, who_pays="guest") != ("paid_by_another", 0)

    def test_asks_a_person_about_a_bill_that_cannot_be_read(self) -> None:
        bills = {"b-g": Bill.unread("b-g", "give it a token")}
        decision = decide(stay(item(bill_id="b-g"), bills=bills), contract(who_pays="guest"), NOW)
        assert (decision.status, decision.reason) == ("suspended", "bill_unreadable")
        assert decision.text == "bills with counting items cannot be read: give it a token"

    def test_waits_for_a_bill_that_is_not_known_and_then_asks_a_person(self) -> None:
        for found in (item(bill_id="b-x"), item()):
            assert ruled(found, who_pays="guest") == ("bill_unknown", 0)
            decision = decide(stay(found), contract(who_pays="guest"), CHECK_OUT + timedelta(days=90))
            assert (decision.status, decision.reason) == ("suspended", "bill_unknown")

    def test_does_not_ask_for_the_bill_of_what_is_worth_nothing(self) -> None:
        items = (item("i-1", bill_id="b-g"), item("i-2", "0.00", state="Inactive"))
        assert ruled(*items, who_pays="guest") == ("awarded", 100)


class TestOnlyWhatIsPaid:
    @pytest.mark.parametrize(
        ("type_", "state", "paid", "reason"),
        [
            ("Receipt", "Closed", None, "awarded"),
            ("Receipt", "Open", None, "unpaid_bill"),
            ("Receipt", "Reopened", None, "unpaid_bill"),
            ("Invoice", "Closed", None, "unpaid_bill"),
            ("Invoice", "Closed", CHECK_OUT, "awarded"),
            ("Proforma", "Closed", None, "unpaid_bill"),
        ],
    )
    def test_is_awarded(self, type_: str, state: str, paid: object, reason: str) -> None:
        bill = Bill("b-g", "a-1", state, type_, paid)  # type: ignore[arg-type]
        assert ruled(item(bill_id="b-g"), bills={"b-g": bill}, require_paid=True)[0] == reason

    def test_is_looked_at_again_every_day_until_a_person_is_asked(self) -> None:
        open_stay, terms = stay(item(bill_id="b-f"), bills=BILLS), contract(require_paid=True)
        assert decide(open_stay, terms, NOW).due == NOW + timedelta(days=1)
        late = CHECK_OUT + timedelta(days=90)
        assert decide(open_stay, terms, late - timedelta(hours=2)).due == late
        assert decide(open_stay, terms, late).status == "suspended"
