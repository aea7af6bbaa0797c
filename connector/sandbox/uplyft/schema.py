"""The GraphQL schema of the Uplyft simulator: ``createEvent`` in either published form, or admitting both.

Published are the arguments of both forms, that the answer is a Boolean, and the literals ``eur``,
``milesandmore``, ``purchase`` and ``product``. The other currencies, the fields of ``EventTransaction`` and
that labels may hold anything are readings of what is not published.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from graphql import GraphQLSchema, build_schema


class Form(StrEnum):
    """Which of the published signatures the server has."""

    TRANSACTION = "transaction"
    FLAT = "flat"
    BOTH = "both"


_EVENT = """
    "Money value of the event to the business."
    businessValue: FiatValue!
    "What the customer did."
    action: Action!
    "What it was done to."
    objects: [Object]!
"""
_UNIQUE_ID = """
    "Own identifier of the event: one that was seen before has no second effect."
    uniqueId: String
"""
_TRANSACTION = """
    tags: [String]
    labels: [EventLabel]
    "Books the reward; without it the event is for analytics only."
    transaction: EventTransaction
"""
_FLAT = """
    appId: String{required}
    walletAddress: String{required}
    baselineReward: Reward{required}
"""
_ARGUMENTS = {
    Form.TRANSACTION: _EVENT + _TRANSACTION,
    Form.FLAT: _EVENT + _FLAT.format(required="!"),
    Form.BOTH: _EVENT + _TRANSACTION + _FLAT.format(required=""),
}
_TYPES = """
enum Fiat { eur cad chf czk dkk gbp huf nok pln sek usd }
enum RewardCurrency { milesandmore }
enum Action { purchase }
enum ObjectType { product }
scalar EventLabel
input FiatValue { amount: Float! currency: Fiat! }
input Reward { amount: Int! currency: RewardCurrency! }
input Object { id: String type: ObjectType name: String }
input EventTransaction { walletAddress: String! baselineReward: Reward! }
type Query { "There is nothing to ask; a schema needs one field." _: Boolean }
"""


@cache
def schema(form: Form, *, unique_id: bool = True) -> GraphQLSchema:
    """The schema that answers to this form; the example of the flat one has no ``uniqueId``, so it may be left out."""
    arguments = _ARGUMENTS[form] + (_UNIQUE_ID if unique_id else "")
    return build_schema(_TYPES + f"type Mutation {{ createEvent({arguments}): Boolean }}")
