"""Where a person stands in the store: every table, by whose rows are about whom; none is left out by oversight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, false, func, or_, select

from connector.store.persons import Person
from connector.store.rows import table
from connector.store.tables import events, folios, ledger, loyalty, members, names, people, running, stays, web

_LINK, _ORDER = table(members.Link), table(folios.ProductOrder)
_SUSPENSE, _HARM = table(running.Suspense), table(members.Harm)


@dataclass(frozen=True, slots=True)
class Trace:
    """The rows of a table that are about a person; those that are ``kept`` lose what tells whose they are."""

    title: str
    table: Table
    about: Callable[[Person], ColumnElement[bool]]
    kept: bool = False


def _cases(person: Person) -> ColumnElement[bool]:
    """Return the cases about a person and what is theirs; to be asked while that is still there."""
    subjects = {
        "guest": person.accounts,
        "member": person.members,
        "membership": person.memberships,
        "loyalty membership": person.memberships,
        "message": person.messages,
        "reservation": person.stays,
        "companions": person.stays,
    }
    items = select(table(stays.OrderItem).c.id).where(_items(person))
    bills = select(table(folios.BillOfStay).c.bill_id).where(
        table(folios.BillOfStay).c.reservation_id.in_(person.stays)
    )
    requests = select(func.replace(table(ledger.Award).c.root_id, "exchange/", "")).where(
        table(ledger.Award).c.id.in_(person.awards)
    )
    theirs: dict[str, Any] = {**subjects, "order item": items, "bill": bills, "exchange": requests}
    return or_(
        *(_SUSPENSE.c.subject_id.like(f"%/{lane}/%") for lane in sorted(person.lanes)),
        *(and_(_SUSPENSE.c.subject_kind == kind, _SUSPENSE.c.subject_id.in_(ids)) for kind, ids in theirs.items()),
    )


def _by(model: type, column: str, ids: Callable[[Person], frozenset[str]]) -> Callable[[Person], ColumnElement[bool]]:
    return lambda person: table(model).c[column].in_(ids(person))


def _either(
    model: type, *columns: tuple[str, Callable[[Person], frozenset[str]]]
) -> Callable[[Person], ColumnElement[bool]]:
    return lambda person: or_(*(table(model).c[name].in_(ids(person)) for name, ids in columns))


def _items(person: Person) -> ColumnElement[bool]:
    order = table(stays.OrderItem).c.order_id
    return or_(order.in_(person.stays), order.in_(select(_ORDER.c.id).where(_ORDER.c.reservation_id.in_(person.stays))))


def _opted_out(person: Person) -> ColumnElement[bool]:
    said = table(people.OptOut).c
    return or_(
        and_(said.subject_kind == "guest", said.subject_id.in_(person.accounts)),
        and_(said.subject_kind == "member", said.subject_id.in_(person.members)),
    )


def _hints(person: Person) -> ColumnElement[bool]:
    return table(events.Hint).c.id.in_(person.accounts | person.stays | person.memberships)


def _deeds(person: Person) -> ColumnElement[bool]:
    return table(web.Deed).c.subject.in_(_ids(person))


def _proposals(person: Person) -> ColumnElement[bool]:
    return or_(false(), *(table(web.Proposal).c.details.contains(each, autoescape=True) for each in _ids(person)))


def _ids(person: Person) -> list[str]:
    return sorted(person.accounts | person.members | person.memberships | person.stays | person.awards)


def _accounts(person: Person) -> frozenset[str]:
    return person.accounts


def _members(person: Person) -> frozenset[str]:
    return person.members


def _memberships(person: Person) -> frozenset[str]:
    return person.memberships


def _stays(person: Person) -> frozenset[str]:
    return person.stays


def _awards(person: Person) -> frozenset[str]:
    return person.awards


#: In the order in which rows can be removed.
TRACES = (
    Trace("cases", _SUSPENSE, _cases),
    Trace("profiles", table(loyalty.Guest), _by(loyalty.Guest, "id", _accounts)),
    Trace("memberships", table(loyalty.Membership), _by(loyalty.Membership, "account_id", _accounts)),
    Trace("members of the scheme", table(members.Member), _by(members.Member, "member_id", _members)),
    Trace("numbers from the scheme", table(members.PartnerNumber), _by(members.PartnerNumber, "member_id", _members)),
    Trace("links", _LINK, _either(members.Link, ("account_id", _accounts), ("member_id", _members))),
    Trace(
        "candidates",
        table(members.Candidate),
        _either(members.Candidate, ("account_id", _accounts), ("member_id", _members)),
    ),
    Trace(
        "additions under way",
        table(members.Intent),
        _either(members.Intent, ("account_id", _accounts), ("member_id", _members)),
    ),
    Trace("edits by staff", table(members.Edit), _by(members.Edit, "membership_id", _memberships)),
    Trace("wishes to become a member", table(members.Enrolment), _by(members.Enrolment, "membership_id", _memberships)),
    Trace("hints of changes", table(events.Hint), _hints),
    Trace("miles exchanged for points", table(events.Deposit), _by(events.Deposit, "member", _members)),
    Trace("deeds on the console", table(web.Deed), _deeds),
    Trace("proposals on the console", table(web.Proposal), _proposals),
    Trace("opt-outs", table(people.OptOut), _opted_out),
    Trace(
        "companionships",
        table(stays.Companion),
        _either(stays.Companion, ("customer_id", _accounts), ("reservation_id", _stays)),
    ),
    Trace("order items", table(stays.OrderItem), _items),
    Trace("linked orders", _ORDER, _by(folios.ProductOrder, "reservation_id", _stays)),
    Trace("ties to bills", table(folios.BillOfStay), _by(folios.BillOfStay, "reservation_id", _stays)),
    Trace("bills", table(folios.Bill), _by(folios.Bill, "account_id", _accounts), kept=True),
    Trace("sources of stays", table(names.PrimarySource), _by(names.PrimarySource, "reservation_id", _stays)),
    Trace("decisions", table(stays.Decision), _by(stays.Decision, "reservation_id", _stays)),
    Trace("stays", table(stays.Reservation), _by(stays.Reservation, "id", _stays)),
    Trace("noted removals and changes", _HARM, _by(members.Harm, "membership_id", _memberships), kept=True),
    Trace(
        "stays credited elsewhere", table(ledger.Elsewhere), _by(ledger.Elsewhere, "reservation_id", _stays), kept=True
    ),
    Trace("awards", table(ledger.Award), _by(ledger.Award, "id", _awards), kept=True),
    Trace("claims", table(ledger.Claim), _by(ledger.Claim, "award_id", _awards), kept=True),
    Trace("messages", table(ledger.Message), _by(ledger.Message, "award_id", _awards), kept=True),
    Trace("history", table(ledger.History), _by(ledger.History, "award_id", _awards), kept=True),
)

#: Tables that say nothing about a guest, and why.
IMPERSONAL = {
    "circuit": "about partners and Mews",
    "closed_figures": "sums of months",
    "closing": "months that are closed, and the operator",
    "confirmation": "plans by their hash, and the operator",
    "cursor": "how far streams were read",
    "erased": "keyed hashes of those who were erased: nothing else is left of them",
    "fact": "about the database and its properties",
    "incident": "what was wrong with the service",
    "job_run": "runs of jobs",
    "lane": "members under way by a keyed hash; whoever has one has a message that is not decided",
    "lease": "processes",
    "login": "operators of the console",
    "mews_name": "names of rates, segments and the like",
    "notice": "what people were told about the service; of arrivals nothing is left once it is told",
    "pause": "properties, and the operator",
    "program": "loyalty programs",
    "property": "properties",
    "send": "when requests were sent",
    "service": "services of properties",
    "tier": "loyalty tiers",
}
