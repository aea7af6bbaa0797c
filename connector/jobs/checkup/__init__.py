"""Whether everything that the connector needs is there: each check is a function in ``CHECKS``.

None changes anything in Mews or in the books.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.jobs.checkup import access, machine, partners, programs, rules, scheme
from connector.jobs.checkup.finding import Check, Finding, Patient
from connector.jobs.runner import Runner

__all__ = ["Finding", "examine"]

CHECKS: tuple[Check, ...] = (
    machine.database,
    machine.certificates,
    access.tokens,
    access.clock,
    access.rights,
    programs.programs,
    scheme.scheme,
    rules.names,
    rules.companies,
    partners.numbers,
    partners.taxes,
    partners.partners,
    partners.prepaid,
    partners.transmission,
)
"""In the order in which they learn from each other."""


async def examine(runner: Runner, program_names: Mapping[str, str]) -> list[Finding]:
    """Do all checks, each with what those before it learnt; ``program_names`` are those of the settings, by code."""
    patient = Patient(runner, program_names)
    return [finding for check in CHECKS for finding in await check(patient)]
