"""A hotel, two partners (one takes miles back, one does not), and the jobs between them, with all that must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from connector.domain.contract import Contract, Hold
from connector.http.breaker import Breaker
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.deciding import decide_all
from connector.jobs.deliver import deliver
from connector.jobs.recomputing import Scope, recompute
from connector.store import decisions
from connector.store.engine import Database
from connector.store.limits import StoredBreakers
from connector.store.resolutions import Signature
from tests.acceptance.agreements import AGREEMENTS
from tests.integration.earning.books import Books
from tests.integration.earning.chain import chain_for, runner_for
from tests.property.earning.hotel import BEGIN, DAY, Hotel
from tests.property.earning.partner import Partner
from tests.property.earning.witness import Witness

Step = tuple[Any, ...]
TAKES_BACK, FINAL = "takes_back", "final"
HOLDS = {"none": Hold("none"), "day": Hold("after", DAY), "settled": Hold("settled")}


@dataclass(frozen=True, slots=True)
class Setting:
    """How a history begins: the two contracts, and each stay's currency, nights and whether it is over.

    ``again``: by which agreement everything is decided again in the end, if it is.
    """

    agreement: int = 0
    holds: tuple[str, str] = ("none", "settled")
    correction: Literal["replace", "difference"] = "replace"
    idempotent: bool = True
    stays: tuple[tuple[str, int, bool], ...] = (("EUR", 2, True),)
    again: int | None = None


class Clock:
    """The hotel's time."""

    def __init__(self, hotel: Hotel) -> None:
        self._hotel = hotel

    def now(self) -> Any:
        """Return the moment."""
        return self._hotel.moment


class World:
    """One history from its beginning to its end."""

    def __init__(self, database: Database, setting: Setting) -> None:
        self.database, self.setting, self.hotel = database, setting, Hotel()
        self.books = Books(database)
        for place, (currency, nights, over) in enumerate(setting.stays):
            self.hotel.open(f"r{place}", f"g{place}", currency, nights=nights, checked_out=over)
        now = self.hotel.now
        self.partners = {
            TAKES_BACK: Partner(now, reverses=True, idempotent=True),
            FINAL: Partner(now, reverses=False, idempotent=setting.idempotent),
        }
        self.witnesses: dict[str, Witness] = {}
        self.partnerships: list[Partnership] = []
        self.ruled_out: set[str] = set()  # what other rules once found, and the present ones leave as it is
        self.rule(setting.agreement)

    # -- what happens

    def rule(self, agreement: int) -> None:
        """The contracts have other rules from now on."""
        found = AGREEMENTS[agreement % len(AGREEMENTS)]
        self.ruled_out |= {"no_rule", "zero_miles"} if self.partnerships else set()
        self.partnerships = [self._partnership(name, found.rules) for name in self.partners]
        for name in self.partners:
            witness = self.witnesses.setdefault(name, Witness(self.hotel, found.terms))
            witness.terms = found.terms

    def _partnership(self, name: str, rules: Any) -> Partnership:
        contract = Contract(
            *(name, "MM", "miles_and_more", rules),
            number_check="off",
            which="all",
            rooms=9,
            hold=HOLDS[self.setting.holds[name == FINAL]],
            correction=self.setting.correction,
        )
        return Partnership(contract, self.partners[name], "live", "miles")

    def fault(self, name: str, effect: str, kind: str, times: int) -> None:
        """Something goes wrong the next time."""
        self.partners[name].faults += [(effect, kind)] * times

    def wait(self, hours: int) -> None:
        """Time passes."""
        self.hotel.moment += timedelta(hours=hours)

    async def go(self, steps: Sequence[Step] = (), *, first: bool = False) -> None:
        """Let things happen, run the jobs once, and look whether all is as it must be."""
        for name, *given in steps:
            actor = self if hasattr(self, name) else self.hotel
            getattr(actor, name)(*given)
        self.hotel.moment += timedelta(minutes=1)
        await self.hotel.show(self.database, first=first)
        await self._jobs()

    async def _jobs(self) -> None:
        sent = {name: len(partner.attempts) for name, partner in self.partners.items()}
        chain = self._chain()
        await decide_all(chain, self.partnerships)
        for name, witness in self.witnesses.items():
            rows = await self.books.rows("SELECT root_id, membership_id FROM award WHERE partner = :p", p=name)
            witness.look(dict(rows))  # type: ignore[arg-type]
        for each in self.partnerships:
            breaker = Breaker(f"partner {each.name}", StoredBreakers(self.database), chain.clock)
            await deliver(chain, each, breaker)
        await self._counts()
        self._never_too_much()
        self._never_too_early(sent)

    def _chain(self) -> Chain:
        return chain_for(self.database, Clock(self.hotel))  # type: ignore[arg-type]

    async def decide_again(self, agreement: int) -> None:
        """Somebody has all awarded stays decided again by other rules."""
        self.rule(agreement)
        runner = runner_for(self._chain(), self.partnerships)
        period = Scope(BEGIN.date() - 9 * DAY, BEGIN.date() + 9 * DAY)
        plan = await recompute(runner, self.partnerships, period)
        if plan.plan_id:
            signature = Signature("anna", self.hotel.moment, "another contract")
            done = await recompute(runner, self.partnerships, period, confirmed=(plan.plan_id, signature))
            assert (done.plan_id, done.stays, done.up, done.down) == (plan.plan_id, plan.stays, plan.up, plan.down)
        self.ruled_out.clear()
        for witness in self.witnesses.values():
            witness.fix_anew()
        await self._jobs()

    async def calm(self) -> None:
        """Every stay ends, every bill is paid, nothing goes wrong any more, and time passes until nothing moves."""
        for partner in self.partners.values():
            partner.faults.clear()
        for stay, found in self.hotel.reservations.items():
            if found.state == "Started":
                self.hotel.turn(stay, "Processed")
            self.hotel.close_bills(stay)
        for days in (4, 95, 4):  # a folio on which nothing is left waits ninety days for what may come
            self.hotel.moment += days * DAY
            await self.go()
        before = await self.books.messages()
        await self.go([("wait", 24)])
        assert await self.books.messages() == before

    # -- what must hold

    async def _counts(self) -> None:
        """Every stay that was ever checked out is counted once."""
        async with self.database.read() as connection:
            tally = await decisions.tally(connection, list(self.partners))
        for counts in tally.values():
            parts = [counts[name] for name in ("awarded", "excluded", "suspended", "waiting")]
            assert counts["seen"] == len(self.hotel.ever) == sum(parts)
            assert min(parts) >= 0
        for name in self.partners:
            known = await self.books.decisions(name)
            assert known.keys() == self.hotel.ever

    def _never_too_much(self) -> None:
        """At no moment a stay has more at a partner than it was ever worth, nor less than nothing."""
        for name, partner in self.partners.items():
            has: dict[str, int] = {}
            for effect in partner.effects:
                has[effect.stay] = has.get(effect.stay, 0) + effect.miles
                assert 0 <= has[effect.stay] <= self.witnesses[name].most[effect.stay], (name, partner.effects)

    def _never_too_early(self, sent: dict[str, int]) -> None:
        for name, partner in self.partners.items():
            for stay, moment in partner.attempts[sent[name] :]:
                hold = self.setting.holds[name == FINAL]
                if hold == "settled" and name == FINAL:
                    end = self.hotel.settled_at(stay)
                    assert end is not None
                    assert moment >= end
                if hold == "day":
                    assert moment >= self.hotel.reservations[stay].departed_at + DAY

    async def account(self) -> None:
        """After the dust settled, what the partners hold is right, or a person was told."""
        for name, partner in self.partners.items():
            for stay in sorted(self.hotel.reservations):
                await self._account(name, partner, stay)

    async def _account(self, name: str, partner: Partner, stay: str) -> None:
        witness, net = self.witnesses[name], dict(partner.net(stay))
        known, miles = witness.fixed.get(stay), witness.miles(stay)
        if known is None:
            assert net == {}
            await self._not_awarded(name, stay)
            return
        at = known.number or next(iter(net), "")
        right = {at: miles} if miles else {}
        if net == right and not (known.unclear and miles):
            return
        cases = await self._cases(name, stay)
        assert cases, (name, stay, net, right, await self.books.messages())
        if name == TAKES_BACK:
            assert stay in partner.refused or known.unclear, (stay, net, right, cases)
        elif self.setting.idempotent and not partner.refused and not known.unclear:
            amounts = f"{sum(net.values())} miles were credited"
            assert any(amounts in text and f" earns {miles}" in text for text in cases), (net, right, cases)

    async def _not_awarded(self, name: str, stay: str) -> None:
        """What is not awarded is worth nothing, had no membership, or is with a person."""
        status, reason = (await self.books.decisions(name)).get(stay, ("", ""))
        worth = self.hotel.miles(stay, self.witnesses[name].terms, self.hotel.rates())
        lacking = {"no_membership", "membership_not_active"}
        if not self.hotel.has_membership(stay):  # other rules would give nothing either, so the old reason may stand
            lacking |= {"no_rule", "zero_miles"}
        assert not worth or status == "suspended" or reason in lacking | self.ruled_out, (stay, status, reason, worth)

    async def _cases(self, name: str, stay: str) -> list[str]:
        rows = await self.books.rows(
            "SELECT text FROM suspense WHERE resolved_at IS NULL AND partner = :p AND (subject_id = :s OR "
            "subject_id IN (SELECT message.key FROM message JOIN award ON award.id = award_id WHERE root_id = :s))",
            p=name,
            s=stay,
        )
        return [text for (text,) in rows]
