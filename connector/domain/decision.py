"""The decision: what one stay earns at one partner, or why not, or why not yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from connector.domain import earning, gates, hold, offers, payers, seat, worth
from connector.domain import explanation as explain
from connector.domain.calendar import business_date
from connector.domain.caps import NO_OTHERS, Given, Others, counts_others
from connector.domain.conditions import Facts
from connector.domain.contract import Contract
from connector.domain.earned import Earned, Frozen
from connector.domain.folio import Entry, Folio
from connector.domain.money import Exchange, exact
from connector.domain.offers import Ask, Objected, OptIn
from connector.domain.parts import failures
from connector.domain.rules import in_order
from connector.domain.ruling import Ruling, Status, Suspense, suspended
from connector.domain.seat import Seat
from connector.domain.shares import shares
from connector.domain.stays import Stay

__all__ = ["Decision", "Earned", "Frozen", "Status", "decide"]


@dataclass(frozen=True, slots=True)
class Decision:
    """``reason`` is a stable code, ``text`` a sentence for a person, ``due`` when to look again.

    ``explanation`` can be written as JSON as it is; it holds no name and no full member number.
    ``asks`` is what the partner must be asked about first, ``Stay.opt_ins`` being where its answer is expected.
    """

    status: Status
    reason: str
    text: str
    due: datetime | None = None
    award: Earned | None = None
    explanation: dict[str, object] = field(default_factory=dict)
    asks: Ask | None = None


def decide(
    stay: Stay, contract: Contract, now: datetime, frozen: Frozen | None = None, given: Given | None = None
) -> Decision:
    """Decide what the stay earns at the contract's partner, as of ``now`` (aware, UTC).

    ``given`` is what members are given by other stays, for caps per day and year (None: nothing).

    With ``frozen`` the decision is a revision: its rates, tier and membership hold, and what may no longer
    be paid for the first time (start, age, location) stays paid. The contract's rules are then those whose
    fingerprint is frozen; choosing them is the caller's. Nothing that Mews can tell makes this raise.
    """
    case = _Case(stay, contract, now, frozen, given or Given())
    try:
        with exact():
            ruling = case.settle()
    except Suspense as suspense:
        ruling = suspended(suspense.reason, str(suspense))
    except ArithmeticError:
        ruling = suspended("amount_unreadable", "an amount or rate of this stay is no amount of money")
    return Decision(ruling.status, ruling.reason, ruling.text, ruling.due, case.award, case.explanation, case.asks)


class _Case:
    """One stay on the table; its explanation grows while it is settled."""

    def __init__(self, stay: Stay, contract: Contract, now: datetime, frozen: Frozen | None, given: Given) -> None:
        self.stay, self.contract, self.now, self.frozen, self.given = stay, contract, now, frozen, given
        self.exchange = Exchange({**stay.rates, **frozen.rates} if frozen else stay.rates)
        self.award: Earned | None = None
        self.asks: Ask | None = None
        self.opt_ins: Mapping[str, OptIn] = frozen.opt_ins if frozen else {}
        self.explanation = explain.of_case(stay, contract, now, revision=frozen is not None)

    def settle(self) -> Ruling:
        """Ask every check in turn; the first that has something to say settles the stay."""
        facts = self._facts()
        if ruling := self._gates(facts):
            return ruling
        rules = [(rule, failures(rule, facts)) for rule in in_order(self.contract.rules)]
        end = self._hold_end(facts, rules)
        if isinstance(end, Ruling):
            return end
        day = business_date(end, self.stay.property)
        taken = self._seat(day)
        if isinstance(taken, Ruling):
            return taken
        counted, regardless = _counted(facts.folio, rules), _counted(facts.folio.whoever_pays, rules)
        if ruling := payers.judge(self.stay, self.contract, counted, regardless, self.now):
            return ruling
        opted = self._opted(rules, taken)
        return opted if isinstance(opted, Ruling) else self._earn(facts, opted, taken, day)

    def _facts(self) -> Facts:
        facts = Facts.of(self.stay, self.contract)
        days = {"arrival": facts.arrival.isoformat(), "departure": facts.departure.isoformat()}
        self.explanation |= {**days, "nights": facts.nights}
        if facts.parts:
            self.explanation["parts"] = explain.of_parts(facts)
        return facts

    def _gates(self, facts: Facts) -> Ruling | None:
        stay, contract = self.stay, self.contract
        ruling = gates.over(stay) or gates.elsewhere(stay, contract) or gates.erased(stay, contract)
        if not ruling and not self.frozen:  # what was told to the partner is not taken back by opting out
            today = business_date(self.now, stay.property)
            ruling = gates.ours(stay, contract, facts.departure, today) or gates.shared(stay, contract)
        return ruling or gates.personal(stay)

    def _hold_end(self, facts: Facts, rules: Objected) -> datetime | Ruling:
        counted = _counted(facts.folio.whoever_pays, rules)  # until the hold ends, an item may change its bill
        end = hold.ends(self.stay, self.contract, counted, self.now)
        ended = None if isinstance(end, Ruling) else end
        self.explanation["hold"] = explain.of_hold(self.contract, counted, ended)
        self.explanation["rules"] = explain.of_objections(rules)
        return end

    def _seat(self, day: date) -> Seat | Ruling:
        frozen = self.frozen
        if frozen and frozen.membership_id is not None and frozen.member_number is not None:
            taken: Seat | Ruling = Seat(frozen.membership_id, frozen.member_number)
        else:
            taken = seat.take(self.stay, self.contract, day)
            if isinstance(taken, Ruling) and taken.reason == "no_membership":
                return seat.awaited(self.stay, self.contract, self.now) or taken
        if isinstance(taken, Seat):
            self.explanation["membership"] = explain.of_membership(taken)
        return taken

    def _opted(self, rules: Objected, taken: Seat) -> Objected | Ruling:
        """Hear what the member opted in to, where rules depend on that; what the award fixed is not asked again."""
        asked, left = offers.wanted(rules), self.stay.reservation.departed_at
        told = {**self.stay.opt_ins.get(taken.number, {}), **self.opt_ins}
        if missing := asked - told.keys():
            self.asks = Ask(taken.number, missing)
        if ruling := offers.unknown(asked, told, left + self.contract.settle_timeout, self.now):
            return ruling
        self.opt_ins = {**self.opt_ins, **offers.known(asked, told)}
        self.explanation |= explain.of_opt_ins(self.opt_ins, left)
        return offers.judged(rules, self.opt_ins, left)

    def _earn(self, facts: Facts, rules: Objected, taken: Seat, day: date) -> Ruling:
        facts = replace(facts, tier=self._tier(day))
        applied = earning.apply_in_order(rules, facts, self.exchange)
        others = self._others(taken, facts)
        result = earning.add_up(applied, others)
        self.explanation["rules"] = [explain.of_rule(each) for each in applied]
        self.explanation["arithmetic"] = explain.of_sum(result)
        self.explanation["rates"] = explain.of_rates(self.exchange.used)
        if ruling := worth.nothing(applied, result):
            return ruling
        return self._award(facts, applied, result.miles, taken, others)

    def _tier(self, day: date) -> str | None:
        return self.frozen.tier if self.frozen else seat.tier(self.stay, self.contract, day)

    def _others(self, taken: Seat, facts: Facts) -> Others:
        """Return what the member's other stays give, never less than when this one was first decided."""
        if not counts_others(self.contract.rules):
            return NO_OTHERS
        return self.given.beside(taken.number, facts.departure).at_least(self._frozen_others(taken) or NO_OTHERS)

    def _frozen_others(self, taken: Seat) -> Others | None:
        """Return what the other stays gave at the first decision, where that was for the same member."""
        before = self.frozen
        return before.others if before and before.member_number == taken.number else None

    def _award(self, facts: Facts, applied: list[earning.Applied], miles: int, taken: Seat, others: Others) -> Ruling:
        value = earning.value(applied, self.exchange)
        if self.contract.currencies is not None and value.currency not in self.contract.currencies:
            text = f"{self.contract.name} takes no amounts in {value.currency}"
            return suspended("currency_not_taken", text)
        self.explanation["rates"] = explain.of_rates(self.exchange.used)
        self.explanation["value"] = explain.of_value(value)
        parts = shares(((each.rule.offer_code, each.miles) for each in applied if not each.against), miles)
        self.explanation |= explain.of_shares(parts)
        self.award = Earned(
            miles=miles,
            member_number=taken.number,
            membership_id=taken.membership_id,
            program_code=self.contract.program_code,
            departed_at=self.stay.reservation.departed_at,
            departure=facts.departure,
            currency=value.currency,
            value_net=value.net,
            value_gross=value.gross,
            taxes=value.taxes,
            frozen=self._freeze(facts, taken, others),
            seat=self.stay.seat,
            description=earning.description(applied),
            shares=parts,
        )
        return Ruling(Status.AWARDED, "awarded", f"{miles} miles")

    def _freeze(self, facts: Facts, taken: Seat, others: Others) -> Frozen:
        before = self.frozen
        return Frozen(
            fingerprint=before.fingerprint if before else self.contract.fingerprint(),
            rates={**(before.rates if before else {}), **self.exchange.used},
            tier=facts.tier,
            membership_id=taken.membership_id,
            member_number=taken.number,
            others=self._frozen_others(taken) or others,
            stitched=before.stitched if before else self.contract.stitch,
            opt_ins=self.opt_ins,
        )


def _counted(folio: Folio, rules: Objected) -> tuple[Entry, ...]:
    """Return the items that count for a rule that stands; where none does, for any."""
    standing = [rule for rule, against in rules if not against] or [rule for rule, _ in rules]
    return folio.counted(map(earning.kinds, standing))
