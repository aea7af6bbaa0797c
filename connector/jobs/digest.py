"""What is told every day: what was given since yesterday and what waits, and the arrivals that need a look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connector.domain.incidents import sentence
from connector.jobs.arrivals import concerns, mail
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.ports.notices import Notice
from connector.store import decisions, incidents, signs
from connector.store.engine import Database
from connector.store.incidents import Standing


async def written(database: Database, partners: Sequence[str], zone: ZoneInfo, now: datetime) -> Notice:
    """Return the digest of a day: of each partner its credits and stays, open cases by reason, incidents that last."""
    async with database.read() as connection:
        credited = await signs.credits_since(connection, now - timedelta(days=1))
        stays = await decisions.tally(connection, partners)
        cases = await signs.cases(connection)
        lasting = await incidents.standing(connection)
    lines = [
        *_partners(partners, {name: pulse.times for name, pulse in credited.items()}, stays),
        "",
        *_cases(cases),
        "",
        *_incidents(lasting),
    ]
    title = f"Summary of {now.astimezone(zone).date()}"
    return Notice("digest", title, "\n".join(lines), now, {"cases": str(sum(cases.values()))})


async def arriving(chain: Chain, partnerships: Sequence[Partnership], now: datetime) -> Notice:
    """Return what is to be cleared up before guests arrive, for the reception: ids and masked numbers, no names."""
    title, text = mail(await concerns(chain, partnerships))
    return Notice("arrivals", title, text, now)


def _partners(
    partners: Sequence[str], credited: Mapping[str, int], stays: Mapping[str, Mapping[str, int]]
) -> Iterator[str]:
    for name in partners:
        counts = ", ".join(f"{stays[name][word]} {word}" for word in ("awarded", "excluded", "suspended", "waiting"))
        yield f"{name}: {credited.get(name, 0)} credits taken in the last 24 hours; of all stays {counts}"


def _cases(cases: Mapping[str, int]) -> Iterator[str]:
    yield f"{sum(cases.values())} cases wait for a person" + (":" if cases else ".")
    for reason, count in sorted(cases.items(), key=lambda each: (-each[1], each[0])):
        yield f"  {count} {reason}"


def _incidents(lasting: Sequence[Standing]) -> Iterator[str]:
    yield "Nothing is wrong." if not lasting else "What is wrong at present:"
    for each in lasting:
        yield f"  since {each.opened_at:%Y-%m-%d %H:%M}Z: {sentence(each.incident)}"
