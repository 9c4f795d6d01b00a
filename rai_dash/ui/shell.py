"""The frame around every page: navigation, guards, what is missing, and the one door for errors."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Timer
from typing import Final

import streamlit as st
from pydantic import BaseModel, ConfigDict
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.pages_manager import PagesManager

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import mark, tr
from rai_dash.samples import FIRST_CASE
from rai_dash.ui import (
    controls,
    identity,
    languages,
    links,
    read_only,
    rests_on,
    scoring,
    sessions,
    signing_in,
    state,
    widgets,
    words_box,
)
from rai_dash.ui.guard import told
from rai_dash.ui.state import View
from rai_dash.ui.tour.strip import strip

PAGES = Path(__file__).resolve().parents[2] / "pages"
STEPS = (mark("Prepare"), mark("Judge"), mark("Decide"), mark("Watch"))
#: After the first page has left the server, the browser still draws it; it may be on this machine.
_DRAWN_S: Final = 2.0


class _Seen:
    """How many modules there were when the collector was last told to leave them alone."""

    modules = 0


_SEEN = _Seen()


class Page(BaseModel):
    """What a page file says about itself in its ``PAGE`` constant.

    ``needs`` lists what must be there before ``render`` is called: ``data``, ``outcome``, ``scores``,
    ``model``, ``groups``. ``own_rows``: the page looks at other rows than the sidebar says, and tells which.
    ``of_sample``: its tables need single rows, so that of a portfolio they are of the sample. ``words``: keys of the
    glossary for the words of the trade that it says in any of its views.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    step: str
    order: int
    icon: str
    question: str
    needs: tuple[str, ...] = ()
    own_rows: bool = False
    of_sample: bool = False
    words: tuple[str, ...] = ()
    path: Path = Path()


@lru_cache(maxsize=1)
def pages() -> tuple[Page, ...]:
    """Find the pages by reading the ``PAGE`` constant of every file in ``pages/``, without running them."""
    found = [
        Page(**ast.literal_eval(node.value), path=path)
        for path in sorted(PAGES.glob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "PAGE"
    ]
    return tuple(sorted(found, key=lambda p: (STEPS.index(p.step), p.order)))


def navigate() -> StreamlitPage:
    """Build the navigation in its four steps; the first page is the default. Nobody sees it before signing in."""
    languages.begin()
    links.look()
    sections: dict[str, list[StreamlitPage]] = {}
    for i, page in enumerate(pages()):
        entry = st.Page(page.path, title=tr(page.title), icon=page.icon, default=i == 0)
        sections.setdefault(tr(page.step), []).append(entry)
    # Folded up, Streamlit would hide the last steps, which is where decisions are made and watched.
    return st.navigation(sections, position="sidebar" if _is_in() else "hidden", expanded=True)


def _is_in() -> bool:
    """Whether whoever comes is let in; what is wrong with the sign-in is said on the page."""
    try:
        return identity.may_look()
    except RaiError:
        return False


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Prove the lock of the process for files, import what pages need, and freeze it for the collector.

    Streamlit runs a full collection after every script run; without this each slider step pays for
    every imported library.
    """
    import rai_dash.charts.theme
    import rai_dash.metrics.table
    import rai_dash.review.band  # noqa: F401
    from rai_dash.sandbox.selftest import self_test

    self_test()
    _freeze()


def _freeze() -> None:
    """Spare the collector what lives as long as the process; what is garbage by now is not frozen."""
    gc.collect()
    gc.freeze()


def _freeze_imports() -> None:
    """Freeze once more what a page has imported on its first visit."""
    # Frozen garbage is never freed, so this must end: it does, for there are only so many modules.
    if len(sys.modules) > _SEEN.modules:
        _freeze()
        _SEEN.modules = len(sys.modules)


@st.cache_resource(show_spinner=False)
def prepare() -> None:
    """Make ready what uploads and trainings need; once a page is drawn, for it takes both processors for a while."""
    later = Timer(_DRAWN_S, _grow)
    later.daemon = True
    later.start()


def _grow() -> None:
    from rai_dash.sandbox.selftest import self_test
    from rai_dash.sandbox.spawn import grow

    with suppress(OSError):
        grow(self_test().level)


def show(render: Callable[[View], None], file: str) -> None:
    """Run one page inside the frame; the last line of every file in ``pages/``.

    Parameters
    ----------
    render : callable
        Draws the page for a view.
    file : str
        The page's ``__file__``.
    """
    if PagesManager.uses_pages_directory:
        # A cold server whose first visit is a deep link runs the page without app.py: hand over to it.
        navigate()
        st.rerun()
    page = next(p for p in pages() if p.path == Path(file).resolve())
    _guarded(page, render)
    prepare()
    _freeze_imports()


def _guarded(page: Page, render: Callable[[View], None]) -> None:
    languages.begin()
    with told(f"page {page.title}"):
        if not signing_in.wall():
            state.begin_run(is_of_sample=page.of_sample)
            _page(page, render)


def _page(page: Page, render: Callable[[View], None]) -> None:
    case = state.current_case()
    if case is None:
        signing_in.account()
        _gone(page)
        return
    if not sessions.enter(case.id):
        _full(page)
        return
    widgets.operator_banner()
    links.banner()
    view = View(case, state.choices())
    controls.sidebar(view)
    strip(view, page.path.stem)
    widgets.page_header(tr(page.title), tr(page.question), beside=lambda: words_box.words_box(page.words))
    missing = widgets.what_is_missing(view, page.needs)
    if missing is not None:
        widgets.missing_box(missing)
        return
    if case.data and not page.own_rows:
        widgets.chips(view)
        if "scores" in page.needs:
            scoring.door(view)
    elif case.data and rests_on.is_sampled(view.judgement.data.dataset):
        widgets.rows_chip(view)
    with rests_on.counting(case, state.choices().data):
        render(View(case, state.choices()))


def _full(page: Page) -> None:
    """Say that too many tabs are open."""
    widgets.page_header(tr(page.title), tr(page.question))
    widgets.problem(
        tr(
            "All places on this server are taken. Close another tab of this app, or try again in a few "
            "minutes; nothing is lost. The operator can raise RAI_DASH_SESSIONS."
        )
    )


def _gone(page: Page) -> None:
    """Say that the case belongs to somebody else, or is no longer in memory."""
    widgets.page_header(tr(page.title), tr(page.question))
    if read_only.is_on():
        links.no_link()
        return
    if state.is_anothers():
        widgets.notice(
            tr(
                "This case belongs to somebody else. A link alone does not open it: ask its owner for what "
                "you need, or open a case of your own."
            )
        )
    else:
        widgets.problem(
            tr(
                "This case is no longer in memory: an upload is lost after a while, and with a restart, "
                "unless it is kept. Upload the file again, or open a bundled case."
            )
        )
    if st.button(tr("Open the bundled story"), icon=":material/menu_book:"):
        state.open_sample(FIRST_CASE)
        st.rerun()
