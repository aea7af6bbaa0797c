"""What operators do on the pages: by the jobs that the commands use, under their own names, as far as roles go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from connector.store import account, deeds, harm, outlooks, suspense
from connector.store.outlooks import Outlook
from connector.web import planner
from connector.web.application import ROUTES
from connector.web.roster import Role
from connector.web.routing import Page
from tests.integration.cli.town import Office
from tests.integration.earning.chain import COLLECTOR, MEMBER, NOW, PAYMENT_CARD
from tests.integration.web.hotel import Hotel, hall, tell
from tests.integration.web.site import OPERATORS, Site, form_token, submit
from tests.integration.web.test_pages import message_of, told

ACTIONS = [route for route in ROUTES if isinstance(route, Page) and "POST" in (route.methods or ())]
LIMITED = f"[web]\nsecond_person_above = 100\n{OPERATORS}"
UNSENT = "UPDATE message SET state = 'suspended', last_sent_at = NULL, first_sent_at = NULL, content = NULL"
LOST = "UPDATE message SET state = 'suspended'"  # sent, outcome unknown


@pytest.fixture
def lost(grand: Hotel, tmp_path: Path) -> Path:
    """The folder of a configuration whose messages were sent, nobody knows with which outcome."""
    tell(grand.copy(tmp_path), LOST)
    return tmp_path


async def do(browser: httpx.AsyncClient, path: str, fields: Mapping[str, str], page: str) -> httpx.Response:
    """Send a form that a page shows, with its hidden fields."""
    shown = (await browser.get(page)).text
    form = re.search(rf'<form method="post" action="{re.escape(path)}".*?</form>', shown, re.DOTALL)
    assert form, f"{page} has no form for {path}"
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    return await browser.post(path, data=hidden | dict(fields))


async def log(lobby: Site) -> list[tuple[str, str]]:
    """Return who did what, oldest first, without the logins."""
    async with lobby.console.app.database.read() as connection:
        found = await deeds.recent(connection, 100)
    return [(each.operator, each.action) for each in reversed(found) if each.action != "login"]


async def steps(lobby: Site, word: str) -> list[tuple[str, str, str]]:
    """Return the history of the award of a stay: who, to which state, and why."""
    async with lobby.console.app.database.read() as connection:
        (found,) = await account.accounts(connection, word)
    return [(each.actor, each.after, each.detail) for each in found.history]


@pytest.mark.parametrize("route", ACTIONS, ids=lambda route: route.path)
async def test_no_action_is_done_without_its_role_or_without_a_form_of_ours(lobby: Site, route: Route) -> None:
    path = re.sub(r"\{[^}]+\}", "1", route.path)
    below = {Role.READ: None, Role.OPERATE: "anna", Role.APPROVE: "otto"}[route.role]  # type: ignore[attr-defined]
    if below is not None:
        browser = await lobby.logged_in(below)
        token = await form_token(browser, "/")
        answer = await browser.post(path, data={"form_token": token})
        assert answer.status_code == 403
        assert "This needs the role" in answer.text
    forged = await (await lobby.logged_in("admin")).post(path, data={"form_token": "0" * 64})
    assert (forged.status_code, "This form does not come from this console" in forged.text) == (403, True)
    assert await log(lobby) == []


class TestCases:
    async def test_a_case_is_resolved_as_seen_under_the_operators_name(self, lobby: Site) -> None:
        otto = await lobby.logged_in("otto")

        answer = await do(otto, "/suspense/1/resolve", {"reason": "called the guest"}, "/suspense/1")

        assert "Case 1 is resolved by otto" in told(answer)
        assert (await otto.get("/suspense/1")).status_code == 404
        assert await log(lobby) == [("otto", "resolve case")]
        assert "Resolve case 1 as seen" in told(await otto.get("/log"))

    async def test_a_member_is_linked_from_its_case_and_unlinked_again(self, lobby: Site) -> None:
        otto = await lobby.logged_in("otto")
        shown = (await otto.get("/suspense?kind=member")).text
        case = re.search(r'href="(/suspense/\d+)"', shown)[1]  # type: ignore[index]

        linked = await do(otto, f"{case}/resolve", {"guest": "g3"}, case)
        assert "is resolved by otto: member A-2: linked to guest g3 by hand." in told(linked)
        assert "linked by a person" in told(await otto.get("/members/A-2")).lower()

        unlinked = await do(otto, "/members/A-2/unlink", {"reason": "the other one"}, "/members/A-2")
        assert "member A-2: unlinked from guest g3 by hand" in told(unlinked)
        again = await do(otto, "/members/A-2/link", {"guest": "g1"}, "/members/A-2")
        assert (again.status_code, "member A-1 is linked to it" in again.text) == (409, True)
        assert [what for _, what in await log(lobby)][-2:] == ["link member", "link member failed"]

    async def test_a_guest_who_is_not_there_and_a_case_that_is_not_open_are_refused(self, lobby: Site) -> None:
        otto = await lobby.logged_in("otto")
        assert (await do(otto, "/suspense/2/resolve", {"guest": "nobody"}, "/suspense/2")).status_code == 422
        token = await form_token(otto, "/")
        for number in ("99", "x", "9" * 30):
            answer = await otto.post(f"/suspense/{number}/resolve", data={"form_token": token})
            assert answer.status_code in (404, 422)

    async def test_a_reason_with_a_payment_card_is_refused_and_kept_nowhere(self, lobby: Site, tmp_path: Path) -> None:
        otto = await lobby.logged_in("otto")
        answer = await do(otto, "/suspense/1/resolve", {"reason": PAYMENT_CARD}, "/suspense/1")
        assert (answer.status_code, PAYMENT_CARD in answer.text) == (422, False)
        assert PAYMENT_CARD.encode() not in (tmp_path / "connector.db").read_bytes()


class TestMessages:
    async def test_what_was_never_sent_is_withdrawn_with_a_reason(self, grand: Hotel, tmp_path: Path) -> None:
        office = grand.copy(tmp_path)
        tell(office, UNSENT)
        async with hall(office) as lobby:
            otto, page = await lobby.logged_in("otto"), await message_of(lobby, "r1")
            assert (await do(otto, f"{page}/void", {}, page)).status_code == 422
            answer = await do(otto, f"{page}/void", {"reason": "typed twice"}, page)
            assert "was suspended, and is void now." in told(answer)
            assert (await steps(lobby, "r1"))[-1] == ("otto", "void", "ledger void: typed twice")
            assert await log(lobby) == [("otto", "decide message")]

    async def test_a_doubt_is_settled_by_the_partners_word_only(self, grand: Hotel, lost: Path) -> None:
        async with hall(_of(grand, lost)) as lobby:
            otto, page = await lobby.logged_in("otto"), await message_of(lobby, "r2")
            shown = (await otto.get(page)).text
            assert "/void" not in shown
            unasked = await do(otto, f"{page}/credited", {"reason": "mail"}, page)
            assert (unasked.status_code, "The box is not ticked" in unasked.text) == (422, True)
            asked = {"reason": "mail of today", "reference": "ref-1", "asked": "yes"}
            assert "is credited now." in told(await do(otto, f"{page}/credited", asked, page))
            assert (await steps(lobby, "r2"))[-1][:2] == ("otto", "credited")

    async def test_what_changed_since_it_was_shown_is_not_done(self, grand: Hotel, lost: Path) -> None:
        async with hall(office := _of(grand, lost)) as lobby:
            otto, page = await lobby.logged_in("otto"), await message_of(lobby, "r2")
            token = await form_token(otto, page)
            tell(office, "UPDATE message SET state = 'refused'")
            fields = {"form_token": token, "plan": "0a1b2c3d4e5f", "reason": "x", "asked": "yes"}
            answer = await otto.post(f"{page}/resend", data=fields)
            assert (answer.status_code, "look at it again" in answer.text) == (409, True)
            assert (await otto.post(f"{page}/resend", data=fields | {"plan": ""})).status_code == 422
            assert (await otto.post(f"{page}/melt", data=fields)).status_code == 404

    async def test_above_the_limit_a_release_waits_for_a_second_person(self, grand: Hotel, tmp_path: Path) -> None:
        office = grand.copy(tmp_path, LIMITED)
        tell(office, UNSENT)
        async with hall(office) as lobby:
            otto, petra = await lobby.logged_in("otto"), await lobby.logged_in("petra")
            small, large = await message_of(lobby, "r2"), await message_of(lobby, "r1")
            assert "is ready now." in told(await do(otto, f"{small}/release", {}, small))
            assert "This needs a second person" in told(await do(otto, f"{large}/release", {"reason": "ok"}, large))
            assert (await steps(lobby, "r1"))[-1][1] != "ready"
            await submit(petra, "/proposals/1/accept", page="/proposals")
            assert (await steps(lobby, "r1"))[-1] == ("otto, accepted by petra", "ready", "ledger release: ok")


class TestMiles:
    async def test_a_stay_is_claimed_and_signed(self, lobby: Site) -> None:
        otto = await lobby.logged_in("otto")
        assert 'value="r3"' in (await otto.get("/claims?stay=r3&partner=miles_and_more")).text
        fields = {
            "stay": "n-r3",
            "partner": "miles_and_more",
            "number": f" {MEMBER[:4]}-{MEMBER[4:]}",
            "reason": "card",
        }
        answer = await submit(otto, "/claims", fields)
        assert "The stay is claimed: 220 miles at miles_and_more for ***********8601." in told(answer)
        assert MEMBER not in answer.text
        assert (await steps(lobby, "r3"))[-1] == ("otto", "ready", "claim: card")
        assert await log(lobby) == [("otto", "claim")]

    async def test_a_grant_is_given_once(self, lobby: Site) -> None:
        otto = await lobby.logged_in("otto")
        fields = {"partner": "air_miles", "number": COLLECTOR, "miles": "50", "reason": "late room", "reference": "g-1"}
        fields |= {"property": "e-montreal", "day": NOW.date().isoformat()}
        assert "Granted: 50 miles at air_miles" in told(await submit(otto, "/grants", fields))
        again = await submit(otto, "/grants", fields)
        assert (again.status_code, "already" in again.text) == (409, True)

    @pytest.mark.parametrize(
        ("name", "wrong"),
        [
            ("miles", "x"),
            ("miles", "-1"),
            ("miles", "²"),
            ("day", "soon"),
            ("reason", ""),
            ("partner", "x"),
            ("number", "1"),
        ],
    )
    async def test_what_is_no_grant_is_one_sentence(self, lobby: Site, name: str, wrong: str) -> None:
        otto = await lobby.logged_in("otto")
        fields = {"partner": "air_miles", "number": COLLECTOR, "miles": "50", "reason": "x", "property": "montreal"}
        answer = await submit(otto, "/grants", fields | {name: wrong})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text

    async def test_above_the_limit_the_credit_is_held_until_a_second_person_accepts(
        self, grand: Hotel, tmp_path: Path
    ) -> None:
        async with hall(grand.copy(tmp_path, LIMITED)) as lobby:
            otto, petra = await lobby.logged_in("otto"), await lobby.logged_in("petra")
            fields = {"stay": "r3", "partner": "miles_and_more", "number": MEMBER, "reason": "card"}
            answer = await submit(otto, "/claims", fields)
            assert "The stay is claimed: 220 miles" in told(answer)
            assert "This needs a second person" in told(answer)
            assert (await steps(lobby, "r3"))[-1] == ("otto", "held", "waits for a second person")
            assert MEMBER not in (await petra.get("/proposals")).text
            await submit(petra, "/proposals/1/accept", page="/proposals")
            assert (await steps(lobby, "r3"))[-1][:2] == ("otto, accepted by petra", "ready")
            assert await log(lobby) == [("otto", "claim"), ("otto", "propose"), ("petra", "accept")]

    async def test_a_grant_within_the_limit_needs_nobody_else(self, grand: Hotel, tmp_path: Path) -> None:
        async with hall(grand.copy(tmp_path, LIMITED)) as lobby:
            fields = {
                "partner": "air_miles",
                "number": COLLECTOR,
                "miles": "100",
                "reason": "x",
                "property": "montreal",
            }
            assert "Granted: 100" in told(await submit(await lobby.logged_in("otto"), "/grants", fields))


class TestPlan:
    async def test_it_is_computed_when_asked_for(self, lobby: Site) -> None:
        otto = await lobby.logged_in("otto")
        assert "No plan was computed yet." in told(await otto.get("/plan"))
        assert (await do(otto, "/plan/compute", {}, "/plan")).headers["location"] == "/plan"
        await _settled(lobby)
        shown = told(await otto.get("/plan"))
        assert "Nothing to change: Mews agrees with the scheme." in shown
        assert "by otto" in shown

    async def test_what_cannot_be_computed_is_told(self, grand: Hotel, tmp_path: Path) -> None:
        office = grand.copy(tmp_path)
        (tmp_path / "members.csv").unlink()
        async with hall(office) as lobby:
            otto = await lobby.logged_in("otto")
            await do(otto, "/plan/compute", {}, "/plan")
            await _settled(lobby)
            assert "members.csv" in told(await otto.get("/plan"))

    async def test_only_a_plan_that_was_shown_is_confirmed_and_only_by_who_approves(self, lobby: Site) -> None:
        outlook = Outlook(NOW, "otto", (("5 memberships to cancel", "take"),), (), "0a1b2c3d4e5f", False, "5 planned.")
        async with lobby.console.app.database.write() as connection:
            await outlooks.save(connection, outlook)
        otto, petra = await lobby.logged_in("otto"), await lobby.logged_in("petra")
        assert "A person with the role approve can confirm it." in told(await otto.get("/plan"))
        other = await submit(petra, "/plan/confirm", {"plan": "5f4e3d2c1b0a"}, page="/plan")
        assert (other.status_code, "The plan is another by now" in other.text) == (409, True)
        assert "is confirmed by petra" in told(await do(petra, "/plan/confirm", {}, "/plan"))
        assert "is confirmed; the next pass" in told(await otto.get("/plan"))
        async with lobby.console.app.database.read() as connection:
            assert await harm.is_confirmed(connection, "0a1b2c3d4e5f")

    async def test_above_any_limit_a_confirmation_takes_two(self, grand: Hotel, tmp_path: Path) -> None:
        async with hall(grand.copy(tmp_path, LIMITED)) as lobby:
            outlook = Outlook(NOW, "otto", (), (), "0a1b2c3d4e5f", False, "5 removals planned.")
            async with lobby.console.app.database.write() as connection:
                await outlooks.save(connection, outlook)
            petra, admin = await lobby.logged_in("petra"), await lobby.logged_in("admin")
            assert "This needs a second person" in told(await do(petra, "/plan/confirm", {}, "/plan"))
            assert "1 proposal waits for a second person" in told(await admin.get("/"))
            await submit(admin, "/proposals/1/accept", page="/proposals")
            assert "Plan 0a1b2c3d4e5f is confirmed by petra, accepted by admin." in told(await admin.get("/proposals"))
            assert "proposal waits" not in told(await admin.get("/"))

    async def test_what_takes_long_goes_on_while_pages_are_shown(
        self, grand: Hotel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(planner, "PATIENCE", 0.01)
        office = grand.copy(tmp_path)
        tell(
            office, "INSERT INTO lease (name, owner, until) VALUES ('align', 'another process', '2999-01-01 00:00:00')"
        )
        async with hall(office) as lobby:
            otto = await lobby.logged_in("otto")
            for _ in range(2):
                token = await form_token(otto, "/")
                assert (await otto.post("/plan/compute", data={"form_token": token})).status_code == 303
            shown = await otto.get("/plan")
            assert "A plan is being computed" in told(shown)
            assert 'hx-trigger="every 2s"' in shown.text
            assert lobby.console.planner.is_busy
        assert not lobby.console.planner.is_busy


class TestTheRest:
    async def test_a_partner_goes_live_by_what_was_shown(self, grand: Hotel, tmp_path: Path) -> None:
        office = grand.copy(tmp_path)
        tell(office, "DELETE FROM fact WHERE name LIKE 'mode of %'")
        tell(office, "UPDATE message SET state = 'shadow' WHERE partner = 'air_miles'")
        tell(office, "UPDATE message SET state = 'shadow' WHERE partner = 'miles_and_more'")
        async with hall(office) as lobby:
            petra = await lobby.logged_in("petra")
            fields = {"stay": "r3", "partner": "miles_and_more", "number": MEMBER, "reason": "card"}
            await submit(petra, "/claims", fields)
            assert "due at miles_and_more: 1 stay with 220 miles" in told(await petra.get("/plan")).replace(
                "Due", "due"
            )
            answer = await do(petra, "/launches", {"reason": "rehearsed"}, "/plan")
            assert "miles_and_more goes live with the next delivery" in told(answer)
            assert "miles_and_more goes live" not in told(await petra.get("/plan"))

    async def test_a_paused_property_goes_on(self, grand: Hotel, tmp_path: Path) -> None:
        office = grand.copy(tmp_path)
        tell(office, "INSERT INTO pause (partner, property_id, day, paused_at) VALUES "
             "('air_miles', 'e-montreal', '2026-01-01', '2026-01-01 00:00:00')")  # fmt: skip
        async with hall(office) as lobby:
            case = suspense.Case("property", "e-montreal", "outlier", "far more than usual", "air_miles")
            async with lobby.console.app.database.write() as connection:
                await suspense.open_cases(connection, [case], lobby.console.now())
            otto = await lobby.logged_in("otto")
            assert "properties paused" in told(await otto.get("/"))
            page = re.findall(r'href="(/suspense/\d+)"', (await otto.get("/suspense?kind=property")).text)[0]
            assert "montreal goes on" in told(await do(otto, "/pauses/release", {"reason": "a group"}, page))
            assert (await otto.get(page)).status_code == 404

    async def test_a_stream_is_read_from_its_beginning_by_who_is_sure(self, lobby: Site) -> None:
        otto = await lobby.logged_in("otto")
        fields = {"stream": "order_items", "property": "wien"}
        assert (await do(otto, "/cursors/reset", fields, "/cursors")).status_code == 422
        answer = await do(otto, "/cursors/reset", fields | {"sure": "yes"}, "/cursors")
        assert "The next pass reads order items of wien from the beginning." in told(answer)
        assert not re.search(r"order items wien", told(await otto.get("/cursors")).split("Read a stream")[0])
        for wrong in ({"stream": "x"}, {"property": "x"}, {"stream": "guests"}):
            assert (await do(otto, "/cursors/reset", fields | wrong | {"sure": "yes"}, "/cursors")).status_code == 422


def _of(grand: Hotel, home: Path) -> Office:
    return Office(home / "connector.toml", grand.office.variables)


async def _settled(lobby: Site) -> None:
    await lobby.console.planner.ended()
