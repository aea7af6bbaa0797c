"""A further credit beside credits that stand: the miles and the money that they do not say yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from connector.domain.awards import Credit, Message
from connector.domain.decision import Earned
from connector.domain.shares import less


def further(earned: Earned, kept: Sequence[Message]) -> Earned | None:
    """Return ``earned`` less what the kept credits say.

    None where the rest cannot be said as a credit: the money is in another currency, or less than before, or an offer
    code has fewer miles than before.
    """
    said = [each.credit for each in kept]
    shares = less((earned.shares, earned.miles), [(each.shares, each.miles) for each in said])
    if shares is None or any(each.currency != earned.currency for each in said):
        return None
    rest = replace(
        earned,
        miles=earned.miles - sum(each.miles for each in said),
        value_net=earned.value_net - sum(each.value_net for each in said),
        value_gross=earned.value_gross - sum(each.value_gross for each in said),
        taxes=_taxes(earned, said),
        shares=shares,
    )
    amounts = (Decimal(rest.miles), rest.value_net, rest.value_gross, *(amount for _, amount in rest.taxes))
    return None if min(amounts) < 0 else rest


def _taxes(earned: Earned, said: Sequence[Credit]) -> tuple[tuple[str, Decimal], ...]:
    left = dict(earned.taxes)
    for each in said:
        for code, amount in each.taxes:
            left[code] = left.get(code, Decimal(0)) - amount
    return tuple((code, amount) for code, amount in sorted(left.items()) if amount)
