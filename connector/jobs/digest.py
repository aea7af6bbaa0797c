"""The daily summary: what was given since yesterday, and what waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.incidents import sentence
from connector.ports.notices import Notice
from connector.store import decisions, incidents, signs
from connector.store.incidents import Standing


async def written(connection: AsyncConnection, partners: Sequence[str], now: datetime, zone: ZoneInfo) -> Notice:
    """Return the digest of a day: of each partner its credits and stays, open cases by reason, incidents that last."""
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
