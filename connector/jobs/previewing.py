"""The plan for a person to look at, computed in the turn of the job that would apply it."""

from __future__ import annotations

from connector.errors import Misconfigured
from connector.jobs import align
from connector.jobs.align import Preview, Tell
from connector.jobs.properties import read_properties
from connector.jobs.runner import Runner


async def preview(runner: Runner, tell: Tell | None = None) -> Preview:
    """Compute what would change in Mews; ``tell`` hears of every single change.

    Raises Misconfigured without a scheme, Refused when a pass under way does not end in time.
    """
    if runner.road is None:
        raise Misconfigured("scheme: there is no [scheme] table, so nothing is aligned; expected one for `plan`")
    async with runner.turn("align"):
        await read_properties(runner.chain)
        return await align.preview(runner.chain, runner.road, tell)
