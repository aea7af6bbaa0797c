"""What a person can do about each kind of case: a heading, and the next step in a sentence or two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Remedy:
    """``title`` names what is wrong in a few words, ``advice`` says what to do about it.

    ``told``: the case's own words say what to do as well.
    """

    title: str
    advice: str
    told: bool = False


_MATCHING = {
    "two_candidates": Remedy(
        "Several guests fit",
        "Merge the profiles in Mews if they are one person; else link the member to the right one.",
    ),
    "claimed_by_two_members": Remedy(
        "Several members fit one guest",
        "Ask the guest for the membership number, then link that member, or unlink the wrong one.",
    ),
    "number_other_name": Remedy(
        "A number under another name",
        "Correct number or name in Mews; link the member if it is the same person after all.",
    ),
    "unlinked_by_staff": Remedy(
        "Unlinked by staff",
        "Somebody took the membership away in Mews. Link the member if the guest should have it, else resolve this.",
    ),
    "edited_in_mews": Remedy(
        "Changed in Mews", "Correct the value in the scheme or in Mews; the case closes when both say the same."
    ),
    "contested": Remedy(
        "Somebody else writes it too",
        "Find out which person or system changes the field in Mews, and agree who owns it.",
    ),
    "unknown_tier": Remedy(
        "A tier that nobody knows", "Add the tier to the program in the settings, or correct it in the scheme."
    ),
    "bad_line": Remedy(
        "A line that cannot be read", "Correct the line in the scheme; until then its member is protected from removal."
    ),
    "bad_partner_number": Remedy(
        "A partner number that cannot be right", "Ask the guest for the number, and correct it in the scheme."
    ),
    "other_partner_number": Remedy(
        "Two numbers for one guest",
        "Ask the guest which number is right, and correct the scheme or the profile in Mews.",
    ),
}
_MEWS = {
    "refused_by_mews": Remedy(
        "Refused by Mews", "Mews's own words stand above. Correct what they name; the next pass tries again."
    ),
    "unreadable": Remedy(
        "A record that cannot be read",
        "Open the record in Mews and correct what is odd about it. If nothing is, report it with the words above.",
    ),
    "unreadable_membership": Remedy(
        "A membership that cannot be read",
        "Correct the guest's membership in Mews; until then the guest is left alone.",
    ),
    "unreadable_companion": Remedy(
        "A companion who cannot be read",
        "Correct the companions of the reservation in Mews; until then it is not decided.",
    ),
    "duplicate_code": Remedy("One code twice", "Give one of the two another code in Mews, or remove it there."),
    "still_used": Remedy("Still in use", "Move the memberships that are on it first; it is removed by a later pass."),
}
_STAY = {
    "two_memberships": Remedy("Two memberships", "Delete the wrong membership in Mews; the next pass decides again."),
    "primary_unclear": Remedy(
        "No primary membership", "Flag one of the guest's partner memberships as primary in Mews."
    ),
    "bad_number": Remedy(
        "A number that cannot earn",
        "Ask the guest for the number and correct the membership in Mews, or claim the stay.",
    ),
    "payment_card": Remedy(
        "A payment card for a number",
        "Remove the number from the membership in Mews, ask the guest for the right one, and enter that.",
    ),
    "open_bill": Remedy("An open bill", "Close the bill in Mews, or cancel what stands open on it."),
    "unpaid_bill": Remedy("An unpaid bill", "Settle the bill in Mews; the stay is decided again when it is."),
    "bill_unknown": Remedy("An unknown bill", "Look whether the bill is there in Mews; report it if it is."),
    "bill_unreadable": Remedy("A bill that cannot be read", "Correct the bill in Mews as the words above tell."),
    "amount_unreadable": Remedy("An amount that cannot be read", "Correct the charge in Mews."),
    "no_exchange_rate": Remedy("No exchange rate", "Enter the rate in Mews; the next pass decides again."),
    "two_currencies": Remedy(
        "Two currencies", "Let a rule name the currency, or put the charges into one currency in Mews."
    ),
    "currency_not_taken": Remedy(
        "A currency that the partner does not take", "Agree with the partner; a rule may name a currency that it takes."
    ),
    "unknown_item_state": Remedy(
        "A charge in an unknown state", "Mews shows a state that this version does not know: look for a newer version."
    ),
    "unknown_time_zone": Remedy("An unknown time zone", "Correct the time zone of the property in Mews."),
    "source_not_read": Remedy(
        "The source cannot be read", "Let the access token read sources, or leave sources out of the rules."
    ),
    "offer_not_read": Remedy(
        "An opt-in that nobody could ask about",
        "Look whether the partner answers again; the stay is decided again then.",
    ),
    "offer_unclear": Remedy(
        "An opt-in that the partner does not tell",
        "Ask the partner whether the member opted in to the offer; claim or grant what is due.",
    ),
    "implausible": Remedy(
        "Far too many miles", "Look for a wrong amount, rate or rule, and correct it; the stay is decided again."
    ),
    "not_correctable": Remedy(
        "The partner cannot take miles back",
        "Agree with the partner on the difference that stands above, then resolve the case.",
    ),
    "awarded_apart": Remedy(
        "Two awards for one stay", "Agree with the partner on the difference between the two awards."
    ),
    "awarded_to_other": Remedy(
        "Somebody else was awarded it",
        "Agree with the partner to whom the miles belong; the other award must go first.",
    ),
}
_LEDGER = {
    "outcome": Remedy(
        "A message without an end",
        "Ask the partner whether it was done. Then release it as credited, send it again, or void what was never sent.",
    ),
    "not_shown": Remedy(
        "Not in the partner's books", "Ask the partner what became of it; it is looked for again meanwhile."
    ),
    "restored": Remedy(
        "From before a restore",
        "Compare with the partner, then release it as credited, or send it again as not credited.",
    ),
    "daily_ceiling": Remedy(
        "The day's ceiling is reached",
        "Look why so many miles are due. If that is right, raise daily_ceiling; else wait for tomorrow.",
    ),
    "outlier": Remedy(
        "Far more than usual", "Look for a wrong rule or rate at this property; let it go on if the miles are right."
    ),
    "out_of_credit": Remedy("No miles left", "Buy miles from the partner; sending goes on by itself."),
    "going_live": Remedy("Going live", "Look at what is due, and confirm exactly that; until then nothing is sent."),
    "difference": Remedy(
        "Miles without an answer",
        "Ask the partner about the month; compare its statement with `ledger reconcile --against`.",
    ),
    "only_ours": Remedy("Only in our ledger", "Ask the partner for this credit, with its reference."),
    "only_theirs": Remedy(
        "Only in the partner's file", "Look who gave it; `ledger import` marks stays credited elsewhere."
    ),
    "other_miles": Remedy("Other miles", "Agree with the partner on the number of miles."),
    "other_state": Remedy("Another state", "Ask the partner what became of it, then release or send it again."),
    "repeated": Remedy("Twice in the partner's file", "Ask the partner whether it was credited twice."),
    "exchange_changed": Remedy("A request that changed", "Give what is still missing by a new request_id."),
    "exchange_not_taken": Remedy("A request that is not taken", "Correct the request and give it a new request_id."),
}
REMEDIES: Mapping[str, Remedy] = (
    {reason: replace(each, told=True) for reason, each in _MATCHING.items()} | _MEWS | _STAY | _LEDGER
)


def remedy(reason: str) -> Remedy:
    """Return what to do about a reason; one that is not known here is named as it is written."""
    plain = Remedy(
        reason.replace("_", " ").capitalize(), "Put right what the words say; the case closes by itself then."
    )
    return REMEDIES.get(reason, plain)
