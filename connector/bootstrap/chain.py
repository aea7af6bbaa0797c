"""The chain and the first road, as the settings tell them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from connector.bootstrap.confidential import hash_key, revealed
from connector.bootstrap.parts import Parts
from connector.bootstrap.schemes import desk, source
from connector.domain.harm import Limits
from connector.domain.matching import Hasher
from connector.domain.partner_numbers import PartnerProgram
from connector.domain.programs import WantedProgram, WantedTier
from connector.http.limiter import SlidingWindow
from connector.http.remote import Remote
from connector.jobs.chain import Chain
from connector.jobs.closing import Terms
from connector.jobs.contracts import Partnership
from connector.jobs.identity import own_name
from connector.jobs.scheme import Road
from connector.mews.client import Mews, digest
from connector.settings import Program, Retention, Settings
from connector.store.limits import StoredSendLog

_CENTURY = timedelta(days=36_525)  # what is longer ends before the calendar does


def chain(parts: Parts) -> Chain:
    """Return the chain with a client and a rate limiter for each access token."""
    mews = parts.settings.mews
    return Chain(
        database=parts.database,
        clock=parts.clock,
        owner=own_name(),
        tokens={table: _token(parts, table) for table in mews.properties},
        portfolios=frozenset(table for table, each in mews.properties.items() if each.portfolio),
        hasher=Hasher(hash_key(parts.settings, parts.database)),
        history=mews.history,
        visibility=mews.visibility,
    )


def _token(parts: Parts, table: str) -> Mews:
    mews = parts.settings.mews
    access_token = revealed(mews.properties[table].access_token)
    limiter = SlidingWindow(
        f"mews {digest(access_token)}",
        mews.limits.requests,
        mews.limits.window,
        StoredSendLog(parts.database),
        parts.clock,
        steady=monotonic,
    )
    remote, name = Remote("mews", property=table), f"Mews [mews.properties.{table}]"
    return Mews(
        parts.client(mews.platform_address, name, remote=remote, connection=mews.connection),
        client_token=revealed(mews.client_token),
        access_token=access_token,
        client_name=mews.client,
        table=table,
        limiter=limiter,
        clock=parts.clock,
    )


def closing_terms(settings: Settings) -> Terms:
    """Return by which clock months are counted, and when they are closed."""
    after = settings.reconcile.close_after
    return Terms(ZoneInfo(settings.chain.time_zone), None if isinstance(after, str) else min(after, _CENTURY))


def retention(settings: Settings) -> dict[str, timedelta | None]:
    """Return how long what is final is kept, by the name of the rule; None: it is not removed.

    Stays and awards are kept for as long as any partner pays for them.
    """
    paid = [age for each in settings.partners.values() for age in (each.max_age, each.claim_window)]
    least = dict.fromkeys(("stays", "awards"), max(paid, default=timedelta(0)))
    kept = ((name, getattr(settings.privacy.retention, name)) for name in Retention.model_fields)
    return {
        name: None if isinstance(term, str) else min(max(term, least.get(name, term)), _CENTURY) for name, term in kept
    }


def road(parts: Parts, partnerships: Sequence[Partnership]) -> Road | None:
    """Return the first road; None when there is no scheme. ``partnerships`` say how their numbers are checked."""
    settings = parts.settings
    scheme, alignment = settings.scheme, settings.alignment
    if scheme is None:
        return None
    return Road(
        program_code=scheme.program,
        programs=tuple(_wanted(program) for program in settings.programs),
        source=source(parts, scheme),
        desk=desk(parts, scheme),
        mode=scheme.mode,
        methods=settings.matching.by,
        primary=alignment.primary,
        gone=alignment.gone,
        unknown=alignment.unknown,
        limits=Limits(alignment.max_removals, alignment.max_removal_share, alignment.max_changes_share),
        downgrade=alignment.downgrade,
        partner_programs=tuple(_partner_program(partnerships, code) for code in scheme.partner_numbers),
        reported=frozenset(_held_as(name) for name, what in alignment.staff_edits.items() if what == "report"),
    )


def _partner_program(partnerships: Sequence[Partnership], code: str) -> PartnerProgram:
    """Return how numbers of a program are checked: as its partner says, if there is one."""
    for terms in (each.contract for each in partnerships):
        if terms.program_code == code:
            return PartnerProgram(code, terms.number_scheme, terms.number_check)
    return PartnerProgram(code)


def _held_as(name: str) -> str:
    """Return the field of a membership that holds what the scheme calls so."""
    return "tier_id" if name == "tier" else name


def _wanted(program: Program) -> WantedProgram:
    tiers = tuple(WantedTier(t.code, t.name, t.ordering, t.formerly or None, gone=t.gone) for t in program.tiers)
    return WantedProgram(program.code, program.name, program.type, program.subscription, tiers, gone=program.gone)
