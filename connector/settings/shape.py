"""What may stand where: the model of the configuration, laid over the tables of one file.

Tables whose names the operator chooses (partners, properties) exist only when the file has them, so that
neither the environment nor a secret file can create one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from connector.settings.keys import Path, Tables

Model = type[BaseModel]
CHOOSERS = ("channel", "kind")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A single value that the configuration may hold."""

    path: tuple[str, ...]
    field: FieldInfo

    @property
    def kinds(self) -> tuple[Any, ...]:
        """The types of the value, without None."""
        return kinds(self.field.annotation)

    @property
    def is_secret(self) -> bool:
        """Whether the value must never stand in the file."""
        return SecretStr in self.kinds

    @property
    def is_scalar(self) -> bool:
        """Whether one word of the environment can hold it."""
        return not any(get_origin(kind) in (tuple, dict) for kind in self.kinds)


def kinds(annotation: object) -> tuple[Any, ...]:
    """Return the types that an annotation stands for, without None and metadata."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return kinds(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return tuple(kind for member in get_args(annotation) for kind in kinds(member))
    return () if annotation is NoneType else (annotation,)


def sections(annotation: object) -> tuple[Model, ...]:
    """Return the tables that an annotation stands for: several when a channel decides."""
    return tuple(kind for kind in kinds(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel))


def fields(model: Model) -> dict[str, FieldInfo]:
    """Return the fields of a table by the name they have in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def content(annotation: object) -> object:
    """Return what the entries of a table of tables, or of a list of tables, are made of."""
    for kind in kinds(annotation):
        if get_origin(kind) is dict:
            return get_args(kind)[1]
        if get_origin(kind) is tuple:
            return get_args(kind)[0]
    return None


def chosen(annotation: object, table: object) -> Model | None:
    """Return the table's model; of several the one that its channel or kind names, None when that is unknown."""
    models = sections(annotation)
    if len(models) < 2:
        return models[0] if models else None
    word = table.get(chooser(models), _default(models)) if isinstance(table, dict) else None
    return next((model for model in models if word in words(model, chooser(models))), None)


def chooser(models: tuple[Model, ...]) -> str:
    """Return the key that chooses between models: the channel of a partner, the kind of a source of members."""
    return next(name for name in CHOOSERS if name in models[0].model_fields)


def words(model: Model, chooser: str) -> tuple[object, ...]:
    """Return the words that choose this model."""
    annotation = model.model_fields[chooser].annotation
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _default(models: tuple[Model, ...]) -> object:
    """Return the word that counts when none is given; it chooses nothing where one is required."""
    found = (model.model_fields[chooser(models)] for model in models)
    return next((field.default for field in found if not field.is_required()), None)


def leaves(model: Model, tables: object, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Yield every single value that may stand in these tables, except inside lists of tables."""
    table: Tables = tables if isinstance(tables, dict) else {}
    for name, field in fields(model).items():
        inner = table.get(name)
        if sections(content(field.annotation)):
            yield from _entries(field, inner, (*path, name))
        elif sections(field.annotation):
            yield from _table(field, inner, (*path, name))
        else:
            yield Leaf((*path, name), field)


def _entries(field: FieldInfo, tables: object, path: tuple[str, ...]) -> Iterator[Leaf]:
    for name, table in tables.items() if isinstance(tables, dict) else ():
        model = chosen(content(field.annotation), table)
        if model is not None:
            yield from leaves(model, table, (*path, name))


def unreadable(model: Model, tables: object) -> Iterator[tuple[str, ...]]:
    """Yield the named tables of which we cannot tell what may stand in them."""
    for name, field in fields(model).items():
        found = tables.get(name) if isinstance(tables, dict) else None
        if not isinstance(found, dict):
            continue
        if sections(field.annotation) and chosen(field.annotation, found) is None:
            yield (name,)
        for entry, table in found.items() if sections(content(field.annotation)) else ():
            if chosen(content(field.annotation), table) is None:
                yield name, entry


def _table(field: FieldInfo, table: object, path: tuple[str, ...]) -> Iterator[Leaf]:
    model = chosen(field.annotation, table)
    may_be_absent = NoneType in get_args(field.annotation)
    if model is not None and not (may_be_absent and table is None):
        yield from leaves(model, table, path)


def model_at(annotation: object, tables: Any, path: Path) -> Model | None:
    """Return the model of the table at a path that the tables hold, or None when none is known."""
    if not path:
        return chosen(annotation, tables)
    model = chosen(annotation, tables)
    field = fields(model).get(str(path[0])) if model else None
    below = field.annotation if field else None if model else content(annotation)
    return model_at(below, tables[path[0]], path[1:])
