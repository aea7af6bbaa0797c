"""Mews: its tokens, whether they belong together and to this database, their rights, and its clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from connector.domain.access import Reach, faults, served_by
from connector.errors import ConnectorError, Unauthorized
from connector.jobs.checkup.finding import Finding, Patient, unanswered
from connector.mews.client import Mews
from connector.mews.properties import Properties
from connector.ports import Verdict
from connector.store import facts

_SKEW = timedelta(seconds=60)
_ALIGNMENT = ("loyaltyPrograms/getAll", "customers/getAll")
_EARNING = ("reservations/getAll/2023-06-06", "orderItems/getAll", "productServiceOrders/getAll", "services/getAll")
_PAYERS = ("bills/getAll",)


async def tokens(patient: Patient) -> list[Finding]:
    """Ask Mews by every token what it sees, and whether the tokens belong together and to this database."""
    found = [await _token(patient, table, token) for table, token in patient.runner.chain.tokens.items()]
    together = faults(patient.reaches)
    fix = "set the access tokens and the tables of [mews.properties] right"
    found += [Finding("mews", "access tokens", Verdict.CONFIGURATION, text, fix) for text in together]
    if not together:
        patient.runner.chain.serves = {table: served_by(table, patient.reaches) for table in patient.reaches}
        found += await _of_this_database(patient)
    return found


async def _token(patient: Patient, table: str, token: Mews) -> Finding:
    try:
        every, _bad = await Properties(token).enterprises()
    except ConnectorError as error:
        return unanswered("mews", table, error)
    if not every:
        text = f"the access token of [mews.properties.{table}] sees no property"
        return Finding("mews", table, Verdict.CONFIGURATION, text, "ask Mews which property the token is for")
    portfolio = table in patient.runner.chain.portfolios
    patient.reaches[table] = Reach({each.id: each.chain_id for each in every}, portfolio)
    return Finding("mews", table, Verdict.OK, f"the access token sees {', '.join(each.name for each in every)}")


async def _of_this_database(patient: Patient) -> list[Finding]:
    async with patient.runner.chain.database.read() as connection:
        known = await facts.read(connection, "chain_id")
    seen = {chain for reach in patient.reaches.values() for chain in reach.chains}
    if known is None or not seen or seen == {known}:
        return []
    text = f"the access tokens see chain {', '.join(sorted(seen))}, the database belongs to chain {known}"
    fix = "give every chain a database of its own: [database] url"
    return [Finding("mews", "chain", Verdict.CONFIGURATION, text, fix)]


async def clock(patient: Patient) -> list[Finding]:
    """Compare this machine's clock with Mews's, as its answers tell it."""
    heard = [token for token in patient.tokens if token.server_time is not None]
    skew = max((token.skew for token in heard), key=abs, default=timedelta(0))
    if abs(skew) <= _SKEW:
        return []
    way = "behind" if skew > timedelta(0) else "ahead of"
    text = f"this machine's clock is {abs(skew).total_seconds():.0f} s {way} that of Mews"
    fix = "let NTP set it; what is read goes by Mews's clock"
    return [Finding("clock", "this machine", Verdict.NOTE, text, fix)]


async def rights(patient: Patient) -> list[Finding]:
    """Ask by every token for one record of each kind that the jobs read; a right to write shows only when writing."""
    found: list[Finding] = []
    for token in patient.tokens:
        lacking = [await _lacks(token, operation) for operation in _wanted(patient)]
        refused = [each for each in lacking if each]
        text = f"the access token may not call {', '.join(refused)}"
        fix = "give the integration these rights in Mews"
        if refused:
            found.append(Finding("rights", token.table, Verdict.REMOTE, text, fix))
    if patient.tokens and not found:
        found.append(Finding("rights", "reading", Verdict.OK, "the access tokens may read what the jobs need"))
    return found


def _wanted(patient: Patient) -> Sequence[str]:
    runner = patient.runner
    wanted: tuple[str, ...] = _ALIGNMENT if runner.road else _ALIGNMENT[:1]
    if runner.partnerships:
        wanted += _EARNING
    if any(each.contract.asks_for_bills for each in runner.partnerships):
        wanted += _PAYERS
    return wanted


async def _lacks(token: Mews, operation: str) -> str:
    """Return the operation if Mews refuses the token for it; any other answer says that it may be called."""
    try:
        await token.read(operation, {"Limitation": {"Count": 1}})
    except Unauthorized:
        return operation
    except ConnectorError:
        pass  # no record of this kind, or a reading that wants more said
    return ""
