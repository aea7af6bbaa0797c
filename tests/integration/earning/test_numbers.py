"""What share of the stored numbers passes the check, and that a payment card gets nowhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connector.domain.loyalty import Program
from connector.jobs import numbers
from connector.jobs.contracts import Partnership
from connector.jobs.numbers import Quality, quality
from connector.store import loyalty
from connector.store.engine import Database
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import COLLECTOR, MEMBER, MM, PAYMENT_CARD, miles_and_more
from tests.integration.earning.front_desk import FrontDesk
from tests.integration.store.makers import membership

ODD, SHORT = "992001234567894", "9920012345"
SPELLINGS = [
    PAYMENT_CARD,
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111/1111_1111",
    "４１１１１１１１１１１１１１１１",
    "378282246310005",
    "VISA 4111 1111 1111 1111 12/29",
]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("page", [1, 2, 2000])
async def test_the_share_of_numbers_that_pass(
    database: Database, mm: Partnership, am: Partnership, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "_PAGE", page)
    held = [MEMBER, "9920 0366 9288 601", ODD, SHORT, None]
    async with database.write() as connection:
        await loyalty.replace_programs(connection, [Program(f"p-{x}", x, x, "", "") for x in ("MM", "AM")], [])
        found = [membership(f"m{n}", "g1", program_id="p-MM", number=number) for n, number in enumerate(held)]
        found.append(membership("gone", "g1", program_id="p-MM", number=MEMBER, deleted=True))
        found.append(membership("other", "g1", program_id="p-AM", number=COLLECTOR))
        await loyalty.save_memberships(connection, found)
    told = await quality(database, mm.contract)
    assert (told, told.share) == (Quality(stored=4, passing=2, odd=1), 0.5)
    strict = replace(mm.contract, number_check="off")
    assert await quality(database, strict) == told
    assert await quality(database, am.contract) == Quality(1, 1, 0)
    assert Quality().share == 1


@pytest.mark.parametrize("card", SPELLINGS)
async def test_a_payment_card_gets_neither_into_the_file_nor_to_a_partner(
    desk: FrontDesk,
    books: Books,
    at_uplyft: Counter,
    database: Database,
    card: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mm = miles_and_more(at_uplyft.uplyft())
    desk.guest("g1", LoyaltyCode=card)
    desk.membership("m1", "g1", number=card)
    desk.stay("r1", "g1")
    desk.charge("i1", 100)
    await desk.read(mm)
    await desk.deliver(mm)
    assert await books.decisions(MM) == {"r1": ("suspended", "payment_card")}
    assert at_uplyft.given() == []
    assert database.file is not None
    kept = b"".join(path.read_bytes() for path in sorted(Path(database.file).parent.glob(f"{database.file.name}*")))
    said = "".join(capsys.readouterr())
    for part in (card, "11111111", "82246310005", "１１１１"):
        assert part.encode() not in kept
        assert part not in said
