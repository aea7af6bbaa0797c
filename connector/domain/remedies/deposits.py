"""Points that a partner says members got for their miles."""

from __future__ import annotations

from collections.abc import Mapping

from connector.domain.remedies.remedy import Remedy

DEPOSITS: Mapping[str, Remedy] = {
    "deposit_unreadable": Remedy(
        "A deposit cannot be read",
        "The partner told of miles that a member exchanged for points, and the notice cannot be read.",
        "Ask the partner for the transaction that the case names, and enter it in the scheme by hand.",
    ),
    "deposit_changed": Remedy(
        "A deposit came again with other words",
        "A notice has the reference of one that was taken, and says something else.",
        "Ask the partner which of the two is right, and correct the scheme by hand.",
    ),
    "deposit_faulty": Remedy(
        "A deposit is not handed to the scheme",
        "The notice has no usable amount or member.",
        "Ask the partner what was meant, and enter it in the scheme by hand.",
    ),
    "deposit_no_member": Remedy(
        "The scheme knows no such member",
        "Points were given to a member whom the scheme does not list.",
        "Add or correct the member in the scheme; the deposit is handed over then.",
    ),
    "deposit_bad_reversal": Remedy(
        "A reversal of a deposit does not fit",
        "It names a deposit that is not known here, or one of another member or amount.",
        "Ask the partner which deposit it takes back, and correct the scheme by hand.",
    ),
}
