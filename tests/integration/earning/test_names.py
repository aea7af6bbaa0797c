"""Rules that call things by the names that Mews shows: rates, groups, segments, sources, categories and services."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.domain.names import Stranger
from connector.jobs.claims import Claim, claim
from connector.jobs.contracts import Partnership
from connector.sandbox.mews import edits
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.earning.books import Books
from tests.integration.earning.chain import CURRENCIES, MEMBER, MM, per_euro, runner_for
from tests.integration.earning.front_desk import FrontDesk, wire

KINDS = {"Rates": "rate", "RateGroups": "group", "BusinessSegments": "segment"}


def by(mm: Partnership, *rules: dict[str, Any]) -> Partnership:
    """Return the partner with rules that differ from the plain one in these terms."""
    made = [per_euro(**{key: frozenset(words) for key, words in terms.items()}) for terms in rules]
    return replace(mm, contract=replace(mm.contract, rules=tuple(made), rooms=3))


def rate(desk: FrontDesk, id_: str, name: str, hotel: str = "wien", group: str = "public", **more: Any) -> None:
    """Sell a rate at a hotel from now on."""
    body = {"Id": id_, "ServiceId": f"s-{hotel}", "GroupId": group, "Names": {"de-AT": name}, "IsActive": True}
    edits.add(desk.state, "Rates", body | more)


def paid(desk: FrontDesk, id_: str, hotel: str = "wien", **how: Any) -> None:
    """Let a member stay for 100 and tax at a hotel."""
    desk.stay(id_, hotel=hotel, **how)
    desk.charge(f"i-{id_}", 100, id_, hotel)


async def awarded(books: Books) -> list[str]:
    """Return the stays that earn."""
    return [stay for stay, (status, _) in sorted((await books.decisions(MM)).items()) if status == "awarded"]


@pytest.fixture
def hotel(desk: FrontDesk) -> FrontDesk:
    """A hotel with a member, and with a public and a house rate."""
    desk.member()
    rate(desk, "r-public", "Best available rate")
    rate(desk, "r-house", "House use", group="house")
    for group, name in (("public", "Public"), ("house", "House")):
        edits.add(desk.state, "RateGroups", {"Id": group, "ServiceId": "s-wien", "Names": {"de-AT": name}})
    return desk


class TestAStayEarnsByName:
    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    @pytest.mark.parametrize(
        "terms",
        [
            {"rates": ["Best available rate"]},
            {"rates": ["r-public"]},
            {"exclude_rates": ["House use"]},
            {"rate_groups": ["Public"]},
            {"rate_groups": ["public"]},
            {"exclude_rate_groups": ["House"]},
        ],
    )
    async def test_of_its_rate_or_the_group_of_that(
        self, hotel: FrontDesk, books: Books, mm: Partnership, terms: dict[str, list[str]]
    ) -> None:
        paid(hotel, "stay-1", RateId="r-public")
        paid(hotel, "stay-2", RateId="r-house")
        await hotel.read(by(mm, terms))
        assert await awarded(books) == ["stay-1"]
        assert (await books.decisions(MM))["stay-2"] == ("excluded", "no_rule")

    async def test_of_its_segment(self, hotel: FrontDesk, books: Books, mm: Partnership) -> None:
        edits.add(hotel.state, "BusinessSegments", {"Id": "s1", "ServiceId": "s-wien", "Name": "Leisure"})
        paid(hotel, "stay-1", BusinessSegmentId="s1")
        paid(hotel, "stay-2")
        await hotel.read(by(mm, {"segments": ["Leisure"]}))
        assert await awarded(books) == ["stay-1"]

    async def test_at_every_hotel_that_has_something_of_the_name(
        self, hotel: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        rate(hotel, "r-montreal", "Best available rate", "montreal")
        edits.add(
            hotel.state,
            "ExchangeRates",
            {"Id": "x", "EnterpriseId": "e-montreal", "SourceCurrency": "CAD", "TargetCurrency": "EUR", "Value": 0.5},
        )
        paid(hotel, "stay-1", RateId="r-public")
        paid(hotel, "stay-2", "montreal", RateId="r-montreal")
        await hotel.read(by(mm, {"rates": ["Best available rate"]}))
        assert await awarded(books) == ["stay-1", "stay-2"]

    async def test_of_a_rate_that_is_no_longer_sold(self, hotel: FrontDesk, books: Books, mm: Partnership) -> None:
        hotel.edit("Rates", "r-public", IsActive=False)
        paid(hotel, "stay-1", RateId="r-public")
        await hotel.read(by(mm, {"rates": ["Best available rate"]}))
        assert await awarded(books) == ["stay-1"]

    async def test_by_way_of_a_portfolio_token(self, hotel: FrontDesk, books: Books, mm: Partnership) -> None:
        paid(hotel, "stay-1", RateId="r-public")
        paid(hotel, "stay-2", RateId="r-house")
        await hotel.read(by(mm, {"rates": ["Best available rate"]}), chain=hotel.portfolio())
        assert await awarded(books) == ["stay-1"]


class TestAStayEarnsBySource:
    @pytest.fixture
    def sold(self, hotel: FrontDesk) -> FrontDesk:
        """A hotel that sells on its own site and by a portal."""
        for id_, name in (("site", "Hotel website"), ("portal", "Portal")):
            edits.add(hotel.state, "Sources", {"Id": id_, "Name": name, "Type": "Kiosk", "Code": 1})
        return hotel

    def came(self, desk: FrontDesk, stay: str, source: str, primary: bool = True, **more: Any) -> None:
        """Say where a stay came from."""
        body = {"Id": f"{stay}-{source}", "ReservationId": stay, "SourceId": source, "IsPrimary": primary}
        edits.add(desk.state, "SourceAssignments", body | {"UpdatedUtc": wire(desk.clock.moment)} | more)

    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    @pytest.mark.parametrize(
        ("terms", "earning"),
        [
            ({"sources": ["Hotel website"]}, ["stay-1"]),
            ({"sources": ["site"]}, ["stay-1"]),
            ({"exclude_sources": ["Portal"]}, ["stay-1", "stay-3"]),
        ],
    )
    async def test_its_primary_one(
        self, sold: FrontDesk, books: Books, mm: Partnership, terms: dict[str, list[str]], earning: list[str]
    ) -> None:
        for stay in ("stay-1", "stay-2", "stay-3"):
            paid(sold, stay)
        self.came(sold, "stay-1", "portal", primary=False)
        self.came(sold, "stay-1", "site")
        self.came(sold, "stay-2", "portal")
        await sold.read(by(mm, terms))
        assert await awarded(books) == earning

    async def test_as_it_is_when_the_stay_is_decided_again(
        self, sold: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        paid(sold, "stay-1")
        self.came(sold, "stay-1", "portal")
        named = by(mm, {"sources": ["Hotel website"]})
        await sold.read(named)
        assert await awarded(books) == []
        sold.edit("SourceAssignments", "stay-1-portal", IsPrimary=False)
        self.came(sold, "stay-1", "site")
        sold.edit("Reservations", "stay-1", ChannelNumber="corrected")
        await sold.read(named)
        assert await awarded(books) == ["stay-1"]

    async def test_and_waits_for_a_person_where_it_cannot_be_read(
        self, sold: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        paid(sold, "stay-1")
        self.came(sold, "stay-1", "site", IsPrimary="yes")
        named = by(mm, {"exclude_sources": ["Portal"]})
        await sold.read(named)
        assert await books.decisions(MM) == {"stay-1": ("suspended", "source_not_read")}
        sold.edit("SourceAssignments", "stay-1-site", IsPrimary=True)
        sold.later(days=1)
        await sold.read(named)
        assert await awarded(books) == ["stay-1"]

    async def test_asked_for_a_hundred_stays_at_a_time_and_only_where_a_rule_wants_it(
        self, sold: FrontDesk, mm: Partnership
    ) -> None:
        await sold.read(by(mm, {"sources": ["site"]}))
        plain, asking = by(mm, {"rates": ["r-public"]}), by(mm, {"sources": ["site"], "rates": ["r-public"]})

        async def requests(partnership: Partnership, first: int) -> int:
            await sold.read(partnership)
            for number in range(first, first + 101):
                sold.stay(f"many-{number}")
            before = sum(client.requests for client in sold.clients)
            await sold.read(partnership)
            return sum(client.requests for client in sold.clients) - before

        assert await requests(asking, 1000) == await requests(plain, 2000) + 2


class TestAnItemCountsByName:
    async def test_of_its_category_and_service(self, hotel: FrontDesk, books: Books, mm: Partnership) -> None:
        category = {"Id": "c1", "EnterpriseId": "e-wien", "Name": "Rooms", "IsActive": True}
        edits.add(hotel.state, "AccountingCategories", category)
        hotel.edit("Services", "s-wien", Names={"de-AT": "Logis"})
        hotel.stay()
        hotel.charge("i1", 100, AccountingCategoryId="c1", ServiceId="s-wien")
        hotel.charge("i2", 10, AccountingCategoryId="c1", ServiceId="elsewhere")
        hotel.charge("i3", 1, AccountingCategoryId="c2", ServiceId="s-wien")
        both = {"categories": ["Rooms"], "services": ["Logis"]}
        await hotel.read(by(mm, {"categories": ["Rooms"]}, {"services": ["Logis"]}, both))
        assert await books.messages() == [("credit", 1, 121 + 111 + 110, "ready")]  # with ten percent of tax each


class TestAClaim:
    async def test_knows_the_names_too(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        desk.guest("g1")
        rate(desk, "r-public", "Best available rate")
        paid(desk, "stay-1", RateId="r-public")
        named = by(mm, {"rates": ["Best available rate"]})
        await desk.read(named)
        assert await books.decisions(MM) == {"stay-1": ("excluded", "no_membership")}
        signature = Signature("anna", desk.clock.now(), "card found")
        made = await claim(runner_for(desk.chain(), [named]), Claim("stay-1", MM, MEMBER), signature)
        assert made.miles == 110


class TestWhatMewsCallsOtherwise:
    async def test_later_takes_nothing_back(self, hotel: FrontDesk, books: Books, mm: Partnership) -> None:
        paid(hotel, "stay-1", RateId="r-public")
        named = by(mm, {"rates": ["Best available rate"]})
        await hotel.read(named)
        hotel.edit("Rates", "r-public", Names={"de-AT": "Flexible rate"})
        hotel.later(hours=2)
        hotel.rebate("i2", 20, lowers="i-stay-1", stay="stay-1")
        paid(hotel, "stay-2", RateId="r-public")
        await hotel.read(named)
        assert await books.messages() == [("credit", 1, 110, "superseded"), ("credit", 2, 88, "ready")]
        assert (await books.decisions(MM))["stay-2"] == ("excluded", "no_rule")

    async def test_or_begins_to_sell_between_two_readings_is_looked_at_again(
        self, hotel: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        named = by(mm, {"rates": ["Best available rate", "Weekend"]})
        rate(hotel, "r-other", "Weekend", "montreal")
        await hotel.read(named)
        rate(hotel, "r-weekend", "Weekend")
        paid(hotel, "stay-1", RateId="r-weekend")
        await hotel.read(named)
        assert await awarded(books) == []
        hotel.later(hours=1)
        await hotel.read(named)
        assert await awarded(books) == ["stay-1"]

    async def test_stays_known_when_it_lists_nothing_for_once(
        self, hotel: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        named = by(mm, {"rates": ["Best available rate"]})
        await hotel.read(named)
        hotel.edit("Services", "s-wien", EnterpriseId="elsewhere")
        hotel.later(hours=1)
        await hotel.read(named)
        paid(hotel, "stay-1", RateId="r-public")
        await hotel.read(named)
        assert await awarded(books) == ["stay-1"]


class TestWhatMewsDoesNotKnow:
    async def test_is_a_warning_of_the_pass(self, hotel: FrontDesk, mm: Partnership) -> None:
        report = await hotel.read(by(mm, {"rates": ["Best availble rate", "r-house"]}, {"exclude_segments": ["Crew"]}))
        assert report.outcome == "ok"
        assert report.warnings == [
            f'partners.{MM}.earn[0].rates: "Best availble rate" is no rate in Mews; '
            'did you mean "Best available rate"?',
            f'partners.{MM}.earn[1].exclude_segments: "Crew" is no business segment in Mews; '
            "expected the name or id of one, or no exclude_segments",
        ]
        assert (await hotel.read(by(mm, {"rates": ["House use"]}))).warnings == []


class TestReadingThem:
    async def test_costs_a_request_for_each_kind_and_token_in_an_hour(self, hotel: FrontDesk, mm: Partnership) -> None:
        async def requests(partnership: Partnership) -> int:
            before = sum(client.requests for client in hotel.clients)
            await hotel.read(partnership)
            return sum(client.requests for client in hotel.clients) - before

        await requests(mm)
        hotel.later(hours=1)
        plain = await requests(mm)
        hotel.later(hours=1)
        terms = {"rate_groups": ["Public"], "segments": ["Leisure"], "categories": ["Rooms"], "services": ["Logis"]}
        assert await requests(by(mm, terms)) == plain + len(CURRENCIES) * 4  # rates, their groups, segments, categories
        within = await requests(mm)
        assert await requests(by(mm, terms)) == within

    async def test_is_not_put_off_when_a_rule_names_another_kind(
        self, hotel: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        await hotel.read(by(mm, {"services": ["s-wien"]}))
        paid(hotel, "stay-1", RateId="r-public")
        await hotel.read(by(mm, {"rates": ["Best available rate"]}))
        assert await awarded(books) == ["stay-1"]

    async def test_keeps_no_name_that_no_rule_could_use(self, hotel: FrontDesk, books: Books, mm: Partnership) -> None:
        await hotel.read(by(mm, {"segments": ["Leisure"]}))
        assert "Best available rate" not in await books.everything()


def test_a_stranger_says_what_it_is() -> None:
    stranger = Stranger("mm", 1, "rate_groups", "Pubic", "Public")
    assert stranger.sentence == (
        'partners.mm.earn[1].rate_groups: "Pubic" is no rate group in Mews; did you mean "Public"?'
    )
