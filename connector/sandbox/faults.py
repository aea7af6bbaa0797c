"""What goes wrong on purpose: a plan of faults per operation.

A fault is written ``SERVER:OPERATION=EFFECT[,KEY=VALUE…]`` on the command line, for example
``mews:loyaltyMemberships/add=lose,times=2``, or as a JSON object with the same keys.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Effect(StrEnum):
    """What happens to a call."""

    STATUS = "status"  # answered with that HTTP status, nothing done
    DELAY = "delay"  # waits, then goes on
    DROP = "drop"  # the connection breaks before anything is done
    LOSE = "lose"  # everything is done, then the connection breaks without an answer
    GARBAGE = "garbage"  # everything is done, the answer is 200 with a body that is not JSON
    FAIL = "fail"  # everything is done, the answer is 200 with an error, as GraphQL servers tell of one
    PAGE = "page"  # answered with that HTTP status and a web page, nothing done


@dataclass(frozen=True)
class Fault:
    """One planned fault.

    ``operation`` is the server's own name of a call, by itself or behind a method (``POST users``), or ``*``.
    ``status`` (200 to 599) and ``headers`` belong to the effects ``status`` and ``page``, ``seconds`` to ``delay``. It
    fires ``times`` times (always, when None), with ``probability`` at each call that reaches it, and never at the
    first ``after`` calls.
    """

    operation: str
    effect: Effect
    status: int = 503
    seconds: float = 1.0
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int | None = None
    probability: float | None = None
    after: int = 0

    def __post_init__(self) -> None:
        """Refuse what could never fire as written."""
        if not 200 <= self.status <= 599:
            raise ValueError(f"status: {self.status} is no HTTP status from 200 to 599")
        if self.probability is not None and not 0 <= self.probability <= 1:
            raise ValueError(f"probability: {self.probability} is not between 0 and 1")
        if self.seconds < 0 or self.after < 0 or (self.times is not None and self.times < 1):
            raise ValueError("seconds and after start at 0, times at 1")

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Fault:
        """The fault with these JSON or text values; ``ValueError`` names the one that is wrong."""
        unknown = sorted(set(fields) - set(_CONVERT))
        if unknown:
            raise ValueError(f"{unknown[0]}: unknown, expected one of {', '.join(_CONVERT)}")
        missing = sorted({"operation", "effect"} - set(fields))
        if missing:
            raise ValueError(f"{missing[0]}: missing")
        return cls(**{key: _converted(key, value) for key, value in fields.items() if value is not None})


_CONVERT: Mapping[str, type] = {
    "operation": str,
    "effect": Effect,
    "status": int,
    "seconds": float,
    "headers": dict,
    "times": int,
    "probability": float,
    "after": int,
}
_EXPECTED = {
    str: "a text",
    Effect: f"one of {', '.join(Effect)}",
    int: "a whole number",
    float: "a number",
    dict: "an object",
}


def _converted(key: str, value: Any) -> Any:
    convert = _CONVERT[key]
    try:
        return convert(value)
    except (TypeError, ValueError):
        raise ValueError(f"{key}: {value!r}, expected {_EXPECTED[convert]}") from None


def parse(text: str) -> tuple[str, Fault]:
    """Server and fault of ``SERVER:OPERATION=EFFECT[,KEY=VALUE…]``.

    A bare status stands for its effect (``uplyft:createEvent=503,times=2``); ``header.NAME=VALUE`` adds a
    header. ``ValueError`` says in one sentence what is wrong.
    """
    target, equals, rest = text.partition("=")
    server, colon, operation = target.partition(":")
    if not (equals and colon and server and operation):
        raise ValueError(f"fault {text!r}: expected SERVER:OPERATION=EFFECT[,KEY=VALUE…]")
    effect, *pairs = rest.split(",")
    fields: dict[str, Any] = {"operation": operation, **_effect(effect), **_pairs(pairs)}
    try:
        return server, Fault.from_fields(fields)
    except ValueError as error:
        raise ValueError(f"fault {text!r}: {error}") from None


def _effect(text: str) -> dict[str, str]:
    return {"effect": Effect.STATUS, "status": text} if text.isdigit() else {"effect": text}


def _pairs(pairs: Iterable[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for pair in pairs:
        key, _, value = pair.partition("=")
        if key.startswith("header."):
            fields.setdefault("headers", {})[key.removeprefix("header.")] = value
        else:
            fields[key] = value
    return fields


class Rule:
    """A fault with its counters: calls that reached it, and calls that it hit."""

    def __init__(self, fault: Fault, seed: str) -> None:
        self.fault = fault
        self.seen = 0
        self.fired = 0
        self._random = random.Random(seed)

    def hits(self, operation: str, method: str) -> bool:
        """Whether the fault happens to this call."""
        if self.fault.operation not in ("*", operation, f"{method} {operation}"):
            return False
        self.seen += 1
        if self.seen <= self.fault.after or self.fired == self.fault.times:
            return False
        hit = self.fault.probability is None or self._random.random() < self.fault.probability
        self.fired += hit
        return hit

    def as_json(self) -> dict[str, Any]:
        """The fault's fields with ``seen`` and ``fired``."""
        return {**asdict(self.fault), "seen": self.seen, "fired": self.fired}


class FaultPlan:
    """The faults of one server, in the order in which they were given; chance is seeded."""

    def __init__(self, faults: Iterable[Fault] = (), *, seed: int = 0) -> None:
        self._seed = seed
        self._rules: list[Rule] = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Plan one more fault."""
        self._rules.append(Rule(fault, f"{self._seed}/{len(self._rules)}"))

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        self._rules.clear()

    def due(self, operation: str, method: str = "POST") -> list[Fault]:
        """What happens to this call: any delays, and at most one other effect after them."""
        due: list[Fault] = []
        for rule in self._rules:
            if rule.hits(operation, method):
                due.append(rule.fault)
                if rule.fault.effect is not Effect.DELAY:
                    break
        return due

    def as_json(self) -> dict[str, Any]:
        """``{"faults": [fields with counters]}``."""
        return {"faults": [rule.as_json() for rule in self._rules]}
