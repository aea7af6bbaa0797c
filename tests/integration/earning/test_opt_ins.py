"""Rules that belong to an offer of AIR MILES: who opted in is asked just before an award, and fixed with it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.domain.contract import Hold
from connector.domain.offers import OptIn
from connector.errors import Refused
from connector.http.auth import ClientCredentials
from connector.http.client import Client, Timeouts
from connector.jobs.claims import Claim, claim
from connector.jobs.contracts import Partnership
from connector.jobs.forecasting import outlook
from connector.jobs.recomputing import Scope, recompute
from connector.jobs.report import JobOutcome
from connector.partners.airmiles import AirMiles, Terms
from connector.partners.airmiles.offers import Calls, OfferService
from connector.partners.airmiles.opt_ins import Reading
from connector.sandbox.airmiles import tokens
from connector.sandbox.airmiles.offers import OFFERS
from connector.store.engine import Database
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter, airmiles_counter
from tests.integration.earning.chain import (
    AM,
    CHECK_OUT,
    COLLECTOR,
    NOW,
    air_miles,
    airmiles_client,
    per_twenty_dollars,
    runner_for,
)
from tests.integration.earning.front_desk import FrontDesk

OFFER, OTHER_OFFER = OFFERS
SECOND = timedelta(seconds=1)
BASE = per_twenty_dollars(name="base")
BONUS = per_twenty_dollars(name="spring", miles=Decimal(0), bonus=100, offer=OFFER, offer_code="STANDAR2")
SIGNATURE = Signature("anna", NOW, "asked for it")
Kept = dict[str, Any]


@dataclass(slots=True)
class Hand:
    """The time at the partner, which only an opt-in moves."""

    moment: datetime = NOW

    def time(self) -> float:
        return self.moment.timestamp()


class Counting(OfferService):
    """Offers that count how often somebody asks who opted in."""

    asked = 0

    async def opted_in(self, number: str, offer_id: str) -> OptIn:
        self.asked += 1
        return await super().opted_in(number, offer_id)


@dataclass(slots=True)
class Airline:
    """The partner's server, whose time is set by hand, and the channels to it."""

    counter: Counter
    hand: Hand
    clients: list[Client] = field(default_factory=list)
    opened: list[Counting] = field(default_factory=list)

    def partnership(self, *rules: Any, reading: Reading | None = None, secret: str = "", **terms: Any) -> Partnership:
        """Return AIR MILES with some rules; ``reading`` is that of its offers, ``secret`` another credential."""
        calls = Calls("QC", "external:partner:hotel", reading=reading or Reading())
        offers = Counting(self._client(secret), name=AM, calls=calls)
        self.opened.append(offers)
        usual = Terms("STANDARD", {"montreal": "0037"}, {"CA-GST": "GST", "CA-QST": "QST"})
        issuance = airmiles_client(self.counter.url)
        self.clients.append(issuance)
        channel = AirMiles(issuance, name=AM, terms=usual, offers=offers)
        return air_miles(channel, contract={"rules": rules or (BASE, BONUS)} | terms)

    def _client(self, secret: str) -> Client:
        url = self.counter.url
        auth = ClientCredentials(f"{url}/oauth/token", tokens.CLIENT_ID, secret or tokens.CLIENT_SECRET)
        self.clients.append(Client(url, name="offers", auth=auth, timeouts=Timeouts(read=0.2)))
        return self.clients[-1]

    async def opts_in(self, at: datetime, offer: str = OFFER, number: str = COLLECTOR) -> None:
        """Let a Collector opt in to an offer at a moment."""
        self.hand.moment = at
        service = OfferService(self._client(""), name=AM, calls=Calls("QC", "external:partner:hotel"))
        await service.change(number, offer, "OPT_IN", "OPTED_IN")

    def asked(self) -> int:
        """Return how often the partner was asked about an offer."""
        return sum(each.asked for each in self.opened)


@pytest.fixture
def ended() -> set[str]:
    """The offers that are over."""
    return set()


@pytest.fixture
async def airline(tmp_path: Path, ended: set[str]) -> AsyncIterator[Airline]:
    hand = Hand()
    async with airmiles_counter(tmp_path, clock=hand.time, ended_offers=ended) as counter:
        opened = Airline(counter, hand)
        yield opened
        for client in opened.clients:
            await client.aclose()


@pytest.fixture
def hotel(desk: FrontDesk) -> FrontDesk:
    """A Collector who stayed for 200 dollars before tax and left two hours ago."""
    desk.member("g1", "AM", COLLECTOR)
    desk.stay("r1", "g1", "montreal")
    desk.charge("i1", 200, "r1", "montreal")
    return desk


async def miles(books: Books) -> list[tuple[int, list[Any]]]:
    """Return miles and shares of every message."""
    rows = await books.rows("SELECT miles, credit FROM message ORDER BY award_id, revision, kind")
    return [(given, json.loads(credit).get("shares", [])) for given, credit in rows]


async def kept(books: Books, stay: str = "r1") -> Kept:
    """Return the explanation of a stay."""
    ((text,),) = await books.rows("SELECT explanation FROM decision WHERE reservation_id = :s", s=stay)
    found: Kept = json.loads(text)
    return found


class TestAnOfferCounts:
    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    async def test_where_the_opt_in_is_not_later_than_the_check_out_and_sends_its_own_issuance(
        self, hotel: FrontDesk, books: Books, airline: Airline
    ) -> None:
        await airline.opts_in(CHECK_OUT)
        am = airline.partnership()
        report = await hotel.read(am)
        assert report.outcome is JobOutcome.OK
        assert await miles(books) == [(110, [["", 10], ["STANDAR2", 100]])]
        told = await kept(books)
        assert told["opt_ins"] == [{"offer": OFFER, "opted_in": True, "at": CHECK_OUT.isoformat()}]
        assert told["check_out"] == CHECK_OUT.isoformat()
        await hotel.deliver(am)
        assert airline.counter.given() == [(COLLECTOR, 110)]
        ((content,),) = await books.rows("SELECT content FROM message")
        issued = [(each["issuanceOfferCode"], each["milesAmount"]) for each in json.loads(content)["issuances"]]
        assert issued == [("STANDARD", 10), ("STANDAR2", 100)]

    async def test_not_where_it_is_later_and_the_reason_is_told(
        self, hotel: FrontDesk, books: Books, airline: Airline
    ) -> None:
        await airline.opts_in(CHECK_OUT + SECOND)
        await hotel.read(airline.partnership())
        assert await miles(books) == [(10, [])]
        (against,) = [rule["against"] for rule in (await kept(books))["rules"] if rule["name"] == "spring"]
        assert list(against) == ["late_opt_in"]

    async def test_not_for_who_opted_in_to_another_one_or_not_at_all(
        self, hotel: FrontDesk, books: Books, airline: Airline
    ) -> None:
        await airline.opts_in(CHECK_OUT - SECOND, OTHER_OFFER)
        await hotel.read(airline.partnership())
        assert await miles(books) == [(10, [])]
        assert (await kept(books))["opt_ins"] == [{"offer": OFFER, "opted_in": False, "at": None}]

    async def test_and_nobody_who_did_not_earns_where_no_other_rule_applies(
        self, hotel: FrontDesk, books: Books, airline: Airline
    ) -> None:
        await hotel.read(airline.partnership(BONUS))
        assert await books.decisions(AM) == {"r1": ("excluded", "no_rule")}


class TestNobodyIsAskedAbout:
    async def test_whose_stay_earns_nothing_anyway_or_not_yet(
        self, desk: FrontDesk, books: Books, airline: Airline
    ) -> None:
        desk.guest("g1")
        desk.stay("r1", "g1", "montreal")
        desk.charge("i1", 200, "r1", "montreal")
        desk.member("g2", "AM", COLLECTOR)
        desk.stay("r2", "g2", "montreal")
        desk.charge("i2", 200, "r2", "montreal")
        am = airline.partnership(hold=Hold("after", timedelta(days=1)))
        await desk.read(am)
        assert airline.asked() == 0
        desk.later(days=1)
        await desk.read(am)
        assert airline.asked() == 1
        assert await books.decisions(AM) == {"r1": ("excluded", "no_membership"), "r2": ("awarded", "awarded")}

    async def test_for_a_rule_that_does_not_take_the_stay(
        self, hotel: FrontDesk, books: Books, airline: Airline
    ) -> None:
        await hotel.read(airline.partnership(BASE, replace(BONUS, min_nights=3)))
        assert (airline.asked(), await miles(books)) == (0, [(10, [])])


class TestWhatIsNotSaid:
    @pytest.mark.parametrize("fault", ["500", "429", "drop", "lose", "garbage", "delay,seconds=0.6"])
    async def test_is_waited_for_and_never_guessed(
        self, hotel: FrontDesk, books: Books, airline: Airline, fault: str
    ) -> None:
        await airline.opts_in(CHECK_OUT - SECOND)
        airline.counter.fault(f"{fault},times=1", "offer")
        am = airline.partnership()
        report = await hotel.read(am)
        assert (report.outcome, report.unauthorized) == (JobOutcome.PARTIAL, False)
        assert await books.decisions(AM) == {"r1": ("waiting", "offer_not_read")}
        assert await books.messages() == []
        assert (await hotel.read(am)).outcome is JobOutcome.OK
        assert await miles(books) == [(110, [["", 10], ["STANDAR2", 100]])]

    async def test_for_want_of_credentials_is_for_a_person_to_set_right(
        self, hotel: FrontDesk, books: Books, airline: Airline
    ) -> None:
        report = await hotel.read(airline.partnership(secret="wrong"))
        assert (report.outcome, report.unauthorized) == (JobOutcome.PARTIAL, True)
        assert await books.decisions(AM) == {"r1": ("waiting", "offer_not_read")}
        await hotel.read(airline.partnership())
        assert await miles(books) == [(10, [])]

    async def test_for_too_long_becomes_a_person_s_case(self, hotel: FrontDesk, books: Books, airline: Airline) -> None:
        airline.counter.fault("500", "offer")
        am = airline.partnership(settle_timeout=timedelta(days=2))
        await hotel.read(am)
        hotel.later(days=2)
        await hotel.read(am)
        assert await books.decisions(AM) == {"r1": ("suspended", "offer_not_read")}

    async def test_about_many_members_is_not_asked_for_one_by_one(
        self, desk: FrontDesk, books: Books, airline: Airline
    ) -> None:
        for number in range(9):
            desk.member(f"g{number}", "AM", f"8000000{number:04}")
            desk.stay(f"r{number}", f"g{number}", "montreal")
            desk.charge(f"i{number}", 200, f"r{number}", "montreal")
        airline.counter.fault("500", "offer")
        am = replace(airline.partnership(number_check="off"), concurrency=1)
        await desk.read(am)
        assert airline.asked() == 3
        assert set((await books.decisions(AM)).values()) == {("waiting", "offer_not_read")}

    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            ("400", f"{AM} does not tell whether the member opted in to offer {OFFER} (HTTP 400)"),
            ("404", "AIR MILES does not show offer"),
        ],
    )
    async def test_and_will_not_be_is_a_person_s_case(
        self, hotel: FrontDesk, books: Books, airline: Airline, fault: str, words: str
    ) -> None:
        airline.counter.fault(fault, "offer")
        am = airline.partnership()
        assert (await hotel.read(am)).outcome is JobOutcome.OK
        ((reason, text),) = await books.cases()
        assert (reason, words in text) == ("offer_unclear", True)
        hotel.later(days=1)
        await hotel.read(am)
        assert await books.cases() == [(reason, text)]

    async def test_of_an_offer_that_is_over_means_what_the_settings_say(
        self, hotel: FrontDesk, books: Books, airline: Airline, ended: set[str]
    ) -> None:
        await airline.opts_in(CHECK_OUT - SECOND)
        ended.add(OFFER)
        await hotel.read(airline.partnership())
        assert await books.decisions(AM) == {"r1": ("suspended", "offer_unclear")}
        assert "(err-expired)" in (await books.cases())[0][1]
        hotel.later(days=1)
        await hotel.read(airline.partnership(reading=Reading(not_shown="not_opted_in")))
        assert await miles(books) == [(10, [])]
        assert await books.cases() == []

    async def test_is_a_person_s_case_where_the_channel_has_no_offers(
        self, hotel: FrontDesk, books: Books, airline: Airline, at_airmiles: Counter
    ) -> None:
        await hotel.read(air_miles(at_airmiles.airmiles(), contract={"rules": (BASE, BONUS)}))
        assert await books.decisions(AM) == {"r1": ("suspended", "offer_unclear")}


class TestWhatWasFound:
    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    async def test_holds_for_every_revision_and_is_not_asked_again(
        self, hotel: FrontDesk, books: Books, airline: Airline, ended: set[str]
    ) -> None:
        await airline.opts_in(CHECK_OUT - SECOND)
        am = airline.partnership()
        await hotel.read(am)
        await hotel.deliver(am)
        ended.add(OFFER)
        hotel.later(hours=1)
        hotel.rebate("i2", 100, "i1", "r1", "montreal")
        await hotel.read(am)
        assert airline.asked() == 1
        assert (await miles(books))[-1] == (105, [["", 5], ["STANDAR2", 100]])
        assert (await kept(books))["opt_ins"][0]["at"] == (CHECK_OUT - SECOND).isoformat()

    async def test_is_asked_anew_for_another_number(self, hotel: FrontDesk, books: Books, airline: Airline) -> None:
        await airline.opts_in(CHECK_OUT - SECOND)
        am = airline.partnership()
        await hotel.read(am)
        hotel.edit("LoyaltyMemberships", "m-g1-AM", MembershipNumber="84095202006")
        await hotel.read(am)
        assert airline.asked() == 2
        assert (await miles(books))[-1] == (10, [])

    async def test_counts_for_a_claim_too(self, desk: FrontDesk, books: Books, airline: Airline) -> None:
        await airline.opts_in(CHECK_OUT - SECOND)
        desk.guest("g1")
        desk.stay("r1", "g1", "montreal")
        desk.charge("i1", 200, "r1", "montreal")
        am = airline.partnership()
        await desk.read(am)
        airline.counter.fault("500,times=1", "offer")
        runner = runner_for(desk.chain(), [am])
        with pytest.raises(Refused, match="earns nothing at air_miles: air_miles does not say now"):
            await claim(runner, Claim("r1", AM, COLLECTOR), SIGNATURE)
        assert await books.decisions(AM) == {"r1": ("excluded", "no_membership")}
        made = await claim(runner, Claim("r1", AM, COLLECTOR), SIGNATURE)
        assert (made.miles, airline.asked()) == (110, 2)

    async def test_counts_when_a_person_has_stays_decided_by_new_rules(
        self, hotel: FrontDesk, books: Books, airline: Airline
    ) -> None:
        await airline.opts_in(CHECK_OUT - SECOND)
        await hotel.read(airline.partnership(BASE))
        am, scope = airline.partnership(), Scope(reservation="r1")
        runner = runner_for(hotel.chain(), [am])
        plan = await recompute(runner, [am], scope)
        assert (plan.up, plan.down, airline.asked()) == (100, 0, 1)
        await recompute(runner, [am], scope, confirmed=(plan.plan_id, SIGNATURE))
        assert (await miles(books))[-1] == (110, [["", 10], ["STANDAR2", 100]])

    async def test_counts_in_a_preview_which_asks_nobody(
        self, hotel: FrontDesk, database: Database, airline: Airline
    ) -> None:
        await airline.opts_in(CHECK_OUT - SECOND)
        am, period = airline.partnership(), (CHECK_OUT.date() - timedelta(days=1), NOW.date())
        await hotel.read(airline.partnership(BASE))
        told = await outlook(database, period, [am], None, hotel.clock.now(), 10)
        assert (told.present[AM].total.miles, told.unasked, airline.asked()) == (10, [AM], 0)
        await recomputed(hotel, am)
        told = await outlook(database, period, [am], None, hotel.clock.now(), 10)
        assert told.present[AM].total.miles == 110


async def recomputed(desk: FrontDesk, am: Partnership) -> None:
    """Let a person have the stay decided by the partner's rules."""
    runner, scope = runner_for(desk.chain(), [am]), Scope(reservation="r1")
    plan = await recompute(runner, [am], scope)
    await recompute(runner, [am], scope, confirmed=(plan.plan_id, SIGNATURE))
