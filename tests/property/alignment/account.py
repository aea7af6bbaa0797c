"""Where every member has to be in the end, told from the scheme's lines alone and not by the connector's own code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.property.alignment.people import Operator, Reception
from tests.property.alignment.scheme import NOBODY, Scheme
from tests.property.alignment.witness import ACTIVE

Record = Mapping[str, Any]

# a person decides about the whole member
WAITING = {
    "unlinked_by_staff",
    "two_candidates",
    "claimed_by_two_members",
    "two_memberships",
    "number_other_name",
    "unknown_tier",
}
FIELDS = {
    "number": "MembershipNumber",
    "tier": "LoyaltyTierId",
    "points": "Points",
    "expires_on": "ExpirationDate",
    "state": "State",
    "url": "Url",
}


@dataclass(frozen=True)
class Link:
    """A tie as the connector remembers it."""

    guest: str
    ended: bool
    by_hand: bool
    cancelled: bool


@dataclass(frozen=True)
class Account:
    """What there is at the end: the scheme, Mews, and the connector's links and open or acknowledged cases.

    ``cases`` are reasons by member id; ``deleted`` are guests whose membership of the partner's program was deleted.
    """

    scheme: Scheme
    reception: Reception
    operator: Operator
    links: Mapping[str, Link]
    cases: Mapping[str, set[str]]
    deleted: set[str]

    def open(self) -> Iterator[str]:
        """Yield a sentence for each member of whom neither Mews nor a case gives account."""
        for name in self.scheme.lines:
            for fault in self._of(name, f"m-{name}"):
                yield f"m-{name}: {fault}"

    def _of(self, name: str, member_id: str) -> Iterator[str]:
        link, cases = self.links.get(member_id), self.cases.get(member_id, set())
        if name not in self.scheme.listed:
            if link and not link.ended and not self._shares(member_id, link):
                yield from self._gone(link, cases)
        elif not self.scheme.readable(name):
            if "bad_line" not in cases:
                yield "its bad line is no case"
        elif cases & WAITING:
            return
        elif link is None:
            if not self._may_be_unmatched(name):
                yield "not linked"
        elif link.ended:
            if not link.by_hand:
                yield "unlinked without a case"
        else:
            yield from self._kin(member_id, link)
            yield from self._held(name, link, cases)
            yield from self._partner(name, link, cases)

    def _shares(self, member_id: str, link: Link) -> bool:
        return any(
            other.guest == link.guest and not other.ended for id_, other in self.links.items() if id_ != member_id
        )

    def _kin(self, member_id: str, link: Link) -> Iterator[str]:
        if link.guest not in self.reception.kin.get(member_id, set()):
            yield f"linked to {link.guest}, who is somebody else"

    def _may_be_unmatched(self, name: str) -> bool:
        guest = f"g-{name}"
        taken = any(link.guest == guest and not link.ended for link in self.links.values())
        changed = name in self.reception.strange
        return name == NOBODY or taken or changed or guest not in self._living_guests()

    def _living_guests(self) -> set[str]:
        return {one["Id"] for one in self.scheme.hotel.records("Customers")}

    def _gone(self, link: Link, cases: set[str]) -> Iterator[str]:
        held = self._memberships("ALPEN", link.guest)
        gone = self.scheme.hotel.road.gone
        if cases & WAITING or self.scheme.anonymous:
            return
        if gone == "cancel" and any(one["State"] in ACTIVE for one in held):
            yield "gone, but its membership is active"
        if gone == "delete" and held:
            yield "gone, but its membership is there"

    def _held(self, name: str, link: Link, cases: set[str]) -> Iterator[str]:
        held = self._memberships("ALPEN", link.guest)
        wanted = self._wanted(name, link)
        if not held:
            dead = link.guest not in self._living_guests()
            if not dead and wanted.get("State", "Enrolled") in ACTIVE:
                yield "has no membership"
            return
        if len(held) > 1:
            yield "has two memberships without a case"
            return
        differing = {key for key, value in wanted.items() if _said(held[0], key) != value}
        if differing and not cases & {"edited_in_mews"}:
            yield f"differs in {sorted(differing)}: {held[0]}"

    def _wanted(self, name: str, link: Link) -> dict[str, Any]:
        line = self.scheme.lines[name]
        wanted: dict[str, Any] = {FIELDS[each]: line[each] or None for each in self.scheme.owned}
        wanted["ProviderMembershipId"] = f"m-{name}"
        wanted["Points"] = None if line["points"] == "" else line["points"]
        wanted["LoyaltyTierId"] = self._tier(line["tier"])
        if "State" in wanted:
            wanted["State"] = line["state"] or "Enrolled"
        return wanted

    def _tier(self, code: str) -> str | None:
        if not code:
            return None
        found = [one["Id"] for one in self.scheme.hotel.records("LoyaltyTiers") if one["Code"] == code]
        return str(found[0]) if len(found) == 1 else f"one tier {code} of {found}"

    def _partner(self, name: str, link: Link, cases: set[str]) -> Iterator[str]:
        number = self.scheme.numbers.get(name)
        if not number or self._shares(f"m-{name}", link) or link.guest not in self._living_guests():
            return
        held = [one.get("MembershipNumber") for one in self._memberships("MM", link.guest)]
        if held and number not in held and "other_partner_number" not in cases:
            yield f"its partner's number is {held} without a case"
        if not held and link.guest not in self.deleted:
            yield "lacks the partner's membership"

    def _memberships(self, code: str, guest: str) -> list[dict[str, Any]]:
        return self.scheme.hotel.held(code).get(guest.removeprefix("g-"), [])


def _said(held: Record, name: str) -> Any:
    value = held.get(name)
    return value[:10] if name == "ExpirationDate" and value else value
