"""The door for errors of pages and of their fragments, which run again without the page around them."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.faults import describe_fault
from rai_dash.core.texts import tr
from rai_dash.ui import identity, languages, pictures, read_only, widgets
from rai_dash.ui.text import safe

P = ParamSpec("P")
_LOG = logging.getLogger("rai_dash")


@contextmanager
def told(what: str) -> Iterator[None]:
    """Show an error of ours as its sentence, and anything unforeseen as a mark whose cause is in the log.

    What is drawn inside is one panel: the charts of a fragment wait for no line outside of it.
    """
    try:
        with pictures.panel():
            yield
    except RaiError as error:
        if error.code == read_only.CODE:
            # That a link only reads is how it is meant: nothing to be alarmed at.
            widgets.notice(safe(error.message, limit=600))
        else:
            widgets.problem(safe(error.message, limit=600))
    except Exception as error:  # noqa: BLE001
        # One of the three doors for the unforeseen: the user gets a sentence, the log the cause.
        mark = secrets.token_hex(4)
        _LOG.error("%s failed (%s): %s", what, mark, describe_fault(error))
        widgets.problem(
            tr(
                "Something went wrong on our side (mark {mark}). Nothing is lost. Reload the page; if it "
                "stays, give this mark to your operator.",
                mark=safe(mark),
            )
        )


def _goes_on() -> bool:
    """Whether what the page around a fragment was drawn for still holds."""
    if not read_only.is_on():
        return identity.is_in()
    # Imported on use: links open cases, whose pages are drawn with fragments.
    from rai_dash.ui import links

    return identity.may_look() and links.still_opens()


def fragment(draw: Callable[P, None], *, every: float | None = None) -> Callable[P, None]:
    """Make a function a fragment whose errors are told as those of a page.

    Parameters
    ----------
    draw : callable
        Draws it.
    every : float, optional
        Seconds after which it runs again by itself; None = only when something in it is used.
    """

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
        # One that runs alone may do so in a thread that has spoken for somebody else.
        languages.begin()
        with told(f"fragment {draw.__module__}.{draw.__qualname__}"):
            if not _goes_on():
                # The page around it shows where to sign in, or that the link opens nothing any more.
                st.rerun()
            draw(*args, **kwargs)

    made: Callable[P, None] = st.fragment(drawn, run_every=every)
    return made
