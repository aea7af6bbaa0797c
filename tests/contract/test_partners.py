"""What every channel promises, tried on each against its sandbox server over a real socket."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from connector.domain.awards import Kind
from connector.errors import NotSent, Skippable, Unauthorized
from connector.http.auth import BasicAuth
from connector.http.client import Client
from connector.partners.uplyft import Form, Uplyft
from connector.ports import Outcome, PartnerRequest, Receipt, Sight, Verdict
from connector.sandbox.airmiles import application as airmiles
from connector.sandbox.airmiles import tokens
from connector.sandbox.fault_layer import FaultLayer
from connector.sandbox.faults import FaultPlan
from connector.sandbox.journal import Journal
from connector.sandbox.lufthansa import application as lufthansa
from connector.sandbox.uplyft import application as uplyft
from connector.sandbox.uplyft import events
from tests.contract.partner_rehearsal import (
    CHANNELS,
    TAKEN,
    Channel,
    Rehearsal,
    open_airmiles,
    open_lufthansa,
    serve_lufthansa,
)
from tests.serving import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")  # a server needs a while to stop: one per channel
WRONG = "a-wrong-secret"


@pytest_asyncio.fixture(params=CHANNELS, scope="module", loop_scope="module")
async def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Channel, Journal, FaultPlan, str]]:
    channel, plan = CHANNELS[request.param], FaultPlan()
    app = channel.server(tmp_path_factory.mktemp("partner") / "state.db")
    async with serving(FaultLayer(app, channel.operation_of, plan)) as url:
        yield channel, app.state.journal, plan, url


@pytest_asyncio.fixture(loop_scope="module")
async def rehearsal(served: tuple[Channel, Journal, FaultPlan, str]) -> AsyncIterator[Rehearsal]:
    channel, journal, plan, url = served
    plan.clear()
    partner = channel.opened(url, channel.secret)
    rehearsal = Rehearsal(channel, partner, journal, plan, url, before=len(journal.credits()))
    await rehearsal.mark(rehearsal.credit())
    yield rehearsal
    await partner.aclose()


class TestWriting:
    async def test_the_same_credit_is_the_same_bytes_from_any_instance(self, rehearsal: Rehearsal) -> None:
        other = rehearsal.channel.opened(rehearsal.url, rehearsal.channel.secret)
        assert other.compose(rehearsal.credit()) == rehearsal.partner.compose(rehearsal.credit())

    async def test_the_key_is_in_the_request_where_it_makes_a_repeat_harmless(self, rehearsal: Rehearsal) -> None:
        one, two = (rehearsal.partner.compose(rehearsal.credit(number)) for number in (1, 2))
        assert one != two or not rehearsal.partner.capabilities.idempotent

    async def test_what_is_stored_holds_no_credentials(self, rehearsal: Rehearsal) -> None:
        request = rehearsal.partner.compose(rehearsal.credit())
        assert "authorization" not in {name.lower() for name in request.headers}
        assert rehearsal.channel.secret not in repr(request)

    async def test_what_was_stored_and_read_back_is_sent_alike(self, rehearsal: Rehearsal) -> None:
        request = rehearsal.partner.compose(rehearsal.credit())
        headers = json.loads(json.dumps(dict(request.headers)))
        stored = PartnerRequest(request.path, bytes(request.content), headers)
        assert (await rehearsal.partner.deliver(stored, again=False)).outcome in TAKEN


class TestGiving:
    async def test_a_credit_arrives_once_with_its_miles(self, rehearsal: Rehearsal) -> None:
        assert (await rehearsal.send(rehearsal.credit())).outcome in TAKEN
        assert rehearsal.given() == [(rehearsal.channel.member, 12)]

    async def test_what_was_given_is_certain_at_once_or_shown_by_the_books(self, rehearsal: Rehearsal) -> None:
        credit = rehearsal.credit()
        mark = await rehearsal.mark(credit)
        receipt = await rehearsal.partner.deliver(rehearsal.partner.compose(credit), again=False)
        assert receipt.outcome is Outcome.CREDITED or await rehearsal.shows(credit, mark) is Sight.SHOWN

    async def test_what_was_not_sent_is_not_shown(self, rehearsal: Rehearsal) -> None:
        credit = rehearsal.credit()
        assert await rehearsal.shows(credit, await rehearsal.mark(credit)) in (None, Sight.ABSENT)

    async def test_the_same_request_again_has_no_second_effect_where_that_is_promised(
        self, rehearsal: Rehearsal
    ) -> None:
        if not rehearsal.partner.capabilities.idempotent:
            assert [(await rehearsal.send(rehearsal.credit())).outcome in TAKEN for _ in range(2)] == [True, True]
            assert len(rehearsal.given()) == 2, "so that nobody may rely on it"
            return
        before = rehearsal.journal.totals()["duplicates_answered"]
        request = rehearsal.partner.compose(rehearsal.credit())
        outcomes = [(await rehearsal.partner.deliver(request, again=again)).outcome for again in (False, True)]
        assert outcomes == [Outcome.CREDITED, Outcome.CREDITED]
        assert rehearsal.given() == [(rehearsal.channel.member, 12)]
        assert rehearsal.journal.totals()["duplicates_answered"] == before + 1

    async def test_many_members_are_served_at_the_same_time(self, rehearsal: Rehearsal) -> None:
        stem = rehearsal.channel.member[:-1]
        credits_ = [rehearsal.credit(n, member_number=f"{stem}{n}") for n in range(10)]
        receipts = await asyncio.gather(*(rehearsal.send(each) for each in credits_))
        assert {each.outcome for each in receipts} <= TAKEN
        assert sorted(rehearsal.given()) == [(f"{stem}{n}", 12) for n in range(10)]


class TestTakingBack:
    async def test_a_reversal_takes_the_miles_back_or_is_left_to_a_person(self, rehearsal: Rehearsal) -> None:
        partner, reversal = rehearsal.partner, rehearsal.credit(2, kind=Kind.REVERSAL)
        await partner.deliver(partner.compose(rehearsal.credit(1)), again=False)
        if not partner.capabilities.reverses:
            with pytest.raises(Skippable, match=partner.name):
                partner.compose(reversal)
            return
        for again in rehearsal.sends:
            receipt = await partner.deliver(partner.compose(reversal), again=again)
            assert receipt.outcome is Outcome.CREDITED
        assert [miles for _, miles in rehearsal.given()] == [12, -12]


class TestGrants:
    async def test_miles_without_a_stay_are_given_and_taken_back_once_or_left_to_a_person(
        self, rehearsal: Rehearsal
    ) -> None:
        partner = rehearsal.partner
        grant = rehearsal.credit(1, grant=True, reservation_number="goodwill-1", currency="", taxes=())
        if not partner.capabilities.grants:
            with pytest.raises(Skippable, match=partner.name):
                partner.compose(grant)
            return
        back = replace(grant, kind=Kind.REVERSAL, key=rehearsal.key(2))
        for credit in (grant, back) if partner.capabilities.reverses else (grant,):
            for again in rehearsal.sends:
                receipt = await partner.deliver(partner.compose(credit), again=again)
                assert receipt.outcome in TAKEN
        assert [miles for _, miles in rehearsal.given()] == ([12, -12] if partner.capabilities.reverses else [12])


class TestDoubt:
    @pytest.mark.parametrize("effect", ["lose", "drop", "garbage", "500", "502", "503", "429", "408"])
    async def test_ends_with_one_effect_or_with_a_person(self, rehearsal: Rehearsal, effect: str) -> None:
        rehearsal.fault(effect)
        credit, keyed = rehearsal.credit(), rehearsal.partner.capabilities.idempotent
        mark, request = await rehearsal.mark(credit), rehearsal.partner.compose(credit)
        first = await rehearsal.partner.deliver(request, again=False)
        if not keyed and rehearsal.partner.books is None:
            assert first.outcome in {Outcome.DOUBT, Outcome.UNRESOLVABLE, Outcome.RETRY}
            assert len(rehearsal.given()) == (effect in {"lose", "garbage"})
            assert first.outcome is not Outcome.RETRY or rehearsal.given() == []
            return
        # an answer of AIR MILES is judged by its status alone; too many is not done
        also = {"garbage": Outcome.CREDITED, "429": Outcome.RETRY}
        assert first.outcome in {Outcome.DOUBT, also.get(effect, Outcome.DOUBT)}
        await rehearsal.resolve(credit, request, mark)
        assert rehearsal.given() == [(rehearsal.channel.member, 12)]

    @pytest.mark.parametrize("status", [429, 503])
    async def test_the_wait_that_the_partner_asks_for_is_passed_on(self, rehearsal: Rehearsal, status: int) -> None:
        rehearsal.fault(f"{status},header.Retry-After=17")
        request = rehearsal.partner.compose(rehearsal.credit())
        receipt = await rehearsal.partner.deliver(request, again=False)
        assert receipt.after == 17
        if status == 429:
            assert receipt.rest == 17, "too many requests are about the whole channel"

    @pytest.mark.parametrize("status", [301, 404, 409, 422])
    @pytest.mark.parametrize("again", [False, True])
    async def test_a_status_of_no_known_meaning_is_never_taken_for_an_outcome(
        self, rehearsal: Rehearsal, status: int, again: bool
    ) -> None:
        rehearsal.fault(str(status))
        receipt = await rehearsal.partner.deliver(rehearsal.partner.compose(rehearsal.credit()), again=again)
        assert receipt.outcome in {Outcome.DOUBT, Outcome.UNRESOLVABLE}
        assert str(status) in receipt.reason

    async def test_a_request_that_found_no_server_was_not_sent(self, rehearsal: Rehearsal) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closing:
            port = closing.getsockname()[1]
        partner = rehearsal.channel.opened(f"http://127.0.0.1:{port}", rehearsal.channel.secret)
        with pytest.raises(NotSent):
            await partner.deliver(partner.compose(rehearsal.credit()), again=False)
        await partner.aclose()


class TestRefusal:
    async def test_a_number_that_does_not_exist_is_refused_and_nothing_happens(self, rehearsal: Rehearsal) -> None:
        credit = rehearsal.credit(member_number=rehearsal.channel.unknown_member)
        receipt = await rehearsal.partner.deliver(rehearsal.partner.compose(credit), again=False)
        assert receipt.outcome is Outcome.REFUSED
        assert rehearsal.given() == []

    async def test_a_refusal_after_a_doubt_is_left_to_a_person(self, rehearsal: Rehearsal) -> None:
        credit = rehearsal.credit(member_number=rehearsal.channel.unknown_member)
        receipt = await rehearsal.partner.deliver(rehearsal.partner.compose(credit), again=True)
        assert receipt.outcome is Outcome.UNRESOLVABLE

    async def test_a_wrong_secret_is_named_without_being_shown(self, rehearsal: Rehearsal) -> None:
        partner = rehearsal.channel.opened(rehearsal.url, WRONG)
        with pytest.raises(Unauthorized) as caught:
            await partner.deliver(partner.compose(rehearsal.credit()), again=False)
        await partner.aclose()
        assert WRONG not in str(caught.value)
        assert "check" in str(caught.value)
        assert rehearsal.given() == []

    @pytest.mark.parametrize("status", [401, 403])
    async def test_credentials_that_are_never_accepted_stop_the_channel(
        self, rehearsal: Rehearsal, status: int
    ) -> None:
        for _ in range(2):  # a 401 is tried once more with a fresh token
            rehearsal.fault(str(status))
        with pytest.raises(Unauthorized, match=rf"{rehearsal.partner.name}: .*HTTP {status}.*check"):
            await rehearsal.partner.deliver(rehearsal.partner.compose(rehearsal.credit()), again=False)
        assert rehearsal.given() == []


class TestExamining:
    async def test_finds_no_fault_and_moves_no_miles(self, rehearsal: Rehearsal) -> None:
        before = rehearsal.journal.totals()
        found = await rehearsal.partner.examine()
        assert found
        assert {each.verdict for each in found} <= {Verdict.OK, Verdict.NOTE}
        assert rehearsal.journal.totals() == before

    async def test_tells_of_a_wrong_secret_without_showing_it(self, rehearsal: Rehearsal) -> None:
        partner = rehearsal.channel.opened(rehearsal.url, WRONG)
        with pytest.raises(Unauthorized) as caught:
            await partner.examine()
        await partner.aclose()
        assert WRONG not in str(caught.value)

    async def test_tells_that_nobody_answers(self, rehearsal: Rehearsal) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closing:
            port = closing.getsockname()[1]
        partner = rehearsal.channel.opened(f"http://127.0.0.1:{port}", rehearsal.channel.secret)
        with pytest.raises(NotSent):
            await partner.examine()
        await partner.aclose()


class TestPrivacy:
    @pytest.mark.parametrize("effect", ["lose", "drop", "garbage", "500", "400", "404", "delay,seconds=0"])
    async def test_no_reason_holds_the_whole_number(self, rehearsal: Rehearsal, effect: str) -> None:
        rehearsal.fault(effect)
        receipt = await rehearsal.partner.deliver(rehearsal.partner.compose(rehearsal.credit()), again=False)
        assert rehearsal.channel.member not in repr(receipt)


class TestClosing:
    async def test_a_closed_channel_can_be_closed_again(self, rehearsal: Rehearsal) -> None:
        await rehearsal.partner.deliver(rehearsal.partner.compose(rehearsal.credit()), again=False)
        await rehearsal.partner.aclose()
        await rehearsal.partner.aclose()


async def test_an_expired_token_is_renewed_and_the_credit_arrives_once(tmp_path: Path) -> None:
    seconds = [0.0]
    app = airmiles.create_app(tmp_path / "state.db", token_lifetime=60, clock=lambda: seconds[0])
    async with serving(FaultLayer(app, airmiles.operation_of, FaultPlan())) as url:
        partner = open_airmiles(url, tokens.CLIENT_SECRET)
        rehearsal = Rehearsal(CHANNELS["airmiles"], partner, app.state.journal, FaultPlan(), url)
        for number in (1, 2):
            receipt = await partner.deliver(partner.compose(rehearsal.credit(number)), again=False)
            assert receipt.outcome is Outcome.CREDITED
            seconds[0] += 61
        assert rehearsal.given() == [(rehearsal.channel.member, 12)] * 2
        await partner.aclose()


async def test_an_issuance_that_is_pending_is_accepted(tmp_path: Path) -> None:
    app = airmiles.create_app(tmp_path / "state.db", accept=202)
    async with serving(FaultLayer(app, airmiles.operation_of, FaultPlan())) as url:
        partner = open_airmiles(url, tokens.CLIENT_SECRET)
        rehearsal = Rehearsal(CHANNELS["airmiles"], partner, app.state.journal, FaultPlan(), url)
        request = partner.compose(rehearsal.credit())
        outcomes = [(await partner.deliver(request, again=again)).outcome for again in (False, True)]
        assert outcomes == [Outcome.ACCEPTED, Outcome.ACCEPTED]
        assert rehearsal.given() == [(rehearsal.channel.member, 12)]
        await partner.aclose()


@pytest.mark.parametrize(("accept", "outcome"), [(200, Outcome.CREDITED), (202, Outcome.ACCEPTED)])
async def test_an_earn_service_that_answers_nothing_is_taken_by_its_status(
    tmp_path: Path, accept: int, outcome: Outcome
) -> None:
    app = serve_lufthansa(tmp_path / "state.db", accept=accept, answers="empty")
    async with serving(FaultLayer(app, lufthansa.operation_of, FaultPlan())) as url:
        partner = open_lufthansa(url, lufthansa.CLIENT_SECRET)
        rehearsal = Rehearsal(CHANNELS["lufthansa"], partner, app.state.journal, FaultPlan(), url)
        receipt = await partner.deliver(partner.compose(rehearsal.credit()), again=False)
        assert receipt == Receipt(outcome, f"HTTP {accept}")
        assert rehearsal.given() == [(rehearsal.channel.member, 12)]
        await partner.aclose()


@pytest.mark.parametrize("duplicate", list(events.Duplicate))
async def test_a_repeated_event_is_recognised_however_uplyft_words_it(
    tmp_path: Path, duplicate: events.Duplicate
) -> None:
    app = uplyft.create_app(tmp_path / "state.db", duplicate=duplicate)
    async with serving(FaultLayer(app, uplyft.operation_of, FaultPlan())) as url:
        client = Client(url, name="Uplyft", auth=BasicAuth(events.APP_ID, events.PRODUCTION_SECRET))
        told, untold = (
            Uplyft(
                client,
                name="mm",
                app_id=events.APP_ID,
                form=Form(),
                duplicate_answer=answer,
                duplicate_words=("was processed before",),
            )
            for answer in (duplicate.value, "")
        )
        rehearsal = Rehearsal(CHANNELS["uplyft_flat"], told, app.state.journal, FaultPlan(), url)
        request = told.compose(rehearsal.credit())
        await told.deliver(request, again=False)
        assert (await told.deliver(request, again=True)).outcome is Outcome.CREDITED
        known = Outcome.CREDITED if duplicate is events.Duplicate.TRUE else Outcome.UNRESOLVABLE
        assert (await untold.deliver(request, again=True)).outcome is known
        assert rehearsal.given() == [(rehearsal.channel.member, 12)]
        await client.aclose()


async def test_the_test_secret_of_uplyft_credits_nothing(tmp_path: Path) -> None:
    app = uplyft.create_app(tmp_path / "state.db")
    async with serving(FaultLayer(app, uplyft.operation_of, FaultPlan())) as url:
        partner = CHANNELS["uplyft_transaction"].opened(url, events.TEST_SECRET)
        rehearsal = Rehearsal(CHANNELS["uplyft_transaction"], partner, app.state.journal, FaultPlan(), url)
        receipt = await partner.deliver(partner.compose(rehearsal.credit()), again=False)
        assert receipt.outcome is Outcome.CREDITED
        assert rehearsal.given() == []
        await partner.aclose()
