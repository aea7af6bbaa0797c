"""Cases about what was said to partners, what they hold, and what keeps them from being told more."""

from __future__ import annotations

from collections.abc import Mapping

from connector.domain.remedies.remedy import Remedy

MESSAGES: Mapping[str, Remedy] = {
    "refused": Remedy(
        "The partner refused it",
        "The partner answered that it will not take the message, and moved no miles; its own words stand in the case.",
        "Put right what they name, mostly the member number in Mews or a code in the settings; then `ledger retry`. "
        "Where nothing is to be given, `suspense resolve` the case.",
    ),
    "outcome": Remedy(
        "Nobody knows whether it was done",
        "A message was sent, and its answer was lost, or does not say whether miles moved, or is a failure each time. "
        "It is not sent once more by itself, since that might give the miles twice.",
        "Ask the partner, with the reference that `ledger show` tells; then `ledger release --credited` or "
        "`--not-credited`, or `ledger retry --not-credited` to send it again.",
    ),
    "unwritable": Remedy(
        "It cannot be written for the partner",
        "Nothing was sent: the partner's request has no way to say this award, as a tax without a code, a stay that is "
        "too old, or a number of miles that no exchange gives.",
        "Correct the setting that the case names, then `ledger retry`; else tell the partner, and `ledger void` it.",
    ),
    "above_ceiling": Remedy(
        "One credit is more than a day's miles",
        "Nothing was sent: this credit alone is above `daily_ceiling`, so it could not go on any day. Others are not "
        "held up by it.",
        "Look with `earn explain` whether the miles are right. If they are, raise `daily_ceiling`, then "
        "`ledger retry`; else correct what is wrong, or `ledger void` it.",
    ),
    "not_reversed": Remedy(
        "The credit before it was not taken back",
        "The bill changed, and the new credit waits for a reversal that the partner did not do, or took and does not "
        "show.",
        "Settle the case of the reversal; this one goes by itself when that was done. Else `ledger void` it, and agree "
        "with the partner on the miles that it keeps.",
    ),
    "not_shown": Remedy(
        "The partner's books do not show it",
        "The partner took the message, or may have, and its books have not shown it for three days.",
        "Ask the partner what became of it, then `ledger release --credited` or `--not-credited`; it is looked for "
        "meanwhile, and the case closes when it shows.",
    ),
    "restored": Remedy(
        "Perhaps sent before the restore",
        "The database is a restored copy, and what it lost may have sent this message already.",
        "Compare with the partner; then `ledger release --credited`, or `ledger retry --not-credited`.",
        told=True,
    ),
    "daily_ceiling": Remedy(
        "The day's ceiling is reached",
        "The partner was sent as many miles today as `daily_ceiling` allows; the rest waits.",
        "Look with `ledger list` whether the miles are plausible. If they are, raise `daily_ceiling` or wait until "
        "tomorrow.",
    ),
    "outlier": Remedy(
        "A property gives far more than usual",
        "A property's miles of today are far above its usual day, so nothing more is sent for it: mostly a wrong rule "
        "or rate, sometimes a large group.",
        "`earn explain` some of its stays; if they are right, `ledger release --property` lets it go on.",
    ),
    "out_of_credit": Remedy(
        "The prepaid miles are used up",
        "The partner answers that what was paid in advance is gone. Nothing is refused or lost.",
        "Top the account up; sending goes on by itself.",
    ),
    "low_on_credit": Remedy(
        "Few prepaid miles are left",
        "By our count fewer miles are left of those paid in advance than `low_water` says. Sending goes on.",
        "Buy more, and add them to the credits of `[partners.NAME.prepaid]`.",
        told=True,
    ),
    "going_live": Remedy(
        "The first live delivery waits",
        'The settings say `mode = "live"` for the first time, and nobody has confirmed what is due.',
        "`ledger release --live PARTNER` shows stays, miles and cost; confirm exactly that.",
        told=True,
    ),
    "exchange_changed": Remedy(
        "An exchange changed after it was taken",
        "A line of the exchange file asks for something else than what was given by it.",
        "Put the line back as it was, and ask for what is missing by a new one with its own request_id.",
        told=True,
    ),
    "exchange_not_taken": Remedy(
        "An exchange is not taken",
        "A line of the exchange file cannot be carried out; the case says why.",
        "Correct the line in the file; the next pass takes it.",
    ),
}
STATEMENTS: Mapping[str, Remedy] = {
    "difference": Remedy(
        "A month has miles without an answer",
        "The month is over, and messages of it were sent to the partner and never answered.",
        "`ledger reconcile --against` the partner's statement, or ask it; the case closes when none is left.",
        told=True,
    ),
    "only_ours": Remedy(
        "Only our books have it",
        "The ledger has a credit that the partner's statement lacks.",
        "Ask the partner, with the reference; a credit that comes late is on the next statement.",
    ),
    "only_theirs": Remedy(
        "Only the statement has it",
        "The partner credited something that the ledger does not know, as by a predecessor or by hand.",
        "Find out who gave it; `ledger import` marks stays that were credited elsewhere, so they earn nothing here.",
    ),
    "other_miles": Remedy(
        "Ledger and statement differ in miles",
        "Both know the credit, with another number of miles.",
        "`earn explain` shows ours; agree with the partner which is right.",
    ),
    "other_state": Remedy(
        "The partner has what we count as not given",
        "The statement has a credit that was refused or is in doubt here.",
        "If the partner has it, `ledger release --credited`.",
    ),
    "repeated": Remedy(
        "The statement has it twice",
        "Two lines of the statement are about one message.",
        "Ask the partner whether it was credited twice; if so, it must take one back.",
    ),
}
