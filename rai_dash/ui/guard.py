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
from rai_dash.ui import identity, widgets
from rai_dash.ui.text import safe

P = ParamSpec("P")
_LOG = logging.getLogger("rai_dash")


@contextmanager
def told(what: str) -> Iterator[None]:
    """Show an error of ours as its sentence, and anything unforeseen as a mark whose cause is in the log."""
    try:
        yield
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
    except Exception as error:  # noqa: BLE001
        # One of the three doors for the unforeseen: the user gets a sentence, the log the cause.
        mark = secrets.token_hex(4)
        _LOG.error("%s failed (%s): %s", what, mark, describe_fault(error))
        widgets.problem(
            f"Something went wrong on our side (mark {safe(mark)}). Nothing is lost. "
            "Reload the page; if it stays, give this mark to your operator."
        )


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
        with told(f"fragment {draw.__module__}.{draw.__qualname__}"):
            if not identity.is_in():
                # The page around it shows where to sign in.
                st.rerun()
            draw(*args, **kwargs)

    made: Callable[P, None] = st.fragment(drawn, run_every=every)
    return made
