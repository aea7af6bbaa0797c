"""What a request must look like; fields beyond the documented ones pass.

The rule for membership numbers is not published, so every text and whole number is one. Nor is the envelope of
a membership, so it may come within ``membership`` or by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from connector.sandbox.qiibee.users import IMPLEMENTATIONS

LONGEST_PAGE = 100
_TEXTS = ("auth_id", "first_name", "second_name", "language", "country_ISO")


class Refused(Exception):
    """The request is answered with HTTP 400 and this sentence."""


def new_user(content: bytes) -> dict[str, Any]:
    """The fields of ``POST /users``; raises ``Refused``."""
    fields = checked(_user(content))
    _expect(fields.get("email") is not None, "email: missing")
    return fields


def changes(content: bytes, auth_id: str) -> dict[str, Any]:
    """The fields of ``PUT`` and ``PATCH /users/:auth_id``; raises ``Refused``."""
    fields = checked(_user(content))
    _expect(fields.get("auth_id", auth_id) == auth_id, "auth_id: cannot be changed")
    _expect(fields.get("email", "") is not None, "email: cannot be removed")
    return fields


def checked(fields: Any) -> dict[str, Any]:
    """The fields of a user, none of them required; raises ``Refused``."""
    _expect(isinstance(fields, dict), "user: expected an object")
    email, metadata = fields.get("email"), fields.get("metadata")
    good = isinstance(email, str) and re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", email)
    _expect(email is None or bool(good), "email: expected an e-mail address")
    for name in _TEXTS:
        _expect(isinstance(fields.get(name), str | None), f"{name}: expected a text")
    _expect(fields.get("auth_id") != "", "auth_id: expected a text")
    _expect(isinstance(metadata, dict | None), "metadata: expected an object")
    return dict(fields)


def membership(content: bytes) -> tuple[str, str]:
    """Implementation name and number of ``POST /users/:auth_id/memberships``; raises ``Refused``."""
    body = _object(content)
    return membership_of(body.get("membership", body))


def membership_of(fields: Any) -> tuple[str, str]:
    """Implementation name and number of a membership object; raises ``Refused``."""
    _expect(isinstance(fields, dict), "membership: expected an object")
    name, number = fields.get("exchange_provider_implementation_name"), fields.get("membership_number")
    implementation(name)
    good = (isinstance(number, str) and number.strip() != "") or type(number) is int
    _expect(good, "membership_number: expected a number of a member")
    return str(name), str(number)


def implementation(name: Any) -> None:
    """Refuse a name that no provider of memberships has."""
    expected = " or ".join(IMPLEMENTATIONS)
    _expect(name in IMPLEMENTATIONS, f"exchange_provider_implementation_name: expected {expected}")


def span(query: Mapping[str, str]) -> tuple[int, int]:
    """``offset`` and ``limit`` of a list; raises ``Refused``."""
    offset, limit = _whole(query, "offset", 0), _whole(query, "limit", LONGEST_PAGE)
    _expect(1 <= limit <= LONGEST_PAGE, f"limit: expected 1 to {LONGEST_PAGE}")
    return offset, limit


def _whole(query: Mapping[str, str], name: str, otherwise: int) -> int:
    text = query.get(name, str(otherwise))
    _expect(re.fullmatch(r"[0-9]{1,9}", text) is not None, f"{name}: expected a whole number")
    return int(text)


def _user(content: bytes) -> Any:
    body = _object(content)
    _expect("user" in body, "user: missing")
    return body["user"]


def _object(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        raise Refused("the body is not JSON") from None
    _expect(isinstance(body, dict), "expected a JSON object")
    return dict(body)


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Refused(otherwise)
