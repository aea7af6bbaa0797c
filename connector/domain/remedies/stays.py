"""Cases about stays that cannot be decided without a person; most close when Mews is corrected."""

from __future__ import annotations

from collections.abc import Mapping

from connector.domain.remedies.remedy import Remedy

STAYS: Mapping[str, Remedy] = {
    "open_bill": Remedy(
        "The bill is still open",
        "Charges that count are on an open bill, and `settle_timeout` has passed since check-out.",
        "Close the bill in Mews, or cancel or move what is left on it.",
    ),
    "unpaid_bill": Remedy(
        "The bill is not paid",
        "With `require_paid` only paid bills earn, and this one is still owed after `settle_timeout`.",
        "Settle the bill in Mews, or accept that the stay earns nothing and `suspense resolve` the case.",
    ),
    "bill_unknown": Remedy(
        "The bill is not known",
        "The contract asks who pays, or whether it is paid, and Mews has not shown the bill of these charges.",
        "Look the bill up in Mews. If it is there, `doctor` tells whether the token may read bills.",
    ),
    "bill_unreadable": Remedy(
        "The bill cannot be read",
        "Mews sent a bill that does not look as it documents; the case says what about it.",
        "Correct the bill in Mews; if nothing is odd about it, report the case's line.",
    ),
    "two_memberships": Remedy(
        "The guest has the program twice",
        "Two memberships of one program are on one guest profile, and nobody can tell which one is right.",
        "Ask the guest, and delete the wrong one in Mews.",
    ),
    "primary_unclear": Remedy(
        "No single primary membership",
        "The guest is a member at several partners, and not exactly one of those memberships is marked as primary.",
        "Ask the guest where to earn, and mark that membership as primary in Mews.",
    ),
    "bad_number": Remedy(
        "The member number cannot be right",
        "The number in the guest profile has a typing error, or too few or too many digits for the partner.",
        "Ask the guest and correct it in Mews, or `earn claim` the stay for the right number.",
    ),
    "payment_card": Remedy(
        "A payment card instead of a member number",
        "Somebody typed what looks like a payment card. It is not stored here and not sent.",
        "Remove it from the guest profile in Mews at once, and enter the number that the guest tells.",
    ),
    "amount_unreadable": Remedy(
        "An amount is none",
        "An amount or rate of the stay is not a sum of money as Mews documents it.",
        "Look for the odd charge in Mews, cancel it and post it again, or report the case's line.",
    ),
    "no_exchange_rate": Remedy(
        "An exchange rate is missing",
        "A charge is in another currency than the rule, and Mews has no rate between the two for that time.",
        "Enter the rate in Mews.",
    ),
    "two_currencies": Remedy(
        "One award, two currencies",
        "Stays that share one award are valued in different currencies, which no message can say.",
        "Let the rules name the same `currency` for both properties.",
    ),
    "currency_not_taken": Remedy(
        "The partner does not take this currency",
        "The channel takes amounts in certain currencies only, and the rule computes in another one.",
        "Set the rule's `currency` to one that the partner takes.",
    ),
    "unknown_item_state": Remedy(
        "A charge is in a state that is not known",
        "Mews shows a state of a charge that this version does not know, so it cannot tell whether it counts.",
        "Look for a newer version of the connector, or report the case's line.",
    ),
    "unknown_time_zone": Remedy(
        "The property's time zone is not known",
        "Without it nobody can say on which day the guest left.",
        "Correct the time zone of the property in Mews; if it is right, update the machine's time zone data.",
    ),
    "source_not_read": Remedy(
        "The source of the booking is not known",
        "A rule asks for the source, and it is not read yet or the token may not read it.",
        "Wait for the next pass; if the case stays, `doctor` names the missing right.",
    ),
    "offer_unclear": Remedy(
        "The partner does not say whether the guest opted in",
        "A rule belongs to an offer, and the partner's answer about this member cannot be understood or is refused.",
        "Look at `offers list` for the member, and ask the partner; the stay is asked about again.",
    ),
    "offer_not_read": Remedy(
        "It is not read yet whether the guest opted in",
        "A rule belongs to an offer, and the partner could not be asked until `settle_timeout`.",
        "`doctor` tells whether the partner's offers can be read.",
    ),
    "implausible": Remedy(
        "Far too many miles",
        "One stay would earn a million miles or more: a wrong amount, exchange rate or rule.",
        "`earn explain` shows which; correct it.",
    ),
    "not_correctable": Remedy(
        "The stay changed, and the partner cannot follow",
        "The credit was given, the bill changed afterwards, and the partner does not take miles back, or not so.",
        "Agree with the partner on the difference that the case tells, then `suspense resolve` it.",
    ),
    "awarded_apart": Remedy(
        "Another award holds a part of the stay",
        "Reservations that are one stay now were awarded apart before, and the partner still has those miles.",
        "Agree with the partner on the difference, then `suspense resolve` the case.",
    ),
    "awarded_to_other": Remedy(
        "Somebody else has the award",
        "Another person earns by this stay now than the one who was awarded it, and that award still stands.",
        "Agree with the partner to whom the miles belong, then `suspense resolve` the case.",
    ),
}
