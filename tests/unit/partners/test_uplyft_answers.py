"""What each answer of Uplyft means."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import respx

from connector.domain.awards import Credit
from connector.errors import NotSent, Unauthorized
from connector.http.client import Client
from connector.partners.uplyft import Form, Uplyft
from connector.ports import Outcome, Receipt

TRUE, FALSE, NULL = ({"data": {"createEvent": said}} for said in (True, False, None))
ERROR = {"errors": [{"message": "no such card", "path": ["createEvent"]}], "data": {"createEvent": None}}
LATE = {"errors": [{"message": "timeout of 30000ms exceeded", "path": ["createEvent"]}], "data": None}
CODED = {
    "errors": [{"message": "sorry", "extensions": {"code": "CARD_UNKNOWN"}, "path": ["createEvent"]}],
    "data": None,
}
KNOWN = {"errors": [{"message": "uniqueId already processed", "path": ["createEvent"]}], "data": None}
INVALID = {"errors": [{"message": "Unknown argument transaction"}]}
Deliver = Callable[..., Awaitable[Receipt]]


@pytest.fixture
def deliver(client: Client, credit: Credit, respx_mock: respx.MockRouter) -> Deliver:
    async def delivered(
        content: Any = b"",
        *,
        status: int = 200,
        again: bool = False,
        duplicate: Any = "",
        duplicate_words: tuple[str, ...] = (),
        refusal_words: tuple[str, ...] = (),
        unique_id: bool = True,
        fails: Exception | None = None,
        **headers: str,
    ) -> Receipt:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        route = respx_mock.post("https://partner.test")
        route.mock(side_effect=fails) if fails else route.respond(status, content=raw, headers=named)
        form = Form(unique_id=unique_id)
        channel = Uplyft(
            client,
            name="mm",
            app_id="shop",
            form=form,
            duplicate_answer=duplicate,
            duplicate_words=duplicate_words,
            refusal_words=refusal_words,
        )
        return await channel.deliver(channel.compose(credit), again=again)

    return delivered


class TestABoolean:
    @pytest.mark.parametrize("duplicate", ["", "true", "false", "error"])
    @pytest.mark.parametrize("again", [False, True])
    async def test_true_is_a_credit(self, deliver: Deliver, again: bool, duplicate: str) -> None:
        assert (await deliver(TRUE, again=again, duplicate=duplicate)).outcome is Outcome.CREDITED

    @pytest.mark.parametrize("duplicate", ["", "true", "false", "error"])
    async def test_a_first_false_is_left_to_a_person(self, deliver: Deliver, duplicate: str) -> None:
        receipt = await deliver(FALSE, duplicate=duplicate)
        assert receipt.outcome is Outcome.UNRESOLVABLE
        assert receipt.reason == "createEvent: false; ask Uplyft whether the miles were given"

    @pytest.mark.parametrize(
        ("duplicate", "outcome"),
        [
            ("", Outcome.UNRESOLVABLE),
            ("true", Outcome.UNRESOLVABLE),
            ("false", Outcome.CREDITED),
            ("error", Outcome.UNRESOLVABLE),
        ],
    )
    async def test_a_later_false_means_known_only_if_uplyft_said_so(
        self, deliver: Deliver, duplicate: str, outcome: Outcome
    ) -> None:
        assert (await deliver(FALSE, again=True, duplicate=duplicate)).outcome is outcome

    @pytest.mark.parametrize("content", [NULL, {"data": None}, {"data": {}}, {"data": {"createEvent": "true"}}])
    @pytest.mark.parametrize("duplicate", ["", "true", "false", "error"])
    @pytest.mark.parametrize("again", [False, True])
    async def test_neither_is_left_to_a_person(
        self, deliver: Deliver, content: object, again: bool, duplicate: str
    ) -> None:
        receipt = await deliver(content, again=again, duplicate=duplicate)
        assert receipt.outcome is Outcome.UNRESOLVABLE
        assert "neither true nor false" in receipt.reason


class TestAnError:
    @pytest.mark.parametrize(
        ("content", "status"), [(INVALID, 200), (INVALID, 422), (INVALID, 400), ({**INVALID, "data": None}, 400)]
    )
    @pytest.mark.parametrize("duplicate", ["", "true", "false", "error"])
    async def test_before_anything_was_executed_is_a_refusal_in_their_words(
        self, deliver: Deliver, content: dict[str, Any], status: int, duplicate: str
    ) -> None:
        receipt = await deliver(content, status=status, duplicate=duplicate)
        assert receipt == Receipt(Outcome.REFUSED, f"Uplyft refused: {content['errors'][0]['message']}")

    @pytest.mark.parametrize("content", [ERROR, LATE, CODED, KNOWN, {**INVALID, "data": None}, {"errors": ["no"]}])
    @pytest.mark.parametrize("status", [200, 422])
    async def test_of_the_event_itself_may_have_come_after_it_was_processed(
        self, deliver: Deliver, content: dict[str, Any], status: int
    ) -> None:
        await self.is_left_to_a_person(deliver, content, status)

    @pytest.mark.parametrize("content", [ERROR, LATE, KNOWN])
    async def test_of_the_event_itself_is_no_refusal_with_400_either(
        self, deliver: Deliver, content: dict[str, Any]
    ) -> None:
        await self.is_left_to_a_person(deliver, content, 400)

    async def is_left_to_a_person(self, deliver: Deliver, content: dict[str, Any], status: int) -> None:
        receipt = await deliver(content, status=status)
        assert receipt.outcome is Outcome.UNRESOLVABLE
        assert receipt.reason.endswith(
            "; ask Uplyft whether the miles were given; refusal_words can name errors that give none"
        )

    @pytest.mark.parametrize(("content", "words"), [(ERROR, ("closed", "No such")), (CODED, ("card_unknown",))])
    async def test_is_a_refusal_where_uplyft_said_how_it_words_one(
        self, deliver: Deliver, content: dict[str, Any], words: tuple[str, ...]
    ) -> None:
        receipt = await deliver(content, refusal_words=words)
        assert receipt == Receipt(Outcome.REFUSED, f"Uplyft refused: {content['errors'][0]['message']}")
        assert (await deliver(content, refusal_words=words, again=True)).outcome is Outcome.UNRESOLVABLE
        assert (await deliver(LATE, refusal_words=words)).outcome is Outcome.UNRESOLVABLE

    async def test_is_no_refusal_where_another_error_stands_beside_it(self, deliver: Deliver) -> None:
        both = {"errors": [*ERROR["errors"], *LATE["errors"]], "data": None}
        assert (await deliver(both, refusal_words=("no such card",))).outcome is Outcome.UNRESOLVABLE

    @pytest.mark.parametrize(
        ("duplicate", "outcome"),
        [
            ("", Outcome.UNRESOLVABLE),
            ("true", Outcome.UNRESOLVABLE),
            ("false", Outcome.UNRESOLVABLE),
            ("error", Outcome.CREDITED),
        ],
    )
    async def test_of_a_later_send_means_known_only_if_uplyft_said_so(
        self, deliver: Deliver, duplicate: str, outcome: Outcome
    ) -> None:
        receipt = await deliver(KNOWN, again=True, duplicate=duplicate, duplicate_words=("Already processed",))
        assert receipt.outcome is outcome
        assert "uniqueId already processed" in receipt.reason

    @pytest.mark.parametrize("words", [(), ("already processed",)])
    async def test_of_a_later_send_in_other_words_is_left_to_a_person(
        self, deliver: Deliver, words: tuple[str, ...]
    ) -> None:
        receipt = await deliver(ERROR, again=True, duplicate="error", duplicate_words=words)
        assert receipt.outcome is Outcome.UNRESOLVABLE
        assert receipt.reason.endswith("duplicate_words can name errors that say so")

    @pytest.mark.parametrize("content", [KNOWN, {"errors": [{"message": "uniqueId already processed"}]}])
    async def test_that_says_known_at_the_first_send_is_neither(
        self, deliver: Deliver, content: dict[str, Any]
    ) -> None:
        receipt = await deliver(content, duplicate="error", duplicate_words=("already processed",))
        assert receipt.outcome is Outcome.UNRESOLVABLE

    @pytest.mark.parametrize(("content", "status"), [(INVALID, 409), ({**INVALID, **TRUE}, 400)])
    async def test_that_may_mean_that_it_is_known_is_no_refusal(
        self, deliver: Deliver, content: object, status: int
    ) -> None:
        assert (await deliver(content, status=status)).outcome is Outcome.UNRESOLVABLE

    @pytest.mark.parametrize("duplicate", ["", "error"])
    @pytest.mark.parametrize("again", [False, True])
    async def test_of_their_server_itself_is_a_doubt(self, deliver: Deliver, again: bool, duplicate: str) -> None:
        failed = {"errors": [{"message": "oops", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}
        assert (await deliver(failed, again=again, duplicate=duplicate)).outcome is Outcome.DOUBT

    async def test_shows_no_card_number_and_no_address_that_it_echoes(self, deliver: Deliver) -> None:
        echo = "9920 0366 9288 601 (992003669288601, jane.doe@example.com) is closed"
        receipt = await deliver({"errors": [{"message": echo}]})
        assert receipt.reason == "Uplyft refused: …8601 (…8601, [e-mail]) is closed"

    async def test_is_cut_after_it_was_masked(self, deliver: Deliver) -> None:
        receipt = await deliver({"errors": [{"message": "x" * 292 + "992003669288601" * 2}]})
        assert "99200366" not in receipt.reason
        assert len(receipt.reason) <= 330


class TestTheirStatus:
    @pytest.mark.parametrize("status", [401, 403])
    @pytest.mark.parametrize("content", [b"", ERROR])
    async def test_says_that_our_credentials_are_wrong(self, deliver: Deliver, status: int, content: object) -> None:
        with pytest.raises(Unauthorized, match=rf"mm: .*\(HTTP {status}\); check app_id, app_secret") as caught:
            await deliver(content, status=status)
        assert caught.value.status == status

    async def test_may_be_200_though_the_credentials_are_wrong(self, deliver: Deliver) -> None:
        stranger = {"errors": [{"message": "who?", "extensions": {"code": "UNAUTHENTICATED"}}]}
        with pytest.raises(Unauthorized, match="check app_id"):
            await deliver(stranger)

    @pytest.mark.parametrize("status", [301, 307, 400, 404, 405, 408, 409, 500, 502, 503, 504])
    @pytest.mark.parametrize("content", [b"", b"<html>down</html>", b'{"message": "no"}'])
    @pytest.mark.parametrize("again", [False, True])
    async def test_without_a_graphql_answer_is_a_doubt(
        self, deliver: Deliver, status: int, content: bytes, again: bool
    ) -> None:
        receipt = await deliver(content, status=status, again=again, duplicate="error")
        assert receipt == Receipt(Outcome.DOUBT, f"HTTP {status}")

    @pytest.mark.parametrize("status", [408, 500, 503])
    @pytest.mark.parametrize("content", [ERROR, TRUE])
    async def test_counts_more_than_the_answer_with_it(self, deliver: Deliver, status: int, content: object) -> None:
        receipt = await deliver(content, status=status, again=True, duplicate="error")
        assert receipt.outcome is Outcome.DOUBT

    @pytest.mark.parametrize("unique_id", [True, False])
    @pytest.mark.parametrize("content", [b"", ERROR])
    async def test_of_too_many_requests_means_that_this_one_was_not_done(
        self, deliver: Deliver, content: object, unique_id: bool
    ) -> None:
        receipt = await deliver(content, status=429, retry_after="60", unique_id=unique_id)
        assert receipt == Receipt(Outcome.RETRY, "HTTP 429", after=60.0, rest=60.0)

    @pytest.mark.parametrize(
        ("headers", "after"),
        [
            ({"retry_after": "7"}, 7.0),
            ({"retry_after": "999999999999999999"}, 86_400.0),
            (
                {"retry_after": "Sun, 01 Nov 2026 12:01:30 GMT", "date": "Sun, 01 Nov 2026 12:00:00 GMT"},
                90.0,
            ),
            ({"retry_after": "Sun, 01 Nov 2026 12:01:30 GMT"}, None),
            ({"retry_after": "Sun, 01 Nov 2076 12:01:30 GMT", "date": "Sun, 01 Nov 2026 12:00:00 GMT"}, 86_400.0),
            ({"retry_after": "soon"}, None),
            ({}, None),
        ],
    )
    async def test_may_name_the_wait_in_seconds_or_as_a_moment_of_their_clock(
        self, deliver: Deliver, headers: dict[str, str], after: float | None
    ) -> None:
        assert (await deliver(status=503, **headers)).after == after


class TestNoAnswer:
    @pytest.mark.parametrize("content", [b"", b"<html>Bad gate", b"{}", b"[true]", b'"true"', b"\xff"])
    async def test_garbage_is_a_doubt(self, deliver: Deliver, content: bytes) -> None:
        receipt = await deliver(content, again=True, duplicate="error")
        assert receipt.outcome is Outcome.DOUBT
        assert "not GraphQL" in receipt.reason

    @pytest.mark.parametrize("failure", [httpx.ReadError(""), httpx.ReadTimeout(""), httpx.WriteError("")])
    async def test_a_broken_connection_is_a_doubt(self, deliver: Deliver, failure: Exception) -> None:
        assert (await deliver(fails=failure)).outcome is Outcome.DOUBT

    @pytest.mark.parametrize("failure", [httpx.ConnectError(""), httpx.ConnectTimeout("")])
    async def test_no_connection_means_that_nothing_was_sent(self, deliver: Deliver, failure: Exception) -> None:
        with pytest.raises(NotSent):
            await deliver(fails=failure)


class TestWithoutAUniqueId:
    def test_the_channel_is_not_idempotent(self, client: Client) -> None:
        channel = Uplyft(client, name="mm", app_id="shop", form=Form(unique_id=False))
        assert not channel.capabilities.idempotent
        assert Uplyft(client, name="mm", app_id="shop", form=Form()).capabilities.idempotent

    @pytest.mark.parametrize(
        "answer",
        [{"status": 500}, {"status": 404}, {"status": 408}, {"content": b"<html>"}, {"fails": httpx.ReadError("")}],
    )
    async def test_a_doubt_is_left_to_a_person(self, deliver: Deliver, answer: dict[str, Any]) -> None:
        receipt = await deliver(**answer, unique_id=False)
        assert receipt.outcome is Outcome.UNRESOLVABLE
        assert receipt.reason.endswith("ask Uplyft whether the miles were given")
