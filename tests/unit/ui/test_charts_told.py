"""Every chart of a page is followed by the line that says how to read it, which carries its picture and its table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[3]
PLACES = [*sorted((REPO / "rai_dash" / "ui").rglob("*.py")), *sorted((REPO / "pages").glob("*.py"))]
#: The widgets themselves.
DOORS = {"widgets.py", "pictures.py"}
#: What draws: ours, and Streamlit's own where a click or a pull comes back, which notes its chart itself.
DRAWS = {"widgets.draw", "pictures.drawn"}
READ = "widgets.how_to_read"


class Module:
    """The functions of a file: what each calls, in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        tree = ast.parse(path.read_text(encoding="utf-8"))
        self.calls = {
            f.name: [
                (n.lineno, ast.unparse(n)) for n in ast.walk(f) if isinstance(n, ast.Name | ast.Attribute)
            ]
            for f in ast.walk(tree)
            if isinstance(f, ast.FunctionDef)
        }

    def users(self, name: str, *, own: bool) -> Iterator[tuple[str, int]]:
        """Functions that use one by its name, or as a name of its module."""
        for function, calls in self.calls.items():
            for line, said in calls:
                if function != name and (
                    said == name if own else said.split(".")[-1] == name and "." in said
                ):
                    yield function, line

    def reads(self, function: str, after: int) -> bool:
        """Whether such a line comes later in a function, or in one of its module that is called later."""
        later = {said for line, said in self.calls[function] if line >= after}
        return READ in later or any(
            said == READ for name in later & self.calls.keys() for _, said in self.calls[name]
        )


MODULES = [Module(path) for path in PLACES if path.name not in DOORS]


def is_told(module: Module, function: str, line: int, seen: frozenset[tuple[str, str]] = frozenset()) -> bool:
    """Whether a line on how to read it comes after a chart, here or in whatever calls this."""
    here = (str(module.path), function)
    if module.reads(function, line):
        return True
    if here in seen:
        return False
    seen |= {here}
    users = [(module, *use) for use in module.users(function, own=True)]
    if not users:
        users = [
            (other, *use)
            for other in MODULES
            if module.path.stem in other.path.read_text(encoding="utf-8")
            for use in other.users(function, own=False)
        ]
    return bool(users) and all(is_told(*user, seen) for user in users)


CHARTS = [
    pytest.param(module, function, line, id=f"{module.path.stem}:{line}")
    for module in MODULES
    for function, calls in module.calls.items()
    for line, said in calls
    if said in DRAWS
]


def test_charts_are_found():
    assert len(CHARTS) > 60


@pytest.mark.parametrize(("module", "function", "line"), CHARTS)
def test_every_chart_is_followed_by_how_to_read_it(module, function, line):
    assert is_told(module, function, line)


def test_nothing_draws_past_the_widgets():
    noting = {
        m.path.name for m in MODULES if any(s == "pictures.drawn" for c in m.calls.values() for _, s in c)
    }
    drawing = {
        m.path.name for m in MODULES if any(s == "st.vega_lite_chart" for c in m.calls.values() for _, s in c)
    }

    assert drawing == noting == {"bands_map.py", "clicks.py", "handles.py"}
