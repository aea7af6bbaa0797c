"""What the body of an answer says beside its status.

Its fields are not published. So by itself a body can only take away what the status says, by telling of an error;
``success_field`` and ``transaction_field`` say what a success must have, once the partner has told. A field is looked
for wherever it may stand, in capitals or not.
"""

from __future__ import annotations

from connector.partners.lufthansa.earn import Terms

_ERRORS = ("error", "errors", "processingerrors")
_FAILURES = {"success": {"false"}, "status": {"error", "failed", "failure"}}
_REFERENCES = (str, int)
_LONGEST_REFERENCE = 100
_DEPTH = 5  # of objects and lists that are looked into


def reference(content: object, terms: Terms) -> str:
    """Return the partner's id of the transaction, "" where there is none."""
    return _found(content, terms.transaction, _REFERENCES)[:_LONGEST_REFERENCE]


def is_success(content: object, terms: Terms) -> bool:
    """Tell whether a body leaves a success one; ``content`` is None where there is no body."""
    if terms.transaction_field and not reference(content, terms):
        return False
    if terms.success_field:
        value = _found(content, terms.success_field, (*_REFERENCES, bool))
        return value.casefold() in {each.casefold() for each in terms.success_values}
    return content is not False and not _tells_of_an_error(content)


def _tells_of_an_error(content: object, depth: int = _DEPTH) -> bool:
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    fields = {key.lower(): value for key, value in content.items()} if isinstance(content, dict) else {}
    failed = any(str(fields.get(name)).lower() in words for name, words in _FAILURES.items())
    told = failed or any(fields.get(name) for name in _ERRORS)
    return told or (depth > 1 and any(_tells_of_an_error(each, depth - 1) for each in inner))


def _found(content: object, name: str, kinds: tuple[type, ...], depth: int = _DEPTH) -> str:
    """Return a value of this name as text; its place is not published."""
    if isinstance(content, list) and depth:
        return next(filter(None, (_found(each, name, kinds, depth - 1) for each in content)), "")
    if not isinstance(content, dict) or not depth:
        return ""
    value = next((each for key, each in content.items() if key.lower() == name.lower()), None)
    if type(value) in kinds and value != "" and str(value).isprintable():
        return str(value)
    return next(filter(None, (_found(each, name, kinds, depth - 1) for each in content.values())), "")
