"""What the bare-text lint knows: Streamlit's calls, the text room, and the shape of a file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

TEXT_MODULE = "rai_dash.ui.text"
#: Functions of the text room whose result may be shown as Markdown; `plain` and `csv_bytes` may not.
ESCAPES = frozenset(
    {
        "safe",
        "sentence",
        "percent",
        "points",
        "count",
        "many",
        "number",
        "percent_range",
        "score_beside",
        "estimate_text",
    }
)
#: A badge escapes brackets itself, so text for it is escaped otherwise.
BADGE_ESCAPES = ESCAPES - {"safe", "estimate_text"} | {"badge_text"}
#: Never used: they read HTML, or Markdown of anything they are given, or link to the outside.
BANNED = frozenset({"table", "exception", "html", "iframe", "write", "write_stream", "echo", "help"})
BANNED_OPTIONS = frozenset({"unsafe_allow_html", "unsafe_allow_javascript"})
#: Streamlit calls whose text is read as Markdown: the positions of that text.
SHOWN: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("markdown", "caption", "title", "header", "subheader", "badge", "latex"), (0,)),
    **dict.fromkeys(("info", "warning", "error", "success", "toast", "status", "spinner", "dialog"), (0,)),
    **dict.fromkeys(("button", "download_button", "form_submit_button", "link_button", "menu_button"), (0,)),
    **dict.fromkeys(("checkbox", "toggle", "slider", "select_slider", "selectbox", "multiselect"), (0,)),
    **dict.fromkeys(("text_input", "text_area", "number_input", "chat_input", "feedback"), (0,)),
    **dict.fromkeys(("date_input", "time_input", "datetime_input", "color_picker"), (0,)),
    **dict.fromkeys(("file_uploader", "camera_input", "audio_input"), (0,)),
    **dict.fromkeys(("expander", "popover", "tabs"), (0,)),
    **dict.fromkeys(("radio", "pills", "segmented_control"), (0, 1)),
    **dict.fromkeys(("progress", "page_link"), (1,)),
    "metric": (0, 1, 2),
}
#: Keywords whose value is read as Markdown, in any of these calls (`help` also in a column's settings).
SHOWN_KEYWORDS = frozenset({"label", "body", "text", "help", "captions", "placeholder", "delta", "title"})
#: Calls whose options are read as Markdown too, unless `format_func` writes them.
SHOWN_OPTIONS = frozenset({"radio", "pills", "segmented_control"})

NUMBER_TYPES = frozenset({"int", "float", "bool"})
#: Types that hold nothing but text and numbers.
TEXT_TYPES = NUMBER_TYPES | {"str", "list", "tuple", "dict", "set", "Sequence", "Mapping", "Iterable", "Path"}
NUMBER_CALLS = frozenset({"len", "round", "int", "float", "abs", "sum", "range", "bool"})
#: What comes out is as clean as what goes in.
PASSING_CALLS = frozenset(
    {
        "sorted",
        "list",
        "tuple",
        "set",
        "frozenset",
        "dict",
        "reversed",
        "next",
        "iter",
        "min",
        "max",
        "str",
        "zip",
        "rai_dash.core.words.written",
        "rai_dash.core.words.percentage",
        "rai_dash.ui.text.together",
    }
)
PASSING_METHODS = frozenset(
    {"strip", "lstrip", "rstrip", "lower", "upper", "capitalize", "join", "format"}
    | {"items", "values", "keys", "get", "copy"}
)
#: What a text is said by: as clean as its message and all that is put in. `ntr` takes a number in third place.
SPEAKING = {
    f"rai_dash.core.texts.{name}": 2 if name == "ntr" else 1 for name in ("tr", "ntr", "mark", "all_of")
}
GROWING_METHODS = frozenset({"append", "extend", "insert", "update", "add"})
#: Ours, although the lint cannot see it: functions by their full name, and expressions by module.
TRUSTED = {
    "rai_dash.ui.shell.pages": "constants of the page files, read with literal_eval",
    "rai_dash.ui.meanings.meaning": "lines of the glossary: tests/unit/core/test_glossary.py finds no Markdown in them",
    "rai_dash.ui.meanings.label": "names in the glossary: the same",
    "rai_dash.ui.words_box._lines": "lines and names of the glossary: the same",
    "rai_dash.ui.widgets: kind": "a line of the glossary, or nothing",
    "rai_dash.ui.widgets: seen.value": "the names of the Exposure enum",
    "rai_dash.ui.tour.strip._said": "sentences that tests/unit/ui/test_tour.py has linted one by one",
    "rai_dash.ui.tour.strip: stop.look": "constants of the stops",
    "rai_dash.ui.tour.strip: stop.beware": "constants of the stops",
}


@dataclass
class Module:
    """One file: its imports, functions and constants."""

    name: str
    path: str
    tree: ast.Module
    imports: dict[str, str] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    constants: dict[str, ast.expr] = field(default_factory=dict)


def read_module(name: str, path: str, source: str) -> Module:
    """Collect what the lint has to know about a file."""
    module = Module(name, path, ast.parse(source))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            module.imports |= {a.asname or a.name.split(".")[0]: a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            module.imports |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef):
            module.functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            module.classes[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            module.constants |= {t.id: node.value for t in targets if isinstance(t, ast.Name)}
    return module


def parameters(function: ast.FunctionDef | ast.Lambda) -> list[ast.arg]:
    """List the parameters of a function, those of keywords last."""
    args = function.args
    extra = [a for a in (args.vararg, args.kwarg) if a]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *extra]


@cache
def bindings(function: ast.AST) -> tuple[tuple[str, ast.expr | None], ...]:
    """List ``(name, value)`` for everything that gives a local name a value.

    An element is as clean as what holds it, so a loop gives its name the whole; None = not known.
    """
    return tuple(_bindings(function))


@cache
def local_names(function: ast.FunctionDef | ast.Lambda) -> frozenset[str]:
    """List the parameters of a function and what is given a value in it."""
    return frozenset({name for name, _ in bindings(function)} | {p.arg for p in parameters(function)})


def _bindings(function: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _bind(target, [node.value])
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value is not None:
            yield from _bind(node.target, [node.value])
        elif isinstance(node, ast.For | ast.comprehension):
            yield from _bind(node.target, _elements(node.iter))
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            yield from _bind(node.optional_vars, [None])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name, None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            holder = node.func.value
            if node.func.attr in GROWING_METHODS and isinstance(holder, ast.Name):
                yield from ((holder.id, arg) for arg in node.args)


def _elements(value: ast.expr) -> list[ast.expr | None]:
    """List what a loop goes over, as far as it is written out."""
    called = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
    if isinstance(value, ast.Tuple | ast.List):
        return [*value.elts]
    if isinstance(value, ast.Call) and called == "zip":
        return [ast.Tuple([*value.args])]
    if isinstance(value, ast.Call) and called == "enumerate":
        return [ast.Tuple([ast.Constant(0), value.args[0]])]
    return [value]


def _bind(target: ast.expr, values: list[ast.expr | None]) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(target, ast.Name):
        yield from ((target.id, value) for value in values)
    elif isinstance(target, ast.Starred):
        yield from _bind(target.value, values)
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        yield from ((target.value.id, value) for value in values)
    elif isinstance(target, ast.Tuple | ast.List):
        for i, part in enumerate(target.elts):
            yield from _bind(part, [_part(value, i, len(target.elts)) for value in values])


def _part(value: ast.expr | None, i: int, n: int) -> ast.expr | None:
    """Take part i of n of a tuple that is written out; of anything else the whole."""
    return value.elts[i] if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == n else value


def bound(call: ast.Call, function: ast.FunctionDef) -> dict[str, ast.expr]:
    """Match the arguments of a call with the parameters; what is spread by stars goes to all the rest."""
    names = [p.arg for p in parameters(function)]
    given = {k.arg: k.value for k in call.keywords if k.arg}
    spread = [k.value for k in call.keywords if k.arg is None]
    for name, arg in zip(names, call.args, strict=False):
        if isinstance(arg, ast.Starred):
            spread.append(arg.value)
            break
        given[name] = arg
    for value in spread:
        given |= {name: value for name in names if name not in given}
    return given


def own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Walk a function without the functions inside it."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            stack.extend(ast.iter_child_nodes(node))


def read_house(root: Path) -> dict[str, Module]:
    """Read every file that may call Streamlit."""
    package = root / "rai_dash"
    # The words for what the target is are shared with reports.
    shared = package / "core" / "target_words.py"
    files = [root / "app.py", shared, *(root / "pages").glob("*.py"), *(package / "ui").rglob("*.py")]
    modules = {}
    for file in sorted(files):
        path = file.relative_to(root)
        name = ".".join(path.with_suffix("").parts)
        if name != TEXT_MODULE:
            modules[name] = read_module(name, str(path), file.read_text(encoding="utf-8"))
    return modules
