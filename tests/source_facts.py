"""What the sources say about themselves, found by reading them: codes, environment variables, schemas, pages."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parents[1]
PACKAGE = REPO / "rai_dash"
#: What carries a code to a person or a program, beside the errors.
CARRIERS = {"Notice", "LookAt"}


@cache
def sources() -> dict[str, str]:
    """Text of every module of the package, by its path below it."""
    found = sorted(PACKAGE.rglob("*.py"))
    return {p.relative_to(PACKAGE).as_posix(): p.read_text(encoding="utf-8") for p in found}


@cache
def tree_of(path: str) -> ast.Module:
    """Parse one of them."""
    return ast.parse(sources()[path])


def _texts(node: ast.AST) -> set[str]:
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _name_of(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _targets(node: ast.stmt) -> list[str]:
    """Names that an assignment gives values to."""
    if isinstance(node, ast.AnnAssign):
        return [_name_of(node.target)]
    if not isinstance(node, ast.Assign):
        return []
    return [_name_of(n) for t in node.targets for n in (t.elts if isinstance(t, ast.Tuple) else [t])]


class Codes:
    """Every code that an error or a notice of the package can have.

    ``found`` says where each stands; ``unclear`` lists the places whose codes cannot be read off the source.
    """

    def __init__(self) -> None:
        self.found: dict[str, set[str]] = defaultdict(set)
        self.unclear: set[str] = set()
        self._errors = {"RaiError"}
        #: Functions that put their argument `code` into an error, behind a prefix: (place, prefix).
        self._makers: dict[tuple[str, str], tuple[int, str]] = {}
        self._read_errors()
        speaking = [p for p, text in sources().items() if re.search(r"\bcode=|Notice\(|LookAt\(", text)]
        for look in (self._look, self._look_at_makers):
            for path in speaking:
                for function in [n for n in ast.walk(tree_of(path)) if isinstance(n, ast.FunctionDef)]:
                    look(path, function)

    def _read_errors(self) -> None:
        """Name all classes below `RaiError`, and take the codes that they have by default."""
        bases = {
            name: set(re.findall(r"\w+", below))
            for text in sources().values()
            for name, below in re.findall(r"^class (\w+)\(([^)]*)\):", text, flags=re.MULTILINE)
        }
        while more := {name for name, below in bases.items() if below & self._errors} - self._errors:
            self._errors |= more
        for path, text in sources().items():
            self._add(re.findall(r'^    default_code = "(\w+)"', text, flags=re.MULTILINE), path)

    def _add(self, codes: Iterable[str], path: str) -> None:
        for code in codes:
            if re.fullmatch(r"[a-z][a-z0-9_]+", code):
                self.found[code].add(path)

    def _look(self, path: str, function: ast.FunctionDef) -> None:
        for call in [n for n in ast.walk(function) if isinstance(n, ast.Call)]:
            given = self._code_of(call)
            if given is not None:
                self._take(path, function, given)

    def _code_of(self, call: ast.Call) -> ast.expr | None:
        """The code that a call gives to an error or a notice."""
        name = _name_of(call.func)
        if name not in CARRIERS | self._errors:
            return None
        if name in CARRIERS and call.args and not isinstance(call.args[0], ast.Starred):
            return call.args[0]
        return next((k.value for k in call.keywords if k.arg == "code"), None)

    def _constant(self, path: str, node: ast.expr) -> set[str]:
        """Texts of a constant of this module, or of the one that it is imported from."""
        name = _name_of(node)
        wanted = _name_of(node.value) if isinstance(node, ast.Attribute) else name
        places = [path]
        for line in [n for n in ast.walk(tree_of(path)) if isinstance(n, ast.ImportFrom) and n.module]:
            if wanted in {n.name for n in line.names}:
                home = line.module.removeprefix("rai_dash").strip(".").replace(".", "/")
                places += [f"{home}.py", f"{home}/__init__.py", f"{home}/{wanted}.py"]
        for place in filter(sources().__contains__, places):
            given = [n.value for n in tree_of(place).body if name in _targets(n)]  # type: ignore[attr-defined]
            if given:
                return set().union(*map(_texts, given))
        return set()

    def _take(self, path: str, function: ast.FunctionDef, given: ast.expr) -> None:
        parts = [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]
        for part in parts:
            texts = self._texts_of(path, function, part)
            if texts is None:
                self.unclear.add(path)
            self._add(texts or (), path)

    def _texts_of(self, path: str, function: ast.FunctionDef, part: ast.expr) -> set[str] | None:
        """Texts that a code can be here; None = not to be told, empty = it is handed on from another error."""
        if isinstance(part, ast.Constant):
            return {str(part.value)}
        if _name_of(part).isupper():
            return self._constant(path, part) or None
        if isinstance(part, ast.Attribute):
            return set() if part.attr == "code" else None
        if isinstance(part, ast.Subscript):
            return set() if _texts(part.slice) == {"code"} else None
        arguments = [a.arg for a in function.args.args]
        names = {n.id for n in ast.walk(part) if isinstance(n, ast.Name)}
        if "code" in names and "code" in arguments:
            self._makers[path, function.name] = (arguments.index("code"), "".join(sorted(_texts(part))))
            return set()
        return self._assigned(path, function, part) if isinstance(part, ast.Name) else None

    def _assigned(self, path: str, function: ast.FunctionDef, name: ast.Name) -> set[str] | None:
        """Texts that a function gives to a name; None = none that could be read."""
        given = [n.value for n in ast.walk(function) if isinstance(n, ast.Assign) and name.id in _targets(n)]
        tables = [n for one in given for n in ast.walk(one) if isinstance(n, ast.Name) and n.id.isupper()]
        found = [*map(_texts, given), *(self._constant(path, table) for table in tables)]
        return set().union(*found) or None

    def _look_at_makers(self, path: str, function: ast.FunctionDef) -> None:
        for call in [n for n in ast.walk(function) if isinstance(n, ast.Call)]:
            maker = self._makers.get((path, _name_of(call.func)))
            if maker is None or len(call.args) <= maker[0]:
                continue
            texts = self._texts_of(path, function, call.args[maker[0]])
            if texts is None:
                self.unclear.add(path)
            self._add((maker[1] + text for text in texts or ()), path)


def variables() -> set[str]:
    """Every environment variable that the package, scripts, tests, Makefile and image read or set."""
    reads = r"environ(?:\.get|\.setdefault|\.pop)?[\[(]\s*\"([A-Z][A-Z0-9_]+)\""
    found: set[str] = set()
    for folder in ("rai_dash", "scripts", "tests", "benchmarks"):
        for path in (REPO / folder).rglob("*.py"):
            found |= set(re.findall(reads, path.read_text(encoding="utf-8")))
    for path in (REPO / "scripts").glob("*.sh"):
        found |= set(re.findall(r"\$\{([A-Z][A-Z0-9_]+):[-+]", path.read_text(encoding="utf-8")))
    found |= set(re.findall(r"^([A-Z_]+) \?=", (REPO / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    image = (REPO / "Dockerfile").read_text(encoding="utf-8")
    return found | set(re.findall(r"(?:^ENV|^   ) ([A-Z_]+)=", image, re.MULTILINE))


def schemas() -> set[str]:
    """Every name of a JSON document of ours."""
    return {name for text in sources().values() for name in re.findall(r'"(rai-dash/[a-z-]+/\d+)"', text)}


def pages() -> dict[str, dict[str, Any]]:
    """Return the `PAGE` of each page of the app, by the name of its file."""
    return {path.stem: _page(ast.parse(path.read_text(encoding="utf-8"))) for path in _page_files()}


def _page_files() -> Iterator[Path]:
    yield from sorted((REPO / "pages").glob("*.py"))


def _page(tree: ast.Module) -> dict[str, Any]:
    given = next(n.value for n in tree.body if "PAGE" in _targets(n) and isinstance(n.value, ast.Dict))  # type: ignore[attr-defined]
    # A text is a literal, or marked for the catalogue of languages.
    return {
        str(key.value): next(iter(sorted(_texts(value))), None)
        for key, value in zip(given.keys, given.values, strict=True)
        if isinstance(key, ast.Constant)
    }
