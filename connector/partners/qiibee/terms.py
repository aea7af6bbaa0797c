"""What is agreed with qiibee, and what its pages leave open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID

from connector.domain.awards import Credit

Alias = Callable[[str], UUID]
"""Gives a pseudonym for a member number or an award, always the same and telling nothing."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How an exchange is written, who is its user, and how the list of transactions is asked for and read.

    ``rate`` is how many miles a point gives; ``send_rate``: it goes along as exchange_rate_override. ``user`` is whose
    transactions are counted: one user for each member, or one for each award. ``relay_domain`` is where the users'
    e-mail addresses are. ``brand_a_field`` names the own token (empty: not sent). ``history_type`` and
    ``history_brand`` narrow the list down (empty: not asked for). ``check_total``: total_tx_count must be what the
    pages hold. A transaction whose ``status_field`` is one of ``moved`` gave its miles, one of ``unmoved`` never will
    (both casefolded); any other one is not decided yet, and one without that field is what it seems.
    ``out_of_credit`` are words of a refusal that stand for used up LAD credits (empty: there are none).
    """

    brand_a_token: str
    brand_b_token: str
    relay_domain: str
    rate: Decimal = Decimal(1)
    send_rate: bool = False
    user: Literal["per_member", "per_award"] = "per_member"
    amount: Literal["int", "string"] = "int"
    id_format: Literal["string", "int"] = "string"
    brand_a_field: str = "brandA_token_id"
    types_parameter: str = "types"
    history_type: str = "exchange"
    history_brand: Literal["", "a", "b"] = ""
    check_total: bool = True
    status_field: str = "status"
    moved: frozenset[str] = frozenset({"done"})
    unmoved: frozenset[str] = frozenset()
    out_of_credit: str = "Insufficient"

    def auth_id(self, credit: Credit, alias: Alias) -> str:
        """Return the auth_id of the user for whom a credit is exchanged."""
        return str(alias(credit.member_number if self.user == "per_member" else str(credit.key)))

    def email(self, auth_id: str) -> str:
        """Return the address that a user has at qiibee, which wants one: never the guest's."""
        return f"{auth_id}@{self.relay_domain}"

    def token_id(self, value: str) -> str | int:
        """Return a token's id as JSON has it."""
        return int(value) if self.id_format == "int" else value
