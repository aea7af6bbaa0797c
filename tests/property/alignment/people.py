"""What people do in a story: reception in Mews, and the operator of the connector."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from connector.domain.harm import Limits
from connector.domain.partner_numbers import PartnerProgram
from connector.domain.programs import WantedTier
from connector.errors import Misconfigured, Refused
from connector.sandbox.mews import edits
from connector.store import links, resolutions, suspense
from connector.store.resolutions import Signature
from tests.integration.alignment.hotel import PROGRAMS, TIERS, Hotel, membership
from tests.integration.alignment.test_after_stay import stay
from tests.property.alignment.scheme import NAMES, Scheme

REMOVALS = CHANGES = 2  # in a day; six members are linked at most, and 40 % of them
LIMITS = Limits(REMOVALS, 1.0, 0.4)


@dataclass
class Reception:
    """What staff do in Mews.

    ``known`` are the memberships that an undisturbed pass has left there, ``doubtful`` those that the connector asked
    to delete, and nobody knows yet whether it was done. ``unlinked`` are (guest, program, member) of known ones that
    staff deleted or moved away; ``kin`` are the guests that a member may come to be.
    """

    hotel: Hotel
    known: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    unlinked: set[tuple[str, str, str]] = field(default_factory=set)
    kin: dict[str, set[str]] = field(default_factory=lambda: {f"m-{name}": {f"g-{name}"} for name in NAMES})
    merged: set[str] = field(default_factory=set)
    strange: set[str] = field(default_factory=set)
    added: int = 0

    def edit(self, name: str, changes: Mapping[str, Any], code: str = "ALPEN") -> None:
        """Change the first membership of a guest."""
        for held in self._held(name, code):
            self.hotel.edit("LoyaltyMemberships", held["Id"], **changes)

    def erase(self, name: str, code: str = "ALPEN") -> None:
        """Delete the first membership of a guest."""
        for held in self._held(name, code):
            self._unlink(held)
            self.hotel.delete_by_staff(held["Id"])

    def hand_over(self, name: str, other: str) -> None:
        """Move the first membership of a guest to another one."""
        if name == other:
            return
        for held in self._held(name, "ALPEN"):
            self._unlink(held)
            self._may_be(held.get("ProviderMembershipId"), f"g-{other}")
            self.hotel.edit("LoyaltyMemberships", held["Id"], AccountId=f"g-{other}")

    def add_by_hand(self, name: str, number: str, code: str = "ALPEN") -> None:
        """Add a membership, be it the second one of its program."""
        self.added += 1
        kind, record = membership(f"hand-{self.added}", name, f"p-{code}", MembershipNumber=number)
        edits.add(self.hotel.state, kind, {key: value for key, value in record.items() if key[0] != "_"})

    def merge(self, source: str, target: str, memberships: str) -> None:
        """Merge one guest into another."""
        if source == target or {source, target} & self.merged:
            return
        self.merged.add(source)
        for guests in self.kin.values():
            if f"g-{source}" in guests:
                guests.add(f"g-{target}")
        self.unlinked = {each for each in self.unlinked if each[0] != f"g-{target}"}
        self.hotel.merge(source, target, memberships)

    def activate(self, name: str, active: bool) -> None:
        """Deactivate a guest's profile, or activate it again."""
        if name not in self.merged:
            self.hotel.edit("Customers", f"g-{name}", IsActive=active)

    def rewrite(self, name: str, changes: Mapping[str, Any]) -> None:
        """Change a guest's e-mail or name."""
        if name not in self.merged:
            self.strange.add(name)
            self.hotel.edit("Customers", f"g-{name}", **changes)

    def code(self, name: str, other: str) -> None:
        """Enter a member's number as the loyalty code of a guest."""
        if name not in self.merged:
            self._may_be(f"m-{other}", f"g-{name}")
            self.hotel.edit("Customers", f"g-{name}", LoyaltyCode=f"N-{other}")

    def change_tier(self, code: str, changes: Mapping[str, Any]) -> None:
        """Rename, reorder or recode a tier in Mews."""
        for one in self.hotel.records("LoyaltyTiers"):
            if one["Code"] == code:
                self.hotel.edit("LoyaltyTiers", one["Id"], **changes)

    def check_in(self, name: str) -> None:
        """Let a guest's stay begin."""
        if not any(one["Id"] == f"r-{name}" for one in self.hotel.records("Reservations")):
            self.hotel.load(stay(f"r-{name}", name))
        self.hotel.edit("Reservations", f"r-{name}", State="Started")

    def check_out(self, *names: str) -> None:
        """Let a guest's stay end; everybody's, when nobody is named."""
        for one in self.hotel.records("Reservations"):
            if not names or one["Id"].removeprefix("r-") in names:
                self.hotel.edit("Reservations", one["Id"], State="Processed")

    def _held(self, name: str, code: str) -> list[dict[str, Any]]:
        return self.hotel.held(code).get(name, [])[:1]

    def _unlink(self, held: Mapping[str, Any]) -> None:
        if held["Id"] not in self.known - self.doubtful:
            return
        program, guest = held["LoyaltyProgramId"], held["AccountId"]
        whose = {id_ for id_, guests in self.kin.items() if guest in guests}
        if program == "p-ALPEN":
            whose &= {held.get("ProviderMembershipId")}
        self.unlinked |= {(guest, program, id_) for id_ in whose}

    def _may_be(self, member_id: str | None, guest: str) -> None:
        if member_id in self.kin:
            self.kin[member_id].add(guest)


@dataclass
class Operator:
    """What people do with the connector: its settings, links and cases by hand, and what goes wrong around it."""

    hotel: Hotel
    scheme: Scheme
    reception: Reception
    tiers: tuple[WantedTier, ...] = (*TIERS, WantedTier("PLATINUM", "Platinum member", 3))

    def configure(self, changes: Mapping[str, Any]) -> None:
        """Change settings of the first road."""
        self.hotel.settings(**changes)

    def set_up(self) -> None:
        """Make the settings that no story changes."""
        programs = (PartnerProgram("MM", "miles_and_more", "warn"),)
        self.hotel.settings(source=self.scheme.source(), limits=LIMITS, partner_programs=programs)
        self._name_tiers()

    def recode(self, code: str, new: str) -> None:
        """Give a tier another code, in the settings and in the scheme."""
        codes = {tier.code for tier in self.tiers}
        if code in codes and new not in codes:
            found = {tier.code: tier for tier in self.tiers}
            renamed = replace(found[code], code=new, formerly=code, gone=False)
            self.tiers = tuple(renamed if tier.code == code else tier for tier in self.tiers)
            for name, line in self.scheme.lines.items():
                if line["tier"] == code:
                    self.scheme.say(name, {"tier": new})
            self._name_tiers()

    def retire(self, code: str, gone: bool) -> None:
        """Let a tier be gone in the settings, or not any more."""
        self.tiers = tuple(
            replace(tier, gone=gone, formerly=None) if tier.code == code else tier for tier in self.tiers
        )
        self._name_tiers()

    def _name_tiers(self) -> None:
        self.hotel.settings(programs=(replace(PROGRAMS[0], tiers=self.tiers), *PROGRAMS[1:]))

    async def link(self, name: str, other: str) -> None:
        """Say by hand that a member is a certain guest."""
        with suppress(Misconfigured, Refused):
            async with self.hotel.database.write() as connection:
                await links.link(connection, f"m-{name}", f"g-{other}", self._signature())
            self.reception.kin.setdefault(f"m-{name}", set()).add(f"g-{other}")
            kept = {each for each in self.reception.unlinked if each[0] != f"g-{other}"}
            self.reception.unlinked = kept

    async def unlink(self, name: str) -> None:
        """Say by hand that a member is nobody in Mews."""
        with suppress(Misconfigured, Refused):
            async with self.hotel.database.write() as connection:
                await links.unlink(connection, f"m-{name}", self._signature())

    async def acknowledge(self) -> None:
        """See every open case."""
        async with self.hotel.database.write() as connection:
            for each in await suspense.listing(connection):
                await resolutions.acknowledge(connection, each.id, self._signature())

    def fault(self, operation: str, effect: str, times: int, after: int) -> None:
        """Let something go wrong between the connector and Mews."""
        if effect.isdigit():
            headers = {"Retry-After": "2"} if effect == "429" else {}
            self.hotel.fault(operation, "status", status=int(effect), times=times, after=after, headers=headers)
        else:
            self.hotel.fault(operation, effect, times=times, after=after)

    def later(self, seconds: float) -> None:
        """Let time go on."""
        self.hotel.later(seconds)

    async def restart(self) -> None:
        """Start the connector anew."""
        await self.hotel.start()

    def _signature(self) -> Signature:
        return Signature("anna", self.hotel.clock.now())
