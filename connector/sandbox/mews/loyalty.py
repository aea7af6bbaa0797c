"""What the loyalty writes share: all items are checked before the first is written, so a batch is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from connector.sandbox.mews.access import Access
from connector.sandbox.mews.filters import Filter, among, visible
from connector.sandbox.mews.instants import wire
from connector.sandbox.mews.kinds import KINDS
from connector.sandbox.mews.reading import Answer
from connector.sandbox.mews.records import Record, text
from connector.sandbox.mews.refusals import Refused
from connector.sandbox.mews.state import State


@dataclass(frozen=True, slots=True)
class Field:
    """An updatable property: whether null clears it, its longest text, any further check (value, path)."""

    clearable: bool = False
    longest: int | None = None
    check: Callable[[Any, str], None] | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """A kind of loyalty records as one token writes it."""

    state: State
    access: Access
    kind: str

    def active(self, kind: str, ids: Iterable[str | None]) -> dict[str, Record]:
        """Return the chain's active records among these ids."""
        found = self.all_active(kind, among("Id", {id_ for id_ in ids if id_ is not None}, narrow=True))
        return {record.id: record for record in found}

    def all_active(self, kind: str, *filters: Filter) -> list[Record]:
        """Return the chain's active records that the filters keep."""
        return self.state.every(kind, [*self._own(kind), *filters])

    def any_active(self, kind: str, *filters: Filter) -> bool:
        """Tell whether the filters keep an active record of the chain."""
        return bool(self.state.page(kind, [*self._own(kind), *filters], 1).bodies)

    def _own(self, kind: str) -> tuple[Filter, Filter]:
        return visible(None), self.access.scope(KINDS[kind])

    def add(self, bodies: Iterable[Mapping[str, Any]]) -> Answer:
        """Write new records and answer with them."""
        with self.state.transaction():
            return self._listing(self.state.add(self.kind, [{"Id": str(uuid4()), **body} for body in bodies]))

    def revise(self, bodies: Iterable[tuple[Record, dict[str, Any]]]) -> Answer:
        """Give records new bodies, moving their update time, and answer with them."""
        now = wire(self.state.now())
        revised = [replace(record, body=body, updated=now) for record, body in bodies]
        with self.state.transaction():
            self.state.replace(self.kind, revised)
        return self._listing(revised)

    def remove(self, records: Iterable[Record]) -> Answer:
        """Mark records as deleted.

        It is not documented whether a deletion moves the update time. Here it does not: a reader who lists
        the deleted ones in full is right either way.
        """
        now = wire(self.state.now())
        gone = [replace(record, deleted=now) for record in records]
        with self.state.transaction():
            self.state.replace(self.kind, gone)
        return Answer("{}", len(gone))

    def _listing(self, records: Iterable[Record]) -> Answer:
        bodies = [text(record.body) for record in records]
        return Answer(f'{{"{self.kind}":[{",".join(bodies)}]}}', len(bodies))


def existing(found: Mapping[str, Record], id_: str, path: str) -> Record:
    """Return the record, or raise Refused with its id: one bad item refuses the whole batch."""
    if (record := found.get(id_)) is None:
        raise Refused(f"Invalid value of '{path}': '{id_}' does not exist.")
    return record


def listed(desk: Desk, ids: Iterable[str], path: str) -> list[Record]:
    """Return the active records of a list of ids; raises Refused for the first that does not exist."""
    distinct = list(dict.fromkeys(ids))
    found = desk.active(desk.kind, distinct)
    return [existing(found, id_, f"{path}[{index}]") for index, id_ in enumerate(distinct)]


def once(ids: Iterable[str], path: str) -> None:
    """Refuse a batch that updates one record twice."""
    seen: set[str] = set()
    for index, id_ in enumerate(ids):
        if id_ in seen:
            raise Refused(f"Invalid value of '{path}[{index}]': '{id_}' stands in the batch twice.")
        seen.add(id_)


def applied(
    body: Mapping[str, Any], update: Mapping[str, Any], fields: Mapping[str, Field], path: str
) -> dict[str, Any]:
    """Return an updated body: absent keeps, ``{"Value": x}`` sets, ``{"Value": null}`` clears."""
    changed = dict(body)
    for name, field in fields.items():
        if (holder := update.get(name)) is not None:
            changed[name] = _allowed(holder.get("Value"), field, f"{path}.{name}.Value")
    return changed


def _allowed(value: Any, field: Field, path: str) -> Any:
    if value is None and not field.clearable:
        raise Refused(f"Invalid value of '{path}': it cannot be cleared.")
    if field.longest is not None and value is not None and len(value) > field.longest:
        raise Refused(f"Invalid value of '{path}': at most {field.longest} characters are expected.")
    if field.check and value is not None:
        field.check(value, path)
    return value
