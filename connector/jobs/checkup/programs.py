"""The programs that partners' rules go by: whether Mews has them, once each."""

from __future__ import annotations

from collections import Counter

from connector.errors import ConnectorError
from connector.jobs.checkup.finding import Finding, Patient, unanswered
from connector.mews.loyalty import Loyalty
from connector.ports import Verdict


async def programs(patient: Patient) -> list[Finding]:
    """Ask Mews for its programs, and look for those that the settings name."""
    wanted = {each.contract.program_code: f"partners.{each.name}.program" for each in patient.runner.partnerships}
    if patient.runner.road:
        wanted[patient.runner.road.program_code] = "scheme.program"
    if not patient.tokens or not wanted:
        return []
    try:
        known, _bad = await Loyalty(patient.tokens[0]).programs()
    except ConnectorError as error:
        return [unanswered("programs", patient.tokens[0].table, error)]
    there = Counter(each.code for each in known)
    found = [_judged(patient, key, code, there[code]) for code, key in sorted(wanted.items()) if there[code] != 1]
    return found or [Finding("programs", "codes", Verdict.OK, f"Mews has {', '.join(sorted(wanted))}")]


def _judged(patient: Patient, key: str, code: str, times: int) -> Finding:
    if times:
        text = f"{key}: Mews has {times} active programs with code {code}"
        return Finding("programs", code, Verdict.CONFIGURATION, text, "leave one of them, delete the others in Mews")
    if patient.runner.road and code in patient.program_names:
        text = f"{key}: Mews has no program {code} yet"
        return Finding("programs", code, Verdict.NOTE, text, "the next `sync align` adds it")
    text = f"{key}: Mews has no program with code {code}"
    return Finding("programs", code, Verdict.CONFIGURATION, text, "correct the code, or add the program in Mews")
