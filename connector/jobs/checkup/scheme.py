"""The scheme: whether its members can be read, looked at as the job align does before anything else."""

from __future__ import annotations

from connector.errors import ConnectorError
from connector.jobs.checkup.finding import Finding, Patient
from connector.ports import Verdict


async def scheme(patient: Patient) -> list[Finding]:
    """Look at the source of members; nothing of it is stored."""
    road = patient.runner.road
    if road is None:
        return []
    try:
        roll = await road.source.verify()
    except ConnectorError as error:
        fix = "mend the export or the settings of [scheme]; until then nothing is applied"
        return [Finding("scheme", "members", Verdict.REMOTE, str(error).rstrip("."), fix)]
    notes = [Finding("scheme", "members", Verdict.NOTE, text.rstrip(".")) for text in roll.warnings]
    owned = ", ".join(sorted(roll.columns)) or "nothing but membership itself"
    return notes or [Finding("scheme", "members", Verdict.OK, f"they can be read; the scheme owns {owned}")]
