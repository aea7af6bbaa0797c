"""Every reason for which a person is asked: what it means, and what that person does.

``suspense list``, the console and the table in config/README.md tell the same. A test looks up in the code for which
reasons cases are opened, and fails for one that stands in none of the groups.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.domain.remedies.deposits import DEPOSITS
from connector.domain.remedies.messages import MESSAGES, STATEMENTS
from connector.domain.remedies.people import PEOPLE
from connector.domain.remedies.records import RECORDS
from connector.domain.remedies.remedy import Remedy
from connector.domain.remedies.stays import STAYS

__all__ = ["GROUPS", "REMEDIES", "Remedy", "remedy"]

GROUPS: Mapping[str, Mapping[str, Remedy]] = {
    "Members and guests": PEOPLE,
    "Records of Mews": RECORDS,
    "Stays": STAYS,
    "Messages and partners": MESSAGES,
    "Books and statements": STATEMENTS,
    "Miles exchanged for points": DEPOSITS,
}
REMEDIES: Mapping[str, Remedy] = {reason: each for group in GROUPS.values() for reason, each in group.items()}


def remedy(reason: str) -> Remedy:
    """Return what is told about a reason; one that another version opened is named as it is written."""
    title = reason.replace("_", " ").capitalize()
    unknown = Remedy(title, "This version does not open such cases.", "Do as the case itself says, or resolve it.")
    return REMEDIES.get(reason, unknown)
