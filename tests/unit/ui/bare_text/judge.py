"""Which expressions are clean: ours, numbers, escaped text, and what is built of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.unit.ui.bare_text.facts import (
    ESCAPES,
    NUMBER_CALLS,
    NUMBER_TYPES,
    PASSING_CALLS,
    PASSING_METHODS,
    SPEAKING,
    TEXT_MODULE,
    TEXT_TYPES,
    TRUSTED,
    Module,
    bindings,
    bound,
    local_names,
    own_nodes,
    parameters,
)

Function = ast.FunctionDef
#: The parameters an expression is as clean as: (module, function, parameter). None = bare.
Needs = frozenset[tuple[str, str, str]] | None
CLEAN: frozenset[tuple[str, str, str]] = frozenset()

#: Expressions that are as clean as their parts.
_PARTS: dict[type[ast.expr], Callable[[Any], Iterable[ast.expr | None]]] = {
    ast.Constant: lambda _: (),
    ast.Compare: lambda _: (),
    ast.UnaryOp: lambda _: (),
    ast.JoinedStr: lambda e: (v.value for v in e.values if isinstance(v, ast.FormattedValue)),
    ast.BinOp: lambda e: (e.left, e.right),
    ast.BoolOp: lambda e: e.values,
    ast.IfExp: lambda e: (e.body, e.orelse),
    ast.List: lambda e: e.elts,
    ast.Tuple: lambda e: e.elts,
    ast.Set: lambda e: e.elts,
    ast.Dict: lambda e: (*(k for k in e.keys if k), *e.values),
    ast.ListComp: lambda e: (e.elt,),
    ast.SetComp: lambda e: (e.elt,),
    ast.GeneratorExp: lambda e: (e.elt,),
    ast.DictComp: lambda e: (e.key, e.value),
    ast.Starred: lambda e: (e.value,),
    ast.NamedExpr: lambda e: (e.value,),
    ast.Subscript: lambda e: (e.value,),
}


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: its file, and the functions around it from the outside in."""

    module: Module
    functions: tuple[Function | ast.Lambda, ...] = ()


def together(parts: Iterable[Needs]) -> Needs:
    """Join the needs of parts; one bare part makes the whole bare."""
    whole = CLEAN
    for part in parts:
        if part is None:
            return None
        whole |= part
    return whole


@dataclass
class Judge:
    """All files at once, for text travels through functions of other files."""

    modules: dict[str, Module]
    escapes: frozenset[str] = ESCAPES
    _busy: set[object] = field(default_factory=set)

    def needs(self, expr: ast.expr | None, scope: Scope) -> Needs:
        """Say which parameters an expression is as clean as; None = bare."""
        if expr is None or f"{scope.module.name}: {ast.unparse(expr)}" in TRUSTED:
            return CLEAN if expr else None
        if type(expr) in _PARTS:
            return self._all(_PARTS[type(expr)](expr), scope)
        if isinstance(expr, ast.Name):
            return self._name(expr, scope)
        if isinstance(expr, ast.Attribute):
            home = self.dotted(expr, scope)
            return self._constant(home) if home else self.needs(expr.value, scope)
        return self._call(expr, scope) if isinstance(expr, ast.Call) else None

    def _all(self, parts: Iterable[ast.expr | None], scope: Scope) -> Needs:
        return together(self.needs(p, scope) for p in parts)

    def _name(self, expr: ast.Name, scope: Scope) -> Needs:
        for depth in range(len(scope.functions), 0, -1):
            function = scope.functions[depth - 1]
            inner = Scope(scope.module, scope.functions[:depth])
            found = [self._param(p, inner) for p in parameters(function) if p.arg == expr.id]
            found += [
                self._bound(expr.id, value, inner) for name, value in bindings(function) if name == expr.id
            ]
            if found:
                return together(found)
        module = scope.module
        if expr.id in module.constants:
            return self._bound(expr.id, module.constants[expr.id], Scope(module))
        return self._constant(module.imports.get(expr.id, ""))

    def _bound(self, name: str, value: ast.expr | None, scope: Scope) -> Needs:
        """Judge what a name was given; a name that is made of itself is judged by its other values."""
        key = (scope.module.name, scope.functions[-1:], name, id(value), self.escapes)
        if key in self._busy:
            return CLEAN
        self._busy.add(key)
        needs = self.needs(value, scope)
        self._busy.discard(key)
        return needs

    def _param(self, param: ast.arg, scope: Scope) -> Needs:
        """Judge a parameter: numbers are clean, text is as clean as what callers pass."""
        function = scope.functions[-1]
        written = ast.unparse(param.annotation) if param.annotation else ""
        kinds = {k.strip() for k in written.split("|")} - {"None"}
        if kinds and kinds <= NUMBER_TYPES:
            return CLEAN
        is_top = isinstance(function, Function) and scope.module.functions.get(function.name) is function
        if is_top and kinds and all(self._is_text_type(k, scope.module) for k in kinds):
            return frozenset({(scope.module.name, function.name, param.arg)})
        return None

    def _is_text_type(self, kind: str, module: Module) -> bool:
        """Whether a type holds nothing but text and numbers, through and through."""
        names = {n.id for n in ast.walk(ast.parse(kind)) if isinstance(n, ast.Name)}
        return bool(names) and all(self._is_text_class(name, module) for name in names - TEXT_TYPES)

    def _is_text_class(self, name: str, module: Module) -> bool:
        found = self._at(module.imports.get(name, f"{module.name}.{name}"))
        if found is None or found[1] not in found[0].classes:
            return False
        fields = [n.annotation for n in found[0].classes[found[1]].body if isinstance(n, ast.AnnAssign)]
        return bool(fields) and all(self._is_text_type(ast.unparse(f), found[0]) for f in fields)

    def _call(self, call: ast.Call, scope: Scope) -> Needs:
        function = self.function(call.func, scope)
        if function is not None:
            return self._result(*function, call, scope)
        home = self.dotted(call.func, scope)
        room, _, name = home.rpartition(".")
        if room == TEXT_MODULE and home not in PASSING_CALLS:
            return CLEAN if name in self.escapes else None
        if home == "ast.literal_eval" or home in NUMBER_CALLS:
            return CLEAN
        if home in SPEAKING:
            # Keywords of any name, `key` too: each is put into the text.
            return self._all([*call.args[: SPEAKING[home]], *(k.value for k in call.keywords)], scope)
        inputs = [*call.args, *(k.value for k in call.keywords if k.arg != "key")]
        if home in PASSING_CALLS or self._is_class(home):
            return self._all(inputs, scope)
        return self._call_of_value(call.func, inputs, scope)

    def _call_of_value(self, func: ast.expr, inputs: list[ast.expr], scope: Scope) -> Needs:
        """Judge a call of a method, or of a function out of a table."""
        if isinstance(func, ast.Attribute) and func.attr in PASSING_METHODS:
            return self._all([func.value, *inputs], scope)
        return self._table_of_functions(func, scope) if isinstance(func, ast.Subscript) else None

    def _result(self, module: Module, function: Function, call: ast.Call, scope: Scope) -> Needs:
        """Judge what one of our functions returns, for these arguments."""
        if f"{module.name}.{function.name}" in TRUSTED:
            return CLEAN
        result = self._returns(module, function)
        if result is None:
            return None
        given = bound(call, function)
        own = [p for m, f, p in result if (m, f) == (module.name, function.name)]
        return self._all((given[p] for p in own if p in given), scope)

    def _returns(self, module: Module, function: Function) -> Needs:
        returned = ast.unparse(function.returns) if function.returns else ""
        key = (module.name, function.name, "returns", self.escapes)
        if {k.strip() for k in returned.split("|")} <= NUMBER_TYPES | {"None"} or key in self._busy:
            return CLEAN
        self._busy.add(key)
        scope = Scope(module, (function,))
        values = [
            n.value for n in own_nodes(function) if isinstance(n, ast.Return | ast.Yield | ast.YieldFrom)
        ]
        needs = self._all((v for v in values if v is not None), scope)
        self._busy.discard(key)
        return needs

    def _table_of_functions(self, func: ast.Subscript, scope: Scope) -> Needs:
        """Judge ``TABLE[key](...)``, where every function of the table must return text of ours."""
        name = func.value.id if isinstance(func.value, ast.Name) else ""
        table = scope.module.constants.get(name)
        if not isinstance(table, ast.Dict):
            return None
        parts: list[Needs] = []
        for value in table.values:
            found = self.function(value, Scope(scope.module))
            if isinstance(value, ast.Lambda):
                parts.append(self.needs(value.body, Scope(scope.module, (value,))))
            else:
                parts.append(self._returns(*found) if found else None)
        return CLEAN if all(p == CLEAN for p in parts) else None

    # Names.

    def dotted(self, expr: ast.expr, scope: Scope) -> str:
        """Return the full name of what is imported, built in, or at the top of a file; else nothing."""
        if isinstance(expr, ast.Attribute):
            base = self.dotted(expr.value, scope)
            return f"{base}.{expr.attr}" if base else ""
        if not isinstance(expr, ast.Name):
            return ""
        module = scope.module
        if any(expr.id in local_names(f) for f in scope.functions):
            return ""
        if expr.id in module.functions or expr.id in module.classes or expr.id in module.constants:
            return f"{module.name}.{expr.id}"
        return module.imports.get(expr.id, expr.id)

    def _at(self, home: str) -> tuple[Module, str] | None:
        room, _, name = home.rpartition(".")
        return (self.modules[room], name) if room in self.modules else None

    def function(self, expr: ast.expr, scope: Scope) -> tuple[Module, Function] | None:
        found = self._at(self.dotted(expr, scope))
        return (found[0], found[0].functions[found[1]]) if found and found[1] in found[0].functions else None

    def _is_class(self, home: str) -> bool:
        found = self._at(home)
        return found is not None and found[1] in found[0].classes

    def _constant(self, home: str) -> Needs:
        """Judge a constant by its full name: ours by its value, others by their spelling."""
        found = self._at(home)
        if found is not None and found[1] in found[0].constants:
            return self._bound(found[1], found[0].constants[found[1]], Scope(found[0]))
        return CLEAN if home.rpartition(".")[2].strip("_").isupper() else None
