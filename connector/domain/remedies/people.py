"""Cases about members of the scheme and the guests whom they may be."""

from __future__ import annotations

from collections.abc import Mapping

from connector.domain.remedies.remedy import Remedy

PEOPLE: Mapping[str, Remedy] = {
    "two_candidates": Remedy(
        "Several guests fit one member",
        "More than one guest profile could be this member, so none of them shows the membership.",
        "Merge the profiles in Mews if they are one person; else `members link` the member to the right one.",
        told=True,
    ),
    "claimed_by_two_members": Remedy(
        "Several members fit one guest",
        "More than one member of the scheme could be this guest, as with an e-mail address that a couple shares.",
        "Ask the guest for the membership number and `members link` that member, or `members unlink` the wrong one.",
        told=True,
    ),
    "number_other_name": Remedy(
        "The number belongs to somebody of another name",
        "A guest profile holds this member's number and has another last name: a typing error, a marriage, or a "
        "stranger's card.",
        "Correct number or name in Mews; `members link` the member if it is the same person after all.",
        told=True,
    ),
    "unlinked_by_staff": Remedy(
        "Staff took the membership away",
        "Somebody deleted the membership in Mews or moved it to another guest, and it is not put back.",
        "`members link` the member if the guest should have it, else `suspense resolve` the case.",
        told=True,
    ),
    "other_mews_id": Remedy(
        "The scheme names another guest profile",
        "The Mews id in the scheme's data is another living profile's than the one to which the member was linked, and "
        "nothing of the membership is changed.",
        "`members link` the member to the right profile, or correct the id in the scheme.",
        told=True,
    ),
    "deleted_profile": Remedy(
        "A profile that was linked by hand is deleted",
        "A person linked the member to a guest profile that Mews has no more, so nothing is matched in its place.",
        "`members link` the member to another profile, or `members unlink` it.",
        told=True,
    ),
    "edited_in_mews": Remedy(
        "Changed in Mews, other than the scheme says",
        "Staff changed a field that `staff_edits` leaves to them, and the scheme says something else.",
        "Correct the scheme or Mews; the case closes when both say the same.",
        told=True,
    ),
    "contested": Remedy(
        "Something else writes this field too",
        "A field was put back three times within a week and changed again each time.",
        "Find out which person or system writes it and agree who owns it; it is tried again after a quiet week.",
        told=True,
    ),
    "unknown_tier": Remedy(
        "A tier that is not in the settings",
        "The scheme gives the member a tier that the program does not have here, so the membership stays as it is.",
        "Add the tier to `[[programs.tiers]]`, or correct it in the scheme.",
    ),
    "bad_line": Remedy(
        "A record of the scheme cannot be read",
        "A line or record of the scheme is wrong. Its member stays as it is; where even the id is unreadable, nobody "
        "is removed.",
        "Correct it in the scheme.",
        told=True,
    ),
    "bad_partner_number": Remedy(
        "The scheme's partner number is none",
        "The number that the scheme knows for a partner cannot be one, so it is not written to Mews.",
        "Ask the member for the number and correct it in the scheme.",
    ),
    "not_enrolled": Remedy(
        "The scheme did not take a new member",
        "Somebody asked to join in Mews, and the scheme refuses that guest; it is asked again a day later.",
        "Correct the guest profile or the scheme, or cancel the membership in Mews.",
        told=True,
    ),
    "other_partner_number": Remedy(
        "Scheme and Mews know different numbers",
        "The guest profile holds another number at the partner than the scheme. The one in Mews stays and earns.",
        "Ask the guest which is right, and correct the other one.",
        told=True,
    ),
}
