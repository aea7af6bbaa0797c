"""Whether what a stay comes to is worth an award."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.caps import Cap
from connector.domain.earning import IMPLAUSIBLE, Applied, Sum
from connector.domain.ruling import Ruling, excluded, suspended


def nothing(applied: Sequence[Applied], result: Sum) -> Ruling | None:
    """Return why the stay earns nothing, or what only a person may pay; None where the miles are to be given."""
    if all(each.against for each in applied):
        reasons = "; ".join(
            f"{each.rule.name or each.rule.basis}: {', '.join(each.against.values())}" for each in applied
        )
        return excluded("no_rule", f"no rule applies: {reasons}")
    if result.cap and result.capped and not result.miles:
        return excluded("over_cap", _over(result.cap, result.floor))
    if result.miles <= 0:
        return excluded("zero_miles", "the stay comes to less than one mile")
    if result.miles >= IMPLAUSIBLE:
        return suspended("implausible", f"{result.miles} miles for one stay are not plausible")
    return None


def _over(cap: Cap, floor: int) -> str:
    left = "that other stays of the member leave of the cap" if cap.given else "of the cap"
    refuses = ", and the rule refuses more" if cap.rule.over_cap == "refuse" else ""
    return f"{floor} miles are more than the {cap.room} {left} per {cap.span}{refuses}"
