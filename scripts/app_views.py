"""Every page of the app and every view of it, read from the page files, so that none is forgotten."""

from __future__ import annotations

import ast
from functools import lru_cache

from driving import REPO

PAGES = tuple(sorted(p.stem for p in (REPO / "pages").glob("*.py")))


@lru_cache(maxsize=1)
def views() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return, by page, the choice that picks its view and the codes of its views, the one it opens with first."""
    found = {}
    for name in PAGES:
        tree = ast.parse((REPO / "pages" / f"{name}.py").read_text(encoding="utf-8"))
        tables = {
            node.targets[0].id: _keys(node.value, tree)
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "controls.view":
                field, table = ast.literal_eval(node.args[1]), ast.unparse(node.args[2])
                if len(tables.get(table, ())) > len(found.get(name, ("", ()))[1]):
                    found[name] = (field, tables[table])
    return found


def _keys(value: ast.expr, tree: ast.Module) -> tuple[str, ...]:
    """Read the keys of a table that is written down as such, or as another one with more behind it."""
    if isinstance(value, ast.BinOp):
        return (*_keys(value.left, tree), *_keys(value.right, tree))
    if isinstance(value, ast.Name):
        for node in tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == value.id:
                return _keys(node.value, tree)
    if isinstance(value, ast.Dict):
        return tuple(k.value for k in value.keys if isinstance(k, ast.Constant) and isinstance(k.value, str))
    return ()


def everything() -> tuple[str, ...]:
    """List every page, and every further view as ``page:view``."""
    further = (f"{page}:{view}" for page, (_, codes) in views().items() for view in codes[1:])
    return (*PAGES, *further)


def path_of(name: str, query: str) -> str:
    """Write the address of a page or of one of its views.

    Parameters
    ----------
    name : str
        ``page`` or ``page:view``.
    query : str
        The rest of the choices, as they stand in an address.
    """
    page, _, view = name.partition(":")
    parts = [query, f"{views()[page][0]}={view}" if view else ""]
    return f"{'' if page == 'start' else page}?{'&'.join(filter(None, parts))}"
