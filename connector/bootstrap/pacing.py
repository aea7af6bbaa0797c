"""The pace at which a partner is asked, as the settings tell it."""

from __future__ import annotations

from time import monotonic
from zoneinfo import ZoneInfo

from connector.bootstrap.parts import Parts
from connector.domain.outliers import Bounds
from connector.domain.quiet import QuietHours
from connector.http.limiter import Limiter, SlidingWindow, Unlimited
from connector.jobs.pacing import Pacing
from connector.settings import Partner
from connector.settings.rates import requests_in
from connector.store.limits import StoredSendLog


def pacing(parts: Parts, name: str, partner: Partner) -> Pacing:
    """Return the pace of a partner; its rate is shared by every process through the stored log of sends."""
    quiet = partner.quiet_hours
    return Pacing(
        limiter=_limiter(parts, name, partner),
        retry_from=partner.retry_from,
        retry_up_to=partner.retry_up_to,
        max_attempts=partner.max_attempts,
        quiet=QuietHours(quiet.from_, quiet.to) if quiet else None,
        outliers=Bounds(partner.outlier_factor, partner.outlier_minimum),
        zone=ZoneInfo(parts.settings.chain.time_zone),
    )


def _limiter(parts: Parts, name: str, partner: Partner) -> Limiter:
    if partner.rate is None:
        return Unlimited()
    requests, window = requests_in(partner.rate)
    return SlidingWindow(
        f"partner {name}", requests, window, StoredSendLog(parts.database), parts.clock, steady=monotonic
    )
