"""Every text can be found and translated: literals, with the fields that are put in."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

from rai_dash.core.catalogues import fields, is_reviewed
from rai_dash.core.texts import SOURCE

REPO = Path(__file__).resolve().parents[2]
PACKAGE = REPO / "rai_dash"
SPEC = importlib.util.spec_from_file_location("texts_script", REPO / "scripts" / "texts.py")
texts_script = importlib.util.module_from_spec(SPEC)
sys.modules["texts_script"] = texts_script
SPEC.loader.exec_module(texts_script)
#: `texts` says what it is given, and `words` what `many` is given.
PASS_ON = {PACKAGE / "core" / name for name in ("texts.py", "words.py")}
SOURCES = [p for p in texts_script.sources() if p.suffix == ".py" and p not in PASS_ON]
#: Text of an expression of a chart: the fields are filled in by Vega.
IN_EXPRESSION = "in_expression"


def said(path: Path) -> list[tuple[ast.Call, str, bool]]:
    """Every call that says or marks a text, its function, and whether a chart fills in the fields."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {id(a) for n in ast.walk(tree) if texts_script.called(n) == IN_EXPRESSION for a in ast.walk(n)}
    ours = {
        alias.asname or alias.name
        for n in ast.walk(tree)
        if isinstance(n, ast.ImportFrom) and n.module == "rai_dash.core.texts"
        for alias in n.names
    } & {"tr", "ntr", "mark"}
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    return [(n, n.func.id, id(n) in inner) for n in found if n.func.id in ours]


def literals(call: ast.Call, n: int) -> list[str | None]:
    return [
        a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else None for a in call.args[:n]
    ]


def test_the_catalogue_of_all_texts_is_up_to_date():
    """`make texts` writes it."""
    assert texts_script.TEMPLATE.read_bytes() == texts_script.template()


def test_no_text_is_put_together_before_it_is_said():
    """A name stands for a marked constant; anything else would never be found in a catalogue."""
    wrong = [
        f"{path.relative_to(REPO)}:{call.lineno}: {ast.unparse(call)[:80]}"
        for path in SOURCES
        for call, name, _ in said(path)
        if not call.args
        or any(isinstance(a, ast.JoinedStr | ast.BinOp) for a in call.args[: 2 if name == "ntr" else 1])
        or (name == "mark" and literals(call, 1) == [None])
        or (name == "ntr" and None in literals(call, 2))
    ]

    assert not wrong, "\n".join(wrong)


def test_every_field_is_given_and_used():
    wrong = []
    for path in SOURCES:
        for call, name, is_filled in said(path):
            messages = literals(call, 2 if name == "ntr" else 1)
            given = {k.arg for k in call.keywords}
            if (
                name == "mark"
                or None in messages
                or None in given
                or is_filled
                or (name == "tr" and not given)
            ):
                continue
            wanted = set().union(*(fields(m) for m in messages))
            if wanted != given:
                wrong.append(f"{path.relative_to(REPO)}:{call.lineno}: {wanted ^ given}")

    assert not wrong, "\n".join(wrong)


def test_no_language_ships_without_a_reviewer():
    shipped = list((PACKAGE / "locale").glob("*.po"))

    assert [p.name for p in shipped if not is_reviewed(p.read_text(encoding="utf-8"))] == []
    assert SOURCE not in {p.stem for p in shipped}
