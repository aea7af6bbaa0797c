"""What a first, complete reading of a scheme's members found."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Listing:
    """A members file that was read to its end.

    ``columns`` are those it owns (names of ``members.OWNABLE``), ``rows`` its members and bad lines together,
    ``size`` is in bytes, ``warnings`` hold one sentence for each thing that a person should know.
    """

    columns: frozenset[str]
    rows: int
    sha256: str
    size: int
    warnings: tuple[str, ...] = ()
    # hash() of each member_id that stands more than once: of this process only, and so is the listing.
    repeated: frozenset[int] = field(default=frozenset(), repr=False)
