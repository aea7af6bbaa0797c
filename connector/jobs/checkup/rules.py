"""The names in the rules, and the companies that they list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.domain.names import Directory, Named, strangers
from connector.errors import ConnectorError, Permanent, Unauthorized
from connector.jobs import names as listing
from connector.jobs.checkup.finding import Finding, Patient, unanswered
from connector.jobs.contracts import Partnership
from connector.mews.client import Mews
from connector.mews.names import companies as companies_at
from connector.mews.properties import Properties
from connector.ports import Verdict


async def names(patient: Patient) -> list[Finding]:
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
            named += await listing.read(runner.chain, token, services)
        except ConnectorError as error:
            return [unanswered("names", token.table, error)]
    directory = Directory(named)
    unknown = [each for one in runner.partnerships for each in strangers(one.contract, directory)]
    fix = "write the name as Mews shows it, or the id"
    found = [Finding("names", each.partner, Verdict.CONFIGURATION, each.sentence, fix) for each in unknown]
    return found or [Finding("names", "rules", Verdict.OK, "Mews knows every name in the rules")]


async def companies(patient: Patient) -> list[Finding]:
    """Ask Mews for the companies and travel agencies that rules list; it has no list of blocks."""
    lists = list(_listed(patient.runner.partnerships))
    wanted = {each for *_, ids in lists for each in ids}
    if not wanted or not patient.tokens:
        return []
    try:
        known = await _known(patient.tokens[0], sorted(wanted))
    except ConnectorError as error:
        return [unanswered("companies", patient.tokens[0].table, error)]
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
        return await companies_at(token, ids)
    except Unauthorized:
        raise
    except Permanent:
        if len(ids) == 1:
            return set()
        return {known for each in ids for known in await _known(token, [each])}
