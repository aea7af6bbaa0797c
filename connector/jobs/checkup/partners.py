"""What partners would take: member numbers, taxes, and what their channels find out themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from connector.errors import ConnectorError, Retryable
from connector.jobs import prepayment
from connector.jobs.checkup.finding import Finding, Patient, unanswered
from connector.jobs.contracts import Partnership
from connector.jobs.numbers import Quality, quality
from connector.jobs.prepayment import MEND
from connector.jobs.taxes import Taxed, taxed
from connector.ports import Transmitter, Verdict


async def numbers(patient: Patient) -> list[Finding]:
    """Tell what share of the stored member numbers passes each partner's check."""
    chain, found = patient.runner.chain, []
    for each in patient.runner.partnerships:
        found.append(_share(each, await quality(chain.database, each.contract)))
    return found


def _share(partnership: Partnership, told: Quality) -> Finding:
    terms = partnership.contract
    if not told.stored:
        text = f"no member number of program {terms.program_code} is stored yet"
        return Finding("numbers", terms.name, Verdict.NOTE, text, "run `sync` first")
    text = f"{told.passing:,} of {told.stored:,} member numbers ({told.share:.1%}) pass the check"
    if told.passing == told.stored:
        return Finding("numbers", terms.name, Verdict.OK, text)
    none = told.stored - told.passing - told.odd
    text += f"; {told.odd:,} have another check digit, {none:,} are no numbers"
    fix = "let reception correct those that are no numbers"
    if told.odd and terms.number_check == "strict":
        fix += '; number_check = "strict" refuses those with another check digit too'
    return Finding("numbers", terms.name, Verdict.NOTE, text, fix)


async def partners(patient: Patient) -> list[Finding]:
    """Let every channel find out whether its partner would take what is sent; nothing that moves miles is sent."""
    return [each for one in _accounts(patient) for each in await _partner(one)]


def _accounts(patient: Patient) -> Iterator[Partnership]:
    """Yield every partner once for each account by which it is reached."""
    return (each for one in patient.runner.partnerships for each in one.by_account())


async def _partner(partnership: Partnership) -> list[Finding]:
    name = partnership.label
    try:
        found = await partnership.channel.examine()
    except ConnectorError as error:
        return [unanswered("partners", name, error, f"correct the credentials of [partners.{name}]")]
    return [Finding("partners", name, each.verdict, each.text, each.fix) for each in found]


async def prepaid(patient: Patient) -> list[Finding]:
    """Count what is left of prepaid credits, where the settings say what was bought."""
    async with patient.runner.chain.database.read() as connection:
        told = [(each.label, await prepayment.rest(connection, each)) for each in _accounts(patient)]
    low = {label: (Verdict.NOTE, str(rest), MEND.format(label)) for label, rest in told if rest and rest.is_low}
    well = {label: (Verdict.OK, str(rest), "") for label, rest in told if rest and not rest.is_low}
    return [Finding("prepaid", label, *words) for label, words in (low | well).items()]


async def taxes(patient: Patient) -> list[Finding]:
    """Tell which taxes of stored charges a channel could not name: each would leave its stay to a person."""
    found: list[Finding] = []
    for each in patient.runner.partnerships:
        named = each.channel.capabilities.taxes
        if named is not None:
            found.append(_named(each.name, await taxed(patient.runner.chain.database, each.contract, named)))
    return found


def _named(partner: str, told: Taxed) -> Finding:
    if not told.stored:
        text = "no charge that may count at a property with a location code is stored yet"
        return Finding("taxes", partner, Verdict.NOTE, text, "run `sync` first")
    if not told.unnamed:
        return Finding("taxes", partner, Verdict.OK, f"tax_codes names every tax ({told.stored:,} charges)")
    codes = ", ".join(f"{code or 'none at all'} (charges: {n:,})" for code, n in sorted(told.unnamed.items()))
    text = f"partners.{partner}.tax_codes: lacks tax codes that charges in Mews have: {codes}"
    return Finding("taxes", partner, Verdict.CONFIGURATION, text, "write there which tax each of them is")


async def transmission(patient: Patient) -> list[Finding]:
    """Send what moves no miles to each partner whose settings allow it."""
    found: list[Finding] = []
    for each in patient.runner.partnerships:
        channel = each.channel
        if channel.capabilities.transmits and isinstance(channel, Transmitter):
            found.append(await _transmitted(each.name, channel, patient.runner.chain.clock.now()))
    return found


async def _transmitted(partner: str, channel: Transmitter, now: datetime) -> Finding:
    try:
        said = await channel.transmit(now)
    except ConnectorError as error:
        fix = "try again when it answers" if isinstance(error, Retryable) else "settle it with the partner"
        return Finding("transmission", partner, Verdict.REMOTE, str(error).rstrip("."), fix)
    return Finding("transmission", partner, Verdict.OK, f"a test that moves no miles was taken ({said})")
