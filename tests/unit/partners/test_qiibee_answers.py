"""What each answer of qiibee means."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import respx

from connector.domain.awards import Credit
from connector.domain.matching import Hasher
from connector.errors import Exhausted, NotSent, Unauthorized
from connector.http.client import Client
from connector.partners.qiibee import Qiibee, Terms
from connector.ports import Outcome, Receipt, Sight, Sought

BASE = "https://partner.test"
USER = str(Hasher(b"a key").alias("80085102028"))


def channel(client: Client, **terms: Any) -> Qiibee:
    return Qiibee(
        client, name="mm", terms=Terms("own", "theirs", "relay.example", **terms), alias=Hasher(b"a key").alias
    )


class TestAnExchange:
    @pytest.fixture
    def deliver(self, client: Client, credit: Credit, respx_mock: respx.MockRouter) -> Callable[..., Any]:
        async def delivered(status: int, content: bytes = b"{}", *, again: bool = False, **terms: Any) -> Receipt:
            respx_mock.post(f"{BASE}/transactions").respond(status, content=content, headers={"Retry-After": "17"})
            partner = channel(client, **terms)
            return await partner.deliver(partner.compose(credit), again=again)

        return delivered

    @pytest.mark.parametrize(
        ("status", "content", "outcome"),
        [
            (202, b"{}", Outcome.ACCEPTED),
            (202, b"", Outcome.ACCEPTED),
            (200, b"{}", Outcome.ACCEPTED),
            (200, b"<html>", Outcome.DOUBT),
            (202, b"<!DOCTYPE html><html>Sign in", Outcome.DOUBT),
            (400, b"<html><h1>400 No required certificate was sent</h1>", Outcome.DOUBT),
            (302, b"", Outcome.DOUBT),
            (404, b"{}", Outcome.DOUBT),
            (408, b"", Outcome.DOUBT),
            (429, b"", Outcome.RETRY),
            (500, b"{}", Outcome.DOUBT),
            (503, b"", Outcome.DOUBT),
            (400, b'{"message": "invalid membership number"}', Outcome.REFUSED),
        ],
    )
    async def test_of_a_first_send(self, deliver: Any, status: int, content: bytes, outcome: Outcome) -> None:
        assert (await deliver(status, content)).outcome is outcome

    @pytest.mark.parametrize(
        ("status", "outcome"),
        [
            (202, Outcome.ACCEPTED),
            (400, Outcome.UNRESOLVABLE),
            (404, Outcome.UNRESOLVABLE),
            (409, Outcome.UNRESOLVABLE),
            (408, Outcome.DOUBT),
            (429, Outcome.RETRY),
            (500, Outcome.DOUBT),
        ],
    )
    async def test_of_a_repeat(self, deliver: Any, status: int, outcome: Outcome) -> None:
        assert (await deliver(status, again=True)).outcome is outcome

    @pytest.mark.parametrize("status", [202, 400, 404])
    async def test_of_somebody_on_the_way_says_nothing_of_a_repeat(self, deliver: Any, status: int) -> None:
        assert (await deliver(status, b"<html>", again=True)).outcome is Outcome.DOUBT

    @pytest.mark.parametrize("status", [429, 503])
    async def test_tells_when_to_come_back(self, deliver: Any, status: int) -> None:
        assert (await deliver(status)).after == 17

    @pytest.mark.parametrize("again", [False, True])
    async def test_without_credits_has_done_nothing_and_stops_the_partner(self, deliver: Any, again: bool) -> None:
        with pytest.raises(Exhausted, match=r"mm: the prepaid credits are used up: .*INSUFFICIENT funds"):
            await deliver(400, b'{"error": "INSUFFICIENT funds"}', again=again)

    async def test_without_credits_is_known_by_the_words_that_are_agreed(self, deliver: Any) -> None:
        content = b'{"error": "Please top up"}'
        assert (await deliver(400, content)).outcome is Outcome.REFUSED
        with pytest.raises(Exhausted):
            await deliver(400, content, out_of_credit="top up")
        assert (await deliver(400, b"Insufficient", out_of_credit="")).outcome is Outcome.REFUSED

    @pytest.mark.parametrize("status", [401, 403])
    async def test_to_a_stranger_names_the_key_to_check(self, deliver: Any, status: int) -> None:
        with pytest.raises(
            Unauthorized, match=rf"mm: qiibee does not accept the API key \(HTTP {status}\); check api_key"
        ):
            await deliver(status)

    async def test_shows_no_number(self, deliver: Any, credit: Credit) -> None:
        receipt = await deliver(400, f'{{"message": "{credit.member_number} is unknown"}}'.encode())
        assert credit.member_number not in receipt.reason

    async def test_that_does_not_come_is_a_doubt(
        self, client: Client, credit: Credit, respx_mock: respx.MockRouter
    ) -> None:
        respx_mock.post(f"{BASE}/transactions").mock(side_effect=httpx.ReadTimeout("silent"))
        partner = channel(client)
        assert (await partner.deliver(partner.compose(credit), again=False)).outcome is Outcome.DOUBT


def entries(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"id": number, **fields} for number in range(count)]


class Listing:
    """qiibee's list of a user's transactions, page by page; ``asked`` are the queries."""

    def __init__(self, found: list[dict[str, Any]], *, total: int | None = -1, longest: int = 100) -> None:
        self.found, self.longest = found, longest
        self.total = len(found) if total == -1 else total
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        self.asked.append(query)
        offset = int(query["offset"])
        answer: dict[str, Any] = {"transactions": self.found[offset : offset + self.longest]}
        return httpx.Response(200, json=answer | ({} if self.total is None else {"total_tx_count": self.total}))


class TestTheBooks:
    @pytest.fixture
    def routes(self, respx_mock: respx.MockRouter) -> Callable[[Any], None]:
        def served(listing: Any) -> None:
            route = respx_mock.get(url__startswith=f"{BASE}/transactions")
            if callable(listing):
                route.mock(side_effect=listing)
            else:
                route.respond(listing[0], content=listing[1])

        return served

    @pytest.fixture
    def look(self, client: Client, credit: Credit, routes: Any) -> Callable[..., Any]:
        async def looked(listing: Any, mark: str, **terms: Any) -> Sight:
            routes(listing)
            return await channel(client, **terms).books.look_up(Sought(credit, mark))

        return looked

    async def test_a_mark_is_the_user_with_the_number_of_exchanges(
        self, client: Client, credit: Credit, routes: Any
    ) -> None:
        listing = Listing(entries(7))
        routes(listing)
        assert await channel(client).books.mark(credit) == f"{USER} 7 0"
        assert listing.asked == [{"user_auth_id": USER, "types": "exchange", "limit": "100", "offset": "0"}]

    async def test_the_list_is_asked_for_as_agreed(self, client: Client, credit: Credit, routes: Any) -> None:
        listing = Listing(entries(1))
        routes(listing)
        await channel(client, types_parameter="types[]", history_brand="b").books.mark(credit)
        await channel(client, history_type="", history_brand="a").books.mark(credit)
        assert [{k: v for k, v in query.items() if k not in ("limit", "offset")} for query in listing.asked] == [
            {"user_auth_id": USER, "types[]": "exchange", "token_id": "theirs"},
            {"user_auth_id": USER, "token_id": "own"},
        ]

    @pytest.mark.parametrize("total", [-1, None])
    @pytest.mark.parametrize("count", [99, 100, 101, 250])
    async def test_all_pages_are_counted(
        self, client: Client, credit: Credit, routes: Any, count: int, total: int | None
    ) -> None:
        routes(Listing(entries(count), total=total))
        assert await channel(client).books.mark(credit) == f"{USER} {count} 0"

    async def test_pages_that_are_shorter_than_documented_are_followed_by_the_total(
        self, client: Client, credit: Credit, routes: Any
    ) -> None:
        routes(Listing(entries(45), longest=20))
        assert await channel(client).books.mark(credit) == f"{USER} 45 0"

    async def test_a_total_that_counts_others_stops_everything_until_it_is_said_so(
        self, client: Client, credit: Credit, routes: Any, look: Any
    ) -> None:
        routes(Listing(entries(3), total=4000))
        with pytest.raises(NotSent, match="its list holds 3 transactions, and tells of 4000; check_total says more"):
            await channel(client).books.mark(credit)
        assert await look(Listing(entries(3), total=4000), f"{USER} 2 0") is Sight.UNCLEAR
        assert await channel(client, check_total=False).books.mark(credit) == f"{USER} 3 0"

    @pytest.mark.parametrize(
        ("count", "sight"), [(2, Sight.ABSENT), (3, Sight.SHOWN), (4, Sight.SHOWN), (1, Sight.UNCLEAR)]
    )
    async def test_one_more_than_before_is_what_was_sent(self, look: Any, count: int, sight: Sight) -> None:
        assert await look(Listing(entries(count)), f"{USER} 2 0") is sight

    @pytest.mark.parametrize("mark", ["", "unread", "2", f"{USER} x 0"])
    async def test_without_a_mark_nothing_is_told(self, look: Any, mark: str) -> None:
        assert await look(Listing(entries(2)), mark) is Sight.UNCLEAR

    @pytest.mark.parametrize(
        "answer",
        [
            (500, b"{}"),
            (503, b""),
            (429, b"{}"),
            (200, b"<html>"),
            (200, b"{}"),
            (200, b'"none"'),
            (404, b"<html>"),
            (404, b"{}"),
            (404, b'{"transactions": [], "total_tx_count": 0}'),
            (302, b""),
        ],
    )
    async def test_what_cannot_be_read_tells_nothing(self, look: Any, answer: tuple[int, bytes]) -> None:
        assert await look(answer, f"{USER} 2 0") is Sight.UNCLEAR

    async def test_a_list_that_has_no_end_tells_nothing(self, look: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("connector.partners.qiibee.history.MOST_PAGES", 5)

        def endless(_: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json={"transactions": entries(100)})

        assert await look(endless, f"{USER} 2 0") is Sight.UNCLEAR

    async def test_a_list_of_other_users_tells_nothing(self, look: Any) -> None:
        assert await look(Listing(entries(3, user_auth_id="another")), f"{USER} 2 0") is Sight.UNCLEAR
        assert await look(Listing(entries(3, user_auth_id=USER)), f"{USER} 2 0") is Sight.SHOWN

    @pytest.mark.parametrize(
        "answer", [[{"id": 1}], {"data": {"transactions": [{"id": 1}], "total_tx_count": 1}}, {"transactions": [7]}]
    )
    async def test_an_envelope_is_looked_into(self, look: Any, answer: Any) -> None:
        assert await look((200, json.dumps(answer).encode()), f"{USER} 0 0") is Sight.SHOWN

    @pytest.mark.parametrize(
        ("mark", "statuses", "sight"),
        [
            (f"{USER} 1 0", ["done", "failed"], Sight.UNCLEAR),
            (f"{USER} 1 0", ["done", "pending"], Sight.UNCLEAR),
            (f"{USER} 1 0", ["done", "REVERTED"], Sight.UNCLEAR),
            (f"{USER} 1 0", ["done", None], Sight.UNCLEAR),
            (f"{USER} 2 0", ["done", "pending"], Sight.UNCLEAR),
            (f"{USER} 1 0", ["done", "Done"], Sight.SHOWN),
            (f"{USER} 1 1", ["FAILED", "done"], Sight.SHOWN),
            (f"{USER} 1 0", ["done", "done"], Sight.SHOWN),
            (f"{USER} 1 1", ["failed", "done"], Sight.SHOWN),
            (f"{USER} 2 1", ["failed", "done"], Sight.ABSENT),
            (f"{USER} 2 0", ["failed", "done"], Sight.UNCLEAR),
        ],
    )
    async def test_a_transaction_that_moved_no_miles_is_none_of_ours(
        self, look: Any, mark: str, statuses: list[str], sight: Sight
    ) -> None:
        listing = Listing([{"state": status} for status in statuses])
        assert await look(listing, mark, status_field="state", unmoved=frozenset({"failed"})) is sight

    @pytest.mark.parametrize("status", ["failed", "REJECTED", "reverted", "pending", "", None, 3, {"a": 1}])
    async def test_a_status_that_nobody_named_tells_nothing(
        self, client: Client, credit: Credit, routes: Any, look: Any, status: Any
    ) -> None:
        assert await look(Listing(entries(1, status=status)), f"{USER} 0 0") is Sight.UNCLEAR
        routes(Listing(entries(1, status=status)))
        with pytest.raises(NotSent, match=r"the status of one is .*, in neither moved_statuses nor"):
            await channel(client).books.mark(credit)

    async def test_a_transaction_without_a_status_is_what_it_seems(self, look: Any) -> None:
        assert await look(Listing(entries(1, state="odd")), f"{USER} 0 0") is Sight.SHOWN

    async def test_a_key_that_is_not_accepted_is_told(self, look: Any) -> None:
        with pytest.raises(Unauthorized, match="check api_key"):
            await look((401, b"{}"), f"{USER} 2 0")

    async def test_the_wait_that_is_asked_for_is_passed_on(
        self, client: Client, credit: Credit, respx_mock: respx.MockRouter
    ) -> None:
        respx_mock.get(url__startswith=f"{BASE}/transactions").respond(429, headers={"Retry-After": "17"})
        with pytest.raises(NotSent) as caught:
            await channel(client).books.mark(credit)
        assert caught.value.after == 17


class TestANewUser:
    @pytest.fixture
    def mark(self, client: Client, credit: Credit, respx_mock: respx.MockRouter) -> Callable[..., Any]:
        async def marked(
            added: int,
            known: int = 404,
            listed: Any = (200, b'{"transactions": []}'),
            content: bytes = b"{}",
            said: bytes = b"{}",
        ) -> str:
            respx_mock.get(url__startswith=f"{BASE}/transactions").respond(listed[0], content=listed[1])
            respx_mock.post(f"{BASE}/users").respond(added, content=content)
            respx_mock.get(f"{BASE}/users/{USER}").respond(known, content=said)
            return await channel(client).books.mark(credit)

        return marked

    @pytest.mark.parametrize("listed", [(200, b'{"transactions": []}'), (404, b"{}")])
    async def test_is_added_under_an_address_of_ours(
        self, mark: Any, listed: Any, respx_mock: respx.MockRouter
    ) -> None:
        assert await mark(201, listed=listed) == f"{USER} 0 0"
        sent = [call.request for call in respx_mock.calls if call.request.method == "POST"]
        assert [json.loads(each.content) for each in sent] == [
            {"user": {"email": f"{USER}@relay.example", "auth_id": USER}}
        ]

    async def test_that_is_there_already_is_fine(self, mark: Any) -> None:
        assert await mark(400, known=200) == f"{USER} 0 0"

    async def test_that_is_not_taken_keeps_the_exchange_from_being_sent(self, mark: Any) -> None:
        with pytest.raises(NotSent, match="it took no new user, check relay_domain"):
            await mark(400)

    async def test_that_is_known_has_a_list(self, mark: Any, respx_mock: respx.MockRouter) -> None:
        with pytest.raises(NotSent, match="answered 404; check endpoint"):
            await mark(201, known=200, listed=(404, b"{}"))
        assert [call.request.method for call in respx_mock.calls] == ["GET", "GET"]

    @pytest.mark.parametrize(
        ("status", "content"), [(404, b"<html>"), (404, b"404 page not found"), (200, b"<html>"), (500, b"{}")]
    )
    async def test_is_not_unknown_because_somebody_on_the_way_says_so(
        self, mark: Any, respx_mock: respx.MockRouter, status: int, content: bytes
    ) -> None:
        with pytest.raises(NotSent):
            await mark(201, known=status, listed=(404, b"{}"), said=content)
        assert [call.request.method for call in respx_mock.calls] == ["GET", "GET"]

    @pytest.mark.parametrize("status", [500, 404])
    async def test_that_cannot_be_added_now_is_tried_again(self, mark: Any, status: int) -> None:
        with pytest.raises(NotSent, match=f"answered {status}$"):
            await mark(status)

    @pytest.mark.parametrize("status", [200, 201])
    async def test_is_not_there_because_somebody_on_the_way_answers_with_a_page(self, mark: Any, status: int) -> None:
        with pytest.raises(NotSent, match=f"answered {status} with a web page"):
            await mark(status, content=b"<!DOCTYPE html><html>Sign in")

    async def test_is_not_asked_about_once_there_are_exchanges(
        self, client: Client, credit: Credit, respx_mock: respx.MockRouter
    ) -> None:
        respx_mock.get(url__startswith=f"{BASE}/transactions").mock(side_effect=Listing(entries(1)))
        await channel(client).books.mark(credit)
        assert len(respx_mock.calls) == 1
