"""Which messages a person means, and what each of them comes to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.harm import PlanId
from connector.domain.ledger import State
from connector.domain.numbers import mask
from connector.domain.operating import Deed, NotThis, Situation, outcome
from connector.errors import Misconfigured, Refused
from connector.store import standing
from connector.store.resolutions import Signature
from connector.store.standing import Wanted

_NOBODY = Signature("", datetime.min.replace(tzinfo=UTC))  # of who only looks
MOST = 1000  # messages of one deed: each is listed before it is done
_STATES = {
    Deed.RETRY: (State.SUSPENDED, State.REFUSED),
    Deed.RELEASE: (State.SUSPENDED, State.HELD),
    Deed.VOID: (State.SUSPENDED, State.READY, State.HELD),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The messages that a person means: by words (keys, stays), or by partner, state and what their cases say."""

    words: Sequence[str] = ()
    partner: str = ""
    state: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One message and the state that it comes to, as people read it; ``anew``: as a new revision with a new key."""

    key: str
    partner: str
    reservation_number: str
    kind: str
    revision: int
    miles: int
    member: str
    before: str
    after: str
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """What is done, or would be when its id is confirmed; ``left_out`` counts found messages that it does not fit."""

    deed: Deed
    chosen: tuple[Chosen, ...]
    left_out: int
    plan_id: str
    done: bool


@dataclass(frozen=True, slots=True)
class Order:
    """What a person orders: a deed, for what, under which name, with the partner's reference where it gave one.

    ``confirm`` is the id of the plan that they were shown; one message that is named needs none.
    """

    deed: Deed
    choice: Choice
    signature: Signature
    reference: str = ""
    confirm: str = ""

    @property
    def command(self) -> str:
        """The command that gives it."""
        told = {Deed.RESEND: "retry", Deed.CREDITED: "release", Deed.NOT_CREDITED: "release"}
        return f"ledger {told.get(self.deed, self.deed)}"


@dataclass(frozen=True, slots=True)
class Found:
    """What an order finds: each message with what it comes to, and the id of all that."""

    cases: Sequence[tuple[Situation, State]]
    left_out: int
    plan_id: str

    def told(self, deed: Deed, *, done: bool) -> Operation:
        """Return it as people read it."""
        return Operation(deed, tuple(_told(*each) for each in self.cases), self.left_out, self.plan_id, done)


def _told(case: Situation, after: State) -> Chosen:
    message = case.message
    return Chosen(
        key=message.key,
        partner=message.partner,
        reservation_number=message.credit.reservation_number,
        kind=message.kind,
        revision=message.revision,
        miles=message.miles,
        member=mask(message.credit.member_number),
        before=message.state,
        after=after,
        anew=message.state is State.REFUSED,
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """Where the messages of an order are looked for."""

    connection: AsyncConnection
    order: Order

    async def found(self) -> Found:
        """Return what the order means.

        Raises Misconfigured for a word that names nothing, Refused for one whose messages the deed does not fit.
        """
        cases, left_out = await (self._named() if self.order.choice.words else self._matching())
        plan = PlanId()
        for case, after in cases:
            plan.add(case.message.key, case.message.state, f"{self.order.deed}:{after}")
        return Found(cases, left_out, str(plan))

    async def _named(self) -> tuple[list[tuple[Situation, State]], int]:
        found: dict[str, tuple[Situation, State]] = {}
        left_out = 0
        for word in self.order.choice.words:
            cases = await standing.of_word(self.connection, word)
            if not cases:
                raise Misconfigured(
                    f"{self.order.command}: no message belongs to {word!r}; expected a key, confirmation number or id"
                )
            fitting, faults = self._sorted(cases)
            if not fitting:
                raise Refused(f"{self.order.command}: {faults[-1]}")
            left_out += len(faults)
            found |= {case.message.key: (case, after) for case, after in fitting}
        return list(found.values()), left_out

    async def _matching(self) -> tuple[list[tuple[Situation, State]], int]:
        choice = self.order.choice
        states = [State(choice.state)] if choice.state else _STATES.get(self.order.deed, (State.SUSPENDED,))
        cases = await standing.matching(self.connection, Wanted(choice.partner, states, choice.about), MOST)
        fitting, faults = self._sorted(cases)
        return fitting, len(faults)

    def _sorted(self, cases: Sequence[Situation]) -> tuple[list[tuple[Situation, State]], list[str]]:
        fitting: list[tuple[Situation, State]] = []
        faults: list[str] = []
        for case in cases:
            try:
                fitting.append((case, outcome(self.order.deed, case)))
            except NotThis as fault:
                message = case.message
                what = f"{message.kind} {message.revision} of {message.credit.reservation_number}"
                faults.append(f"{what} at {message.partner}: {fault}")
        return fitting, faults


async def fitting(connection: AsyncConnection, key: str, deeds: Iterable[Deed]) -> dict[Deed, tuple[State, str]]:
    """Return the deeds that fit a message: the state that each brings it to, and the id of exactly that."""
    found: dict[Deed, tuple[State, str]] = {}
    for deed in deeds:
        selection = Selection(connection, Order(deed, Choice([key]), _NOBODY))
        try:
            chosen = await selection.found()
        except (Refused, Misconfigured):
            continue
        ((_, after),) = chosen.cases
        found[deed] = (after, chosen.plan_id)
    return found
