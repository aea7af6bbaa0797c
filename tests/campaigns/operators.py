"""Small faults that a person might make in a module, each by one change of its syntax tree.

Left alone is what no test of behaviour should look at: texts (but decimals written as texts), annotations,
decorators, ``strict=`` and what only a type checker reads.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import CodeType
from typing import Any

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_NAMES = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "floor": "ceil",
    "ROUND_FLOOR": "ROUND_CEILING",
    "ROUND_CEILING": "ROUND_FLOOR",
    "ROUND_DOWN": "ROUND_UP",
    "ROUND_UP": "ROUND_DOWN",
    "ROUND_HALF_UP": "ROUND_HALF_EVEN",
    "ROUND_HALF_EVEN": "ROUND_HALF_UP",
}
_UNREAD = frozenset({"annotation", "returns", "decorator_list", "type_comment"})
_REMOVED = (ast.AugAssign, ast.Raise, ast.Delete)


@dataclass(frozen=True, slots=True)
class _Site:
    """A node that can be changed: where it hangs, and the function and statement that it stands in."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST
    scope: str
    statement: ast.stmt


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: ``name`` survives that lines move; ``lines`` are those of its statement; the rest finds it again."""

    module: str
    name: str
    lines: range
    place: int
    choice: int


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Yield every fault that the operators can make in a module."""
    names: Counter[str] = Counter()
    for place, site in enumerate(_sites(ast.parse(source))):
        for choice, changed in enumerate(_changes(site.node)):
            name = f"{module.removeprefix('connector.')}.{site.scope} | {_difference(site, changed)}"
            names[name] += 1
            ordinal = f" #{names[name]}" if names[name] > 1 else ""
            yield Mutant(module, name + ordinal, _lines(site.statement), place, choice)


def mutated(source: str, file: str, mutant: Mutant) -> CodeType:
    """Compile a module with one fault in it."""
    tree = ast.parse(source)
    site = next(site for place, site in enumerate(_sites(tree)) if place == mutant.place)
    changed = next(node for choice, node in enumerate(_changes(site.node)) if choice == mutant.choice)
    ast.copy_location(changed, site.node)
    if site.index is None:
        setattr(site.parent, site.field, changed)
    else:
        getattr(site.parent, site.field)[site.index] = changed
    return compile(ast.fix_missing_locations(tree), file, "exec")


def _sites(tree: ast.Module) -> Iterator[_Site]:
    for index, statement in enumerate(tree.body):
        yield from _within(_Site(tree, "body", index, statement, "", statement))


def _within(site: _Site) -> Iterator[_Site]:
    node, scope = site.node, site.scope
    if _is_for_readers(node):
        return
    yield site
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        scope = f"{scope}.{node.name}".lstrip(".")
    for field, value in ast.iter_fields(node):
        if field in _UNREAD or (isinstance(node, ast.Call) and _names(node.func, "TypeVar", "Literal", "cast")):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(child, ast.AST):
                inner = child if isinstance(child, ast.stmt) else site.statement
                yield from _within(_Site(node, field, index, child, scope, inner))


def _is_for_readers(node: ast.AST) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.If):
        return _names(node.test, "TYPE_CHECKING")
    if isinstance(node, ast.Subscript):
        return _names(node.value, "Literal", "Mapping", "Callable", "tuple", "dict", "frozenset")
    return isinstance(node, ast.keyword) and node.arg == "strict"


def _names(node: ast.AST, *wanted: str) -> bool:
    return isinstance(node, ast.Name) and node.id in wanted


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.expr):
        yield from _of_expression(node)
    if isinstance(node, ast.If | ast.While | ast.IfExp) and not isinstance(node.test, ast.Compare | ast.UnaryOp):
        yield _copy(node, test=ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.comprehension):
        for index in range(len(node.ifs)):
            yield _copy(node, ifs=node.ifs[:index] + node.ifs[index + 1 :])
    if isinstance(node, _REMOVED) or (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)):
        yield ast.Pass()
    if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield ast.Return(ast.Constant(None))
    if isinstance(node, ast.Continue):
        yield ast.Break()
    if isinstance(node, ast.Break):
        yield ast.Continue()


def _of_expression(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(ops=[op]):
            for other in _COMPARED[type(op)]:
                yield _copy(node, ops=[other()])
        case ast.Compare(ops=ops):
            for index, op in enumerate(ops):
                yield _copy(node, ops=[*ops[:index], _COMPARED[type(op)][0](), *ops[index + 1 :]])
        case ast.BoolOp(op=op):
            yield _copy(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp(op=op) if type(op) in _COMPUTED:
            yield _copy(node, op=_COMPUTED[type(op)]())
        case ast.Set(elts=elements) if len(elements) > 1:
            for index in range(len(elements)):
                yield _copy(node, elts=elements[:index] + elements[index + 1 :])
        case ast.Name(id=name) if name in _NAMES:
            yield _copy(node, id=_NAMES[name])
        case ast.Constant(value=value):
            yield from (ast.Constant(other) for other in _other_constants(value))
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=str(text))]):
            yield from (_copy(node, args=[ast.Constant(other)]) for other in _other_decimals(text))


def _other_constants(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        if value > 1:
            yield value - 1


def _other_decimals(text: str) -> Iterator[str]:
    try:
        yield str(Decimal(text) + 1)
    except InvalidOperation:
        return


def _copy(node: ast.AST, **changed: object) -> Any:
    return type(node)(**{**dict(ast.iter_fields(node)), **changed})


def _difference(site: _Site, changed: ast.AST) -> str:
    head = _head(site.statement)
    if site.node is not site.statement:
        return f"{head} | {_told(site.node)} → {_told(changed)}"
    return f"{head} → {_told(changed.test) if isinstance(changed, ast.If | ast.While) else _told(changed)}"


def _told(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 70 else f"{text[:67]}…"


def _head(statement: ast.stmt) -> str:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return f"{'def' if isinstance(statement, ast.FunctionDef) else 'class'} {statement.name}"
    line = ast.unparse(statement).split("\n", 1)[0]
    return line if len(line) <= 90 else f"{line[:87]}…"


def _lines(statement: ast.stmt) -> range:
    body = getattr(statement, "body", None)
    last = max(body[0].lineno - 1, statement.lineno) if body else statement.end_lineno or statement.lineno
    return range(statement.lineno, last + 1)
