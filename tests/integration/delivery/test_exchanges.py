"""Points to miles: once for each request, however often its line is read, and the answer goes back to the scheme."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connector.domain.stays import Property
from connector.jobs import erasing, exchanges
from connector.jobs.chain import Chain
from connector.jobs.contracts import Exchanges, Partnership
from connector.jobs.grants import Wish, grant
from connector.jobs.report import JobOutcome, JobReport
from connector.schemes.exchange_file import ExchangeFile
from connector.store import account, facts, stays
from connector.store.integrity import examine
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import deliver, dies
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import CHAIN_ID, COLLECTOR, CURRENCIES, NOW, PAYMENT_CARD, chain_for, runner_for

OTHER = "80000000110"
CHANGED = "exchange {} changed after it was taken: {}; ask for more by a new request_id"
HEADER = "request_id,number,miles\n"


@dataclass
class Desk:
    """The scheme's two files, and the partner that reads them."""

    folder: Path
    partnership: Partnership
    chain: Chain
    writings: int = 0

    def write(self, *lines: str, header: str = HEADER) -> None:
        """Write the file of requests anew, a while later; each writing has another length."""
        self.writings += 1
        self.chain.clock.advance(minutes=1)  # type: ignore[attr-defined]
        text = header + "".join(f"{line}\n" for line in lines) + "\n" * self.writings
        (self.folder / "exchanges.csv").write_text(text, encoding="utf-8")

    async def run(self) -> JobReport:
        """Run the job."""
        return await deliver(self.chain, self.partnership)

    def answers(self) -> list[list[str]]:
        """Return the lines of the answers without their times, the first one not."""
        lines = (self.folder / "answers.csv").read_text(encoding="utf-8").splitlines()
        return [line.split(",")[:3] for line in lines[1:]]


@pytest.fixture
async def desk(chain: Chain, am: Partnership, tmp_path: Path) -> AsyncIterator[Desk]:
    """A scheme whose members exchange points at AIR MILES, in the name of Montréal."""
    async with chain.database.write() as connection:
        await facts.hold_chain(connection, CHAIN_ID)
        for hotel, currency in CURRENCIES.items():
            place = Property(f"e-{hotel}", hotel.title(), hotel, "Europe/Vienna", currency)
            await stays.save_property(connection, place, CHAIN_ID, NOW, [f"s-{hotel}"], NOW)
    file = ExchangeFile(tmp_path / "exchanges.csv", tmp_path / "answers.csv")
    return Desk(tmp_path, replace(am, exchanges=Exchanges(file, "montreal")), chain)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_a_request_is_given_once_and_answered(desk: Desk, books: Books, at_airmiles: Counter) -> None:
    desk.write(f"x-1,{COLLECTOR},500")
    assert (await desk.run()).outcome is JobOutcome.OK
    desk.write(f"x-1,{COLLECTOR},500", f"x-2,{OTHER},70")
    await desk.run()
    await desk.run()
    assert at_airmiles.given() == [(COLLECTOR, 500), (OTHER, 70)]
    assert desk.answers() == [["x-1", "credited", "500"], ["x-2", "credited", "70"]]
    assert await examine(desk.chain.database) == []
    async with desk.chain.database.read() as connection:
        (told,) = await account.accounts(connection, "x-1")
    assert (told.seat, told.history[0].actor, told.history[0].detail) == (
        "exchange",
        "exchange file",
        "points exchanged for miles",
    )


async def test_a_grant_of_the_same_reference_is_another_award(desk: Desk, at_airmiles: Counter) -> None:
    wish = Wish(COLLECTOR, miles=50, reference="x-1", property="montreal")
    runner = runner_for(desk.chain, [desk.partnership])
    await grant(runner, desk.partnership.name, wish, Signature("anna", desk.chain.clock.now(), "soup"))
    desk.write(f"x-1,{COLLECTOR},500")
    await desk.run()
    assert sorted(at_airmiles.given()) == [(COLLECTOR, 50), (COLLECTOR, 500)]


async def test_a_death_in_the_middle_gives_nothing_twice(desk: Desk, at_airmiles: Counter) -> None:
    desk.write(f"x-1,{COLLECTOR},500")
    at_airmiles.fault("500,times=1", "post/event")
    await desk.run()
    assert desk.answers() == [["x-1", "in_doubt", "500"]]
    desk.chain.clock.advance(minutes=1)  # type: ignore[attr-defined]
    await dies(desk.chain, desk.partnership, sends=True)
    desk.chain = chain_for(desk.chain.database, desk.chain.clock)  # type: ignore[arg-type]
    desk.chain.clock.advance(minutes=10)  # type: ignore[attr-defined]
    await desk.run()
    assert at_airmiles.given() == [(COLLECTOR, 500)]
    assert desk.answers() == [["x-1", "credited", "500"]]


async def test_the_partners_refusal_is_an_answer_too(desk: Desk, at_airmiles: Counter) -> None:
    at_airmiles.fault("400,times=1", "post/event")
    desk.write(f"x-1,{COLLECTOR},500")
    await desk.run()
    assert desk.answers() == [["x-1", "refused", "500"]]


async def test_a_request_that_changed_after_it_was_taken_gives_no_more_and_is_a_case(
    desk: Desk, books: Books, at_airmiles: Counter
) -> None:
    desk.write(f"x-1,{COLLECTOR},500", f"x-2,{COLLECTOR},10")
    await desk.run()
    desk.write(f"x-1,{COLLECTOR},600", f"x-2,{OTHER},10")
    await desk.run()
    assert sorted(at_airmiles.given()) == [(COLLECTOR, 10), (COLLECTOR, 500)]
    assert await books.cases() == [
        ("exchange_changed", CHANGED.format("x-1", "it asks for 600 miles, 500 were given by it")),
        (
            "exchange_changed",
            CHANGED.format("x-2", "it names another number than ********028, to which its miles were given"),
        ),
    ]
    desk.write(f"x-1,{COLLECTOR},500", f"x-2,{COLLECTOR},10")
    await desk.run()
    assert await books.cases() == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("x-1,,500", "exchange x-1 is not taken: it has no number; expected the member number at the partner"),
        ("x-1,70085102028,500", "an AIR MILES number is 11 digits beginning with 8"),
        (f"x-1,{PAYMENT_CARD},500", "its member number is not taken: looks like a payment card number"),
        (f"x-1,{COLLECTOR},0", "its miles are not taken; expected a whole number from 1 to 999999"),
        (f"x-1,{COLLECTOR},1.5", "its miles are not taken"),
        (f"x-1,{COLLECTOR},1000000", "its miles are not taken"),
        (f"{COLLECTOR},{COLLECTOR},5", "exchange line 2 is not taken: its request_id is not taken"),
        (f"x-1,{COLLECTOR}", "exchange line 2 is not taken: it has 2 fields; expected 3"),
        (f"x-1,{COLLECTOR},901", "901 miles are more than a day's (daily_ceiling 900)"),
    ],
)
async def test_a_line_that_cannot_be_taken_is_a_case_and_stops_no_other(
    desk: Desk, books: Books, at_airmiles: Counter, line: str, why: str
) -> None:
    desk.partnership = replace(desk.partnership, daily_ceiling=900)
    desk.write(line, f"x-9,{OTHER},7")
    await desk.run()
    ((reason, text),) = await books.cases()
    assert reason == "exchange_not_taken"
    assert why in text
    assert at_airmiles.given() == [(OTHER, 7)]
    assert not any(number in text for number in (COLLECTOR, PAYMENT_CARD, "70085102028"))


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_what_was_given_to_somebody_erased_since_is_not_asked_for_again(
    desk: Desk, books: Books, at_airmiles: Counter
) -> None:
    desk.write(f"x-1,{COLLECTOR},500")
    await desk.run()
    await erasing.erase(runner_for(desk.chain, [desk.partnership]), COLLECTOR)
    desk.write(f"x-1,{COLLECTOR},600", f"x-2,{OTHER},70")
    assert (await desk.run()).outcome is JobOutcome.OK
    assert at_airmiles.given() == [(COLLECTOR, 500), (OTHER, 70)]
    assert desk.answers() == [["x-1", "credited", "500"], ["x-2", "credited", "70"]]
    assert await books.cases() == []


async def test_a_defect_in_taking_requests_keeps_no_stay_from_its_miles(
    desk: Desk, at_airmiles: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> int:
        raise ArithmeticError

    monkeypatch.setattr(exchanges, "take", fails)
    await check_out(desk.chain, desk.partnership, COLLECTOR)
    report = await desk.run()
    assert (report.outcome, report.unexpected) == (JobOutcome.FAILED, True)
    assert len(at_airmiles.given()) == 1


class TestAFileThatCannotBeRead:
    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (None, "cannot be read: No such file or directory"),
            (HEADER + f"x-1,{COLLECTOR},50", "does not end with a line break; expected it whole"),
            ("id,number,miles\n", "has no column request_id; expected request_id, number, miles in the first line"),
            ("", "has no column request_id"),
        ],
    )
    async def test_gives_nothing_and_is_told(self, desk: Desk, books: Books, content: str | None, why: str) -> None:
        if content is not None:
            (desk.folder / "exchanges.csv").write_text(content, encoding="utf-8")
        report = await desk.run()
        assert report.outcome is JobOutcome.PARTIAL
        assert report.error.startswith(f"{desk.folder}/exchanges.csv: {why}")
        assert await books.messages() == []

    async def test_in_another_encoding_is_named(self, desk: Desk) -> None:
        (desk.folder / "exchanges.csv").write_bytes(HEADER.encode() + b"\xe9,1,2\n")
        assert "is not UTF-8" in (await desk.run()).error

    async def test_is_read_once_it_is_whole(self, desk: Desk, at_airmiles: Counter) -> None:
        file = desk.folder / "exchanges.csv"
        file.write_text(HEADER + f"x-1,{COLLECTOR},50", encoding="utf-8")
        await desk.run()
        file.write_text(HEADER + f"x-1,{COLLECTOR},500\n", encoding="utf-8")
        await desk.run()
        assert at_airmiles.given() == [(COLLECTOR, 500)]


async def test_semicolons_and_other_columns_are_taken(desk: Desk, at_airmiles: Counter) -> None:
    desk.write(f"gift;50;{COLLECTOR};x-1", header="note;Miles;number;request_id\n")
    await desk.run()
    assert at_airmiles.given() == [(COLLECTOR, 50)]


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("quebec", 'Mews shows 0 properties "quebec"'),
        ("wien", "wants a location code"),
        ("", "wants a location code"),
    ],
)
async def test_a_property_that_cannot_give_is_a_fault_of_the_configuration(desk: Desk, word: str, why: str) -> None:
    assert desk.partnership.exchanges
    exchanges = replace(desk.partnership.exchanges, property=word)
    desk.partnership = replace(desk.partnership, exchanges=exchanges)
    desk.write(f"x-1,{COLLECTOR},50")
    report = await desk.run()
    assert report.misconfigured
    assert report.error.startswith("partners.air_miles.exchanges.property: ")
    assert why in report.error
