"""What qiibee's answers hold, where its pages do not show how they look.

The list of users may be the answer or lie within it under any name, with or without a total. Memberships may come one
by one or as a list, and either within objects of whatever name. Only the names of a membership's fields are documented.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connector.errors import Unfinished
from connector.schemes.plain import kind_of

_IMPLEMENTATION = "exchange_provider_implementation_name"
_NUMBER = "membership_number"

Object = Mapping[str, object]


def users_in(answer: object) -> list[object]:
    """Return the users of a page; raises Unfinished when there is no telling which list they are."""
    if isinstance(answer, list):
        return [_unwrapped(each) for each in answer]
    if isinstance(answer, Mapping):
        inner = answer["users"] if "users" in answer else _only_list(answer)
        if isinstance(inner, list | Mapping):
            return users_in(inner)
    raise Unfinished(
        f"scheme: qiibee's answer is {kind_of(answer)} without one list; expected a list of users, "
        "so nothing of it was applied."
    )


def total_in(answer: object) -> int | None:
    """Return how many users there are by what a page tells, None when it tells nothing, or several numbers."""
    counts = [(name.lower(), each) for found in _objects(answer) for name, each in found.items() if type(each) is int]
    for word in ("total", "count"):
        told = {each for name, each in counts if word in name and "page" not in name}
        if told:
            return told.pop() if len(told) == 1 else None
    return None


def number_in(found: object, implementation: str) -> object:
    """Return the number of a user's membership at a provider, None when there is none.

    What cannot be understood is returned as it is: never a text, and so never taken for a number.
    """
    numbers: list[object] = []
    for each in _memberships(found):
        if not isinstance(each.get(_IMPLEMENTATION), str) or _NUMBER not in each:
            return found
        if each[_IMPLEMENTATION] == implementation and each[_NUMBER] not in numbers:
            numbers.append(each[_NUMBER])
    return numbers if len(numbers) > 1 else next(iter(numbers), None)


def _unwrapped(user: object) -> object:
    return user["user"] if isinstance(user, Mapping) and list(user) == ["user"] else user


def _only_list(answer: Object) -> object:
    """Return the one list of an object, or else the one object in which it may lie; None when it is not one."""
    for kind in (list, Mapping):
        found = [each for each in answer.values() if isinstance(each, kind)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _objects(answer: object) -> Iterator[Object]:
    """Yield an object and those within it, but for what its lists hold."""
    if isinstance(answer, Mapping):
        yield answer
        for each in answer.values():
            yield from _objects(each)


def _memberships(found: object) -> Iterator[Object]:
    """Yield whatever may be a membership; {} for an entry of a list that is none."""
    if isinstance(found, list):
        for each in found:
            yield from [*_memberships(each)] or [{}]
    elif isinstance(found, Mapping) and (_IMPLEMENTATION in found or _NUMBER in found):
        yield found
    elif isinstance(found, Mapping):
        for each in found.values():
            yield from _memberships(each)
