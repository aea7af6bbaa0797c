"""Cases about records that Mews sent or would not take."""

from __future__ import annotations

from collections.abc import Mapping

from connector.domain.remedies.remedy import Remedy

RECORDS: Mapping[str, Remedy] = {
    "refused_by_mews": Remedy(
        "Mews did not take a change",
        "Mews refused a program, tier or membership that was to be written; the case has its own words.",
        "Correct what they name, in the scheme, the settings or the rights of the token; each pass tries again.",
    ),
    "unreadable": Remedy(
        "A record of Mews cannot be read",
        "Mews sent something that does not look as it documents, so the record is left alone, and a stay that it "
        "belongs to is not decided.",
        "Open the record in Mews and correct what is odd about it. If nothing is, report the case's line: Mews may "
        "have changed.",
    ),
    "unreadable_membership": Remedy(
        "A membership in Mews cannot be read",
        "One of the guest's memberships cannot be read, so all of them stay as they are and the guest's stays earn "
        "nothing.",
        "Correct the membership in the guest profile, or report the case's line.",
        told=True,
    ),
    "unreadable_companion": Remedy(
        "A companion on a reservation cannot be read",
        "Mews sent a companion without a usable id; that person earns nothing by the stay.",
        "Open the reservation in Mews, remove the companion and add the person again.",
    ),
    "duplicate_code": Remedy(
        "Mews has a code twice",
        "Two programs, or two tiers of a program, have one code, so it is unclear which is meant and none is changed.",
        "Remove one of the two in Mews, or give it another code.",
    ),
    "still_used": Remedy(
        "What is to be deleted is in use",
        "A tier or program with `gone = true` still has memberships, or may have.",
        "Give their members another tier in the scheme, or cancel the memberships; it is deleted when none is left.",
        told=True,
    ),
}
