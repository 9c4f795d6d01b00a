from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.unit.ui.bare_text.facts import ESCAPES, TRUSTED, read_house, read_module
from tests.unit.ui.bare_text.lint import lint

ROOT = Path(__file__).resolve().parents[3]
IMPORTS = (
    "import streamlit as st\nfrom rai_dash.ui import text, widgets\n"
    "from rai_dash.ui.text import badge_text, count, estimate_text, number, percent, plain, points, safe\n"
    "from rai_dash.core.types import Roles\n"
    "from rai_dash.core.texts import mark, ntr, tr\n"
)
WIDGETS = """
import streamlit as st
from dataclasses import dataclass

@dataclass
class Words:
    good: str
    bad: str

def note(text: str, *, more: str = "") -> None:
    st.caption(f"{text}. {more}")

def deeper(text: str) -> None:
    note(text)

def words(kind) -> Words:
    return Words("repaid", "not repaid")

def sentence(words: Words, name: str) -> str:
    return f"Of {words.good}: {name}"
"""


def findings(code: str) -> list[str]:
    modules = {
        "rai_dash.ui.widgets": read_module("rai_dash.ui.widgets", "widgets.py", WIDGETS),
        "pages.page": read_module("pages.page", "page.py", IMPORTS + dedent(code)),
    }
    return [f.message for f in lint(modules) if f.path == "page.py"]


def test_no_page_shows_bare_text():
    found = lint(read_house(ROOT))

    assert not found, "\n".join(map(str, found))


def test_the_lint_reads_the_pages_and_the_ui_room():
    names = set(read_house(ROOT))

    assert {"app", "pages.start", "rai_dash.ui.widgets", "rai_dash.ui.shell"} <= names
    assert "rai_dash.ui.text" not in names


def test_the_escapes_are_functions_of_the_text_room():
    import rai_dash.ui.text

    assert set(rai_dash.ui.text.__all__) >= ESCAPES | {"badge_text"}


def test_what_is_trusted_is_still_there():
    house = read_house(ROOT)
    for name in TRUSTED:
        module, _, expression = name.partition(": ")
        if expression:
            assert expression in Path(ROOT, house[module].path).read_text(encoding="utf-8")
        else:
            room, _, function = name.rpartition(".")
            assert function in house[room].functions


@pytest.mark.parametrize(
    "code",
    [
        "def f(column): st.markdown(column)",
        "def f(frame): st.markdown(f'{frame.columns[0]}')",
        "def f(frame): st.markdown('Column ' + frame.columns[0])",
        "def f(frame): st.markdown('Column %s' % frame.columns[0])",
        "def f(frame): st.markdown('Column {}'.format(frame.columns[0]))",
        "def f(frame): st.markdown(', '.join(frame.columns))",
        "def f(frame): st.markdown(', '.join(safe(c) if c else frame.name for c in frame.columns))",
        "def f(frame): st.markdown(body=frame.name)",
        "def f(frame): st.metric('Rows', frame.n)",
        "def f(frame): st.metric('Rows', count(3), frame.note)",
        "def f(frame): st.metric(label='Rows', value=frame.name)",
        "def f(frame): st.selectbox(frame.name, [])",
        "def f(frame): st.slider('x', help=frame.name)",
        "def f(frame): st.radio('x', frame.columns)",
        "def f(frame): st.pills('x', options=list(frame.columns))",
        "def f(frame): st.radio('x', ['a'], format_func=lambda o: frame.names[o])",
        "def f(frame): st.radio('x', ['a'], format_func=str)",
        "def f(frame): st.radio('x', ['a'], captions=[frame.name])",
        "def f(frame): st.tabs([c for c in frame.columns])",
        "def f(frame): st.progress(0.5, frame.note)",
        "def f(frame): st.progress(0.5, text=frame.note)",
        "def f(frame): st.toast(f'{safe(frame.a)} {frame.b}')",
        "def f(frame): st.caption(plain(frame.name))",
        "def f(frame): st.badge(safe(frame.name))",
        "def f(frame): st.badge(f'{badge_text(frame.name)}, {safe(frame.name)}')",
        "def f(frame): st.sidebar.markdown(frame.name)",
        "def f(frame):\n    left, right = st.columns(2)\n    left.markdown(frame.name)",
        "def f(frame):\n    with st.expander('x') as box:\n        box.caption(frame.name)",
        "def f(frame):\n    name = frame.name\n    st.markdown(name)",
        "def f(frame):\n    name = safe(frame.name)\n    name = name + frame.name\n    st.markdown(name)",
        "def f(frame):\n    parts = []\n    parts.append(frame.name)\n    st.markdown(' '.join(parts))",
        "def f(frame):\n    parts = {}\n    parts['a'] = frame.name\n    st.markdown(parts['a'])",
        "def f(frame):\n    for name in frame.columns:\n        st.markdown(name)",
        "def f(frame):\n    for a, b in (('x', 'y'), ('z', frame.name)):\n        st.markdown(b)",
        "def f(frame):\n    try:\n        pass\n    except ValueError as error:\n        st.error(str(error))",
        "def f(frame):\n    st.error((name := frame.name))",
        "def f(roles: Roles): st.markdown(roles.target)",
        "def f(frame): widgets.note(frame.name)",
        "def f(frame): widgets.note('x', more=frame.name)",
        "def f(frame): widgets.deeper(frame.name)",
        "def f(frame): st.markdown(widgets.sentence(widgets.words(1), frame.name))",
        "def f(frame): st.markdown(widgets.sentence(frame.words, 'x'))",
        "def g(name: str): st.markdown(name)\ndef f(frame): g(frame.name)",
        "def g(name: str): st.markdown(name)\ndef f(frame): g(*frame.names)",
        "def g(name: str): return f'{name}'\ndef f(frame): st.markdown(g(frame.name))",
        "def g(name: str): st.markdown(name)\ndef f(frame): frame.each(g)",
        "show = st.markdown\ndef f(frame): show(frame.name)",
        "from streamlit import markdown\ndef f(frame): markdown(frame.name)",
        "def f(frame): st.markdown(text.plain(frame.name))",
        "def f(frame): st.dataframe(frame, column_config={'c0': st.column_config.Column('x', help=frame.name)})",
        "def f(frame): st.markdown(**frame.options)",
        "def f(frame): st.markdown(*frame.texts)",
        "NAMES = load()\nst.markdown(NAMES)",
        "def f(frame): st.markdown(tr('Column {name}', name=frame.name))",
        "def f(frame): st.markdown(tr('Column {key}', key=frame.name))",
        "def f(frame): st.markdown(tr('Column {name}', **frame.names))",
        "def f(frame): st.markdown(tr(frame.name))",
        "def f(frame): st.markdown(mark(frame.name))",
        "def f(frame): st.markdown(ntr('{name} row', frame.name, 2, name='x'))",
        "def f(frame): st.markdown(ntr('{name} row', '{name} rows', 2, name=frame.name))",
        "def f(frame): st.badge(tr('Column {name}', name=safe(frame.name)))",
        "def f(frame): st.markdown('{name}'.format(name=frame.name))",
        "safe = str\ndef f(frame): st.markdown(safe(frame.name))",
        "def f(frame, safe): st.markdown(safe(frame.name))",
    ],
)
def test_bare_text_is_caught(code):
    assert findings(code), code


@pytest.mark.parametrize(
    "code",
    [
        "st.table(x)",
        "st.exception(e)",
        "st.html('x')",
        "st.write('x')",
        "def f(box): box.table(x)",
        "st.markdown('x', unsafe_allow_html=True)",
        "st.html('x', unsafe_allow_javascript=True)",
    ],
)
def test_what_is_banned_is_caught(code):
    assert any("is not used here" in message for message in findings(code))


@pytest.mark.parametrize(
    "code",
    [
        "st.markdown('Words of ours')",
        "def f(frame): st.markdown(f'Column {safe(frame.name, limit=200)} has {count(frame.n)} rows')",
        "def f(frame): st.markdown(text.safe(frame.name))",
        "def f(frame): st.metric('Approved', percent(frame.rate), points(frame.gap))",
        "def f(frame): st.badge(badge_text(frame.name))",
        "def f(frame): st.text(plain(frame.name))",
        "def f(frame): st.selectbox('Column', frame.columns, format_func=plain, key=frame.name)",
        "def f(frame): st.radio('Column', frame.columns, format_func=safe)",
        "def f(frame): st.radio('Column', frame.columns, format_func=lambda c: f'{safe(c)} of ours')",
        "def f(frame): st.tabs([safe(c) for c in frame.columns])",
        "def f(frame): st.dataframe(frame)",
        "WORDS = {'a': 'ours'}\ndef f(kind): st.caption(WORDS[kind])",
        "CARDS = {'a': ('t', 'm')}\ndef f():\n    for k, (t, m) in CARDS.items():\n        st.metric(t, '1', help=m)",
        "def f(frame):\n    for c, t in ((frame.a, 'few'), (frame.b, 'none')):\n        st.caption(f'{len(c)} {t}')",
        "def f(frame):\n    for i, name in enumerate(frame.columns):\n        st.caption(f'{i}: {safe(name)}')",
        "def f(frame):\n    for w, c in zip(('a', 'b'), frame.columns):\n        st.caption(f'{w} {safe(c)}')",
        "def f(frame):\n    p = ['x']\n    p += [safe(frame.name)]\n    p.append('y')\n    st.markdown(' '.join(p))",
        "def f(n: int, share: float | None): st.caption(f'{n} and {share}')",
        "def f(frame): st.caption(f'{len(frame)} rows')",
        "def f(frame): st.caption('yes' if frame.ok else 'no')",
        "def f(frame): widgets.note(safe(frame.name), more='x')",
        "def f(frame): st.markdown(widgets.sentence(widgets.words(frame.kind), safe(frame.name)))",
        "def f(frame):\n    words = widgets.words(frame.kind)\n    st.markdown(words.good)",
        "def g(name: str): st.markdown(name)\ndef f(frame): g(safe(frame.name))",
        "def g(frame) -> int: return frame.n\ndef f(frame): st.caption(f'{g(frame)}')",
        "def f(frame): st.markdown(tr('Column {name} has {n} rows', name=safe(frame.name), n=count(frame.n)))",
        "def f(frame): st.caption(ntr('{n} row', '{n} rows', frame.n, n=count(frame.n)))",
        "WORDS = {'a': mark('ours')}\ndef f(kind): st.caption(tr(WORDS[kind]))",
        "def f(log, frame): log.debug(frame.name)",
        "import logging\n_LOG = logging.getLogger()\ndef f(frame): _LOG.warning(frame.name)",
        "def f(path, frame): frame.to_csv(path)",
    ],
)
def test_clean_text_passes(code):
    assert findings(code) == []


def test_a_finding_names_place_and_way_out():
    found = lint({"pages.p": read_module("pages.p", "pages/p.py", "import streamlit as st\n\nst.error(x.y)")})

    assert str(found[0]).startswith("pages/p.py:3: `x.y` is shown bare: pass it through safe(...)")
