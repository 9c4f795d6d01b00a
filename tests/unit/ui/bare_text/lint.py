"""A lint: what Streamlit reads as Markdown is made of our own words, of numbers, and of escaped text.

An expression is *clean* when it is a constant of ours, a call of ``rai_dash.ui.text``, a number, or built
of clean parts. A parameter is as clean as what callers pass: a function of ``pages`` or ``rai_dash.ui``
that shows a parameter, or returns it in a text, is checked where it is called. Everything else, an
attribute of a result, a cell of a table, a column name, is bare and must pass ``safe`` first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.unit.ui.bare_text.facts import (
    BADGE_ESCAPES,
    BANNED,
    BANNED_OPTIONS,
    ESCAPES,
    SHOWN,
    SHOWN_KEYWORDS,
    SHOWN_OPTIONS,
    TEXT_MODULE,
    Module,
    bound,
)
from tests.unit.ui.bare_text.judge import Function, Judge, Scope


@dataclass(frozen=True, order=True)
class Finding:
    """One bare text."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass
class Lint:
    """The judge, and the parameters that are shown, as far as they were found."""

    judge: Judge
    sinks: set[tuple[str, str, str]] = field(default_factory=set)

    def run(self) -> list[Finding]:
        """Find every bare text and every banned call."""
        known = -1
        while known != len(self.sinks):
            known = len(self.sinks)
            findings = {f for m in self.judge.modules.values() for f in self._file(m)}
        return sorted(findings)

    def _file(self, module: Module) -> Iterator[Finding]:
        for node, scope in walk(module):
            if isinstance(node, ast.Call):
                yield from self._banned(node, scope)
                for expr, badge in self._shown(node, scope):
                    yield from self._judge(expr, scope, badge=badge)
            elif isinstance(node, ast.Name | ast.Attribute):
                yield from self._passed_on(node, scope)

    def _judge(self, expr: ast.expr, scope: Scope, *, badge: bool) -> Iterator[Finding]:
        self.judge.escapes = BADGE_ESCAPES if badge else ESCAPES
        needs = self.judge.needs(expr, scope)
        self.judge.escapes = ESCAPES
        if needs is None:
            text = ast.unparse(expr)
            way = "badge_text(...)" if badge else "safe(...) or a number function of rai_dash.ui.text"
            yield Finding(
                scope.module.path, expr.lineno, f"`{text[:90]}` is shown bare: pass it through {way}"
            )
        else:
            self.sinks |= needs

    def _banned(self, call: ast.Call, scope: Scope) -> Iterator[Finding]:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name in BANNED and self._is_streamlit(call.func, scope):
            yield Finding(scope.module.path, call.lineno, f"st.{name} is not used here")
        for keyword in call.keywords:
            if keyword.arg in BANNED_OPTIONS:
                yield Finding(scope.module.path, call.lineno, f"{keyword.arg} is not used here")

    def _is_streamlit(self, func: ast.expr, scope: Scope) -> bool:
        """Whether a call may be one of Streamlit's: on the module, or on a container in a variable."""
        if not isinstance(func, ast.Attribute):
            return isinstance(func, ast.Name) and scope.module.imports.get(func.id, "").startswith(
                "streamlit."
            )
        root = func.value
        while isinstance(root, ast.Attribute | ast.Call | ast.Subscript):
            root = root.func if isinstance(root, ast.Call) else root.value
        if not isinstance(root, ast.Name):
            return False
        home = scope.module.imports.get(root.id)
        return home.split(".")[0] == "streamlit" if home else not root.id.strip("_").isupper()

    def _shown(self, call: ast.Call, scope: Scope) -> Iterator[tuple[ast.expr, bool]]:
        """Yield the arguments of a call that are read as Markdown, and whether by a badge."""
        function = self.judge.function(call.func, scope)
        if function is not None:
            module, target = function
            for name, value in bound(call, target).items():
                if (module.name, target.name, name) in self.sinks:
                    yield value, False
            return
        func = call.func
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        if name.endswith("Column"):
            yield from ((k.value, False) for k in call.keywords if k.arg == "help")
        elif self._is_streamlit(func, scope) and name in SHOWN:
            yield from ((value, name == "badge") for value in self._streamlit_texts(call, name, scope))

    def _streamlit_texts(self, call: ast.Call, name: str, scope: Scope) -> Iterator[ast.expr]:
        given = {k.arg: k.value for k in call.keywords}
        positions = SHOWN[name]
        written = given.get("format_func")
        if name in SHOWN_OPTIONS and written is not None:
            # The options are shown as the function writes them.
            positions = (0,)
            yield from self._writer(written, scope)
        elif name in SHOWN_OPTIONS and "options" in given:
            yield given["options"]
        if name == "metric" and "value" in given:
            yield given["value"]
        for i, arg in enumerate(call.args):
            if i in positions or isinstance(arg, ast.Starred):
                yield arg.value if isinstance(arg, ast.Starred) else arg
        yield from (value for key, value in given.items() if key in SHOWN_KEYWORDS or key is None)

    def _writer(self, function: ast.expr, scope: Scope) -> Iterator[ast.expr]:
        home = self.judge.dotted(function, scope)
        if home.rpartition(".")[0] == TEXT_MODULE and home.rpartition(".")[2] in self.judge.escapes:
            return
        yield function.body if isinstance(function, ast.Lambda) else function

    def _passed_on(self, node: ast.Name | ast.Attribute, scope: Scope) -> Iterator[Finding]:
        """Find a function that shows its parameters and is handed on: nobody sees what it is called with."""
        if not isinstance(node.ctx, ast.Load) or getattr(node, "is_called", False):
            return
        function = self.judge.function(node, scope)
        shows = function and any(s[:2] == (function[0].name, function[1].name) for s in self.sinks)
        room, _, name = self.judge.dotted(node, scope).rpartition(".")
        if shows or (room == "streamlit" and name in SHOWN):
            text = f"`{ast.unparse(node)}` shows what it is given and is passed on: call it here"
            yield Finding(scope.module.path, node.lineno, text)


def lint(modules: dict[str, Module]) -> list[Finding]:
    """Find every bare text and every banned call in some files."""
    return Lint(Judge(modules)).run()


def walk(module: Module) -> Iterator[tuple[ast.AST, Scope]]:
    """Walk a file; every node comes with the functions around it."""
    stack: list[tuple[ast.AST, tuple[Function | ast.Lambda, ...]]] = [(module.tree, ())]
    while stack:
        node, functions = stack.pop()
        if isinstance(node, ast.Call):
            node.func.is_called = True  # type: ignore[attr-defined]
        if isinstance(node, ast.Name | ast.Attribute | ast.Call):
            yield node, Scope(module, functions)
        if isinstance(node, Function | ast.Lambda):
            functions = (*functions, node)
        stack.extend((child, functions) for child in ast.iter_child_nodes(node))
