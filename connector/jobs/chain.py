"""What every job works with: the chain's tokens, the database, the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.domain.loyalty import Guest
from connector.domain.matching import Hasher
from connector.domain.members import Member
from connector.errors import Misconfigured
from connector.mews.batches import BatchSize
from connector.mews.client import Mews
from connector.ports import Clock, Progress
from connector.store.engine import Database


def _unwatched(what: str, done: int, total: int | None = None) -> None:
    """Work without anybody watching."""


@dataclass(slots=True)
class Chain:
    """One Mews chain: a token per property table (or one portfolio token), and the local database.

    ``portfolios`` are the tables whose token sees several properties. ``owner`` names this process in leases and
    ledger; ``visibility`` is how long Mews may take to show a write; ``dead`` are tables whose token was refused;
    ``batch`` is what Mews takes in one write; ``progress`` hears of long work.
    """

    database: Database
    clock: Clock
    owner: str
    tokens: Mapping[str, Mews]
    portfolios: frozenset[str]
    hasher: Hasher
    history: timedelta
    visibility: timedelta
    chain_id: str = ""
    dead: set[str] = field(default_factory=set)
    batch: BatchSize = field(default_factory=BatchSize)
    progress: Progress = _unwatched

    @property
    def any_token(self) -> Mews:
        """A token for chain-level work: programs, tiers, memberships and guests are the same through each."""
        alive = [token for table, token in self.tokens.items() if table not in self.dead]
        if not alive:
            raise Misconfigured("mews.properties: no access token works; expected at least one")
        return alive[0]

    @property
    def single_token(self) -> Mews:
        """A token of one property, for what Mews does not state to take a portfolio token for; else any."""
        single = [token for table, token in self.tokens.items() if table not in self.dead | self.portfolios]
        return single[0] if single else self.any_token

    def server_now(self) -> datetime:
        """Return the present by Mews's clock, as its last answer told it: windows of streams end there."""
        return self.any_token.now()

    def guest_keys(self, guest: Guest) -> Mapping[str, bytes | None]:
        """Return the keyed hashes by which a guest is matched."""
        return {
            "email_key": self.hasher.email_and_name(guest.email, guest.first_name, guest.last_name),
            "name_key": self.hasher.last_name(guest.last_name),
            "loyalty_key": self.hasher.loyalty_code(guest.loyalty_code),
        }

    def member_keys(self, member: Member) -> Mapping[str, bytes | None]:
        """Return the keyed hashes by which a member is matched."""
        return {
            "email_key": self.hasher.email_and_name(member.email, member.first_name, member.last_name),
            "name_key": self.hasher.last_name(member.last_name),
            "loyalty_key": self.hasher.loyalty_code(member.number),
        }
