"""Whether everything that the connector needs is there: each check is a function in ``CHECKS``.

None changes anything in Mews or in the books.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.domain.access import Reach, faults, served_by
from connector.domain.names import Directory, Named, strangers
from connector.errors import ConnectorError, Permanent, Retryable, Unauthorized
from connector.jobs import names, prepayment
from connector.jobs.contracts import Partnership
from connector.jobs.numbers import Quality, quality
from connector.jobs.prepayment import MEND
from connector.jobs.runner import Runner
from connector.jobs.taxes import Taxed, taxed
from connector.mews.client import Mews
from connector.mews.names import companies
from connector.mews.properties import Properties
from connector.ports import Transmitter, Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found about one subject: ``text`` is a sentence, ``fix`` says what to do about a fault."""

    check: str
    subject: str
    verdict: Verdict
    text: str
    fix: str = ""


@dataclass(slots=True)
class Patient:
    """What is examined, and what earlier checks learnt: ``reaches`` has the tokens that answered, by table."""

    runner: Runner
    reaches: dict[str, Reach] = field(default_factory=dict)

    @property
    def tokens(self) -> list[Mews]:
        """The tokens that answered."""
        return [token for table, token in self.runner.chain.tokens.items() if table in self.reaches]


_RIGHT = "give the integration this right in Mews, or correct the token"
Check = Callable[[Patient], Awaitable[list[Finding]]]


async def examine(runner: Runner) -> list[Finding]:
    """Do all checks, each with what those before it learnt."""
    patient = Patient(runner)
    return [finding for check in CHECKS for finding in await check(patient)]


async def _tokens(patient: Patient) -> list[Finding]:
    """Ask Mews by every token what it sees, and whether the tokens belong together."""
    found = [await _token(patient, table, token) for table, token in patient.runner.chain.tokens.items()]
    together = faults(patient.reaches)
    fix = "set the access tokens and the tables of [mews.properties] right"
    found += [Finding("mews", "access tokens", Verdict.CONFIGURATION, text, fix) for text in together]
    if not together:
        patient.runner.chain.serves = {table: served_by(table, patient.reaches) for table in patient.reaches}
    return found


async def _token(patient: Patient, table: str, token: Mews) -> Finding:
    try:
        every, _bad = await Properties(token).enterprises()
    except ConnectorError as error:
        return _unanswered("mews", table, error)
    if not every:
        text = f"the access token of [mews.properties.{table}] sees no property"
        return Finding("mews", table, Verdict.CONFIGURATION, text, "ask Mews which property the token is for")
    portfolio = table in patient.runner.chain.portfolios
    patient.reaches[table] = Reach({each.id: each.chain_id for each in every}, portfolio)
    return Finding("mews", table, Verdict.OK, f"the access token sees {', '.join(each.name for each in every)}")


def _unanswered(check: str, subject: str, error: ConnectorError, mend: str = _RIGHT) -> Finding:
    """Return the finding that a remote system did not do what it was asked; ``mend`` is the fix of a refusal."""
    fix = mend if isinstance(error, Unauthorized) else "try again when it answers"
    return Finding(check, subject, Verdict.REMOTE, str(error).rstrip("."), fix)


async def _names(patient: Patient) -> list[Finding]:
    """Compare the names in the rules with what Mews lists now."""
    runner = patient.runner
    if not runner.chain.asked:
        return []
    if not runner.chain.serves or len(patient.reaches) < len(runner.chain.tokens):
        text = "the names in the rules are not judged: Mews does not tell all of them as long as a token does not work"
        return [Finding("names", "rules", Verdict.NOTE, text, "set the tokens right first")]
    named: list[Named] = []
    for token in patient.tokens:
        try:
            services, _bad = await Properties(token).services()
            named += await names.read(runner.chain, token, services)
        except ConnectorError as error:
            return [_unanswered("names", token.table, error)]
    directory = Directory(named)
    unknown = [each for one in runner.partnerships for each in strangers(one.contract, directory)]
    fix = "write the name as Mews shows it, or the id"
    found = [Finding("names", each.partner, Verdict.CONFIGURATION, each.sentence, fix) for each in unknown]
    return found or [Finding("names", "rules", Verdict.OK, "Mews knows every name in the rules")]


async def _companies(patient: Patient) -> list[Finding]:
    """Ask Mews for the companies and travel agencies that rules list; it has no list of blocks."""
    lists = list(_listed(patient.runner.partnerships))
    wanted = {each for *_, ids in lists for each in ids}
    if not wanted or not patient.tokens:
        return []
    try:
        known = await _known(patient.tokens[0], sorted(wanted))
    except ConnectorError as error:
        return [_unanswered("companies", patient.tokens[0].table, error)]
    return [
        Finding(
            "companies",
            partner,
            Verdict.CONFIGURATION,
            f'partners.{partner}.earn[{place}].{key}: Mews knows no company "{each}"',
            "write the id of a company profile in Mews",
        )
        for partner, place, key, ids in lists
        for each in sorted(ids - known)
    ]


def _listed(partnerships: Sequence[Partnership]) -> Iterator[tuple[str, int, str, frozenset[str]]]:
    for each in partnerships:
        for place, rule in enumerate(each.contract.rules):
            yield each.name, place, "companies", rule.company_ids
            yield each.name, place, "travel_agencies", rule.agency_ids


async def _known(token: Mews, ids: Sequence[str]) -> set[str]:
    """Return which companies there are; Mews may refuse a list for the one id in it that does not exist."""
    try:
        return await companies(token, ids)
    except Unauthorized:
        raise
    except Permanent:
        if len(ids) == 1:
            return set()
        return {known for each in ids for known in await _known(token, [each])}


async def _numbers(patient: Patient) -> list[Finding]:
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


async def _partners(patient: Patient) -> list[Finding]:
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
        return [_unanswered("partners", name, error, f"correct the credentials of [partners.{name}]")]
    return [Finding("partners", name, each.verdict, each.text, each.fix) for each in found]


async def _prepaid(patient: Patient) -> list[Finding]:
    """Count what is left of prepaid credits, where the settings say what was bought."""
    async with patient.runner.chain.database.read() as connection:
        told = [(each.label, await prepayment.rest(connection, each)) for each in _accounts(patient)]
    low = {label: (Verdict.NOTE, str(rest), MEND.format(label)) for label, rest in told if rest and rest.is_low}
    well = {label: (Verdict.OK, str(rest), "") for label, rest in told if rest and not rest.is_low}
    return [Finding("prepaid", label, *words) for label, words in (low | well).items()]


async def _taxes(patient: Patient) -> list[Finding]:
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


async def _transmission(patient: Patient) -> list[Finding]:
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


CHECKS: tuple[Check, ...] = (_tokens, _names, _companies, _numbers, _taxes, _partners, _prepaid, _transmission)
